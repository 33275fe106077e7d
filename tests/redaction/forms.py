"""The forms in which secrets are given to pip and conda, and words that only look like one.

``{0}`` is the secret: letters and digits. What is known by its shape has a prefix before it.
"""

from __future__ import annotations

SECRET = "Zq7s3cr3tQx41b9Kw2"

ARGUMENTS = """
--index-url https://ada:{0}@h.invalid/simple
--index-url=https://ada:{0}@h.invalid/simple
-i https://ada:{0}@h.invalid/simple
-ihttps://ada:{0}@h.invalid/simple
--extra-index-url https://{0}@h.invalid/simple
--extra-index-url https://{0}:@h.invalid/simple
--extra-index-url https://:{0}@h.invalid/simple
--extra-index-url https://{0}:x-oauth-basic@h.invalid/simple
--extra-index-url HTTPS://ADA:{0}@H.invalid/simple
--extra-index-url https://ada%40acme:{0}%21@h.invalid/simple
--extra-index-url https://ada:pa%2F{0}@h.invalid/simple
--extra-index-url https://ada:pa/{0}@h.invalid/simple
--extra-index-url https://ada:p@{0}@h.invalid/simple
--extra-index-url https://ada:{0}@[::1]:8080/simple
--extra-index-url https://__token__:{0}@h.invalid/simple
--extra-index-url https://aws:{0}@acme-1.d.codeartifact.invalid/pypi/x/simple/
--extra-index-url https://oauth2accesstoken:{0}@europe-python.pkg.invalid/x/simple/
--extra-index-url //ada:{0}@h.invalid/simple
--find-links https://ada:{0}@h.invalid/wheels
-f https://h.invalid/wheels?token={0}
--proxy http://ada:{0}@h.invalid:8080
--proxy socks5h://ada:{0}@h.invalid:1080
--proxy ada:{0}@h.invalid:8080
--proxy=ada:{0}@h.invalid:8080
--trusted-host ada:{0}@h.invalid
--index https://ada:{0}@h.invalid/simple
--default-index=corp=https://ada:{0}@h.invalid/simple
git+https://ada:{0}@h.invalid/x/y.git
git+https://{0}@h.invalid/x/y.git@main
git+https://oauth2:{0}@h.invalid/x/y.git@v1#egg=y
git+https://x-access-token:{0}@h.invalid/x/y.git
git+ssh://git:{0}@h.invalid/x/y.git
git+http://{0}@h.invalid/x/y.git
hg+https://ada:{0}@h.invalid/x
svn+https://ada:{0}@h.invalid/x@12
-e git+https://ada:{0}@h.invalid/x.git#egg=x
--editable=git+https://{0}@h.invalid/x.git#egg=x
y@git+https://{0}@h.invalid/y.git
y@https://ada:{0}@h.invalid/y-1.0.tar.gz
ftp://ada:{0}@h.invalid/y-1.0.tar.gz
https://h.invalid/y-1.0.tar.gz?token={0}
https://h.invalid/y-1.0.tar.gz?access_token={0}
https://h.invalid/y-1.0.tar.gz?private_token={0}&x=1
https://h.invalid/y-1.0.tar.gz?job_token={0}
https://h.invalid/y-1.0.tar.gz?key={0}
https://h.invalid/y-1.0.tar.gz?apikey={0}
https://h.invalid/y-1.0.tar.gz?api-key={0}
https://h.invalid/y-1.0.tar.gz?sig={0}
https://h.invalid/y-1.0.tar.gz?sign={0}
https://h.invalid/y-1.0.tar.gz?signature={0}
https://h.invalid/y-1.0.tar.gz?code={0}
https://h.invalid/y-1.0.tar.gz?X-Amz-Signature={0}
https://h.invalid/y-1.0.tar.gz?X-Amz-Credential={0}%2F20260101
https://h.invalid/y-1.0.tar.gz?X-Amz-Security-Token={0}
https://h.invalid/y-1.0.tar.gz?X-Goog-Signature={0}
https://h.invalid/y-1.0.tar.gz?AWSAccessKeyId=x&Signature={0}
https://h.invalid/y-1.0.tar.gz?sv=2020-08-04&se=2030&sig={0}%3D
https://h.invalid/y-1.0.tar.gz?auth={0}
https://h.invalid/y-1.0.tar.gz?password={0}
https://h.invalid/y-1.0.tar.gz?pwd={0}
https://h.invalid/y-1.0.tar.gz?jwt={0}
https://h.invalid/y-1.0.tar.gz?id_token={0}
https://h.invalid/y-1.0.tar.gz?refresh_token={0}
https://h.invalid/y-1.0.tar.gz?client_secret={0}
https://h.invalid/y-1.0.tar.gz?session={0}
https://h.invalid/y-1.0.tar.gz?hmac={0}
https://h.invalid/y-1.0.tar.gz#token={0}
https://h.invalid/y-1.0.tar.gz#access_token={0}&egg=y
https://h.invalid/y-1.0.tar.gz;token={0}
-C token={0}
-Ctoken={0}
--config-settings=registry_token={0}
--config-settings --build-option=--token={0}
--config-setting cmake.define.API_KEY={0}
--global-option --password={0}
--global-option=--api-key={0}
--install-option=--passphrase={0}
--build-option=--secret={0}
--password {0}
--password={0}
--passwd {0}
--pwd {0}
--pass={0}
--token {0}
--token={0}
--api-key {0}
--apikey={0}
--access-token={0}
--auth-token {0}
--client-secret {0}
--passwort={0}
--kennwort {0}
--mot-de-passe={0}
--mdp={0}
--senha={0}
--wachtwoord {0}
--haslo={0}
--hasło={0}
--heslo={0}
--contraseña={0}
--contrasena {0}
--clave={0}
--parola={0}
--lösenord={0}
--losenord={0}
--salasana={0}
--adgangskode={0}
--jelszo={0}
--sifre={0}
--şifre={0}
--пароль={0}
--密码={0}
--密碼={0}
--パスワード={0}
--비밀번호={0}
""".strip().splitlines()
"""Options and requirements of pip, each in front of a package."""

