"""Bloom filters of one feature's values, from filters of its tokens that are made once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.normalise.text import ALTERNATIVE
from tacit.linkage.token_hash import TokenHash, token_hash
from tacit.linkage.tokens import Tokeniser, UnreadableTextError, one_of_each, tokeniser
from tacit.linkage.values import InvalidValueError, ValueForm

WORD = 64
# Elements in a scratch array: few enough to stay in a processor's cache.
BATCH = 1 << 19
SMALLEST_BATCH, LARGEST_BATCH = 16, 4096
# Bytes a feature remembers before it starts anew.
MEMO = 1 << 26


class FeatureFilters:
    """Encodes the distinct values of one feature; remembers its tokens between chunks.

    Args:
        spec: clkhash's `FieldSpec` of the feature.
        keys: the feature's two keys.
        bits: length of the filter before folding.
        insertions: expected number of insertions for a value; only speed and memory depend on it.
    """

    def __init__(self, spec: Any, keys: tuple[bytes, ...], bits: int, insertions: float) -> None:
        self._batch = min(LARGEST_BATCH, max(SMALLEST_BATCH, int(BATCH // insertions)))
        self.form = ValueForm(spec)
        self._properties = spec.hashing_properties
        self._keys = keys
        self._bits = bits
        self._shares = _Shares(spec.hashing_properties.strategy)
        self._start_anew()

    def _start_anew(self) -> None:
        self._tokens: Tokeniser = tokeniser(self._properties.comparator)
        hashed = token_hash(self._properties, self._tokens.names, self._keys, self._bits)
        self._memo = _TokenFilters(hashed, self._bits)

    def encode(self, values: Sequence[str]) -> NDArray[np.uint64]:
        """Give a filter for each value, shape (values, bits / 64 rounded up).

        A value of several alternatives (`tacit.linkage.normalise.text.ALTERNATIVE` between them)
        has the bits of each, as if each stood alone.

        Raises:
            InvalidValueError: a value, or an alternative, does not fit the feature's format.
        """
        if not any(ALTERNATIVE in value for value in values):
            return self._encode_single(values)
        parts = [self._alternatives(value) for value in values]
        starts = np.cumsum([0, *map(len, parts)])
        try:
            filters = self._encode_single([part for own in parts for part in own])
        except InvalidValueError as error:
            error.index = int(np.searchsorted(starts, error.index, side="right")) - 1
            raise
        joined: NDArray[np.uint64] = np.bitwise_or.reduceat(filters, starts[:-1], axis=0)
        return joined

    def _alternatives(self, value: str) -> list[str]:
        """Give a value's alternatives, at least one; those that say nothing only alone."""
        parts = value.split(ALTERNATIVE)
        return [part for part in parts if part not in self.form.special] or parts[:1]

    def _encode_single(self, values: Sequence[str]) -> NDArray[np.uint64]:
        filters = np.zeros((len(values), -(-self._bits // WORD)), np.uint64)
        for start in range(0, len(values), self._batch):
            part = slice(start, start + self._batch)
            try:
                filters[part] = self._encode_batch(values[part])
            except InvalidValueError as error:
                error.index += start
                raise
        return filters

    def _encode_batch(self, values: Sequence[str]) -> NDArray[np.uint64]:
        if self._memo.size > MEMO:
            self._start_anew()
        texts = self.form.texts(values)
        unreadable = -1
        try:
            tokens, counts = self._tokens.split(texts)
        except UnreadableTextError as error:
            unreadable = error.index
        if unreadable >= 0:
            raise self.form.invalid(unreadable)
        return self._memo.join(tokens, counts, self._shares.of(counts), self._shares.insertions)


class _Shares:
    """How often each token is inserted, as clkhash's strategy shares insertions out."""

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy
        self._numbers: dict[int, int] = {}
        # For each token count seen: where its tokens' shares start in the flat list.
        self._starts: dict[int, int] = {}
        self._flat: list[int] = []

    @property
    def insertions(self) -> list[int]:
        """Distinct numbers of insertions; a share is an index into them."""
        return list(self._numbers)

    def of(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the share of every token; `counts` says how many tokens belong to each value."""
        distinct, inverse = np.unique(counts, return_inverse=True)
        for count in distinct.tolist():
            if count and count not in self._starts:
                self._starts[count] = len(self._flat)
                self._flat += [
                    self._numbers.setdefault(insertions, len(self._numbers))
                    for insertions in self._strategy.bits_per_token(count)
                ]
        starts = np.array([self._starts.get(count, 0) for count in distinct.tolist()], np.int64)
        before = np.cumsum(counts) - counts
        places = np.repeat(starts[inverse] - before, counts) + np.arange(counts.sum())
        return np.array(self._flat, np.int64).take(places)


@dataclass(slots=True)
class _TokenFilters:
    """Filters of (token, share) pairs, made when first needed."""

    hashed: TokenHash
    bits: int
    _row: NDArray[np.int64] = field(init=False)
    _filters: NDArray[np.uint64] = field(init=False)
    _word: NDArray[np.int64] = field(init=False)
    _mask: NDArray[np.uint64] = field(init=False)
    _used: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._row = np.full((0, 0), -1, np.int64)
        self._word, self._mask = _words_and_masks(self.bits)
        self._filters = np.zeros((0, -(-self.bits // WORD)), np.uint64)

    @property
    def size(self) -> int:
        """Bytes that the memo holds."""
        return self.hashed.size + self._row.nbytes + self._filters.nbytes

    def join(
        self,
        tokens: NDArray[np.int64],
        counts: NDArray[np.int64],
        shares: NDArray[np.int64],
        insertions: Sequence[int],
    ) -> NDArray[np.uint64]:
        """OR the filters of each value's tokens; a value without tokens gets an empty filter."""
        words = self._filters.shape[1]
        joined = np.zeros((len(counts), words), np.uint64)
        if not len(tokens):
            return joined
        rows = self._rows(tokens, shares, insertions)
        values = np.flatnonzero(counts)
        ends = np.cumsum(counts[values])
        # Batches whose token filters stay in the processor's cache.
        step = max(1, BATCH // (4 * words) * len(values) // len(tokens))
        for first in range(0, len(values), step):
            last = min(first + step, len(values)) - 1
            start = int(ends[first] - counts[values[first]])
            offsets = ends[first : last + 1] - counts[values[first : last + 1]] - start
            filters = self._filters.take(rows[start : ends[last]], axis=0)
            joined[values[first : last + 1]] = np.bitwise_or.reduceat(filters, offsets, axis=0)
        return joined

    def _rows(
        self, tokens: NDArray[np.int64], shares: NDArray[np.int64], insertions: Sequence[int]
    ) -> NDArray[np.int64]:
        self._make_room(int(tokens.max()) + 1, len(insertions))
        columns = self._row.shape[1]
        table, codes = self._row.reshape(-1), tokens * columns + shares
        unknown = codes[table.take(codes) < 0]
        if len(unknown):
            fresh = unknown[one_of_each(table, unknown)]
            table[fresh] = np.arange(self._used, self._used + len(fresh))
            self._add(fresh // columns, fresh % columns, insertions)
        rows: NDArray[np.int64] = table.take(codes)
        return rows

    def _make_room(self, tokens: int, shares: int) -> None:
        rows, columns = self._row.shape
        if tokens > rows or shares > columns:
            rows = max(tokens, 2 * rows) - rows if tokens > rows else 0
            self._row = np.pad(
                self._row, ((0, rows), (0, max(0, shares - columns))), constant_values=-1
            )

    def _add(
        self, tokens: NDArray[np.int64], shares: NDArray[np.int64], insertions: Sequence[int]
    ) -> None:
        end = self._used + len(tokens)
        if end > len(self._filters):
            more = max(end, 2 * len(self._filters)) - len(self._filters)
            self._filters = np.pad(self._filters, ((0, more), (0, 0)))
        for share in np.unique(shares).tolist():
            chosen = np.flatnonzero(shares == share)
            step = max(1, BATCH // max(1, insertions[share]))
            for first in range(0, len(chosen), step):
                pick = chosen[first : first + step]
                places = self.hashed.positions(tokens[pick], insertions[share])
                self._filters[self._used + pick] = self._set(places)
        self._used = end

    def _set(self, places: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Set the bits at `places`, shape (insertions, filters)."""
        words = self._filters.shape[1]
        filters = np.zeros(places.shape[1] * words, np.uint64)
        word = self._word.take(places)
        word += np.arange(0, len(filters), words)
        np.bitwise_or.at(filters, word.ravel(), self._mask.take(places).ravel())
        return filters.reshape(-1, words)


@cache
def _words_and_masks(bits: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Give the word that each bit lies in, and the bit within it."""
    place = np.arange(bits)
    # Bit i is bit (7 - i mod 8) of byte i div 8, and words are little-endian.
    return place // WORD, np.uint64(1) << ((place % WORD) ^ 7).astype(np.uint64)
