"""canonical JSON, against the reference implementation."""

from __future__ import annotations

import json
import math
import os

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from safeinstall import canonical
from safeinstall.journal import seal

whole = st.integers(-(2**53) + 1, 2**53 - 1)
milliseconds = st.integers(0, 10**12).map(lambda count: count / 1000)
plain = st.text(st.characters(exclude_categories=["Cs"]))
anything = st.recursive(
    st.none() | st.booleans() | whole | milliseconds | plain,
    lambda inner: st.lists(inner) | st.dictionaries(plain, inner),
    max_leaves=25,
)
surrogates = st.text(st.sampled_from("a\ud83d\ude00\udc80\udcff"))


@given(anything)
def test_is_what_the_reference_writes(value: object) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(anything)
def test_comes_back(value: object) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(st.binary())
def test_every_byte_of_a_command_line_survives(word: bytes) -> None:
    said = os.fsdecode(word)
    assert os.fsencode(canonical.decode(canonical.encode([said]))[0]) == word
    assert json.loads(canonical.encode([said])) == [said]


@given(surrogates)
def test_surrogates_have_one_form(text: str) -> None:
    once = canonical.encode(text)
    assert canonical.encode(canonical.decode(once)) == once
    assert json.loads(once) == canonical.decode(once)


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), math.nan, math.inf, 1e16, 1e-5, -math.inf], ids=str
)
def test_numbers_without_a_canonical_form_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"fit|canonical"):
        canonical.encode({"n": value})


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        canonical.encode([b"x"])


@pytest.mark.parametrize("data", [b"", b"{", b'{"a":}', b"{} {}", b"\xff", b"[" * 100_000, b"nul"])
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical.decode(data)


def test_a_line_is_its_record_with_the_hash_spliced_on() -> None:
    record = {"seq": 0, "chain": "c", "prev": "", "text": "é\udc80"}
    data, digest = seal.seal(record)
    body = data.removesuffix(b',"hash":"' + digest.encode() + b'"}\n') + b"}"
    assert body == canonical.encode(record)
    assert canonical.digest(body) == digest == seal.seal_of(data)
    assert seal.read(data) == {**record, "hash": digest}


@given(st.binary(max_size=200))
def test_no_bytes_upset_the_reader(data: bytes) -> None:
    assert seal.read(data) is None


@pytest.mark.parametrize("body", [b"{", b'{"a":1', b'{"seq":true,"chain":"","prev":""', b"[1"])
def test_a_good_hash_over_something_else_is_no_record(body: bytes) -> None:
    data = body + seal.closing(canonical.digest(body + b"}"))
    assert seal.seal_of(data)
    assert seal.read(data) is None
