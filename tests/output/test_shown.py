"""What others have said is shown as one line of printable characters, and is never advice."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import argv
from safeinstall.model import Channels, Facts, Finding, Offer, Package, Sources
from safeinstall.output import shown
from safeinstall.policy.judge import judge
from safeinstall.policy.merge import preset_policy
from safeinstall.render import plain
from safeinstall.rules import moving_source, registry
from tests.hostile import COMMAND, STRINGS
from tests.redaction import forms
from tests.rules.facts import CONTEXT, ENVIRONMENT, facts_of, packages

STRICT = preset_policy("strict")
SECRET = forms.SECRET


def told(met: Facts, *findings: Finding) -> str:
    """What is written to the terminal of these facts."""
    found = [*registry.look(met, slow=("SI105",)), *findings]
    verdict = judge(found, STRICT, met.environment, "2026-01-01")
    assert verdict.findings
    return shown.page(plain.verdict(verdict, met.command, colour=False))


def words_of(met: Facts, *words: str) -> Facts:
    """The same, but typed with these words behind it."""
    return met.replace(command=met.command.replace(words=(*met.command.words, *words)))


def doors(text: str) -> dict[str, str]:
    """What is written, by the way on which the text has come in."""
    spec = facts_of("pip install git+https://h.invalid/x.git")
    typed = spec.command.specs[0].replace(raw=f"git+https://h.invalid/{text}")
    read = typed.replace(origin="requirements.txt:1")
    named = typed.replace(raw=text, kind="name", name="numpy", version=text)
    numpy = Package("numpy", text, "conda", source=text, location="/nowhere")
    ours = packages("conda numpy 1.26.4")
    channels = Channels(names=(text, "conda-forge"), origins=((text, f"/h/{text}"),))
    project = frozenset({"channels", "indexes"})
    offer = Offer("numpy", "numpy", text, (text,))
    place = ENVIRONMENT.replace(prefix=f"/envs/{text}", name=text, base=True)
    pip, conda = facts_of("pip install six"), facts_of("conda install six")
    asking = spec.command.replace
    met = {
        "index": pip.replace(sources=Sources(indexes=(text,))),
        "project's index": pip.replace(sources=Sources(indexes=(text,), by_project=project)),
        "channel": conda.replace(channels=channels, sources=Sources(channels=("x",))),
        "allowed channel": conda.replace(
            channels=Channels(names=("x",)), sources=Sources(channels=(text,), by_project=project)
        ),
        "mixed channels": conda.replace(channels=Channels(names=("defaults", "conda-forge", text))),
        "spec": spec.replace(command=asking(specs=(typed,))),
        "line of a file": spec.replace(command=asking(specs=(read,))),
        "version of a package": facts_of("conda install six").replace(
            inventory=ours.replace(packages=(numpy, Package("x", text, "pip")))
        ),
        "asked for": spec.replace(command=asking(specs=(named,)), offers=(offer,)),
        "directory": pip.replace(environment=place),
        "word": words_of(pip.replace(environment=place), text),
    }
    written = {name: told(one) for name, one in met.items()}
    finding = Finding("SI402", "tool-warned", "block", text, (text,), (text,))
    return written | {"finding": told(pip, finding)}


def is_ours(line: str) -> bool:
    return line.startswith(("safeinstall: ", "  ")) or not line


@pytest.mark.parametrize("text", STRINGS, ids=lambda text: ascii(text[:24])[1:-1])
def test_what_comes_in_by_any_door(text: str) -> None:
    begun = time.process_time()
    for door, written in doors(text).items():
        lines = written.split("\n")
        assert all(line.isprintable() for line in lines), door
        assert all(map(is_ours, lines)), (door, written)
        assert max(map(len, lines)) <= 2 * shown.LONGEST_COMMAND, door
        assert len(written) < 40_000, door
        assert not any(line.strip().startswith((COMMAND, "curl")) for line in lines), written
        assert not any(line.startswith("safeinstall: blocked by SI999") for line in lines)
        headings = [at for at, line in enumerate(lines) if line == "  instead:"]
        assert all(lines[at + 1].startswith("    ") for at in headings)
        assert len(headings) <= written.count("safeinstall: blocked by SI")
    assert time.process_time() - begun < 5


def test_how_many_strings() -> None:
    assert len(set(STRINGS)) >= 200


@pytest.mark.parametrize("text", STRINGS, ids=lambda text: ascii(text[:24])[1:-1])
def test_one_line(text: str) -> None:
    line = shown.one_line(text)
    assert line.isprintable()
    assert len(line) <= shown.LONGEST_LINE
    page = shown.page(f"ours\n{text}")
    assert all(part.isprintable() or "\x1b[" in part for part in page.split("\n"))
    assert not shown.is_command(text) or (text.isprintable() and len(text) < 10_000)


@given(st.text())
def test_any_text(text: str) -> None:
    assert shown.one_line(text).isprintable()
    assert shown.value(text).isprintable()
    assert shown.page(text).replace("\n", "").replace("\x1b", "").isprintable()
    assert shown.page(shown.page(text)) == shown.page(text)


@given(st.text(st.sampled_from("\x1b[0;1m3abc\x9b\n")))
def test_of_escapes_only_colours_are_left(text: str) -> None:
    for piece in shown.page(text).split("\x1b")[1:]:
        style, found, _ = piece.removeprefix("[").partition("m")
        assert found
        assert set(style) <= set("0123456789;")


@pytest.mark.parametrize("line", ["a", "pip install six==1.16", "größer", "密码", "a  b", ""])
def test_plain_text_is_as_it_was(line: str) -> None:
    assert shown.one_line(line) == shown.page(line) == shown.printable(line) == line


def test_a_command_is_offered_as_it_is_or_not_at_all() -> None:
    command = "conda install -n nlp 'numpy>=1.26'"
    good = f"{command}  # then pip, last"
    bad = [
        "pip install 'a\n'",
        "pip install \u202e",
        f"pip install -i https://ada:{SECRET}@h.invalid/simple six",
        "pip install -i https://***@h.invalid/simple six",
        f"pip install {'a' * 400}",
    ]
    finding = Finding("SI301", "x", "block", "text.", fixes=(*bad, good), lead="Run")
    assert shown.finding(finding).fixes == (good,)
    text = plain.block(finding, colour=False)
    assert text.endswith(f"  instead:\n    {command}\n      (then pip, last)")
    text = plain.warning(finding.replace(level="warn"), colour=False)
    assert text.endswith(f" text. Run (then pip, last): {command}")


# ---- secrets -----------------------------------------------------------------------------------

LINES = [
    *(["pip", "install", *line.format(SECRET).split(" "), "six"] for line in forms.ARGUMENTS),
    *(["pip", "install", *(w.format(SECRET) for w in words), "six"] for words in forms.PHRASES),
    *(["conda", "install", "-c", line.format(SECRET), "six"] for line in forms.CHANNELS),
    *(["pip", "install", line.format(SECRET)] for line in forms.SHAPES),
]


@pytest.mark.parametrize("words", LINES, ids=lambda words: " ".join(words[2:])[-40:])
def test_no_secret_on_the_screen(words: list[str]) -> None:
    command = argv.parse(words, CONTEXT)
    channels = Channels(names=(*command.channels, "conda-forge"))
    sources = Sources(channels=("x",), indexes=("https://x.invalid/simple",))
    met = Facts(command, "/pip", ENVIRONMENT.replace(base=True), packages("pip x 1"))
    blocking = Finding("SI101", "base-env", "block", "text")
    text = told(met.replace(channels=channels, sources=sources), blocking)
    assert SECRET not in text
    assert text.endswith('\n  the command as you typed it:\n    SAFEINSTALL_REASON="why"')


def test_without_a_secret_the_command_is_repeated() -> None:
    met = facts_of("pip install six", sources=Sources(indexes=("https://x.invalid/simple",)))
    assert told(met).endswith('    SAFEINSTALL_REASON="why" pip install six')


# ---- what a project names ----------------------------------------------------------------------


def test_what_only_a_project_names_is_no_advice() -> None:
    project = frozenset({"channels", "indexes"})
    evil = "https://evil.invalid/simple"
    pip = facts_of("pip install -i https://x.invalid/simple six")
    text = told(pip.replace(sources=Sources(indexes=(evil,), by_project=project)))
    assert f"allowed is {evil}." in " ".join(text.split())
    assert "--index-url" not in text
    text = told(pip.replace(sources=Sources(indexes=(evil,))))
    assert f"--index-url {evil} six" in text
    both = Sources(indexes=(evil, "https://pypi.org/simple"), by_project=project)
    assert "--index-url https://pypi.org/simple six" in told(pip.replace(sources=both))
    conda = facts_of("conda install six", channels=Channels(names=("x",)))
    known = Sources(channels=("evil", "conda-forge"), by_project=project)
    assert "--override-channels -c conda-forge\n" in told(conda.replace(sources=known))
    assert "--override-channels" not in told(
        conda.replace(sources=Sources(channels=("evil",), by_project=project))
    )


def test_what_a_requirements_file_names_is_no_advice() -> None:
    files = {"r.txt": "git+https://evil.invalid/x.git\n"}
    typed = moving_source.look(facts_of("pip install git+https://h.invalid/x.git"))
    assert typed is not None
    assert typed.fixes[0].startswith("git ls-remote https://h.invalid/x.git")
    read = moving_source.look(facts_of("pip install -r r.txt", files=files))
    assert read is not None
    assert read.fixes == ()
