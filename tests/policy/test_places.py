"""What is wrong with a policy is told with its line and column, each of them counted from 1."""

from __future__ import annotations

import datetime
import json
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safeinstall import settings
from safeinstall.errors import PolicyError
from safeinstall.policy import layer
from safeinstall.policy.keys import DOCUMENT, EXCEPTION, HEAD, LOCKABLE, SOURCES
from safeinstall.policy.load import load
from safeinstall.policy.places import Places
from safeinstall.policy.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Each token that can be spoilt is marked «kind:text», so that its place is known without a parser.
# @ is replaced by the spoilt words: the same words in comments and strings must not count.
PLAIN = """\
# @
«document:schema» = «one:1»
[«document:policy»]  # reason = "x"
«top:id» = «text:"@"»
«top:version» = «text:'2026.11 #'»
«top:preset» = «word:"strict"»
«top:locked» = «list:["rules.SI101",  # rules.SI102
  «lock:"sources.*"», «lock:'packages.deny'», # @
]»
«top:on_guard_error» = «word:"allow"»
«top:on_journal_error»= «word:"block"»
[«document:rules»]
«rules:SI201» = «word:"block"»
«rules:SI101» = { «rule:level» = «word:"block"», «rule:mild»=«word:"off"»}
«rules:SI103» = {«rule:override» = «word:"never"»}
[«document:sources»]
«sources:channels» = «list:[«item:"conda-forge"», «item:"ä-€"», «item:"x"»]»
«sources:indexes» = «list:["https://a.example/simple"]»
[«document:packages»]
«lists:deny» = «list:["six<1.2", «entry:"tensorflow<2.9"», «entry:"leftpad"»]»
«lists:prefer_conda» = «list:[ «item:"numpy"» ]»
[[«document:exceptions»]]
rule = "SI201"
id = "a"
owner = "b"
expires = 2026-12-01
reason = '''
rule = "SI999" @
reason = 3
'''
[[exceptions]]
«exception:rule» = «word:"SI202"»
«exception:envs» = «list:["*/train-*", «item:"train"»]»
«exception:packages» = «list:["numpy", «item:"scipy"»]»
reason = «said:"SEC-412, until rule = 'SI202'"»
expires = «day:2026-12-01»
id = «said:"numpy"»
owner = «said:"numpy"»
[[exceptions]]
expires = «day:2026-12-01»
id = "expires"
owner = "expires"
«exception:packages» = «list:["numpy", «item:"scipy"», 'numpy']»
reason = «said:"numpy"»
rule = «word:"SI202"»
[[environments]]
«section:match» = «pattern:"*/prod-*"»
[environments.«section:rules»]
«rules:SI101» = «word:"block"»
[[environments]]
match = «pattern:["a", «item:"*/prod-*"»]»
rules = { «rules:SI101» = { «rule:level» = «word:"off"» } }
[«document:actors».«actors:agent»]
«rules:SI305» = «word:"block"»
"""

DOTTED = """\
schema = 1 # @
«document:policy».«top:preset» = «word:"relaxed"»
policy . "«top:id»" = «text:"@"»
rules.«rules:SI101» . «rule:level»   =  «word:"off"»
'rules'.SI101.«rule:mild» = «word:'''warn'''»
packages = { «lists:deny» = «list:[«entry:"six"», "x"]», «lists:prefer_conda» = «list:[]» }
sources."«sources:channels»" = «list:["@", «item:"b"»]»
exceptions = [ # rule
  { rule = "SI201", reason = "}, {@ ]", id = "}", owner = "{", expires = 2027-01-01 },
  { rule = «word:"SI202"», reason = «said:"é [ { = ,"», id="a", owner="b", expires = 2027-01-01 },
  {rule="SI202",reason="}",id="a",owner="b",expires=2027-01-01,«exception:envs»=«list:["a"]»},
  { expires = 2027-01-01, "rule"='SI203',reason=«said:'r'»,id='i',owner='b',packages=['a'] },
  {rule="SI202",reason="}",id="a",owner="b",expires=2027-01-01,packages=«list:["a",«item:"b"»]»},
]
"""

