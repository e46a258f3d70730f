import json
import traceback
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.encode import Encoder
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.plain_dates import plain_dates
from tacit.linkage.schema import parse_schema
from tacit.linkage.tokens import GramTokeniser

TEXT: dict[str, Any] = {"type": "string"}


def document(length: int = 128, folds: int = 0, **formats: dict[str, Any]) -> str:
    """Make a schema with one bigram feature for each format given by name."""
    features = []
    for name, form in formats.items():
        own = dict(form)
        missing = own.pop("missing", None)
        hashing = {
            "comparison": own.pop("comparison", {"type": "ngram", "n": 2}),
            "strategy": {"bitsPerFeature": 20},
            "hash": {"type": own.pop("hash", "blakeHash")},
        }
        if missing is not None:
            hashing["missingValue"] = missing
        features.append({"identifier": name, "format": own, "hashing": hashing})
    config = {"l": length, "xor_folds": folds, "kdf": {"type": "HKDF"}}
    return json.dumps({"version": 3, "clkConfig": config, "features": features})


def encoder(text: str) -> Encoder:
    return Encoder(parse_schema(text), b"secret")


def refusal(text: str, **columns: list[str]) -> TacitError:
    with pytest.raises(TacitError) as caught:
        encoder(text).encode(columns)
    return caught.value


def test_presence_has_one_bit_for_each_feature_in_order() -> None:
    text = document(a=TEXT, b={**TEXT, "missing": {"sentinel": "-"}}, c=TEXT)
    encoded = encoder(text).encode(
        {"a": ["x", "", "x", ""], "b": ["-", "y", "y", ""], "c": ["", "", "z", ""]}
    )
    assert encoded.presence.tolist() == [0b001, 0b010, 0b111, 0]
    assert not encoded.clks[3].any()


def test_a_missing_value_that_is_replaced_sets_bits_but_is_not_present() -> None:
    text = document(a={**TEXT, "missing": {"sentinel": "?", "replaceWith": "anna"}})
    encoded = encoder(text).encode({"a": ["?", "anna", ""]})
    assert encoded.presence.tolist() == [0, 1, 0]
    assert encoded.clks[0].any()
    assert np.array_equal(encoded.clks[0], encoded.clks[1])
    assert not encoded.clks[2].any()


def test_the_sixty_fourth_feature_has_its_presence_bit() -> None:
    features = {f"f{i:02d}": {**TEXT, "comparison": {"type": "exact"}} for i in range(64)}
    raw = json.loads(document(128, 0, **features))
    raw["clkConfig"]["kdf"]["keySize"] = 16
    encoded = encoder(json.dumps(raw)).encode({name: ["", "v"] for name in features})
    assert encoded.presence.tolist() == [0, 2**64 - 1]


@pytest.mark.parametrize(
    ("length", "folds", "words"), [(1024, 0, 16), (64, 2, 1), (100, 0, 2), (7, 1, 1)]
)
def test_length(length: int, folds: int, words: int) -> None:
    text = document(length, folds, a={**TEXT, "hash": "doubleHash"})
    encoded = encoder(text).encode({"a": ["anna", "bob"]})
    assert encoded.clks.shape == (2, words)
    assert encoded.clks.dtype == np.uint64
    bits = np.unpackbits(encoded.clks.astype("<u8").view(np.uint8), axis=1)
    assert not bits[:, length:].any()
    assert bits[:, :length].any()


def test_no_records() -> None:
    encoded = encoder(document(a=TEXT)).encode({"a": []})
    assert encoded.clks.shape == (0, 2)
    assert len(encoded) == 0


def test_progress_counts_every_record_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tacit.linkage.encode.LARGEST_CHUNK", 16)
    done: list[int] = []
    encoder(document(a=TEXT)).encode({"a": [str(i) for i in range(40)]}, done.append)
    assert done == [16, 16, 8]


def test_columns_must_be_complete_and_equal() -> None:
    both = encoder(document(a=TEXT, b=TEXT))
    with pytest.raises(ValueError, match="'b'"):
        both.encode({"a": ["x"]})
    with pytest.raises(ValueError, match="length"):
        both.encode({"a": ["x"], "b": []})


