"""What kind of value a column holds, from its name and its values."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

from tacit.linkage.column_names import Kind, hint
from tacit.linkage.concepts import BIRTH, DEATH, Concept
from tacit.linkage.normalise.dates import month_day, year_digits
from tacit.linkage.normalise.registry import NORMALISERS

NORMALISER: Mapping[Kind, str] = {
    Kind.NAME: "name",
    Kind.DATE: "date",
    Kind.YEAR: "year",
    Kind.PLACE: "place",
    Kind.CODE: "code",
    Kind.NUMBER: "number",
    Kind.QUANTITY: "quantity",
    Kind.SEX: "sex",
    Kind.CATEGORY: "category",
    Kind.TEXT: "text",
}
MOST = 0.8
"""A share of values that stands for "mostly"; real columns hold some rubbish."""
SOME = 0.2
MONTHS = 0.01
CATEGORY_VALUES = 12
CATEGORY_REPEATS = 200
SEXES = ("m", "f", "")
_SUBJECTS: Mapping[str, Kind] = {
    "name": Kind.NAME,
    "father name": Kind.NAME,
    "mother name": Kind.NAME,
    "spouse name": Kind.NAME,
    "next of kin name": Kind.NAME,
    BIRTH: Kind.DATE,
    DEATH: Kind.DATE,
    "birth place": Kind.PLACE,
    "residence": Kind.PLACE,
    "place": Kind.PLACE,
    "region": Kind.PLACE,
    "county": Kind.PLACE,
    "country": Kind.PLACE,
    "address": Kind.PLACE,
    "nationality": Kind.PLACE,
    "sex": Kind.SEX,
    "postcode": Kind.CODE,
    "phone": Kind.CODE,
    "email": Kind.CODE,
    "passport": Kind.CODE,
    "age": Kind.QUANTITY,
    "height": Kind.QUANTITY,
    "weight": Kind.QUANTITY,
}
_QUANTITY = re.compile(r"income|salary|wage|\bbmi\b|score|amount|price|소득|급여|점수|금액")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
FRACTION = re.compile(r"[+-]?\d+[.,]\d+")
_YEARS = r"(?:1[5-9]|20)\d\d"
_YEAR = re.compile(_YEARS)
_DATE = re.compile(
    rf"{_YEARS}[-/. ]\d{{1,2}}(?:[-/. ]\d{{1,2}}.*)?|\d{{1,2}}[-/. ]\d{{1,2}}[-/. ]{_YEARS}"
    rf"|{_YEARS}\s*[년年].*|{_YEARS}[01]\d[0-3]\d|{_YEARS}|\d{{1,2}}[- ]?[A-Za-z]{{3,9}}[- ,]*{_YEARS}"
)


def share(counts: Mapping[str, int], test: Callable[[str], object]) -> float:
    """Give the share of records whose value passes a test."""
    passed = sum(count for value, count in counts.items() if test(value))
    return passed / max(sum(counts.values()), 1)


def most(counts: Mapping[str, int], test: Callable[[str], object]) -> bool:
    """Tell whether most values pass a test."""
    return share(counts, test) >= MOST


def has_digit(value: str) -> bool:
    """Tell whether there is a digit."""
    return any(char.isdigit() for char in value)


def kind_of(name: str, about: Concept | None, counts: Counter[str]) -> Kind:
    """Say what kind of value a column holds.

    Args:
        name: of the column.
        about: what it is about, if that is known.
        counts: records by raw value, missing ones left out.
    """
    named = (_SUBJECTS.get(about.subject) if about else None) or hint(name)
    if named in (Kind.YEAR, Kind.DATE, None):
        dated = _date_kind(counts, expected=named is not None)
        if dated is Kind.DATE or (dated is not None and named is not None):
            return dated
    if named in (Kind.CODE, Kind.NAME) or (named is Kind.SEX and most(counts, _is_sex)):
        return named
    if _is_quantity(name, named, counts):
        return Kind.QUANTITY
    return _plain_kind(named, counts)


def _plain_kind(named: Kind | None, counts: Counter[str]) -> Kind:
    if most(counts, _NUMBER.fullmatch):
        return Kind.NUMBER
    if len(counts) <= max(CATEGORY_VALUES, counts.total() // CATEGORY_REPEATS):
        return Kind.CATEGORY
    if named is Kind.PLACE:
        return named
    return Kind.CODE if most(counts, has_digit) else Kind.TEXT


def _is_sex(value: str) -> bool:
    return NORMALISERS[NORMALISER[Kind.SEX]](value) in SEXES


def _is_quantity(name: str, named: Kind | None, counts: Counter[str]) -> bool:
    """Tell whether near values are likely one: what varies, by name or by fractions."""
    quantity = NORMALISERS[NORMALISER[Kind.QUANTITY]]
    if len(counts) <= CATEGORY_VALUES or not most(counts, quantity):
        return False
    if named is Kind.QUANTITY or _QUANTITY.search(name.casefold()):
        return True
    return (
        named is None
        and most(counts, _NUMBER.fullmatch)
        and share(counts, FRACTION.fullmatch) >= SOME
    )


def _date_kind(counts: Counter[str], *, expected: bool) -> Kind | None:
    if most(counts, _YEAR.fullmatch):
        return Kind.YEAR
    if not most(counts, year_digits if expected else _DATE.fullmatch):
        return None
    return Kind.DATE if share(counts, month_day) >= MONTHS else Kind.YEAR
