"""Tables of the names and forms of secrets, and functions that look a word up in them."""

from __future__ import annotations

HIDDEN = "***"

# If the name of an option, variable, field or URL parameter ends like this, its value is a secret.
# Dashes and case are ignored, and the plural with "s" counts as well.
SECRET_NAMES = (
    "accesskey",
    "accountkey",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "sessionid",
    "signature",
    "token",
    "username",  # with some services the token goes there
)

# "password" in other languages, without blanks, dashes or underscores. FOREIGN_NAMES are compared
# with the end of a name; FOREIGN_WORDS are so short that they also end other words, so they are
# compared with the last word of a name.
FOREIGN_NAMES = (
    *("passwort", "kennwort", "wachtwoord", "adgangskode", "passord", "lykilorð"),  # Germanic
    *("lösenord", "losenord", "salasana", "parool"),
    *("contraseña", "contrasena", "motdepasse", "palavrapasse"),  # Romance
    *("hasło", "jelszó", "jelszo", "lozinka", "slaptažodis", "парол", "пароль", "пароли"),
    *("şifre", "κωδικός", "κωδικος", "סיסמה", "סיסמא", "كلمةالسر", "كلمةالمرور", "पासवर्ड"),
    *("密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "암호", "mậtkhẩu", "รหัสผ่าน"),
)
FOREIGN_WORDS = frozenset(
    ("mdp", "passe", "clave", "senha", "parola", "haslo", "heslo", "geslo", "sifre", "parole")
)

# The value is a secret if the whole name is one of these.
SECRET_WORDS = frozenset(("auth", "_auth", "pass", "pat", "sig", "pw", "bearer"))

# If the whole name is one of these, the value of a URL parameter is a secret; the value of anything
# else only if it looks like a secret.
SECRET_PARAMETERS = frozenset(
    ("code", "hmac", "otp", "sess", "sessid", "session", "sid", "sign", "ticket")
)

# The value is a secret if the last word of the name is one of these: CONDA_PASS.
SECRET_LAST_WORDS = FOREIGN_WORDS | frozenset(
    ("auth", "jwt", "key", "pass", "pat", "pw", "pwd", "sas")
)

# The value is a secret if any word of the name is one of SECRET_ANYWHERE (PIP_SECRET_2), unless the
# last word is one of HARMLESS_ENDS (--token-file).
SECRET_ANYWHERE = frozenset(("password", "passwd", "secret", "token"))
HARMLESS_ENDS = frozenset(("dir", "directory", "file", "id", "name", "path", "type", "url"))

# Fields with sentences that people wrote. The text of any other named field is one word of a
# command line, the value of a variable, or a message that quotes such a word unchanged.
PROSE = frozenset(("override", "reason"))

# HTTP headers whose value is a secret up to the end of the line or the closing quote.
SECRET_HEADERS = (
    "authorization:",
    "cookie:",
    "job-token:",
    "private-token:",
    "subscription-key:",
    "x-api-key:",
    "x-auth-token:",
    "x-jfrog-art-api:",
)

# Prefixes of the tokens of well-known services, each with the characters that occur in these tokens
# besides letters and digits.
TOKENS = (
    ("AIza", "_-"),
    ("AKCp", ""),
    ("AKIA", ""),
    ("ASIA", ""),
    ("SG.", "._-"),
    ("cmVmdGtuOj", ""),
    ("dckr_pat_", "_-"),
    ("dop_v1_", ""),
    ("eyJ", "._-"),  # a JSON web token
    ("ghp_", ""),
    ("gho_", ""),
    ("ghr_", ""),
    ("ghs_", ""),
    ("ghu_", ""),
    ("github_pat_", "_"),
    ("glcbt-", "_-"),
    ("gldt-", "_-"),
    ("glpat-", "_-."),
    ("glptt-", "_-"),
    ("glrt-", "_-"),
    ("hf_", ""),
    ("lin_api_", ""),
    ("npm_", ""),
    ("nvapi-", "_-"),
    ("pypi-Ag", "_-"),
    ("rk_live_", ""),
    ("shpat_", ""),
    ("sk-ant-", "_-"),
    ("sk-proj-", "_-"),
    ("sk_live_", ""),
    ("sk_test_", ""),
    ("whsec_", ""),
    ("xapp-", "-"),
    ("xoxa-", "-"),
    ("xoxb-", "-"),
    ("xoxp-", "-"),
    ("xoxr-", "-"),
    ("xoxs-", "-"),
    ("ya29.", "_-"),
)
SHORTEST_TOKEN = 16  # characters after the prefix: hf_transfer is a package, not a token

# Parts of an address that identify a web hook. The parts after them are hidden if one looks like a
# secret: anybody who knows the address of a web hook can use it.
HOOKS = frozenset(("hook", "hooks", "incomingwebhook", "webhook", "webhookb2", "webhooks"))

_LONGEST_RELEASE = 4  # digits of a release without a dot: 2024
_VERSION = frozenset("0123456789.*")
_SHORTEST = 6  # characters of a word that may look like a secret


def is_secret_name(name: str) -> bool:
    """Does the name say that its value is a secret?"""
    lowered = name.lower().strip("-")
    words = lowered.replace("-", "_").replace(".", "_").split("_")
    whole = "".join(words)
    if whole.endswith(SECRET_NAMES) or whole.removesuffix("s").endswith(SECRET_NAMES):
        return True
    if whole.endswith(FOREIGN_NAMES):
        return True
    if lowered in SECRET_WORDS or {words[-1], words[-1].removesuffix("s")} & SECRET_LAST_WORDS:
        return True
    return words[-1] not in HARMLESS_ENDS and not SECRET_ANYWHERE.isdisjoint(words)


def is_version(said: str) -> bool:
    """Is the text after ``=`` a version, as in the specs ``conda-token==0.5`` and
    ``conda-token=0.5=py_0``? A long number without a dot is more likely a password.
    """
    number = said.partition("=")[0]
    short = "." in number or "*" in number or len(number) <= _LONGEST_RELEASE
    return said.startswith("=") or (said[:1] in _VERSION and short and set(number) <= _VERSION)


def looks_secret(said: str, shortest: int = _SHORTEST) -> bool:
    """Does the text look like a secret: long enough, and with both letters and digits?"""
    letters = any(char.isalpha() for char in said)
    return len(said) >= shortest and letters and any(char.isdigit() for char in said)
