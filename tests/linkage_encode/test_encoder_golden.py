"""Expected values from clkhash's own tests and documentation (github.com/data61/clkhash, 0.18.2)."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from clkhash.comparators import NumericComparison

from tacit.linkage.encode import Encoder
from tacit.linkage.errors import TacitError
from tacit.linkage.schema import parse_schema
from tacit.linkage.token_hash import DoubleHash
from tacit.linkage.tokens import GramTokeniser, PlainTokeniser, tokeniser

SALT = "SCbL2zHNnmsckfzchsNkZY9XoHk96P/G5nUBrM7ybymlEFsMV6PAeDZCNp3rfNUPCtLDMOGQHG4pCQpfhiHCyA=="
KDF = {
    "type": "HKDF",
    "hash": "SHA256",
    "salt": SALT,
    "info": "c2NoZW1hX2V4YW1wbGU=",
    "keySize": 64,
}


def feature(
    name: str,
    form: dict[str, Any],
    n: int,
    strategy: dict[str, int],
    *,
    positional: bool = False,
    kind: str = "doubleHash",
    **more: Any,
) -> dict[str, Any]:
    return {
        "identifier": name,
        "format": form,
        "hashing": {
            "comparison": {"type": "ngram", "n": n, "positional": positional},
            "strategy": strategy,
            "hash": {"type": kind},
            **more,
        },
    }


def clk_text(document: dict[str, Any], secret: bytes, columns: dict[str, list[str]]) -> list[str]:
    encoded = Encoder(parse_schema(json.dumps(document)), secret).encode(columns)
    return [base64.b64encode(encoded.clk_bytes(i)).decode() for i in range(len(encoded))]


def test_encoding_regression() -> None:
    # tests/test_clk.py, TestComplexSchemaChanges.test_encoding_regression; its version 1 schema
    # (k 30, weights 2, 1, .5, 1, 1) written as version 3.
    text = {"type": "string", "encoding": "utf-8", "case": "upper"}
    code = {"type": "string", "encoding": "ascii", "pattern": r"[a-z][a-z][a-z]\d\d\d"}
    document = {
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": KDF},
        "features": [
            feature("name", text, 2, {"bitsPerToken": 60}),
            feature("id", code, 1, {"bitsPerToken": 30}, positional=True),
            feature(
                "dob",
                {"type": "date", "format": "%Y-%m-%d"},
                2,
                {"bitsPerToken": 15},
                positional=True,
            ),
            feature("gender", {"type": "enum", "values": ["M", "F"]}, 1, {"bitsPerToken": 30}),
            feature(
                "children",
                {"type": "integer", "maximum": 20},
                1,
                {"bitsPerToken": 30},
                positional=True,
            ),
        ],
    }
    columns = {
        "name": ["KÉVIN", "JOHN HOWARD, ESQ."],
        "id": ["kev007", "stv534"],
        "dob": ["1963-12-13", "1992-02-29"],
        "gender": ["M", "M"],
        "children": ["1", "16"],
    }
    assert clk_text(document, b"chicken", columns) == [
        (
            "SU9+/O/Jzzi0sfzH8K2l3+qfhn8Ky3jVI21DVdH9j2fXE++JH8GcQGSeYxDZFxALCAT8CHwYJyQcRT3MhUQOFWcOf5fW"
            "dr6ofh6DYy8iv////weyunbMahfV9RMWkRwQmBL3fjreUVOCS9D9kAbQC2XgULidKCTHd9ZpbPJ91eE="
        ),
        (
            "Pfl1/d7/31/+9u9x9zv//76/83//0v1Xt/dX/3X/e79XP7vd+Xfkf//2/9Xb/7Fd73e9f/n0f/c7Vb99B/X29d8997Pz"
            "/vJ87X/X/vcX9vt1d+/+5bP1fvfevnfX8d/f/j0XPL7f999kc/28/3d4c7t/9b/+Pf411/f2+3z1d/s="
        ),
    ]


def test_tutorial_record() -> None:
    # docs/tutorial_api.ipynb, "serialized": the first record of FEBRL 4.
    string: dict[str, Any] = {"type": "string"}
    whole: dict[str, Any] = {"type": "integer"}
    fields: list[tuple[str, dict[str, Any], int, bool]] = [
        ("given_name", string, 200, False),
        ("surname", string, 200, False),
        ("street_number", whole, 100, True),
        ("address_1", string, 100, False),
        ("address_2", string, 100, False),
        ("suburb", string, 100, False),
        ("postcode", whole, 100, True),
        ("state", string, 100, False),
        ("date_of_birth", whole, 200, True),
    ]
    document = {
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
        "features": [
            {"identifier": "rec_id", "ignored": True},
            *(
                feature(
                    name,
                    form,
                    1 if positional else 2,
                    {"bitsPerFeature": bits},
                    positional=positional,
                    kind="blakeHash",
                )
                for name, form, bits, positional in fields
            ),
            {"identifier": "soc_sec_id", "ignored": True},
        ],
    }
    record = ["michaela", "neumann", "8", "stanley street", "miami"]
    record += ["winston hills", "4223", "nsw", "19151111"]
    columns = {name: [value] for (name, *_), value in zip(fields, record, strict=True)}
    assert clk_text(document, b"secret", columns) == [
        (
            "/ywxvec/j5R3/7jf71/l97u812e421MzNfNSrvyj+3uOfPbPFWt/t/WZX3+4/f1eXeb6TGLb29r/PSr/d+bvwvx4Vfu9"
            "7Yif/u+z79s+P76WkR6kKnb/n/9VnarWbcf78L8fPiX/vnxmjL7o/3S48vv9rNstV/t/Xm9X93o3O70="
        )
    ]


def test_missing_values_are_replaced() -> None:
    # tests/test_missingValue_integration.py, its version 2 schema written as version 3.
    document = {
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
        "features": [
            feature(
                "name",
                {"type": "string", "encoding": "utf-8"},
                2,
                {"bitsPerToken": 20},
                kind="blakeHash",
                missingValue={"sentinel": "null", "replaceWith": "Bob"},
            ),
            feature(
                "age",
                {"type": "integer"},
                1,
                {"bitsPerToken": 20},
                kind="blakeHash",
                missingValue={"sentinel": "NA", "replaceWith": "42"},
            ),
        ],
    }
    written, replaced = clk_text(document, b"sec", {"name": ["Bob", "null"], "age": ["42", "NA"]})
    assert written == replaced


@pytest.mark.parametrize(("token", "singular"), [("635", True), ("1402", True), ("666", False)])
def test_double_hash_singularity(token: str, *, singular: bool) -> None:
    # tests/test_bloomfilter.py, test_double_hash_singularity.
    keys = (b"secret1", b"secret2")
    plain, mended = (
        DoubleHash([token], keys, 1024, "ascii", prevent_singularity=prevent).positions(
            np.array([0]), 20
        )
        for prevent in (False, True)
    )
    assert (len(np.unique(plain)) == 1) is singular
    assert len(np.unique(mended)) > 1
    assert np.array_equal(plain, mended) is not singular


@pytest.mark.parametrize("length", [1023, 1025])
def test_blake_needs_a_power_of_two(length: int) -> None:
    # tests/test_bloomfilter.py, test_blake_encoding_not_power_of_2.
    string = {"type": "string"}
    document = {
        "version": 3,
        "clkConfig": {"l": length, "kdf": {"type": "HKDF"}},
        "features": [feature("name", string, 2, {"bitsPerToken": 10}, kind="blakeHash")],
    }
    with pytest.raises(TacitError, match=r"feature 'name'.*power of two"):
        parse_schema(json.dumps(document))


def test_tokens_of_the_documentation() -> None:
    # docstrings of clkhash.comparators.
    plain, positional = (GramTokeniser(2, positional=flag) for flag in (False, True))
    tokens, counts = plain.split(["clkhash"])
    assert [plain.names[i] for i in tokens] == [" c", "cl", "lk", "kh", "ha", "as", "sh", "h "]
    assert counts.tolist() == [8]
    tokens, _ = positional.split(["clkhash"])
    assert [positional.names[i] for i in tokens] == (
        ["1  c", "2 cl", "3 lk", "4 kh", "5 ha", "6 as", "7 sh", "8 h "]
    )
    numeric = tokeniser(NumericComparison(threshold_distance=8, resolution=2))
    assert isinstance(numeric, PlainTokeniser)
    tokens, _ = numeric.split(["25"])
    assert [numeric.names[i] for i in tokens] == ["88", "96", "104", "112", "120"]
