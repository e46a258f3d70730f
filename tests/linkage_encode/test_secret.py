import hmac
import json
from hashlib import sha256

import pytest

from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.schema import parse_schema


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 by the letter of RFC 5869 section 2."""
    pseudorandom = hmac.digest(salt or bytes(32), key, "sha256")
    block, output, count = b"", b"", 0
    while len(output) < length:
        count += 1
        block = hmac.digest(pseudorandom, block + info + bytes([count]), "sha256")
        output += block
    return output[:length]


def test_the_hkdf_of_this_test_is_right() -> None:
    # RFC 5869 appendix A.1 and A.3.
    assert hkdf(b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    assert hkdf(b"\x0b" * 22, b"", b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_derivation() -> None:
    info = b'{"epoch":3,"label":"tacit encoding v1","project":"p-1","schema":"' + b"ab" * 32 + b'"}'
    expected = hkdf(bytes(range(32)), b"", info, 32)
    assert derive_secret(bytes(range(32)), "p-1", 3, b"\xab" * 32) == expected


def test_everything_is_bound() -> None:
    key, schema = bytes(range(32)), sha256(b"schema").digest()
    secrets = {
        derive_secret(key, "p", 1, schema),
        derive_secret(key[::-1], "p", 1, schema),
        derive_secret(key, "q", 1, schema),
        derive_secret(key, "p", 2, schema),
        derive_secret(key, "p", 1, schema[::-1]),
    }
    assert len(secrets) == 5


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_linkage_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive_secret(bytes(length), "p", 1, bytes(32))


def test_another_secret_gives_other_bits() -> None:
    hashing = {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerFeature": 50}}
    text = {
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
        "features": [{"identifier": "a", "format": {"type": "string"}, "hashing": hashing}],
    }
    schema = parse_schema(json.dumps(text))
    one, two = (
        Encoder(schema, derive_secret(bytes(32), "p", epoch, schema.hash)).encode({"a": ["anna"]})
        for epoch in (1, 2)
    )
    assert not (one.clks == two.clks).all()
