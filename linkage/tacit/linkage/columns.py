"""What a register's columns hold and how much they tell, without labels."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations
from typing import TypeVar

from tacit.linkage.column_groups import Field, Reading, fields
from tacit.linkage.column_kinds import FRACTION, MOST, NORMALISER, has_digit, kind_of, most
from tacit.linkage.column_names import (
    ENTITY_NAMES,
    RECORD_ID_NAMES,
    Kind,
    called_id,
    hint,
    plain,
)
from tacit.linkage.concepts import PLACES, Concept, concept
from tacit.linkage.field_weights import collision_entropy, without_overlap
from tacit.linkage.normalise.dates import year
from tacit.linkage.normalise.korean import KoreanName
from tacit.linkage.normalise.missing import is_missing
from tacit.linkage.normalise.name_readings import read_names
from tacit.linkage.normalise.register_columns import joined, normalise_column
from tacit.linkage.normalise.registry import NORMALISERS
from tacit.linkage.normalise.text import ALTERNATIVE, alternatives, text, tokens


@dataclass(frozen=True, slots=True)
class Column:
    """What one or several columns hold that make a field worth encoding.

    Attributes:
        name: of the first one, as the files have it, white space stripped.
        readings: alternatives of the value, each joined from columns.
        kind: what it holds.
        normaliser: by which it is compared.
        filled: share of all records that have a value.
        load: alternatives of a value, on average.
        entropy: collision entropy of the normalised values in bits, -log2 of the chance that two
            records that have a value have the same one.
        information: `entropy` less what overlapping columns tell too, in bits.
        two_forms: whether the finer form of its normaliser often differs from the coarse one.
        values: normalised values of some records, for the choice of how they are compared.
    """

    name: str
    readings: tuple[Reading, ...]
    kind: Kind
    normaliser: str
    filled: float
    load: float
    entropy: float
    information: float
    two_forms: bool
    values: tuple[str, ...]


ROW_LIKE = 0.98
TWO_FORMS = 0.2
KOREAN = 0.3
SWAPPED = 0.07
"""Share of names in either column that make up for such in the other; James and Thomas, which are
both, come to some .05."""
LOOK_AT = 3000
"""So many rows or values settle a question of shares."""
_T = TypeVar("_T")
Table = Mapping[str, Sequence[str]]


def read_columns(tables: Sequence[Table], ignore: Collection[str] = ()) -> list[Column]:
    """Profile the columns that can help linking, in order of appearance.

    Columns that hold the same are put together (`tacit.linkage.column_groups`); of several tables,
    what at least two have is read. Left out are ignored columns, record identifiers, truth columns,
    and columns with fewer than two values.

    Args:
        tables: per file, column name to raw values, "" where missing.
        ignore: names of columns to leave out, case and punctuation apart.
    """
    usable = _usable(tables, ignore)
    sizes = [max(map(len, table.values()), default=0) for table in tables]
    found: list[Column] = []
    held: dict[str, list[str]] = {}
    for field in fields(usable, partial(_alike, usable), partial(_joins_names, usable)):
        parts = [_joined(reading, usable, sizes) for reading in field.readings]
        column = _profile(field, parts)
        if column is not None:
            found.append(column)
            held[column.name] = [next(filter(None, row), "") for row in zip(*parts, strict=True)]
    return _without_overlap(found, held)


def _usable(tables: Sequence[Table], ignore: Collection[str]) -> list[dict[str, list[str]]]:
    ignored = {plain(name) for name in ignore} | ENTITY_NAMES
    stripped = [
        {
            name.strip(): ["" if is_missing(value) else value.strip() for value in values]
            for name, values in table.items()
            if plain(name) not in ignored
        }
        for table in tables
    ]
    headers = dict.fromkeys(name for table in stripped for name in table)
    identifiers = {
        name
        for name in headers
        if _is_record_id(name, [table[name] for table in stripped if table.get(name)])
    }
    return [
        {name: values for name, values in table.items() if name not in identifiers and any(values)}
        for table in stripped
    ]


def _joined(reading: Reading, tables: Sequence[Table], sizes: Sequence[int]) -> list[str]:
    return [
        value
        for table, size in zip(tables, sizes, strict=True)
        for value in joined(reading, table, size)
    ]


def _alike(tables: Sequence[Table], one: str, other: str) -> bool:
    """Tell whether two columns hold the same kind of value, as near as that can be told."""
    dated = (Kind.DATE, Kind.YEAR)
    kinds = [
        kind_of(name, concept(name), Counter(filter(None, values)))
        for name in (one, other)
        if (values := [value for table in tables for value in table.get(name, ())])
    ]
    return (
        len(set(kinds)) == 1
        or not {Kind.SEX, *dated} & set(kinds)
        or all(k in dated for k in kinds)
    )


def _joins_names(tables: Sequence[Table], readings: Sequence[Reading]) -> bool:
    """Tell whether surname and given name are better read as one name.

    So are Korean names, which are read whole, and those that often stand in each other's column.
    """
    return _are_swapped(tables, readings) or _are_korean(tables, readings)


def _are_swapped(tables: Sequence[Table], readings: Sequence[Reading]) -> bool:
    first, second = Counter[str](), Counter[str]()
    for reading in readings:
        for header, counts in zip(reading, (first, second), strict=False):
            counts.update(text(value) for table in tables for value in table.get(header, ()))
    total = sum(count for counts in (first, second) for name, count in counts.items() if name)
    both = sum(min(count, second[name]) for name, count in first.items() if name)
    return 2 * both >= SWAPPED * max(total, 1)


def _are_korean(tables: Sequence[Table], readings: Sequence[Reading]) -> bool:
    """Tell whether a good share of names in several columns are Korean."""
    sizes = [max(map(len, table.values()), default=0) for table in tables]
    rows = [value for reading in readings for value in _joined(reading, tables, sizes) if value]
    some = _spread(rows)[: LOOK_AT // 3]
    korean = sum(isinstance(next(iter(read_names(value)), ""), KoreanName) for value in some)
    return korean >= KOREAN * max(len(some), 1)


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
    known = hint(name) is not None or concept(name) is not None
    numbers = dict.fromkeys(seen, 1)
    return named_id or (
        not known and most(numbers, has_digit) and not most(numbers, FRACTION.fullmatch)
    )


def _profile(field: Field, parts: Sequence[Sequence[str]]) -> Column | None:
    counts = Counter(value for part in parts for value in part if value)
    if not counts:
        return None
    kind = kind_of(field.name, field.about, counts)
    normaliser = NORMALISER[kind]
    if kind is Kind.CATEGORY and _is_place(field.about):
        normaliser = NORMALISER[Kind.PLACE]
    read = [normalise_column(normaliser, part) for part in parts]
    rows = [alternatives(row) for row in zip(*read, strict=True)] if len(read) > 1 else read[0]
    present = [row.split(ALTERNATIVE) for row in rows if row]
    folded = Counter(row[0] for row in present)
    if len(folded) < 2:  # noqa: PLR2004 (one value tells nobody apart)
        return None
    entropy = collision_entropy(folded)
    return Column(
        name=field.name,
        readings=field.readings,
        kind=kind,
        normaliser=normaliser,
        filled=len(present) / len(rows),
        load=sum(map(len, present)) / len(present),
        entropy=entropy,
        information=entropy,
        two_forms=_two_forms(normaliser, counts),
        values=tuple(_spread([row[0] for row in present])),
    )


def _is_place(about: Concept | None) -> bool:
    return about is not None and about.subject in PLACES


def _two_forms(normaliser: str, counts: Counter[str]) -> bool:
    fine = NORMALISERS.get(f"{normaliser}-fine")
    if fine is None:
        return False
    coarse = NORMALISERS[normaliser]
    some = _spread(list(counts.items()))
    differ = sum(count for value, count in some if coarse(value) != fine(value))
    return differ >= TWO_FORMS * sum(count for _, count in some)


def _spread(items: Sequence[_T]) -> Sequence[_T]:
    """Take at most `LOOK_AT` items, evenly spaced."""
    return items[:: -(-len(items) // LOOK_AT) or 1]


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
