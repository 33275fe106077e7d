"""Every form in which a secret is given is known; what only looks like one is left alone."""

from __future__ import annotations

import pytest

from safeinstall import redaction
from tests.redaction import forms
from tests.redaction.forms import SECRET

WORDS = [
    *(["pip", "install", *line.format(SECRET).split(" "), "six"] for line in forms.ARGUMENTS),
    *(["pip", "install", *(w.format(SECRET) for w in words), "six"] for words in forms.PHRASES),
    *(["conda", "install", "-c", line.format(SECRET), "six"] for line in forms.CHANNELS),
    *(["pip", "install", line.format(SECRET)] for line in forms.SHAPES),
]


def test_how_many_there_are() -> None:
    assert len(WORDS) + len(forms.VARIABLES) + len(forms.SENTENCES) >= 126


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words[2:])[-40:])
def test_words_of_a_command(words: list[str]) -> None:
    shown = redaction.words(words)
    assert SECRET not in " ".join(shown)
    assert redaction.words(shown) == shown
    assert redaction.value({"argv": words}) == {"argv": shown}
    assert SECRET not in str(
        redaction.value({"message": f"{words[-3]} {words[-2]} is not allowed"})
    )


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words[2:])[-40:])
def test_a_line_of_a_message(words: list[str]) -> None:
    if any("pa ss" in word for word in words):
        pytest.skip("only within one word is it known that a blank ends no password")
    assert SECRET not in redaction.text("could not run: " + " ".join(words))


@pytest.mark.parametrize("line", forms.VARIABLES)
def test_variables(line: str) -> None:
    name, _, said = line.format(SECRET).partition("=")
    assert SECRET not in str(redaction.value({"env": {name: said}}))


@pytest.mark.parametrize("line", forms.SENTENCES)
def test_sentences(line: str) -> None:
    said = line.format(SECRET).replace("\\n", "\n")
    for text in (said, f"because {said} thanks"):
        assert SECRET not in redaction.text(text)
        assert SECRET not in str(redaction.value({"override": text}))
        assert redaction.text(redaction.text(text)) == redaction.text(text)


@pytest.mark.parametrize("line", forms.INNOCENT)
def test_what_is_no_secret(line: str) -> None:
    line = line.format("", forms.SHA256, forms.COMMIT)
    assert redaction.text(line) == line
    assert redaction.words(line.split()) == line.split()
    assert not redaction.holds_secret({"argv": line.split()})


@pytest.mark.parametrize(
    "text", ["password: 12345678", "PIP_PASSWORD=12345678", "export TOKEN=48151623"]
)
def test_a_password_of_digits_is_no_version(text: str) -> None:
    assert text.split("=")[-1].split(" ")[-1] not in redaction.text(text)
    assert redaction.text("conda-token==2024 password-validator=1.0") == (
        "conda-token==2024 password-validator=1.0"
    )