PHRASES = [
    ["--config-settings", "--build-option=--token {0}"],
    ["--config-settings=--build-option=--token {0}"],
    ["-C", "--global-option=--password {0} --quiet"],
    ["-C--build-option=upload --password {0}"],
    ["--global-option", "upload --token {0}"],
    ["--extra-index-url", "https://ada:pa ss{0}@h.invalid/simple"],
    ["--build-option=--header 'Authorization: Bearer {0}'"],
    ["y @ https://ada:{0}@h.invalid/y-1.0.tar.gz"],
    ["y @ git+https://{0}@h.invalid/y.git ; python_version > '3'"],
    ["--header", "Authorization: Bearer {0}"],
    ["--header", "Authorization: Basic {0}=="],
    ["--header", "X-JFrog-Art-Api: {0}"],
    ["--header", "PRIVATE-TOKEN: {0}"],
    ["--header", "X-Auth-Token: {0}"],
    ["--header", "Cookie: session={0}"],
    ["--header", "Ocp-Apim-Subscription-Key: {0}"],
]
"""The same, where a word holds blanks."""

CHANNELS = """
https://conda.anaconda.org/t/{0}/acme
https://h.invalid/t/{0}/acme
https://h.invalid/api/t/{0}/acme
http://h.invalid:8080/t/{0}/acme/noarch
h.invalid/t/{0}/acme
h.invalid:8080/t/{0}/acme
conda.anaconda.org/t/{0}/acme
t/{0}/acme
/t/{0}/acme
https://ada:{0}@h.invalid/acme
https://{0}@h.invalid/acme
ada:{0}@h.invalid/acme
s3://ada:{0}@bucket/acme
oci://ada:{0}@ghcr.invalid/acme
https://h.invalid/acme?token={0}
https://h.invalid/t/{0}/acme::six
""".strip().splitlines()
"""Channels of conda."""

SHAPES = """
AKIA{0}
ASIA{0}
ghp_{0}{0}
gho_{0}{0}
ghs_{0}{0}
github_pat_{0}_{0}
glpat-{0}
gldt-{0}
glcbt-{0}
glptt-{0}
xoxb-1234567890-{0}
xoxp-1234567890-{0}
xapp-1-{0}
xoxe.xoxp-1-{0}
hf_{0}{0}
npm_{0}{0}
pypi-AgEIcHlwaS5vcmc{0}
dckr_pat_{0}
dop_v1_{0}
sk-proj-{0}
sk-ant-api03-{0}
sk_live_{0}
rk_live_{0}
AIza{0}
ya29.{0}
eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{0}.{0}
SG.{0}.{0}
AKCp{0}{0}
shpat_{0}
lin_api_{0}
https://hooks.slack.com/services/T00000000/B00000000/{0}
https://hooks.slack.com/workflows/T00000000/A00000000/1/{0}
https://discord.com/api/webhooks/1234567890/{0}
https://discordapp.com/api/webhooks/1234567890/{0}
https://acme.webhook.office.com/webhookb2/1-2@3-4/IncomingWebhook/{0}/5-6
https://outlook.office.com/webhook/1-2@3-4/IncomingWebhook/{0}/5-6
https://h.invalid/webhook/{0}
https://h.invalid/hooks/{0}
https://api.telegram.org/bot123456:{0}/sendMessage
https://x.azurewebsites.net/api/f?code={0}
DefaultEndpointsProtocol=https;AccountName=x;AccountKey={0}==;EndpointSuffix=x
SharedAccessSignature=sv=2020&sig={0}
Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey={0}=
""".strip().splitlines()
"""What is known by its shape, wherever it stands."""