TABLES = """\
[«document:rules».«rules:SI101»]
«rule:level» = «word:"block"»
«rule:override» = «word:"never"»
[ "rules" . «rules:SI103» ]
«rule:mild» = «word:"warn"»
[packages]
«lists:deny» = «list:[
    "six",   # @
    «entry:'numpy<2'»,
    «entry:'''numpy'''»,
]»
[[ exceptions ]] # @
rule = «word:"SI101"»
expires = 2026-12-01
id = 'rule'
owner = 'rule'
reason = \"\"\"@ \\
   \\\"\"\" rule = 'x'\"\"\"
\t«exception:envs» = «list:['x', «item:'y'»]»
"""

NEITHER = ["7", "true", "1.5", "2026-12-01", "[1]", "[{a = 1}]", "07:32:00"]
SPOILT = {
    "one": ["2", "true", "1.0", '"1"', "[1]", "{}", "0x10000000000000000000000000000000000", "-1"],
    "text": [*NEITHER, f'"{"x" * 300}"'],
    "said": [*NEITHER, '""', f'"{"x" * 5000}"', '["x"]'],
    "word": [*NEITHER, '"loud"', '""', '"Block "', '["block"]'],
    "pattern": ["7", "true", "{}", '""', "[7]", "[]"],
    "list": ['"x"', "7", "false", "{}", "2026-12-01", '[["x"]]', "[7]", '[""]'],
    "item": ["7", "true", "[]", '["x"]', "{}", '""', f'"{"x" * 5000}"'],
    "entry": ["7", "[]", '""', '"six<<1"', '"a b"', '"<2"', '"../six"'],
    "lock": ["7", "[]", '"SI101"', '"rule.SI101"', '"rules.SI999"', '"*.channels"', '"policy"'],
    "day": ['"2026-12-01"', "2026-12-01T07:32:00Z", "2026-12-01 07:32:00", "07:32:00", "7", "[]"],
}
INSIDE = {'[["x"]]': 1, "[7]": 1, '[""]': 1}  # of these lists it is the item that is wrong
OTHERS = ["reason", "rule", "level", "preset", "SI201", "deny", "colour", "schema", "policy"]
KNOWN = {
    "document": set(DOCUMENT.keys),
    "top": set(HEAD.keys),
    "rules": set(PRESETS["strict"]),
    "rule": {"level", "mild", "override"},
    "sources": set(SOURCES.keys),
    "section": {"match", "rules"},
    "actors": {"agent", "ci"},
    "lists": {"deny", "prefer_conda"},
    "exception": set(EXCEPTION.keys),
}
TOKEN = re.compile("«([a-z]+):([^«»]*(?:«[^«»]*»[^«»]*)*)»")
MARK = re.compile("«[a-z]+:|»")


class Spoilt(NamedTuple):
    """A document with one thing wrong, and where that is."""

    text: str
    line: int
    column: int


def spoilt(template: str, start: int, end: int, instead: str, inside: int = 0) -> Spoilt:
    words = (
        " ".join(instead.split()).replace('"', "").replace("\\", "").replace("'", "")[:40] or "x"
    )
    before = MARK.sub("", template[:start]).replace("@", words)
    after = MARK.sub("", template[end:]).replace("@", words)
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") + inside
    return Spoilt(before + instead + after, line, column)


def tokens(template: str) -> Iterator[tuple[str, str, int, int]]:
    """Kind, text, and where it begins and ends; those in lists, too."""
    for match in TOKEN.finditer(template):
        yield match[1], match[2], match.start(), match.end()
        if "«" in match[2]:
            for inner in TOKEN.finditer(template, match.start(2), match.end(2)):
                yield inner[1], inner[2], inner.start(), inner.end()


