"""Which columns of several files make one field, though the files name them differently.

Columns are put together by what their names are about (`tacit.linkage.concepts`) as long as no file
then has two of them in one field; only the names of a person, in several scripts or as aliases,
are alternatives. What no name tells is matched by the values that two files share.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from tacit.linkage.concepts import BIRTH, DEATH, NAME, PLACES, Concept, Part, concept
from tacit.linkage.normalise.text import text
from tacit.linkage.schema_extension import MAXIMUM_SOURCES

Reading = tuple[str, ...]
Table = Mapping[str, Sequence[str]]
Alike = Callable[[str, str], bool]

DATE_PARTS = (Part.YEAR, Part.MONTH, Part.DAY)
NAME_PARTS = (Part.FAMILY, Part.GIVEN, Part.MIDDLE)
# Words that mean the family's name where a column of given names stands beside them, and the given
# name where a column of family names does.
FAMILY_BESIDE_GIVEN = frozenset({"name", "nom", "naam", "namn", "navn", "姓名"})
SHARED = 0.3
"""Share of values that columns of two files have in common if they make one field."""
SEVERAL = 20
LOOK_AT = 3000


@dataclass(frozen=True, slots=True)
class Field:
    """Columns that hold the same thing.

    Attributes:
        readings: alternatives of the value; each is joined from columns.
        files: positions of the files that have it.
        about: what it is about, if that is known.
    """

    readings: tuple[Reading, ...]
    files: frozenset[int]
    about: Concept | None = None

    @property
    def name(self) -> str:
        """The name of its first column."""
        return self.readings[0][0]

    @property
    def headers(self) -> frozenset[str]:
        """All its columns."""
        return frozenset(header for reading in self.readings for header in reading)


def fields(
    tables: Sequence[Table], alike: Alike, joins_names: Callable[[Sequence[Reading]], bool]
) -> list[Field]:
    """Put columns together.

    Args:
        tables: per file, the usable columns by name.
        alike: tells whether two columns, by name, hold the same kind of value.
        joins_names: tells of surnames and given names, which no file has in one column, whether
            they should be one field.

    Returns:
        Fields that at least two files have, or that the only file has, in order of appearance.
    """
    headers = list(dict.fromkeys(header for table in tables for header in table))
    about = [_concepts(table) for table in tables]
    made = _names(about, joins_names)
    for subject in (BIRTH, DEATH):
        made += _merged(_dates(about, subject), alike)
    taken = {header for field in made for header in field.headers}
    groups: dict[Concept | str, list[Field]] = {}
    for header in headers:
        if header in taken:
            continue
        files = frozenset(n for n, table in enumerate(tables) if header in table)
        found = about[min(files)].get(header)
        groups.setdefault(found or header, []).append(Field(((header,),), files, found))
    for group in groups.values():
        made += _merged(group, alike)
    least = min(2, len(tables))
    kept = [field for field in made if len(field.files) >= least]
    lone = [field for field in made if len(field.files) < least]
    kept += _by_values(tables, lone, alike)
    return sorted(kept, key=lambda field: min(map(headers.index, field.headers)))


def _concepts(table: Table) -> dict[str, Concept]:
    """Say what a file's columns are about, each in the light of the others."""
    found = {header: about for header in table if (about := concept(header)) is not None}
    for header, about in list(found.items()):
        parts = {other.part for other in found.values() if other.subject == about.subject}
        if about.subject == NAME:
            found[header] = Concept(NAME, _name_part(header, about.part, parts))
        elif about.part is Part.DAY and not parts & {Part.MONTH, Part.WHOLE}:
            found[header] = Concept(about.subject)  # "birth day" for the whole date
    return found


def _name_part(header: str, part: Part, parts: set[Part]) -> Part:
    """Read what is one part of a name beside the other, and the whole name alone."""
    if part is Part.WHOLE and Part.GIVEN in parts and Part.FAMILY not in parts:
        return Part.FAMILY if text(header) in FAMILY_BESIDE_GIVEN else part
    if part is Part.WHOLE and Part.FAMILY in parts and Part.GIVEN not in parts:
        return part if " " in text(header) else Part.GIVEN
    if part is Part.GIVEN and not parts & {Part.FAMILY, Part.WHOLE}:
        return Part.WHOLE
    return part