VARIABLES = """
PIP_INDEX_URL=https://ada:{0}@h.invalid/simple
PIP_EXTRA_INDEX_URL=https://h.invalid/a https://{0}@h.invalid/b
PIP_FIND_LINKS=https://ada:{0}@h.invalid/wheels
PIP_PROXY=ada:{0}@h.invalid:8080
PIP_PASSWORD={0}
PIP_CONFIG_SETTINGS=--build-option=--token {0}
UV_INDEX_CORP_PASSWORD={0}
UV_INDEX_CORP_USERNAME={0}
UV_DEFAULT_INDEX=https://ada:{0}@h.invalid/simple
UV_PUBLISH_TOKEN={0}
CONDA_CHANNELS=conda-forge,https://h.invalid/t/{0}/acme
CONDA_CHANNEL_ALIAS=https://ada:{0}@h.invalid
CONDA_TOKEN={0}
CONDA_ANACONDA_AUTH={0}
MAMBA_PASS={0}
MAMBA_HASLO={0}
UV_MOT_DE_PASSE={0}
PIP_PASSWORT={0}
HTTPS_PROXY=http://ada:{0}@h.invalid:8080
ALL_PROXY=socks5://ada:{0}@h.invalid:1080
""".strip().splitlines()
"""Variables that the journal keeps."""

SENTENCES = """
the password is {0}
password: {0}
password={0}
my token: {0}
token={0}
API key: {0}
"password": "{0}"
{{"api_key": "{0}"}}
passwd {0}
pwd={0}
Passwort: {0}
das Passwort ist {0}
Kennwort = {0}
contraseña: {0}
la contraseña es {0}
clave: {0}
mot de passe : {0}
mot de passe: {0}
le mot de passe est {0}
senha: {0}
a senha é {0}
haslo: {0}
hasło to {0}
heslo: {0}
wachtwoord: {0}
lösenord: {0}
parola: {0}
şifre: {0}
пароль: {0}
пароль {0}
密码\uff1a{0}
密码: {0}
密码是{0}
パスワード: {0}
비밀번호: {0}
Authorization: Bearer {0}
Authorization: Basic {0}==
use the bearer {0}
machine h.invalid login ada password {0}
//registry.invalid/:_authToken={0}
aws_secret_access_key = {0}
code={0}
curl -u ada:{0} https://h.invalid
-----BEGIN OPENSSH PRIVATE KEY-----\\n{0}\\n-----END OPENSSH PRIVATE KEY-----
-----BEGIN PRIVATE KEY----- {0} -----END PRIVATE KEY-----
""".strip().splitlines()
"""What people write: in a reason, in a file."""

INNOCENT = """
pip install tokenizers==0.15.2 keyring password-validator==1.0 django-password-validators
pip install passlib pwdlib jwt pyjwt secretstorage key-value signature-dispatch webhooks
pip install python-keycloak access-token-manager==2 token-bucket hvac code oauthlib
pip install salesforce-pass code==1.0 clave==2.0 parola==0.3 senha==1 mdp==0.3 sign==1.0
pip install https://h.invalid/x-1.0-py3-none-any.whl#sha256={1}
pip install https://files.pythonhosted.org/packages/ab/cd/{1}/six-1.16.0-py2.py3-none-any.whl
pip install git+https://h.invalid/a/b.git@{2}
pip install git+https://h.invalid/t/repo.git@{2}#egg=b&subdirectory=src
pip install git+ssh://git@h.invalid/a/b.git
pip install --hash=sha256:{1} six
pip install /srv/t/x /t/wheels/x.whl ./t/x file:///home/t/x.whl
pip install --cert /etc/ssl/ca.pem --client-cert /etc/ssl/me.pem --trusted-host h.invalid:8443
pip install --proxy http://proxy.invalid:3128 -e .[test] -C editable=strict
pip install -C --build-option=--plat-name=x -C cmake.define.KEYBOARD=yes
conda install -c conda-forge -c https://h.invalid/acme -c h.invalid/acme conda-token=0.5.0
conda install -n token -c conda.anaconda.org/acme conda-forge::keyring numpy=1.26.4=py311h64a_0
conda install -c https://h.invalid/team/t/ -c https://h.invalid/test/x six
conda create -n code -c t six ; conda create -n pass six
ModuleNotFoundError: no module named tokens ; key error: code is 3
the password reset page says the token expired; the code is fine
""".strip().splitlines()
"""Nothing in these is a secret: ``{1}`` is a SHA-256, ``{2}`` a commit."""

SHA256 = "0123456789abcdef" * 4
COMMIT = "0123456789abcdef0123456789abcdef01234567"
