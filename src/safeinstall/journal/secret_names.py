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

# The same, but the whole name.
SECRET_WORDS = frozenset(("auth", "_auth", "pass", "pat", "sig", "pw", "bearer"))

# The same, but the last word of a name such as CONDA_PASS.
SECRET_LAST_WORDS = frozenset(("auth", "jwt", "key", "pass", "pat", "pw", "pwd", "sas"))

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
    "x-api-key:",
    "x-auth-token:",
    "x-jfrog-art-api:",
)

# What the tokens of well-known services begin with, and what they hold beside letters and digits.
TOKENS = (
    ("AIza", "_-"),
    ("AKIA", ""),
    ("ASIA", ""),
    ("dckr_pat_", "_-"),
    ("dop_v1_", ""),
    ("eyJ", "._-"),  # a JSON web token
    ("ghp_", ""),
    ("gho_", ""),
    ("ghr_", ""),
    ("ghs_", ""),
    ("ghu_", ""),
    ("github_pat_", "_"),
    ("glpat-", "_-"),
    ("hf_", ""),
    ("npm_", ""),
    ("pypi-Ag", "_-"),
    ("sk-ant-", "_-"),
    ("sk-proj-", "_-"),
    ("sk_live_", ""),
    ("xoxb-", "-"),
    ("xoxp-", "-"),
    ("ya29.", "_-"),
)
SHORTEST_TOKEN = 16  # characters behind the prefix; hf_transfer is a package

_VERSION = frozenset("0123456789.*")


def is_secret_name(name: str) -> bool:
    """Would the value that goes with this name be a secret?"""
    lowered = name.lower().strip("-")
    words = lowered.replace("-", "_").replace(".", "_").split("_")
    whole = "".join(words)
    if whole.endswith(SECRET_NAMES) or whole.removesuffix("s").endswith(SECRET_NAMES):
        return True
    if lowered in SECRET_WORDS or {words[-1], words[-1].removesuffix("s")} & SECRET_LAST_WORDS:
        return True
    return words[-1] not in HARMLESS_ENDS and not SECRET_ANYWHERE.isdisjoint(words)


def is_version(said: str) -> bool:
    """``conda-token==0.5`` and ``conda-token=0.5=py_0`` ask for a package."""
    return said.startswith("=") or (
        said[:1] in _VERSION and set(said.partition("=")[0]) <= _VERSION
    )
