"""Korean surnames and name syllables, with weights and with the spellings in use.

The weights are rounded shares put together by hand for recognition; they are no statistics. The
tables are data: data/*.tsv and data/*.txt, whose first lines say what they hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SyllableWeights:
    """How usual a syllable is in given names, by place; 0 where it is not.

    Attributes:
        male_first: as the first syllable of men's names.
        male_later: as a later one.
        female_first: as the first syllable of women's names.
        female_later: as a later one.
    """

    male_first: int
    male_later: int
    female_first: int
    female_later: int


@lru_cache(maxsize=2)
def name_syllables(*, first: bool) -> Mapping[str, int]:
    """Give every syllable that names use, with its weight as first or as later syllable.

    A syllable that is not usual in that place weighs 0.
    """
    return MappingProxyType(
        {
            syllable: weights.male_first + weights.female_first
            if first
            else weights.male_later + weights.female_later
            for syllable, weights in SYLLABLES.items()
        }
    )


def _lines(name: str) -> Iterator[str]:
    text = (files("tacit.linkage") / "normalise" / "data" / name).read_text("utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))


def readings(name: str) -> dict[str, tuple[str, ...]]:
    """Read a table of readings and characters: character to its readings."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines(name):
        reading, characters = line.split("\t")
        for character in characters:
            found[character] = (*found.get(character, ()), reading)
    return found


def _surnames() -> Iterator[tuple[str, tuple[int, tuple[str, ...]]]]:
    for line in _lines("korean_surnames.tsv"):
        hangul, weight, spellings = line.split("\t")
        yield hangul, (int(weight), tuple(spellings.split()))


def _syllables() -> Iterator[tuple[str, SyllableWeights]]:
    for line in _lines("korean_syllables.tsv"):
        syllable, *weights = line.split("\t")
        yield syllable, SyllableWeights(*(int(weight) for weight in weights))


# Surname in Hangul to its weight and its Latin spellings.
SURNAMES: Mapping[str, tuple[int, tuple[str, ...]]] = MappingProxyType(dict(_surnames()))
SYLLABLES: Mapping[str, SyllableWeights] = MappingProxyType(dict(_syllables()))
WESTERN_GIVEN = frozenset(_lines("western_given_names.txt"))
RUSSIAN_GIVEN = frozenset(_lines("russian_given_names.txt"))
SHARED_SURNAMES = frozenset(_lines("shared_surnames.txt"))
