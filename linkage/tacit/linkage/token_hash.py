"""Where a feature's tokens fall in a Bloom filter: clkhash's two constructions, hashed once each.

Formulas: double hashing after Schnell, Bachteler and Reiher, "A Novel Error-Tolerant Anonymous
Linking Code" (2011); keyed BLAKE2b as `clkhash.bloomfilter.blake_encode_ngrams` describes it.
"""

import hmac
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

POSITIONS_PER_MAC = 32  # a BLAKE2b digest is read as 32 positions of 16 bits


class TokenHash(Protocol):
    """Bit positions of numbered tokens."""

    def positions(self, tokens: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Give the first `count` positions of each token, shape (tokens, count)."""
        ...

    @property
    def size(self) -> int:
        """Bytes that the memo holds."""
        ...


class DoubleHash:
    """Positions (h1 + i h2) mod l from HMAC-SHA1 and HMAC-MD5.

    Args:
        names: the tokens' texts; may grow later.
        keys: the keys for SHA-1 and for MD5.
        bits: l, length of the filter before folding.
        encoding: of tokens to bytes.
        prevent_singularity: hash again where h2 is 0 (`bits` must be 2 or more).
    """

    def __init__(
        self,
        names: Sequence[str],
        keys: tuple[bytes, ...],
        bits: int,
        encoding: str,
        *,
        prevent_singularity: bool,
    ) -> None:
        self._names = names
        self._sha1_key, self._md5_key = keys
        self._bits = bits
        self._encoding = encoding
        self._prevent_singularity = prevent_singularity
        self._hashes = np.zeros((0, 2), np.int64)

    def positions(self, tokens: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Give the first `count` positions of each token, shape (tokens, count)."""
        fresh = self._names[len(self._hashes) :]
        if fresh:
            rows = np.array([self._pair(token.encode(self._encoding)) for token in fresh], np.int64)
            self._hashes = np.concatenate([self._hashes, rows])
        first, step = self._hashes[tokens].T
        places: NDArray[np.int64] = first[:, None] + np.arange(count) * step[:, None]
        return places % self._bits

    @property
    def size(self) -> int:
        """Bytes that the memo holds."""
        return self._hashes.nbytes

    def _pair(self, token: bytes) -> tuple[int, int]:
        first = int.from_bytes(hmac.digest(self._sha1_key, token, "sha1")) % self._bits
        step = int.from_bytes(hmac.digest(self._md5_key, token, "md5")) % self._bits
        attempt = 0
        while step == 0 and self._prevent_singularity:
            again = token + chr(attempt).encode()
            step = int.from_bytes(hmac.digest(self._md5_key, again, "md5")) % self._bits
            attempt += 1
        return first, step


class BlakeHash:
    """Positions from keyed BLAKE2b, 32 to a digest; digest i is salted with the decimal i.

    Args:
        names: the tokens' texts; may grow later.
        key: at most 64 bytes.
        bits: l, a power of two.
        encoding: of tokens to bytes.
    """

    def __init__(self, names: Sequence[str], key: bytes, bits: int, encoding: str) -> None:
        self._names = names
        self._key = key
        self._mask = bits - 1
        self._encoding = encoding
        # Digests that each token has so far, and their positions.
        self._known = np.zeros(0, np.int64)
        self._shorts = np.zeros((0, POSITIONS_PER_MAC), np.uint16)

    def positions(self, tokens: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Give the first `count` positions of each token, shape (tokens, count)."""
        macs = -(-count // POSITIONS_PER_MAC)
        self._make_room(macs * POSITIONS_PER_MAC)
        for number in np.unique(tokens[self._known[tokens] < macs]).tolist():
            self._hash(number, macs)
        return self._shorts[tokens, :count].astype(np.int64) & self._mask

    @property
    def size(self) -> int:
        """Bytes that the memo holds."""
        return self._shorts.nbytes

    def _make_room(self, width: int) -> None:
        rows, columns = self._shorts.shape
        needed = len(self._names)
        if needed <= rows and width <= columns:
            return
        more = max(needed, 2 * rows) - rows if needed > rows else 0
        self._known = np.pad(self._known, (0, more))
        self._shorts = np.pad(self._shorts, ((0, more), (0, max(0, width - columns))))

    def _hash(self, number: int, macs: int) -> None:
        token, key = self._names[number].encode(self._encoding), self._key
        known = int(self._known[number])
        digests = b"".join(
            [blake2b(token, key=key, salt=b"%d" % i).digest() for i in range(known, macs)]
        )
        # Little-endian on every machine; clkhash reads the native order.
        self._shorts[number, known * POSITIONS_PER_MAC : macs * POSITIONS_PER_MAC] = np.frombuffer(
            digests, "<u2"
        )
        self._known[number] = macs


def token_hash(
    properties: Any, names: Sequence[str], keys: tuple[bytes, ...], bits: int
) -> TokenHash:
    """Make the hash of one feature.

    Args:
        properties: clkhash's `FieldHashingProperties` of the feature.
        names: the tokens' texts; may grow later.
        keys: the feature's two keys.
        bits: length of the filter before folding.
    """
    if properties.hash_type == "blakeHash":
        return BlakeHash(names, keys[0], bits, properties.encoding)
    return DoubleHash(
        names,
        keys,
        bits,
        properties.encoding,
        prevent_singularity=bool(properties.prevent_singularity),
    )