def _of(about: Mapping[str, Concept], subject: str, *parts: Part) -> list[str]:
    """List a file's columns about parts of a subject, in the order of the parts."""
    return [header for part in parts for header, c in about.items() if c == Concept(subject, part)]


def _names(
    about: Sequence[Mapping[str, Concept]], joins_names: Callable[[Sequence[Reading]], bool]
) -> list[Field]:
    """Make the field of a person's names, in whatever columns the files have them."""
    whole = [_of(columns, NAME, Part.WHOLE) for columns in about]
    alias = [_of(columns, NAME, Part.ALIAS) for columns in about]
    parts = [tuple(_of(columns, NAME, *NAME_PARTS)) for columns in about]
    joined = list(
        dict.fromkeys(own for own, full in zip(parts, whole, strict=True) if own and not full)
    )
    single: list[Reading] = [
        (header,) for header in dict.fromkeys(header for own in (*whole, *alias) for header in own)
    ]
    if not single and not (joined and joins_names(joined)):
        return []
    readings = _few(dict.fromkeys((*single, *joined)))
    files = frozenset(n for n in range(len(about)) if whole[n] or alias[n] or (joined and parts[n]))
    return [Field(readings, files, Concept(NAME))]


def _few(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Keep as many readings as a schema may have sources."""
    kept: list[Reading] = []
    for reading in readings:
        if sum(map(len, kept)) + len(reading) <= MAXIMUM_SOURCES:
            kept.append(reading)
    return tuple(kept)


def _dates(about: Sequence[Mapping[str, Concept]], subject: str) -> list[Field]:
    """List the dates of birth or death, in one column or in three."""
    found: dict[Reading, set[int]] = {}
    for number, columns in enumerate(about):
        readings: list[Reading] = [(header,) for header in _of(columns, subject, Part.WHOLE)]
        years = _of(columns, subject, Part.YEAR)
        if not readings and years:
            rest = (_of(columns, subject, part)[:1] for part in DATE_PARTS[1:])
            readings = [(years[0], *(header for part in rest for header in part))]
        for reading in readings:
            found.setdefault(reading, set()).add(number)
    return [Field((own,), frozenset(files), Concept(subject)) for own, files in found.items()]


def _merged(group: Iterable[Field], alike: Alike) -> list[Field]:
    """Put fields of one concept together that no file has both of."""
    made: list[Field] = []
    for field in group:
        place = next(
            (
                n
                for n, other in enumerate(made)
                if not other.files & field.files and alike(other.name, field.name)
            ),
            None,
        )
        if place is None:
            made.append(field)
        else:
            other = made[place]
            made[place] = replace(
                other,
                readings=_few(dict.fromkeys((*other.readings, *field.readings))),
                files=other.files | field.files,
            )
    return made


def _by_values(tables: Sequence[Table], lone: Sequence[Field], alike: Alike) -> list[Field]:
    """Put columns of different files together that share many values, the most alike first."""
    values = {}
    for field in lone:
        if len(field.readings) == 1 and len(field.readings[0]) == 1:
            column = tables[min(field.files)][field.name]
            values[field] = {text(value) for value in column[:LOOK_AT]} - {""}
    shares = sorted(
        (
            (-_overlap(values[one], values[other]), n, one, other)
            for n, (one, other) in enumerate(combinations(values, 2))
            if not one.files & other.files
            and _may_be_one(one, other)
            and alike(one.name, other.name)
        ),
        key=lambda item: item[:2],
    )
    place = {field: field for field in values}
    for share, _, one, other in shares:
        left, right = place[one], place[other]
        if -share < SHARED or left.files & right.files:
            continue
        both = replace(
            left, readings=left.readings + right.readings, files=left.files | right.files
        )
        place = {field: both if own in (left, right) else own for field, own in place.items()}
    return [field for field in dict.fromkeys(place.values()) if len(field.files) > 1]


def _may_be_one(one: Field, other: Field) -> bool:
    if one.about is None or other.about is None:
        return True
    return {one.about.subject, other.about.subject} <= PLACES


def _overlap(one: set[str], other: set[str]) -> float:
    """Give the share of values that two columns share, of the one with fewer; 0 of too few."""
    few, many = sorted((one, other), key=len)
    if len(few) < SEVERAL:
        return float(len(few) > 1 and few == many)
    return len(few & many) / len(few) if len(many) <= SEVERAL * len(few) else 0.0
