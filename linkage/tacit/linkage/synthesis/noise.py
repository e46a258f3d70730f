"""What goes wrong on the way from a person to a register: omissions, slips, other spellings."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.normalise.hangul import FINALS, VOWELS, compose, decompose, is_syllable

Level = Literal["clean", "dirty", "very-dirty"]

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Vowels and finals that are mistaken for each other, by ear or by hand.
_VOWEL_SLIPS = {
    "ㅐ": "ㅔ", "ㅔ": "ㅐ", "ㅓ": "ㅗㅕ", "ㅗ": "ㅓㅜ", "ㅜ": "ㅗㅡ", "ㅡ": "ㅜ", "ㅕ": "ㅓㅛ",
    "ㅢ": "ㅣ", "ㅖ": "ㅔ", "ㅏ": "ㅑㅓ", "ㅣ": "ㅢ", "ㅛ": "ㅕ", "ㅠ": "ㅜ", "ㅑ": "ㅏ",
}  # fmt: skip
_FINAL_SLIPS = {"ㄴ": "ㅇㅁ", "ㅇ": "ㄴ", "ㅁ": "ㄴ", "ㄱ": "", "ㄹ": "ㄴ"}


@dataclass(frozen=True, slots=True)
class Noise:
    """How often what goes wrong: shares of records.

    Attributes:
        typo: a slip in a name.
        swapped: given name and surname change places.
        respelled: a name in another romanisation, or another ear's Hangul.
        no_birth: nothing is known of the birth.
        year_only: no more than the year of birth is known.
        january: of these, the share written as 1 January.
        day_off: the day of birth is off by one.
        year_off: the year of birth is off by one or two.
        no_place: no place of birth.
        province_only: no county.
        no_father: no father's name.
        no_sex: no sex.
        wrong_sex: the other one.
        no_event: kind, year or body of what happened is not known (each by itself).
        event_off: the year in which it happened is off by one.
    """

    typo: float
    swapped: float
    respelled: float
    no_birth: float
    year_only: float
    january: float
    day_off: float
    year_off: float
    no_place: float
    province_only: float
    no_father: float
    no_sex: float
    wrong_sex: float
    no_event: float
    event_off: float


NOISE: dict[str, Noise] = {
    "clean": Noise(
        *(0.0, 0.0, 0.0, 0.04, 0.08, 0.0, 0.0, 0.0, 0.04, 0.06, 0.3, 0.01, 0.0, 0.01, 0.0)
    ),
    "dirty": Noise(
        *(0.06, 0.04, 0.12, 0.12, 0.18, 0.3, 0.04, 0.04, 0.15, 0.2, 0.45, 0.03, 0.005, 0.05, 0.06)
    ),
    "very-dirty": Noise(
        *(0.15, 0.08, 0.25, 0.22, 0.3, 0.5, 0.08, 0.1, 0.3, 0.35, 0.65, 0.08, 0.02, 0.12, 0.15)
    ),
}
"""The levels, cleanest first."""


def noise_of(level: str) -> Noise:
    """Look a level up.

    Raises:
        TacitError: USAGE; there is none of this name.
    """
    if level not in NOISE:
        problem = f"There is no noise level '{level}'; there are {', '.join(NOISE)}."
        raise TacitError(Code.USAGE, problem=problem)
    return NOISE[level]


def slip(text: str, rng: Random) -> str:
    """Make one typing error, in Hangul a wrong vowel or final, in Latin letters one keystroke.

    The first letter stays, as it mostly does; so does what has no letter to slip on.
    """
    places = [place for place, char in enumerate(text) if place and char.isalpha()]
    if not places:
        return text
    place = rng.choice(places)
    char = text[place]
    if is_syllable(char):
        return text[:place] + _slip_syllable(char, rng) + text[place + 1 :]
    if char.isascii():
        return _slip_letter(text, place, rng)
    return text[:place] + text[place + 1 :]


def _slip_syllable(char: str, rng: Random) -> str:
    initial, vowel, final = decompose(char)
    finals = _FINAL_SLIPS.get(FINALS[final])
    if finals is not None and rng.random() < 0.5:  # noqa: PLR2004 (an even chance)
        return compose(initial, vowel, FINALS.index(rng.choice((*finals, ""))))
    other = rng.choice(_VOWEL_SLIPS.get(VOWELS[vowel], "ㅗ"))
    return compose(initial, VOWELS.index(other), final)


def _slip_letter(text: str, place: int, rng: Random) -> str:
    how = rng.randrange(4)
    before, char, after = text[:place], text[place], text[place + 1 :]
    if how == 0:
        return before + after
    if how == 1:
        return before + char + char + after
    if how == 2 and after[:1].isalpha():  # noqa: PLR2004 (the third of four ways)
        return before + after[0].lower() + char + after[1:]
    return before + _neighbour(char, rng) + after


def _neighbour(char: str, rng: Random) -> str:
    row = next((keys for keys in _KEYS if char.lower() in keys), "")
    if not row:
        return char
    place = row.index(char.lower())
    return rng.choice(row[max(0, place - 1) : place] + row[place + 1 : place + 2])


def misheard(hangul: str, rng: Random) -> str:
    """Write the last syllable of a given name as another ear heard it."""
    initial, vowel, final = decompose(hangul[-1])
    other = rng.choice(_VOWEL_SLIPS.get(VOWELS[vowel], VOWELS[vowel]))
    return hangul[:-1] + compose(initial, VOWELS.index(other), final)


def near_date(day: date, noise: Noise, rng: Random) -> date:
    """Give a date of birth as it was noted, sometimes off by a day or a year; always a real one."""
    if rng.random() < noise.day_off:
        day += timedelta(days=rng.choice((-1, 1)))
    if rng.random() < noise.year_off:
        # On 29 February there is no other year to be off to.
        years = rng.choice((-2, -1, 1, 2))
        day = day.replace(year=day.year + years, day=min(day.day, 28))
    return day
