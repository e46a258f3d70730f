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
        """Give the first `count` positions of each token, shape (count, tokens)."""
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
        """Give the first `count` positions of each token, shape (count, tokens)."""
        fresh = self._names[len(self._hashes) :]
        if fresh:
            rows = np.array([self._pair(token.encode(self._encoding)) for token in fresh], np.int64)
            self._hashes = np.concatenate([self._hashes, rows])
        first, step = self._hashes[tokens].T
        places: NDArray[np.int64] = first + np.arange(count)[:, None] * step
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
        # Digests that each token has so far, and their positions, a column for each token.
        self._known = np.zeros(0, np.int64)
        self._shorts = np.zeros((POSITIONS_PER_MAC, 0), np.uint16)

    def positions(self, tokens: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Give the first `count` positions of each token, shape (count, tokens)."""
        macs = -(-count // POSITIONS_PER_MAC)
        self._make_room(macs * POSITIONS_PER_MAC)
        for mac in range(int(self._known[tokens].min(initial=macs)), macs):
            self._hash(tokens[self._known[tokens] == mac], mac)
        return self._shorts[:count].take(tokens, axis=1).astype(np.int64) & self._mask

    @property
    def size(self) -> int:
        """Bytes that the memo holds."""
        return self._shorts.nbytes

    def _make_room(self, width: int) -> None:
        rows, columns = self._shorts.shape
        needed = len(self._names)
        if needed <= columns and width <= rows:
            return
        # Twice the room where more is needed, so that growing costs little in sum.
        more = max(needed, 2 * columns) - columns if needed > columns else 0
        self._known = np.pad(self._known, (0, more))
        self._shorts = np.pad(self._shorts, ((0, max(0, width - rows)), (0, more)))

    def _hash(self, tokens: NDArray[np.int64], mac: int) -> None:
        names, encoding = self._names, self._encoding
        keyed = blake2b(key=self._key, salt=b"%d" % mac)
        digests = []
        for number in tokens.tolist():
            state = keyed.copy()
            state.update(names[number].encode(encoding))
            digests.append(state.digest())
        # Little-endian on every machine; clkhash reads the native order.
        shorts = np.frombuffer(b"".join(digests), "<u2").reshape(-1, POSITIONS_PER_MAC)
        start = mac * POSITIONS_PER_MAC
        self._shorts[start : start + POSITIONS_PER_MAC, tokens] = shorts.T
        self._known[tokens] = mac + 1


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
