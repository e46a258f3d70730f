"""What a register's columns hold and how much they tell, without labels."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TypeVar

from tacit.linkage.column_names import (
    ENTITY_NAMES,
    RECORD_ID_NAMES,
    Kind,
    called_id,
    hint,
    plain,
)
from tacit.linkage.field_weights import collision_entropy, without_overlap
from tacit.linkage.normalise.dates import year
from tacit.linkage.normalise.registry import NORMALISERS
from tacit.linkage.normalise.text import tokens

NORMALISER: Mapping[Kind, str] = {
    Kind.NAME: "name",
    Kind.DATE: "date",
    Kind.YEAR: "year",
    Kind.PLACE: "place",
    Kind.CODE: "code",
    Kind.NUMBER: "number",
    Kind.SEX: "sex",
    Kind.CATEGORY: "category",
    Kind.TEXT: "text",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column worth encoding.

    Attributes:
        name: as the files have it, white space stripped.
        kind: what it holds.
        filled: share of all records that have a value.
        entropy: collision entropy of the normalised values in bits, -log2 of the chance that two
            records that have a value have the same one.
        information: `entropy` less what overlapping columns tell too, in bits.
        two_forms: whether the finer form of its normaliser often differs from the coarse one.
        partial: of dates, whether many lack month and day.
    """

    name: str
    kind: Kind
    filled: float
    entropy: float
    information: float
    two_forms: bool
    partial: bool


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_DATE = re.compile(
    r"\d{4}[-/. ]\d{1,2}(?:[-/. ]\d{1,2}.*)?|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}|\d{4}\s*년.*"
    r"|(?:1[5-9]|20)\d{2}[01]\d[0-3]\d|1[5-9]\d\d|20\d\d|\d{1,2}[- ]?[A-Za-z]{3,9}[- ,]*\d{4}"
)
MOST = 0.8
"""A share of values that stands for "mostly"; real columns hold some rubbish."""
ROW_LIKE = 0.98
TWO_FORMS = 0.2
PARTIAL = 0.05
FULL_DATE = len("YYYYMMDD")
SEXES = ("m", "f", "")
CATEGORY_VALUES = 12
CATEGORY_REPEATS = 200
LOOK_AT = 3000
"""So many rows or values settle a question of shares."""
_T = TypeVar("_T")


def read_columns(
    tables: Sequence[Mapping[str, Sequence[str]]], ignore: Collection[str] = ()
) -> list[Column]:
    """Profile the columns that can help linking, in order of appearance.

    Of several tables, columns that at least two have are read. Left out are ignored columns,
    record identifiers, truth columns, and columns with fewer than two values.

    Args:
        tables: per file, column name to raw values, "" where missing.
        ignore: names of columns to leave out, case and punctuation apart.
    """
    ignored = {plain(name) for name in ignore} | ENTITY_NAMES
    stripped = [
        {name.strip(): [value.strip() for value in values] for name, values in table.items()}
        for table in tables
    ]
    records = sum(max((len(values) for values in table.values()), default=0) for table in stripped)
    columns: list[Column] = []
    held: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for table in stripped for name in table):
        parts = [table.get(name, []) for table in stripped]
        if sum(name in table for table in stripped) < min(2, len(tables)):
            continue
        if plain(name) in ignored or _is_record_id(name, [part for part in parts if part]):
            continue
        column = _profile(name, [value for part in parts for value in part], records)
        if column is not None:
            columns.append(column)
            held[name] = [
                value
                for table, part in zip(stripped, parts, strict=True)
                for value in part or [""] * max(map(len, table.values()), default=0)
            ]
    return _without_overlap(columns, held)


def _is_record_id(name: str, tables: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column numbers a file's own records."""
    if plain(name) in RECORD_ID_NAMES:
        return True
    present = [[value for value in values if value] for values in tables]
    if not all(
        len(values) > 1 and len(set(values)) >= ROW_LIKE * len(values) for values in present
    ):
        return False
    named_id = called_id(name)
    if len(present) == 1:
        return named_id and hint(name) is None
    seen: set[str] = set()
    for values in present:
        if not seen.isdisjoint(values):
            return False
        seen.update(values)
    return named_id or (hint(name) is None and _most(dict.fromkeys(seen, 1), _has_digit))


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)


