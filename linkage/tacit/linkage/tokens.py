"""Split texts into tokens and number the distinct ones, a whole chunk at a time.

The tokens and their order are those of clkhash's comparisons. n-grams, which make up nearly all
tokens, are numbered from code points with numpy; a token's text is made once, when it is new.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.clkhash_import import comparators

Numbers = NDArray[np.int64]

LARGEST_TABLE = 1 << 22  # entries of 4 bytes


class UnreadableTextError(Exception):
    """A text has no tokens under the comparison, such as a word where numbers are compared.

    Attributes:
        index: position of the text in the sequence that was split.
    """

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Tokeniser(Protocol):
    """Splits texts; `names[i]` is the text of token number i."""

    names: list[str]

    def split(self, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Give the numbers of all tokens, text after text, and how many belong to each text.

        Raises:
            UnreadableTextError: a text has no tokens under the comparison.
        """
        ...


class PlainTokeniser:
    """Any comparison of clkhash's, text by text."""

    def __init__(self, comparator: Any) -> None:
        self.names: list[str] = []
        self._comparator = comparator
        self._numbers: dict[str, int] = {}

    def split(self, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Give the numbers of all tokens and how many belong to each text."""
        tokens: list[int] = []
        counts = np.zeros(len(texts), np.int64)
        for index, text in enumerate(texts):
            own = self._tokenise(text)
            if own is None:
                raise UnreadableTextError(index)
            tokens += [self._numbers.setdefault(token, len(self._numbers)) for token in own]
            counts[index] = len(own)
        self.names += list(self._numbers)[len(self.names) :]
        return np.array(tokens, np.int64), counts

    def _tokenise(self, text: str) -> list[str] | None:
        try:
            return list(self._comparator.tokenize(text))
        except (ValueError, OverflowError):
            return None


class GramTokeniser:
    """n-grams, positional or not; texts are padded with n - 1 spaces on either side."""

    def __init__(self, n: int, *, positional: bool) -> None:
        self.names: list[str] = []
        self._n = n
        self._positional = positional
        self._symbols = PairNumbering()
        self._levels = [PairNumbering() for _ in range(n - 1 + int(positional))]

    def split(self, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Give the numbers of all tokens and how many belong to each text."""
        n, padding = self._n, " " * (self._n - 1)
        # Between two texts stand 2 (n - 1) spaces, so that a window over both is all spaces.
        joined = padding + (2 * padding).join(texts) + padding
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        counts = np.where(lengths > 0, lengths + n - 1, 0)
        ends = np.cumsum(counts)
        if not len(texts) or not ends[-1]:
            return np.zeros(0, np.int64), counts
        widths = lengths + 2 * (n - 1)
        starts = np.cumsum(widths) - widths
        places = np.repeat(starts - ends + counts, counts) + np.arange(ends[-1])
        grams, fresh = self._grams(joined)
        if not self._positional:
            self.names += [joined[place : place + n] for place in fresh.tolist()]
            return grams.take(places), counts
        positions = places - np.repeat(starts, counts)
        tokens, fresh = self._levels[-1].number(grams.take(places), positions)
        self.names += [
            f"{position + 1} {joined[place : place + n]}"
            for place, position in zip(
                places[fresh].tolist(), positions[fresh].tolist(), strict=True
            )
        ]
        return tokens, counts

    def _grams(self, joined: str) -> tuple[Numbers, NDArray[np.intp]]:
        """Number the gram that starts at each place, and say where new ones stand."""
        points = np.frombuffer(joined.encode("utf-32-le"), "<u4").astype(np.int64)
        symbols, fresh = self._symbols.number(np.zeros_like(points), points)
        grams = symbols
        for step, level in enumerate(self._levels[: self._n - 1], start=1):
            grams, fresh = level.number(grams[:-1], symbols[step:])
        return grams, fresh


class PairNumbering:
    """Numbers pairs of integers from 0 to 2^31 - 1 as they are first seen.

    A table answers while it is small, as it is unless a register mixes very many characters;
    from then on, binary search does.
    """

    def __init__(self) -> None:
        self._codes = np.zeros(0, np.int64)
        self._table: NDArray[np.int32] | None = np.zeros((0, 0), np.int32)
        self._order = np.zeros(0, np.int64)

    def number(self, first: Numbers, second: Numbers) -> tuple[Numbers, NDArray[np.intp]]:
        """Give each pair's number, and where the new ones stand, in the order of their numbers.

        Args:
            first: not empty.
            second: as long as `first`.
        """
        self._make_room(int(first.max()) + 1, int(second.max()) + 1)
        numbers = self._find(first, second)
        unknown = np.flatnonzero(numbers < 0)
        if not len(unknown):
            return numbers, unknown
        fresh = unknown[self._add(first[unknown], second[unknown])]
        return self._find(first, second), fresh

    def _find(self, first: Numbers, second: Numbers) -> Numbers:
        """Give each pair's number, -1 where it has none."""
        if self._table is not None:
            codes = first * self._table.shape[1] + second
            found: Numbers = self._table.reshape(-1).take(codes).astype(np.int64)
            return found
        if not len(self._codes):
            return np.full(len(first), -1, np.int64)
        codes = first << 32 | second
        at = np.searchsorted(self._codes, codes, sorter=self._order)
        numbers = self._order[np.minimum(at, len(self._codes) - 1)]
        return np.where(self._codes[numbers] == codes, numbers, -1)

    def _add(self, first: Numbers, second: Numbers) -> NDArray[np.intp]:
        """Number new pairs; give one place of each, in the order of their numbers."""
        codes = first << 32 | second
        if self._table is None:
            places: NDArray[np.intp] = np.unique(codes, return_index=True)[1]
        else:
            places = one_of_each(self._table.reshape(-1), first * self._table.shape[1] + second)
            start = len(self._codes)
            self._table[first[places], second[places]] = range(start, start + len(places))
        self._codes = np.concatenate([self._codes, codes[places]])
        if self._table is None:
            self._order = np.argsort(self._codes)
        return places

    def _make_room(self, rows: int, columns: int) -> None:
        if self._table is None:
            return
        shape = self._table.shape
        if rows <= shape[0] and columns <= shape[1]:
            return
        # Twice the room where more is needed, so that growing costs little in sum.
        wanted = (max(2 * rows, shape[0]), max(2 * columns, shape[1]))
        if rows <= shape[0]:
            wanted = (shape[0], wanted[1])
        if columns <= shape[1]:
            wanted = (wanted[0], shape[1])
        if wanted[0] * wanted[1] > LARGEST_TABLE:
            self._table, self._order = None, np.argsort(self._codes)
            return
        table = np.full(wanted, -1, np.int32)
        table[: shape[0], : shape[1]] = self._table
        self._table = table


def one_of_each(table: NDArray[np.integer[Any]], codes: Numbers) -> NDArray[np.intp]:
    """Give one place of each distinct code without sorting.

    Args:
        table: one entry for every possible code; those of `codes` are overwritten.
        codes: fewer than the table's type can count.
    """
    places = np.arange(len(codes))
    table[codes] = places  # of equal codes the last one stays
    last: NDArray[np.intp] = places[table.take(codes) == places]
    return last


def tokeniser(comparator: Any) -> Tokeniser:
    """Make the tokeniser for one of clkhash's comparisons."""
    if isinstance(comparator, comparators.NgramComparison):
        return GramTokeniser(comparator.n, positional=bool(comparator.positional))
    return PlainTokeniser(comparator)
