"""A value of several alternatives has the bits of each, as if each stood alone."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.encode import Encoder
from tacit.linkage.errors import TacitError
from tacit.linkage.normalise.text import ALTERNATIVE, alternatives
from tacit.linkage.schema import parse_schema

WORDS = st.text(st.sampled_from("abcd 이영"), min_size=1, max_size=8)


def encoder(strategy: str = "bitsPerFeature", **form: object) -> Encoder:
    hashing = {
        "comparison": {"type": "ngram", "n": 2},
        "strategy": {strategy: 30},
        "hash": {"type": "blakeHash"},
        "missingValue": {"sentinel": "-", "replaceWith": ""},
    }
    feature = {"identifier": "name", "format": {"type": "string", **form}, "hashing": hashing}
    document = {"version": 3, "clkConfig": {"l": 256, "kdf": {"type": "HKDF"}}}
    return Encoder(parse_schema(json.dumps({**document, "features": [feature]})), b"secret")


@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["bitsPerFeature", "bitsPerToken"]),
)
def test_the_bits_are_the_union(values: list[list[str]], strategy: str) -> None:
    own = encoder(strategy)
    joined = own.encode({"name": [ALTERNATIVE.join(value) for value in values]})
    for row, value in zip(joined.clks, values, strict=True):
        alone = own.encode({"name": value}).clks
        assert row.tolist() == np.bitwise_or.reduce(alone, axis=0).tolist()
    assert joined.presence.tolist() == [1] * len(values)


def test_no_gram_crosses_from_one_alternative_to_the_next() -> None:
    clks = encoder().encode({"name": ["ab\x1fcd", "ab", "bc"]}).clks
    assert (clks[0] & clks[1]).tolist() == clks[1].tolist()
    assert (clks[0] & clks[2]).tolist() != clks[2].tolist()


def test_an_alternative_that_says_nothing_adds_nothing() -> None:
    encoded = encoder().encode({"name": ["ab\x1f\x1f-", "ab", "-\x1f"]})
    assert encoded.clks[0].tolist() == encoded.clks[1].tolist()
    assert not encoded.clks[2].any()


def test_each_alternative_must_fit_and_the_record_is_named() -> None:
    own = encoder(maxLength=3)
    own.encode({"name": ["abc\x1fabd", "cab"]})
    with pytest.raises(TacitError) as caught:
        own.encode({"name": ["abc\x1fabd", "cab", "a\x1fabcd"]})
    assert "record 3, feature 'name'" in str(caught.value)
    assert "abcd" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["b", "a", "b", ""], "b\x1fa"),
        (["a\x1fb", "b\x1fc"], "a\x1fb\x1fc"),
    ],
)
def test_alternatives_are_joined_once_each(values: list[str], expected: str) -> None:
    assert alternatives(values) == expected
