"""What secrets are called, and what they look like. Tables, and the questions asked of them."""

from __future__ import annotations

HIDDEN = "***"

# A name of an option, variable, field or URL parameter that ends so, dashes and case aside, has
# a secret for a value. The same with an "s" behind it.
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

# "password" in the languages of those who write such names, without blanks, dashes or underscores.
# As above, unless the word is so short that it ends others, too.
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

# The same, but the whole name.
SECRET_WORDS = frozenset(("auth", "_auth", "pass", "pat", "sig", "pw", "bearer"))

# The same, but only for a parameter of a URL; elsewhere for what looks like a secret.
SECRET_PARAMETERS = frozenset(
    ("code", "hmac", "otp", "sess", "sessid", "session", "sid", "sign", "ticket")
)

# The same, but the last word of a name such as CONDA_PASS.
SECRET_LAST_WORDS = FOREIGN_WORDS | frozenset(
    ("auth", "jwt", "key", "pass", "pat", "pw", "pwd", "sas")
)

# The same, but any word of a name such as PIP_SECRET_2, unless it ends as in --token-file.
SECRET_ANYWHERE = frozenset(("password", "passwd", "secret", "token"))
HARMLESS_ENDS = frozenset(("dir", "directory", "file", "id", "name", "path", "type", "url"))

# Fields in which people write sentences. Any other text that has a name is one word of a command
# line or one variable's value, or, in a rule's message, holds such a word as it was given.
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

# What the tokens of well-known services begin with, and what they hold beside letters and digits.
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
SHORTEST_TOKEN = 16  # characters behind the prefix; hf_transfer is a package

# Parts of an address behind which there is a secret, as far as something there looks like one:
# whoever knows the address of a web hook may use it.
HOOKS = frozenset(("hook", "hooks", "incomingwebhook", "webhook", "webhookb2", "webhooks"))

_LONGEST_RELEASE = 4  # digits of a release without a dot: 2024
_VERSION = frozenset("0123456789.*")
_SHORTEST = 6  # characters of what looks like a secret


def is_secret_name(name: str) -> bool:
    """Would the value that goes with this name be a secret?"""
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
    """``conda-token==0.5`` and ``conda-token=0.5=py_0`` ask for a package; a long number without a
    dot is rather a password.
    """
    number = said.partition("=")[0]
    short = "." in number or "*" in number or len(number) <= _LONGEST_RELEASE
    return said.startswith("=") or (said[:1] in _VERSION and short and set(number) <= _VERSION)


def looks_secret(said: str, shortest: int = _SHORTEST) -> bool:
    """Is it no word of a language: long enough, with letters and digits?"""
    letters = any(char.isalpha() for char in said)
    return len(said) >= shortest and letters and any(char.isdigit() for char in said)