def mutations(template: str) -> Iterator[Spoilt]:
    for kind, text, start, end in tokens(template):
        for instead in SPOILT.get(kind, ()):
            yield spoilt(template, start, end, instead, INSIDE.get(instead, 0))
        if kind in KNOWN:
            quoted = template[start - 1] in "\"'"  # then the key begins with its quote
            for word in (text + "x", text[:-1], text.upper() + "_", text[1:] + text[0], *OTHERS):
                if word not in KNOWN[kind]:
                    yield spoilt(template, start, end, word, -quoted)


def located(tmp_path: Path, text: str | bytes) -> tuple[int, int, str]:
    path = tmp_path / "policy.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PolicyError) as caught:
        layer.read(str(path))
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 1500, message[:100]
    line, column, reason = message.removeprefix(f"{path}:").split(":", 2)
    return int(line), int(column), reason


@pytest.mark.parametrize("template", [PLAIN, DOTTED, TABLES], ids=["plain", "dotted", "tables"])
def test_the_templates_are_valid(tmp_path: Path, template: str) -> None:
    path = tmp_path / "policy.toml"
    for ends in ("\n", "\r\n"):
        path.write_bytes(MARK.sub("", template).replace("\n", ends).encode())
        layer.read(str(path))


def test_each_mutated_policy_is_located(tmp_path: Path) -> None:
    """At every key, value and item, whatever else in the file has the same words."""
    cases = [case for text in (PLAIN, DOTTED, TABLES) for case in mutations(text)]
    assert len(cases) > 1000
    wrong = []
    for number, case in enumerate(cases):
        text = case.text.replace("\n", "\r\n") if number % 4 == 0 else case.text
        line, column, reason = located(tmp_path, text)
        if (line, column) != (case.line, case.column):
            wrong.append((case, line, column, reason))
    assert not wrong, (len(wrong), wrong[0])


