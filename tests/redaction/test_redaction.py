"""A planted secret never comes out; text without one is not touched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import redaction as redact

SECRET = "s3cr3tQ7"

HIDDEN = [
    (["pip", "install", "-i", f"https://ada:{SECRET}@h.example/simple"], "https://***@h.example/"),
    (["pip", "install", f"--index-url=https://{SECRET}@h.example/simple"], "=https://***@h"),
    (["pip", "install", f"git+https://oauth2:{SECRET}@git.example/x/y.git@main"], "y.git@main"),
    (["pip", "install", f"x @ git+https://{SECRET}@git.example/x.git@v1#egg=x"], "***@git.example"),
    (["pip", "install", f"git+ssh://git:{SECRET}@git.example/x"], "ssh://***@git"),
    (["pip", "--proxy", f"ada:{SECRET}@proxy:8080", "install", "x"], "***@proxy:8080"),
    (["pip", f"--proxy=http://ada:{SECRET}@proxy:8080"], "=http://***@proxy:8080"),
    (["pip", "install", f"https://ada:x/{SECRET}@h.example/"], "***@h.example"),
    (["pip", "install", f"https://ada:p@{SECRET}@h.example/"], "***@h.example"),
    (["conda", "install", "-c", f"https://conda.anaconda.org/t/{SECRET}/acme"], "/t/***/acme"),
    (["conda", "install", "-c", f"conda.anaconda.org/t/{SECRET}"], "/t/***"),
    (["conda", "install", "-c", f"https://conda.acme.example/api/t/{SECRET}/x"], "/t/***/x"),
    (["uv", "publish", "--token", SECRET, "x"], "x"),
    (["uv", "--password", f"-{SECRET}", "x"], "x"),
    (["pip", "install", "-C", f"registry_token={SECRET}", "x"], "registry_token=***"),
    (
        ["pip", "install", f"https://h.example/x.whl?a=1&access_token={SECRET}&b=2#sha256=1"],
        "&b=2#",
    ),
    (["pip", "install", f"https://h.example/x?X-Amz-Signature={SECRET}"], "Signature=***"),
    (["bash", "-c", f"cd x && curl --password {SECRET} h && pip install y"], "pip install y"),
    (["bash", "-c", f"curl --password 'a {SECRET} b' h && pip install y"], "pip install y"),
    (["bash", "-c", f"curl --password \\\n {SECRET} h && pip install y"], "pip install y"),
    (["bash", "-c", f"x; GITHUB_TOKEN={SECRET} pip install y"], "=*** pip install y"),
    (["bash", "-c", f"x; GITHUB_TOKEN='a {SECRET}' pip install y"], "=*** pip install y"),
    (["curl", "-H", f"Authorization: Bearer {SECRET}"], "Authorization: ***"),
    (["curl", "-H", f"private-token: {SECRET}"], "private-token: ***"),
    (["pip", "install", f"ghp_{SECRET * 4}"], "***"),
    (["pip", "install", f"https://h.example/glpat-{SECRET}-{SECRET * 2}/x"], "h.example/***/x"),
]


@pytest.mark.parametrize(("words", "kept"), HIDDEN, ids=lambda item: str(item)[-40:])
def test_no_secret_remains(words: list[str], kept: str) -> None:
    shown = redact.words(words)
    assert SECRET not in " ".join(shown)
    assert kept in " ".join(shown)
    assert redact.words(shown) == shown


@pytest.mark.parametrize(("words", "kept"), HIDDEN, ids=lambda item: str(item)[-40:])
def test_nor_in_a_tools_message(words: list[str], kept: str) -> None:
    if words[0] == "bash":
        words = words[2:]
    assert SECRET not in redact.text("could not run: " + " ".join(words))


SPOKEN = [
    "password: {0}",
    "the token is {0}",
    "my password is '{0}'.",
    "passwd {0}",
    "use token {0} until Friday",
    "API key: {0}",
    "apikey:{0}",
    "Authorization Bearer {0}",
    "machine h.example login ada password {0}",
    "//registry.example/:_authToken={0}",
    "aws_secret_access_key = {0}",
    '{{"password": "{0}", "user": "ada"}}',
    '{{"password":"{0}"}}',
    "{{'token': '{0}'}}",
    "PIP_PASSWORD: {0}",
    "Cookie: session={0}",
    "X-JFrog-Art-Api: {0}",
    "curl -u ada:{0} https://h.example",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE{0}\n-----END RSA PRIVATE KEY-----",
    "https://h.example/x?sv=2020&sig={0}",
    "DefaultEndpointsProtocol=https;AccountKey={0}==;EndpointSuffix=x",
]


@pytest.mark.parametrize("form", SPOKEN)
def test_what_people_write_in_a_reason(form: str) -> None:
    line = f"because {form.format(SECRET)} thanks"
    assert SECRET not in redact.text(line)
    assert redact.text(redact.text(line)) == redact.text(line)
    assert "because" in redact.text(line)
    assert "thanks" in redact.text(line) or "Cookie" in form or "Api" in form


TOKEN_SHAPES = [
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1" * 18,
    "github_pat_" + "a1" * 20,
    "glpat-" + "a1-_" * 6,
    "pypi-AgEIcHlwaS5vcmc" + "a1" * 20,
    "hf_" + "a1" * 17,
    "npm_" + "a1" * 18,
    "xoxb-123456789012-" + "a1" * 12,
    "AIza" + "a1" * 17,
    "dckr_pat_" + "a1" * 13,
    "ya29." + "a1" * 20,
    "sk-ant-api03-" + "a1" * 20,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
]


@pytest.mark.parametrize("token", TOKEN_SHAPES)
@pytest.mark.parametrize("form", ["{0}", "x {0} y", "'{0}'", "a={0}", "https://h.example/{0}/x"])
def test_tokens_are_known_by_their_shape(token: str, form: str) -> None:
    assert token not in redact.text(form.format(token))
    assert token not in json.dumps(redact.value([{"message": form.format(token)}]))


SECRET_VARIABLES = """
PIP_PASSWORD CONDA_PASS UV_INDEX_CORP_PASSWORD UV_INDEX_CORP_USERNAME CONDA_TOKEN TOKENS
AWS_SECRET_ACCESS_KEY PIP_SECRET_2 X_SECRETS DB_PASSWD GITHUB_PAT API_KEYS UV_PUBLISH_TOKEN
BINSTAR_TOKEN SESSION_COOKIE UV_INDEX_X_PW MAMBA_AUTH CONDA_ANACONDA_AUTH
--password --api-key x.passwd clientSecret
"""
HARMLESS_VARIABLES = """
PIP_INDEX_URL CONDA_PREFIX PIP_CERT PIP_CLIENT_CERT PIP_KEYRING_PROVIDER --token-file
UV_PASSWORD_FILE MAMBA_AUTHOR name version monkeys compass LD_LIBRARY_PATH bypass
"""


@pytest.mark.parametrize("name", SECRET_VARIABLES.split())
def test_variables_whose_name_says_secret(name: str) -> None:
    assert redact.value({name: SECRET}) == {name: "***"}


@pytest.mark.parametrize("name", HARMLESS_VARIABLES.split())
def test_variables_whose_name_does_not(name: str) -> None:
    assert redact.value({name: "x"}) == {name: "x"}


PLAIN = [
    "unknown key: chanels (did you mean channels?)",
    "the password reset page says the token expired; secret santa passed the key to Ada",
    "conda would break what pip owns: tokenizers 0.15.2, keyring 24.3, passlib 1.7",
    "basic auth, bearer of bad news, private: conda-token: 0.5.0",
    "pip install numpy==1.26.4 'torch>=2,<3' -r requirements.txt --upgrade",
    "conda install -n nlp -c conda-forge -c pytorch pytorch=2.1=py311_cuda* cudatoolkit=11.8",
    "conda install conda-token=0.5.0 conda-forge::keyring anaconda-token=0.4=py_0 token==1.0",
    "pip install git+https://github.com/huggingface/transformers.git@main",
    "pip install git+ssh://git@github.com/acme/tools.git@v1#egg=tools&subdirectory=src",
    "pip install git+https://github.com/t/repo.git file:///home/t/wheels/x.whl /srv/t/x",
    "pip install https://h.example:8443/simple/x-1.0-py3-none-any.whl#sha256=0a1b",
    "pip install tools@https://h.example/x@1.0.whl hf_transfer-0.1.9-cp38-abi3-manylinux2014.whl",
    "pip install --cert /etc/ssl/ca.pem --client-cert /etc/ssl/me.pem --trusted-host h.example",
    "pip --proxy http://proxy.example:3128 install -e .[test] --config-settings editable=strict",
    "uv pip install --token-file /run/token -- x",
    "ERROR: Cannot install a and b: conflicting dependencies. a depends on b<2; python_version=3",
    "scp git@git.example:acme/x.git mail ada@example.org: thanks",
    "http://[::1]:8080/x@y",
]


@pytest.mark.parametrize("line", PLAIN)
def test_text_without_secrets_is_not_touched(line: str) -> None:
    assert redact.text(line) == line
    assert redact.words(line.split()) == line.split()


secret = st.text(
    st.characters(codec="ascii", categories=("L", "N"), include_characters="-_.~!$*%"), min_size=6
).map(lambda text: f"Zq{text}")
name = st.sampled_from(
    ["password", "API_TOKEN", "auth-token", "client_secret", "apiKey", "x.passwd"]
)
harmless = st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=8)
forms = st.sampled_from(
    [
        "https://{0}@h.example/{2}",
        "https://{2}u:{0}@h.example",
        "git+https://x:{0}@h.example/y@{2}",
        "u{2}:{0}@h.example:80",
        "--{1}={0}",
        "--{1} {0}",
        "-C {1}={0}",
        "https://h.example/{2}?{1}={0}&x",
        "http://h.example/t/{0}/x",
        "{2}; {1}={0} {2}",
        "Authorization: Basic {0}",
    ]
)


@given(secret, name, harmless, forms)
def test_a_planted_secret_never_comes_out(hidden: str, label: str, other: str, form: str) -> None:
    line = form.format(hidden, label, other)
    assert hidden not in redact.text(line)
    words = [line] if form.startswith("Auth") else line.split(" ")
    assert hidden not in " ".join(redact.words(["tool", *words, "end"]))
    assert hidden not in json.dumps(redact.value({"warnings": [line], "deep": [{"x": line}, 1]}))


@given(st.text(st.characters(exclude_characters="=@:"), max_size=15))
def test_without_a_mark_of_a_secret_nothing_changes(line: str) -> None:
    line = line.replace("/t/", "").replace("--", "")
    assert redact.text(line) == line


@given(st.text(st.sampled_from("a:/@=-t?&'\"\\ \n\udc80.Tokenpassword"), max_size=60))
def test_hiding_twice_is_hiding_once(line: str) -> None:
    once = redact.text(line)
    assert redact.text(once) == once


@pytest.mark.parametrize("mark", "@:=&'\"#?%+,;!$*()[]{}|\\~^/")
@pytest.mark.parametrize(
    "form", ["https://ada:{0}@h.example/x", "u:{0}@h.example:80", "--password={0}", "MY_TOKEN={0}"]
)
def test_a_secret_may_hold_any_character(form: str, mark: str) -> None:
    line = form.format(f"{SECRET}{mark}{SECRET}")
    assert SECRET not in redact.words([line])[0]
    assert SECRET not in redact.text(f"said: {line} end")


@pytest.mark.parametrize("mark", [" ", "\t", "<", ">", " @ ", ": "])
@pytest.mark.parametrize(
    "form",
    [
        "https://ada:{0}@127.0.0.1:9/simple",
        "https://ada:{0}@h",
        "https://{0}@h/simple",
        "--index-url=https://ada:{0}@h/simple",
        "git+https://ada:{0}@h/x.git@main",
        "x @ https://ada:{0}@h/x.whl",
        "https://h/a https://ada:{0}@h/b",
        "ada:{0}@proxy:8080",
    ],
)
def test_within_one_argument_a_blank_ends_no_password(form: str, mark: str) -> None:
    line = form.format(f"{SECRET}{mark}{SECRET}")
    assert SECRET not in redact.words(["pip", "install", line])[2]
    assert SECRET not in redact.value({"PIP_INDEX_URL": line})["PIP_INDEX_URL"]
    assert SECRET not in json.dumps(redact.value({"findings": [{"message": f"{line} is bad"}]}))
    assert redact.words(redact.words([line])) == redact.words([line])


def test_in_a_sentence_it_does() -> None:
    line = "see https://h.example or write to ada@example.org"
    assert redact.value({"override": line}) == {"override": line}
    assert redact.text(line) == line


@pytest.mark.parametrize("name", ["jwt", "sas"])
def test_parameters_of_a_url(name: str) -> None:
    assert redact.text(f"https://h/x?{name}={SECRET}&a=b") == f"https://h/x?{name}=***&a=b"


def test_an_option_of_one_word_is_hidden_to_its_end() -> None:
    assert redact.words([f"--api-key=a {SECRET} b"]) == ["--api-key=***"]


def test_fields_and_variables_are_known_by_name() -> None:
    shown = redact.value({"env": {"CONDA_TOKEN": SECRET, "PIP_CERT": "/x"}, "n": 1, "none": None})
    assert shown == {"env": {"CONDA_TOKEN": "***", "PIP_CERT": "/x"}, "n": 1, "none": None}
    assert redact.value({"token": ""}) == {"token": ""}


def test_whether_there_is_a_secret() -> None:
    plain = {"channels": ("conda-forge", ["a", ("b",)]), "n": (1, None, True), "name": "x"}
    assert not redact.holds_secret(plain)
    assert redact.holds_secret({**plain, "channels": ("https://h.example/t/tk-1/x",)})
    assert redact.holds_secret({"deep": [{"proxy_password": "x"}]})
