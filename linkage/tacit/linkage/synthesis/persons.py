"""Invented people and what befell them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from tacit.linkage.synthesis.name_tables import GIVEN, SURNAMES
from tacit.linkage.synthesis.place_tables import PLACE_WEIGHTS, PLACES, Place

LAST_YEAR = 2019
"""Nothing befell anybody after it, so that everything can be documented by 2024."""

_RELATIVES = 0.08
_SHARED_SYLLABLE = 0.5
_ONE_SYLLABLE = 0.03
_FIRST_GENERATION, _SECOND_GENERATION = 1945, 1975

# Kind, weight, men's share, first and last year with their middle twice as likely, bodies.
_EVENTS = """
enforced-disappearance 22 70 1950 2015 mss mss mps unknown
political-prison-camp 16 55 1958 2012 mss mss party
abduction 14 88 1950 1987 reconnaissance reconnaissance kpa unknown
forced-repatriation 13 25 1994 2019 foreign-authority border-guard mss
arbitrary-detention 11 55 1970 2019 mps mss court prosecutors
forced-labour 7 50 1975 2019 mps court
prisoner-of-war 4 100 1950 1954 kpa
public-execution 4 80 1965 2015 mps mss court
execution 3 80 1955 2015 mss kpa
torture 3 60 1975 2019 mss mps
death-in-custody 3 65 1970 2019 mps mss
internal-exile 3 50 1955 2010 party mps
religious-persecution 2 45 1950 2015 mss
trafficking 2 2 1994 2019 unknown
sexual-violence 2 3 1985 2019 mps kpa border-guard
"""


@dataclass(frozen=True, slots=True)
class Person:
    """An invented victim.

    Attributes:
        entity: identifier, known to the truth alone.
        surname: in Hangul, in the spelling of the North.
        given: likewise.
        father: the father's given name; his surname is the same.
        sex: "m" or "f".
        born: date of birth.
        place: of birth.
        kind: code of the kind of violation.
        year: in which it happened or began.
        body: code of the body that did it.
    """

    entity: str
    surname: str
    given: str
    father: str
    sex: str
    born: date
    place: Place
    kind: str
    year: int
    body: str


@dataclass(frozen=True, slots=True)
class _Event:
    kind: str
    men: float
    first: int
    last: int
    bodies: tuple[str, ...]


def _events() -> tuple[tuple[_Event, ...], tuple[int, ...]]:
    events: list[_Event] = []
    weights: list[int] = []
    for line in _EVENTS.strip().splitlines():
        kind, weight, men, first, last, *bodies = line.split()
        events.append(_Event(kind, int(men) / 100, int(first), int(last), tuple(bodies)))
        weights.append(int(weight))
    return tuple(events), tuple(weights)


def people(count: int, rng: Random) -> list[Person]:
    """Invent people; some are relatives of one before them, so that not all are easily told apart.

    Relatives share surname, father and place of birth, what befell them, and often a syllable of
    their names; they were born in different years.

    Args:
        count: how many.
        rng: decides everything.
    """
    width = max(6, len(str(count)))
    surnames = rng.choices(_SURNAMES, cum_weights=_SURNAME_WEIGHTS, k=count)
    places = rng.choices(PLACES, cum_weights=_PLACE_WEIGHTS, k=count)
    events = rng.choices(_KINDS, cum_weights=_KIND_WEIGHTS, k=count)
    found: list[Person] = []
    for number in range(count):
        entity = f"E{number + 1:0{width}}"
        if found and rng.random() < _RELATIVES:
            kin = found[rng.randrange(max(0, number - 50), number)]
            found.append(_relative(kin, entity, rng))
        else:
            found.append(_person(entity, surnames[number], places[number], events[number], rng))
    return found


def given_name(sex: str, year: int, rng: Random) -> str:
    """Invent the given name of somebody born in a year."""
    generation = 0 if year < _FIRST_GENERATION else 1 if year < _SECOND_GENERATION else 2
    first, second = _TABLES[sex, generation]
    one = rng.choices(first[0], cum_weights=first[1])[0]
    if rng.random() < _ONE_SYLLABLE:
        return one
    two = rng.choices(second[0], cum_weights=second[1])[0]
    return one + (two if two != one else rng.choice(second[0]))


def _person(entity: str, surname: str, place: Place, event: _Event, rng: Random) -> Person:
    sex = "m" if rng.random() < event.men else "f"
    year = round(rng.triangular(event.first, event.last))
    born = _birth(year - round(rng.triangular(3, 75, 30)), rng)
    return Person(
        entity=entity,
        surname=surname,
        given=given_name(sex, born.year, rng),
        father=given_name("m", born.year - 28, rng),
        sex=sex,
        born=born,
        place=place,
        kind=event.kind,
        year=year,
        body=rng.choice(event.bodies),
    )


def _relative(kin: Person, entity: str, rng: Random) -> Person:
    sex = rng.choice("mf")
    years = rng.choice((-7, -5, -4, -3, -2, 2, 3, 4, 5, 7))
    born = _birth(min(kin.born.year + years, kin.year - 1), rng)
    given = given_name(sex, born.year, rng)
    if len(given) == len(kin.given) > 1 and rng.random() < _SHARED_SYLLABLE:
        given = kin.given[0] + given[1]
    if given == kin.given:
        given = given[::-1]
    return Person(
        entity=entity,
        surname=kin.surname,
        given=given,
        father=kin.father,
        sex=sex,
        born=born,
        place=kin.place,
        kind=kin.kind,
        year=kin.year,
        body=kin.body,
    )


def _birth(year: int, rng: Random) -> date:
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))


def _cumulated(weights: Sequence[float]) -> list[float]:
    return list(accumulate(weights))


_SURNAMES = tuple(SURNAMES)
_SURNAME_WEIGHTS = _cumulated([weight for weight, _ in SURNAMES.values()])
_PLACE_WEIGHTS = _cumulated(PLACE_WEIGHTS)
_KINDS, _WEIGHTS_OF_KINDS = _events()
_KIND_WEIGHTS = _cumulated(_WEIGHTS_OF_KINDS)
_TABLES = {
    key: tuple((names, _cumulated(weights)) for names, weights in tables)
    for key, tables in GIVEN.items()
}