DEEP = 100_000
NOT_TOML: dict[str, tuple[str | bytes, int, int]] = {
    "a header that does not end": ("[rules\n", 1, 7),
    "a string that does not end": ("a = 'unterminated", 1, 18),
    "a table that does not end": ("schema = 1\na = {b = 1,\n", 2, 12),
    "a value that is none": ("[policy]\nid = \nversion = 'x'\n", 2, 6),
    "a name without a value": ("schema\n", 1, 7),
    "a day that is none": ("[[exceptions]]\nexpires = 2026-13-45\n", 2, 11),
    "a key twice": ("schema = 1\n# schema\n  schema = 1\n", 3, 3),
    "a key twice, over lines": ("[policy]\nid = 'a'\nid = '''\n\n\nid'''\n", 3, 1),
    "a key twice in a table": ("[rules]\nSI101 = { level='off',  level='off' }\n", 2, 25),
    "a table twice": ("[rules]\n[policy]\n  [rules]\n", 3, 4),
    "a table twice, in an array": ("[[exceptions]]\n[exceptions]\n", 2, 2),
    "a table in place of a value": ("[rules]\nSI101 = 'off'\n[rules.SI101]\n", 3, 8),
    "a dotted key through a value": ("rules.SI101 = 'off'\nrules.SI101.mild = 'off'\n", 2, 13),
    "nested arrays": ("a = 1\nb = " + "[" * DEEP + "]" * DEEP, 2, 5 + 65),
    "nested arrays that do not end": ("b = " + "[" * DEEP, 1, 5 + 65),
    "nested tables": ("b = " + "{b=" * 50_000 + "1" + "}" * 50_000, 1, 5 + 65 * 3),
    "a deep key": ("x = '.'\n" + "a." * DEEP + "a = 1", 2, 1 + 64 * 2),
    "a deep key in a table": ("x = { " + "a." * DEEP + "a = 1 }", 1, 7 + 64 * 2),
    "a deep header": ("[" + "a." * DEEP + "a]", 1, 2 + 64 * 2),
    "a number of 6,000 digits": ("# 7\nschema = " + "7" * 6000, 2, 10),
    "one of them in a list": ("[sources]\nchannels = ['7', 7, -" + "7" * 6000 + "]", 2, 21),
    "the same, hexadecimal": ("schema = 0x" + "7" * 6000, 1, 10),
    "a fraction of 6,000 digits": ("schema = 1." + "7" * 6000, 1, 10),
    "NUL": ("[policy]\nid = 'a\0b'\n", 2, 8),
    "an escape sequence": ("[policy]\nid = 'a\x1b[2J'\n", 2, 8),
    "a carriage return": ("schema = 1\rid = 2\n", 1, 11),
    "a mark at the start": ("\ufeffschema = 1\n", 1, 1),
    "a byte that is no UTF-8": (b"schema = 1\r\n# \xc3\xa4 \xff\n", 2, 5),
    "UTF-16": ("schema = 1".encode("utf-16"), 1, 1),
    "a separator that is no end of line": ("# \u2028\x85\n'\u2028' = 1\n", 2, 1),
}
REST = "id = 'i'\nowner = 'o'\nexpires = 2027-01-01\n"  # of an exception
THE = f"rule = 'SI101'\n{REST}"
INLINE = "reason = 'x', " + ", ".join(REST.splitlines())
NO_POLICY: dict[str, tuple[str | bytes, int, int]] = {
    "no table": ("policy = 3\n", 1, 10),
    "no table, in an array": (f"exceptions = [{{rule='SI101', {INLINE}}}, 3]\n", 1, 90),
    "no array of tables": ("[exceptions]\nrule = 'SI101'\n", 1, 1),
    "an array in place of a table": ("schema = 1\n[[ policy ]]\nid = 'x'\n", 2, 1),
    "a table in place of a word": ("[policy]\n[policy.preset]\nx = 1\n", 2, 1),
    "the same by a dotted key": ("[policy]\npreset.x = 1\n", 2, 1),
    "a name in quotes": ('[policy]\n"i\\u0064" = 3\n', 2, 13),
    "no reason": (f"[[exceptions]]\nreason='x'\n{THE} [[exceptions]]\n{THE}", 7, 2),
    "no reason, on one line": (f"exceptions = [{{{', '.join(THE.splitlines())}}}]\n", 1, 15),
    "no rule": (f"# [[exceptions]]\n[[exceptions]]\nreason = 'x'\n{REST}", 2, 1),
    "for all packages": (f"[[exceptions]]\nrule='SI101'\nreason='x'\npackages = []\n{REST}", 4, 12),
    "a long id": (f"[policy]\nversion = ''\nid = '{'x' * 201}'\n", 3, 6),
    "a long reason": (f"[[exceptions]]\nrule='SI101'\nreason='{'x' * 1001}'\n{REST}", 3, 8),
    "a long name": (f"[sources]\nchannels = ['x', '{'x' * 1001}']\n", 2, 18),
    "a long requirement": (f"[packages]\ndeny = ['{'x' * 1001}']\n", 2, 9),
    "a long name of a key": (f"schema = 1\n{'x' * 1001} = 1\n", 2, 1),
}


@pytest.mark.parametrize("case", [*NOT_TOML, *NO_POLICY])
def test_what_else_may_be_wrong(tmp_path: Path, case: str) -> None:
    text, line, column = {**NOT_TOML, **NO_POLICY}[case]
    assert located(tmp_path, text)[:2] == (line, column)


def test_what_is_as_long_as_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        f"[policy]\nid = '{'x' * 200}'\n[sources]\nchannels = ['{'ä' * 1000}']\n"
        f"[packages]\ndeny = ['{'x' * 1000}', '{'.'.join('1' * 70)}']\n"
        f"[[exceptions]]\nrule='SI101'\nreason='{'x' * 1000}'\n{REST}".replace("'1.1", "'six<1.1")
    )
    layer.read(str(path))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SI101", "rules.SI101"),
        ("rule.SI101", "rules.SI101"),
        ("rules.SI999", "rules.SI"),
        ("*.channels", "sources.channels"),
        ("policy", "policy.*"),
        ("rules.si101", "rules.SI101"),
        ("source.*", "sources.*"),
        ("exceptions.SI101", "rules.SI101"),
        ("packages.denied", "packages.deny"),
        ("policy.on_guard_errors", "policy.on_guard_error"),
        ("sources.channel", "sources.channels"),
        ("policy.id", "policy."),  # each file has its own
        ("on_journal_error", "policy.on_journal_error"),
        ("rules.SI101.level", "rules.SI101"),
        ("rules", "rules.*"),
        ("sources.**", "sources.*"),
        (" rules.SI101", "rules.SI101"),
        ("zzz", "rules.*"),
        ("x" * 100_000, "rules.*"),
    ],
)
def test_a_misspelt_lock(tmp_path: Path, name: str, meant: str) -> None:
    text = f"# {name}\n[policy]\nid = '{name[:100]}'\nlocked = ['rules.*', '{name}']\n"
    line, column, reason = located(tmp_path, text)
    assert (line, column) == (4, 22)
    assert meant in reason.rpartition("; ")[2]


