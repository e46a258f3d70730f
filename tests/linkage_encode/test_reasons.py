"""Verdicts on fields, worked out by hand from the tokens that two values have in common."""

import json
from typing import Any

import pytest

from tacit.linkage.normalise.text import ALTERNATIVE
from tacit.linkage.reasons import (
    PART_BYTES,
    Verdict,
    common_share,
    reason_key,
    sketch_bytes,
    sketches,
    verdicts,
)
from tacit.linkage.schema import parse_schema

LINKAGE_KEY = bytes(range(32))
KEY = reason_key(LINKAGE_KEY, "p", 1, "r", 7)


def feature(name: str, comparison: dict[str, Any], **hashing: Any) -> dict[str, Any]:
    return {
        "identifier": name,
        "format": {"type": "string", "encoding": "utf-8"},
        "hashing": {
            "comparison": comparison,
            "strategy": {"bitsPerFeature": 100},
            "hash": {"type": "blakeHash"},
            **hashing,
        },
    }


SCHEMA = parse_schema(
    json.dumps(
        {
            "version": 3,
            "clkConfig": {
                "l": 1024,
                "kdf": {"type": "HKDF", "hash": "SHA256", "salt": "", "info": "", "keySize": 64},
            },
            "features": [
                feature("name", {"type": "ngram", "n": 2}, missingValue={"sentinel": "?"}),
                feature("born", {"type": "ngram", "n": 1, "positional": True}),
                feature("sex", {"type": "exact"}),
            ],
        }
    )
)


def sketch(
    name: str, born: str = "", sex: str = "", *, key: bytes = KEY, salt: str = "own"
) -> bytes:
    columns = {"name": [name], "born": [born], "sex": [sex]}
    return sketches(SCHEMA, columns, [key], [salt.encode()])[0]


def _sketch(values: dict[str, str], salt: str) -> bytes:
    return sketch(values["name"], values["born"], values["sex"], salt=salt)


def compared(left: str, right: str, field: int = 0) -> Verdict:
    name = SCHEMA.features[field].identifier
    blank = {"name": "", "born": "", "sex": ""}
    one, other = ({**blank, name: value} for value in (left, right))
    return verdicts(_sketch(one, "one"), _sketch(other, "other"))[field]


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("yong hui", "yong hui", Verdict.AGREED),
        # Bigrams " y" "yo" "on" "ng" "g " against " y" "yo" "on" "no" "o ": 3 of 7, .43.
        ("yong", "yono", Verdict.PARTLY),
        # " k" "ki" "im" "m " against " p" "pa" "ak" "k ": none.
        ("kim", "pak", Verdict.NOT),
        # " k" "ki" "im" "m " against " k" "ka" "an" "ng" "g ": 1 of 8, .125.
        ("kim", "kang", Verdict.NOT),
        ("kim", "", Verdict.MISSING),
        ("?", "kim", Verdict.MISSING),
        ("", "", Verdict.MISSING),
    ],
)
def test_names(left: str, right: str, verdict: Verdict) -> None:
    assert compared(left, right) is verdict
    assert compared(right, left) is verdict


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("1969", "1969", Verdict.AGREED),
        ("1969", "1968", Verdict.PARTLY),  # 3 of 5 digits in place
        ("1969", "2008", Verdict.NOT),
        ("1969", "9691", Verdict.NOT),  # the same digits elsewhere
    ],
)
def test_dates(left: str, right: str, verdict: Verdict) -> None:
    assert compared(left, right, 1) is verdict


def test_exact_values_agree_or_not() -> None:
    assert compared("m", "m", 2) is Verdict.AGREED
    assert compared("m", "f", 2) is Verdict.NOT


def test_one_alternative_in_common_agrees() -> None:
    both = f"kim yong{ALTERNATIVE}park chol"
    assert compared(both, f"ri{ALTERNATIVE}park chol") is Verdict.AGREED
    assert compared(both, "park chol") is Verdict.AGREED
    assert compared(both, "ri") is Verdict.NOT
    # More alternatives than a sketch has room for, alike at both sides.
    many = ALTERNATIVE.join(f"name {number}" for number in range(20))
    assert compared(many, many) is Verdict.AGREED


@pytest.mark.parametrize(
    ("left", "right", "share"),
    # Bigrams of the one and the other with their padding: abcdefghij has 11.
    [("abcdefghij", "abcdefghij", 1.0), ("abcdefghij", "abcdefghiz", 9 / 13), ("ab", "cd", 0.0)],
)
def test_slots_estimate_the_share_of_common_tokens(left: str, right: str, share: float) -> None:
    keys = [reason_key(LINKAGE_KEY, "p", 1, "r", group) for group in range(40)]
    found = [
        common_share(
            sketch(left, key=key)[:PART_BYTES], sketch(right, key=key, salt="x")[:PART_BYTES]
        )
        for key in keys
    ]
    # 40 sketches of 32 slots: one standard error is at most .5 / sqrt(1280), .014.
    assert sum(found) / len(found) == pytest.approx(share, abs=0.05)


def test_all_features_are_told_in_the_schemas_order() -> None:
    found = verdicts(sketch("kim", "1969", "m"), sketch("kim", "1950", "", salt="x"))
    assert found == (Verdict.AGREED, Verdict.PARTLY, Verdict.MISSING)


def test_sketches_of_two_groups_have_nothing_in_common() -> None:
    other = reason_key(LINKAGE_KEY, "p", 1, "r", 8)
    assert verdicts(sketch("kim", "1969", "m"), sketch("kim", "1969", "m", key=other)) == (
        Verdict.NOT,
        Verdict.NOT,
        Verdict.NOT,
    )
    changed = [
        reason_key(bytes(32), "p", 1, "r", 7),
        reason_key(LINKAGE_KEY, "q", 1, "r", 7),
        reason_key(LINKAGE_KEY, "p", 2, "r", 7),
        reason_key(LINKAGE_KEY, "p", 1, "s", 7),
        other,
        KEY,
    ]
    assert len(set(changed)) == 6


def test_a_sketch_hides_how_many_alternatives_there_are() -> None:
    alone, several = sketch("kim"), sketch(f"kim{ALTERNATIVE}pak")
    assert len(alone) == len(several) == sketch_bytes(SCHEMA) == 3 * PART_BYTES
    for made in (alone, several):
        tags = [made[start : start + 8] for start in range(0, 64, 8)]
        assert tags == sorted(set(tags))
        assert bytes(8) not in tags


def test_sketches_of_other_length_do_not_compare() -> None:
    with pytest.raises(ValueError, match="one schema"):
        verdicts(sketch("kim"), sketch("kim")[:-1])
    with pytest.raises(ValueError, match="one schema"):
        verdicts(b"abc", b"abc")
