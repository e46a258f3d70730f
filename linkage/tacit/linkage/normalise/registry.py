"""All normalisers by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tacit.linkage.normalise.dates import date, day_parts, month_day, year, year_digits
from tacit.linkage.normalise.names import name, name_fine
from tacit.linkage.normalise.places import place
from tacit.linkage.normalise.text import text
from tacit.linkage.normalise.values import category, code, number, quantity, sex


def none(value: str) -> str:
    """Leave a value as it is."""
    return value


NORMALISERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "none": none,
        "text": text,
        "name": name,
        "name-fine": name_fine,
        "date": date,
        "year": year,
        "year-digits": year_digits,
        "month-day": month_day,
        "day-parts": day_parts,
        "place": place,
        "code": code,
        "number": number,
        "quantity": quantity,
        "category": category,
        "sex": sex,
    }
)
