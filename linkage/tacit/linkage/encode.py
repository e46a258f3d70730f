"""Encode records as cryptographic long-term keys, bit for bit as clkhash 0.17 does, but faster.

A CLK is one Bloom filter per record into which every feature's tokens are hashed. The work is done
once per distinct value of a chunk and once per distinct token of a feature; numpy spreads the bits.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count

import numpy as np
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from tacit.linkage.canonical import canonical
from tacit.linkage.clkhash_import import key_derivation
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.feature_filters import WORD, FeatureFilters
from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import LinkageSchema
from tacit.linkage.values import InvalidValueError

KEY_BYTES = 32
# Bits in a chunk's filters, which bounds memory, and records in a chunk.
SCRATCH = 1 << 25
SMALLEST_CHUNK, LARGEST_CHUNK = 16, 16_384


def derive_secret(linkage_key: bytes, project: str, epoch: int, schema_hash: bytes) -> bytes:
    """Derive the secret that clkhash's key derivation starts from.

    HKDF-SHA256 (RFC 5869) without salt; the information binds project, epoch and schema, so that
    encodings of different projects, epochs or schemas have nothing in common.

    Args:
        linkage_key: the project's key, 32 bytes.
        project: identifier of the project.
        epoch: of the linkage key.
        schema_hash: `LinkageSchema.hash`.

    Returns:
        32 bytes.

    Raises:
        ValueError: the linkage key is not 32 bytes.
    """
    if len(linkage_key) != KEY_BYTES:
        raise ValueError("a linkage key has 32 bytes")
    info = canonical(
        {
            "label": "tacit encoding v1",
            "project": project,
            "epoch": epoch,
            "schema": schema_hash.hex(),
        }
    )
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(linkage_key)


class Encoder:
    """Encodes registers under one schema and secret.

    Args:
        schema: what to encode and how.
        secret: what clkhash takes as its secret; see `derive_secret`.
    """

    def __init__(self, schema: LinkageSchema, secret: bytes) -> None:
        clk = schema.clk
        keys = key_derivation.generate_key_lists(
            secret,
            len(clk.fields),
            key_size=clk.kdf_key_size,
            salt=clk.kdf_salt,
            info=clk.kdf_info,
            kdf=clk.kdf_type,
            hash_algo=clk.kdf_hash,
        )
        self._schema = schema
        self._folds: int = clk.xor_folds
        self._bits = schema.length << self._folds
        hashed = [pair for pair in zip(clk.fields, keys, strict=True) if pair[0].hashing_properties]
        self._features = [
            FeatureFilters(spec, own, self._bits, feature.bits)
            for feature, (spec, own) in zip(schema.features, hashed, strict=True)
        ]
        self._chunk = max(SMALLEST_CHUNK, min(LARGEST_CHUNK, SCRATCH // self._bits))

    def encode(
        self,
        columns: Mapping[str, Sequence[str]],
        progress: Callable[[int], None] | None = None,
    ) -> EncodedSet:
        """Encode records.

        Args:
            columns: normalised values by feature identifier, all of one length; "" is missing.
            progress: called after each chunk with the number of records it held.

        Returns:
            CLKs of `schema.length` bits, padded with zeros to whole words, and presence masks.

        Raises:
            TacitError: BAD_INPUT; a value does not fit its feature's format. The sentence names
                record (from 1) and feature; both are parameters too (`record`, `feature`).
            ValueError: a column is missing or the columns differ in length.
        """
        total = self._check(columns)
        clks = np.zeros((total, -(-self._schema.length // WORD)), np.uint64)
        presence = np.zeros(total, np.uint64)
        for start in range(0, total, self._chunk):
            part = slice(start, min(start + self._chunk, total))
            clks[part], presence[part] = self._encode_chunk(columns, part)
            if progress is not None:
                progress(part.stop - part.start)
        return EncodedSet(clks, presence)

    def _check(self, columns: Mapping[str, Sequence[str]]) -> int:
        absent = [f.identifier for f in self._schema.features if f.identifier not in columns]
        if absent:
            raise ValueError(f"no column for feature '{absent[0]}'")
        lengths = {len(columns[feature.identifier]) for feature in self._schema.features}
        if len(lengths) != 1:
            raise ValueError("columns differ in length")
        return lengths.pop()

    def _encode_chunk(
        self, columns: Mapping[str, Sequence[str]], part: slice
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        rows = part.stop - part.start
        filters = np.zeros((rows, -(-self._bits // WORD)), np.uint64)
        presence = np.zeros(rows, np.uint64)
        for bit, (feature, maker) in enumerate(
            zip(self._schema.features, self._features, strict=True)
        ):
            values = columns[feature.identifier][part]
            numbers = dict(zip(dict.fromkeys(values), count()))
            distinct = list(numbers)
            try:
                words = maker.encode(distinct)
            except InvalidValueError as error:
                row = part.start + values.index(distinct[error.index]) + 1
                raise _bad_input(row, feature.identifier, error) from None
            of_row = np.fromiter(map(numbers.__getitem__, values), np.int64, rows)
            filters |= words.take(of_row, axis=0)
            present = np.ones(len(distinct), np.uint64)
            present[[numbers[value] for value in maker.form.special if value in numbers]] = 0
            presence |= present.take(of_row) << np.uint64(bit)
        return _fold(filters, self._bits, self._folds), presence


def _bad_input(record: int, feature: str, error: InvalidValueError) -> TacitError:
    return TacitError(
        Code.BAD_INPUT,
        where=f"record {record}, feature '{feature}'",
        problem=str(error),
        record=record,
        feature=feature,
    )


def _fold(filters: NDArray[np.uint64], bits: int, folds: int) -> NDArray[np.uint64]:
    """Fold each filter `folds` times: its halves XORed."""
    if not folds:
        return filters
    flags = np.unpackbits(filters.astype("<u8").view(np.uint8), axis=1)[:, :bits]
    for _ in range(folds):
        half = flags.shape[1] // 2
        flags = flags[:, :half] ^ flags[:, half:]
    padded = np.pad(flags, ((0, 0), (0, -flags.shape[1] % WORD)))
    return np.packbits(padded, axis=1).view("<u8").astype(np.uint64, copy=False)