def _share(counts: Mapping[str, int], test: Callable[[str], object]) -> float:
    passed = sum(count for value, count in counts.items() if test(value))
    return passed / max(sum(counts.values()), 1)


def _most(counts: Mapping[str, int], test: Callable[[str], object]) -> bool:
    return _share(counts, test) >= MOST


def _is_sex(value: str) -> bool:
    return NORMALISERS[NORMALISER[Kind.SEX]](value) in SEXES


def _is_partial(date: str) -> bool:
    return len(date) < FULL_DATE


def _profile(name: str, values: Sequence[str], records: int) -> Column | None:
    counts = Counter(value for value in values if value)
    if not counts:
        return None
    kind = _kind(name, counts)
    normalise = NORMALISERS[NORMALISER[kind]]
    folded: Counter[str] = Counter()
    for value, count in counts.items():
        folded[normalise(value)] += count
    folded.pop("", None)
    if len(folded) < 2:  # noqa: PLR2004 (one value tells nobody apart)
        return None
    entropy = collision_entropy(folded)
    filled = folded.total() / records
    partial = kind is Kind.DATE and _share(folded, _is_partial) >= PARTIAL
    return Column(name, kind, filled, entropy, entropy, _two_forms(kind, counts), partial)


def _two_forms(kind: Kind, counts: Counter[str]) -> bool:
    coarse = NORMALISERS[NORMALISER[kind]]
    fine = NORMALISERS.get(f"{NORMALISER[kind]}-fine")
    if fine is None:
        return False
    some = _spread(list(counts.items()))
    differ = sum(count for value, count in some if coarse(value) != fine(value))
    return differ >= TWO_FORMS * sum(count for _, count in some)


def _spread(items: Sequence[_T]) -> Sequence[_T]:
    """Take at most `LOOK_AT` items, evenly spaced."""
    return items[:: -(-len(items) // LOOK_AT) or 1]


def _kind(name: str, counts: Counter[str]) -> Kind:
    named = hint(name)
    if named in (Kind.YEAR, Kind.DATE, None):
        dated = _date_kind(counts)
        if dated is Kind.DATE or (dated is not None and named is not None):
            return dated
    if named in (Kind.CODE, Kind.NAME) or (named is Kind.SEX and _most(counts, _is_sex)):
        return named
    if _most(counts, _NUMBER.fullmatch):
        return Kind.NUMBER
    if len(counts) <= max(CATEGORY_VALUES, counts.total() // CATEGORY_REPEATS):
        return Kind.CATEGORY
    if named is Kind.PLACE:
        return named
    return Kind.CODE if _most(counts, _has_digit) else Kind.TEXT


def _date_kind(counts: Mapping[str, int]) -> Kind | None:
    if _most(counts, _YEAR.fullmatch):
        return Kind.YEAR
    return Kind.DATE if _most(counts, _DATE.fullmatch) else None


def _without_overlap(columns: Sequence[Column], held: Mapping[str, Sequence[str]]) -> list[Column]:
    """Share out what two columns both tell."""
    parts = {
        column.name: [_parts(column.kind, value) for value in _spread(held[column.name])]
        for column in columns
    }
    covered = [
        (whole, part)
        for whole, part in permutations(parts, 2)
        if _covers(parts[whole], parts[part])
    ]
    entropies = {column.name: column.entropy for column in columns}
    information = without_overlap(entropies, covered)
    return [replace(column, information=information[column.name]) for column in columns]


def _parts(kind: Kind, value: str) -> frozenset[str]:
    if kind is Kind.DATE:
        return frozenset({year(value)} - {""})
    return frozenset(tokens(value))


def _covers(whole: Sequence[frozenset[str]], part: Sequence[frozenset[str]]) -> bool:
    """Tell whether the words of `part` mostly stand in `whole` too, where both are filled."""
    both = [(w, p) for w, p in zip(whole, part, strict=True) if w and p]
    return bool(both) and sum(p <= w for w, p in both) >= MOST * len(both)
