"""Names, dates and places as one style writes them."""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random

from tacit.linkage.codes import UNKNOWN, label
from tacit.linkage.normalise.hangul import initial_law
from tacit.linkage.synthesis.place_tables import Place
from tacit.linkage.synthesis.romanise import romanise, surname, syllables
from tacit.linkage.synthesis.styles import Style

_MONTHS = "January February March April May June July August September October November December"

DATES: Mapping[str, Callable[[date], str]] = {
    "iso": date.isoformat,
    "slashes": lambda day: f"{day.year}/{day.month:02}/{day.day:02}",
    "words": lambda day: f"{day.day} {_MONTHS.split()[day.month - 1]} {day.year}",
    "hangul": lambda day: f"{day.year}년 {day.month}월 {day.day}일",
    "dots": lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    "dots_year_first": lambda day: f"{day.year}.{day.month}.{day.day}",
    "compact": lambda day: f"{day.year}{day.month:02}{day.day:02}",
}
"""The ways of writing a date, by name."""

_SUFFIXES = ("특별시", "광역시", "구역", "시", "군", "구")


def write_name(family: str, given: str, style: Style, rng: Random, *, swapped: bool = False) -> str:
    """Write a name in a style's script and layout.

    Args:
        family: the surname, in the North's Hangul.
        given: the given name, likewise.
        style: whose habits.
        rng: chooses among the spellings of passports.
        swapped: with the two parts in each other's place.
    """
    if style.script in {"south", "north"}:
        if style.script == "south":
            family, given = southern(family), southern(given)
        if swapped:
            return f"{given} {family}"
        return style.layout.format(surname=family, given=given)
    written = surname(family, style.script, rng)
    parts = syllables(given, style.script, rng)
    if swapped:
        given_first = style.layout.startswith("{Given")
        joined = "-".join(parts).capitalize()
        return f"{written} {joined}" if given_first else f"{joined} {written}"
    return style.layout.format_map(
        {
            "surname": written,
            "SURNAME": written.upper(),
            "Given-name": "-".join(parts).capitalize(),
            "Givenname": "".join(parts).capitalize(),
            "Given Name": " ".join(part.capitalize() for part in parts),
        }
    )


def southern(word: str) -> str:
    """Write a word as the South does, by the initial-sound law."""
    return initial_law(word[0], first=True) + word[1:] if word else word


def write_place(place: Place, style: Style, rng: Random, *, province_only: bool = False) -> str:
    """Write a place of birth, with its county unless only the province is known."""
    if style.script == "north":
        return place.short if province_only else f"{place.short} {_bare(place.county)}"
    if style.language == "ko":
        return place.province if province_only else f"{place.province} {place.county}"
    if province_only:
        return place.english
    county = romanise(_bare(place.county), style.script, rng).capitalize()
    return f"{county}, {place.english}"


def write_code(dimension: str, code: str, style: Style, *, short: bool = False) -> str:
    """Write a code of the field's lists: its label in the style's language, or the code itself."""
    if code == UNKNOWN:
        return ""
    return code.upper() if short and style.codes else label(dimension, code, style.language)


def _bare(county: str) -> str:
    for suffix in _SUFFIXES:
        # What would leave one syllable keeps its suffix: 중구.
        if county.endswith(suffix) and len(county) > len(suffix) + 1:
            return county.removesuffix(suffix)
    return county