@pytest.mark.parametrize(
    "name", [*LOCKABLE, "*", "rules.*", "sources.*", "packages.*", "rules.SI1*"]
)
def test_a_lock_that_locks(tmp_path: Path, name: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(f"[policy]\nlocked = ['{name}']\n")
    layer.read(str(path))


@pytest.mark.parametrize("kind", ["missing", "directory", "fifo", "device", "loop", "huge", "name"])
def test_what_is_no_file_to_read(tmp_path: Path, kind: str) -> None:
    """One message with the name, at once."""
    path = tmp_path / "policy.toml"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = tmp_path / "null.toml"
        path.symlink_to("/dev/null")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "huge":
        path.write_bytes(b"#" * 50_000_000)
    elif kind == "name":
        path = tmp_path / ("x" * 300)
    configuration = settings.read({"HOME": str(tmp_path), "SAFEINSTALL_POLICY": str(path)})
    for _ in range(2):
        with pytest.raises(PolicyError, match=r"(cannot be read|larger than 256 KiB)") as caught:
            load(configuration, "/")
        assert str(caught.value).startswith(f"{path}: ")


@given(st.text(st.sampled_from("[]{}=.,'\"\\#ab1 \n"), max_size=60))
@example("'\\")
@example("[[[")
@example("a={b={,=")
@example("1={\\")
@example(' 1={a  \\{"#')
@example("a=[?{")
def test_the_walk_ends_whatever_it_meets(text: str) -> None:
    found = Places(text)
    assert all(
        0 <= offset <= len(text) for offset in (*found.keys.values(), *found.values.values())
    )


trees = st.recursive(
    st.one_of(st.integers(), st.text('ab"\\é\n=.[#', max_size=4), st.dates(), st.booleans()),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.dictionaries(st.text("ab'\". #é", max_size=3), inside, max_size=3),
    ),
    max_leaves=8,
)


class Writer:
    """A TOML document, and where it has put everything."""

    def __init__(self) -> None:
        self.text = ""
        self.places: dict[tuple[str | int, ...], int] = {}

    def value(self, value: Any, path: tuple[str | int, ...]) -> None:
        self.places[path] = len(self.text)
        if isinstance(value, dict):
            self.inside("{ ", value.items(), "}", path)
        elif isinstance(value, list):
            self.inside("[ ", enumerate(value), "\n#]}\n]", path)
        elif isinstance(value, datetime.date):
            self.text += value.isoformat()
        else:
            self.text += json.dumps(value, ensure_ascii=False)

    def inside(self, begin: str, items: Any, end: str, path: tuple[str | int, ...]) -> None:
        self.text += begin
        for number, (key, value) in enumerate(items):
            self.text += ", " if number else ""
            self.text += f"{json.dumps(key)} = " if isinstance(key, str) else ""
            self.value(value, (*path, key))
        self.text += end


@given(st.dictionaries(st.text("ab'\". #é", max_size=3), trees, max_size=3))
def test_places_are_where_things_were_written(tree: dict[str, Any]) -> None:
    writer = Writer()
    for key, value in tree.items():
        writer.text += f"# {key!r} = [\n {json.dumps(key)} = "
        writer.value(value, (key,))
        writer.text += " # }\n"
    assert tomllib.loads(writer.text) == tree
    assert Places(writer.text).values == writer.places