@pytest.mark.parametrize(
    ("form", "good", "bad", "says"),
    [
        ({"type": "date", "format": "%Y-%m-%d"}, "2001-02-03", "1834-08-60", "%Y-%m-%d"),
        ({"type": "date", "format": "%Y%m%d"}, "20010203", "20011301", "%Y%m%d"),
        ({"type": "date", "format": "%d %b %Y"}, "1 May 2001", "secret", "%d %b %Y"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "5", "90210", "at least 1 and at most 9"),
        ({"type": "integer"}, "5", "secret", "whole number"),
        ({"type": "enum", "values": ["M", "F"]}, "M", "secret", "that the schema lists"),
        ({"type": "string", "pattern": "[a-d]+"}, "abc", "secret", "pattern"),
        ({"type": "string", "case": "upper"}, "ANNA", "secret", "upper case"),
        ({"type": "string", "minLength": 7}, "Susannah", "secret", "at least 7 characters"),
        ({"type": "string", "maxLength": 5}, "anna", "secret", "at most 5 characters"),
        ({"type": "string", "encoding": "ascii"}, "anna", "sécret", "in ascii"),
        ({"type": "string"}, "anna", "secret\ud800", "in utf-8"),
        (
            {
                "type": "string",
                "comparison": {"type": "numeric", "thresholdDistance": 2, "resolution": 1},
            },
            "1.5",
            "secret",
            "reads as a number",
        ),
        (
            {
                "type": "string",
                "comparison": {"type": "numeric", "thresholdDistance": 2, "resolution": 1},
            },
            "1.5",
            "inf",
            "reads as a number",
        ),
    ],
)
def test_a_bad_value_is_named_by_record_and_feature_never_by_value(
    form: dict[str, Any], good: str, bad: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tacit.linkage.encode.LARGEST_CHUNK", 16)
    monkeypatch.setattr("tacit.linkage.feature_filters.SMALLEST_BATCH", 1)
    monkeypatch.setattr("tacit.linkage.feature_filters.LARGEST_BATCH", 1)
    values = [good] * 18 + ["", bad, good, bad]
    error = refusal(document(born=form), born=values)
    assert error.code is Code.BAD_INPUT
    assert error.sentence().startswith("record 20, feature 'born': the value is not")
    assert says in error.sentence()
    assert (error.params["record"], error.params["feature"]) == (20, "born")
    shown = "".join(traceback.format_exception(error))
    hidden: BaseException | None = error
    while hidden is not None:
        shown += str(hidden) + repr(hidden.args) + repr(vars(hidden))
        hidden = hidden.__context__
    assert bad not in shown


def test_equal_values_in_different_features_share_no_positions() -> None:
    encoded = encoder(document(1024, a=TEXT, b=TEXT)).encode({"a": ["anna", ""], "b": ["", "anna"]})
    common = np.bitwise_count(encoded.clks[0] & encoded.clks[1]).sum()
    assert common < 5  # 20 of 1024 bits each, .4 expected by chance


@given(st.lists(st.text(max_size=12), max_size=8), st.integers(1, 4), st.booleans())
def test_gram_tokens(texts: list[str], n: int, positional: bool) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    pad = " " * (n - 1)
    grams = GramTokeniser(n, positional=positional)
    for _ in range(2):
        tokens, counts = grams.split(texts)
        expected = []
        for text in texts:
            padded = pad + text + pad
            own = [padded[i : i + n] for i in range(len(padded) - n + 1)] if text else []
            expected.append([f"{i} {g}" for i, g in enumerate(own, 1)] if positional else own)
        assert counts.tolist() == [len(own) for own in expected]
        assert [grams.names[i] for i in tokens] == [token for own in expected for token in own]
    assert len(set(grams.names)) == len(grams.names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2000-02-29", "20000229"),
        ("1900-02-29", None),
        ("1904-02-29", "19040229"),
        ("1999-12-31", "19991231"),
        ("1999-04-31", None),
        ("1999-00-10", None),
        ("1999-13-10", None),
        ("1999-10-00", None),
        ("0999-10-10", None),
        ("1999-1-10", None),
        ("1999/10/10", None),
        ("1999-10-1O", None),
        ("１９９９-10-10", None),
        ("1999-W41-7", None),
        ("", None),
    ],
)
def test_plain_dates(value: str, expected: str | None) -> None:
    assert plain_dates(["Y", "-", "m", "-", "d"], ["2024-05-06", value]) == ["20240506", expected]


def test_plain_dates_in_another_order() -> None:
    assert plain_dates(["d", "", "m", "", "Y"], ["31121999", "12311999"]) == ["19991231", None]
