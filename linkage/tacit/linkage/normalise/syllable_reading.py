"""Words read as syllables of Korean names, in whatever letters they are written.

A script's `Spellings` say how each syllable is written. A word is cut into syllables so that the
cut is as likely as can be, with the frequencies of syllables in Korean names.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Generic, TypeVar

from tacit.linkage.normalise.korean_tables import name_syllables
from tacit.linkage.normalise.skeleton import Syllable

Part = TypeVar("Part", bound=Syllable | str)
Reading = tuple[float, tuple[Syllable, ...]]

RARE = 0.2  # weight of a syllable of names that no weight is known for


@dataclass(frozen=True, slots=True)
class Spellings(Generic[Part]):
    """How syllables are spelt.

    Attributes:
        first: spelling to what it may be as first syllable of a given name, the likeliest first.
        later: likewise as a later syllable.
        longest: letters of the longest spelling.
    """

    first: Mapping[str, tuple[tuple[float, Part], ...]]
    later: Mapping[str, tuple[tuple[float, Part], ...]]
    longest: int


@dataclass(frozen=True, slots=True)
class Way(Generic[Part]):
    """One way to write one syllable.

    Attributes:
        spelling: the letters.
        part: what is wanted of the syllable where it is written so.
        seldom: -log of how rarely it is written so.
    """

    spelling: str
    part: Part
    seldom: float


def spellings(
    ways: Callable[[str], Iterable[Way[Part]]], most: int = 1, rare: float = RARE
) -> Spellings[Part]:
    """Work out how the syllables of Korean names are spelt.

    Args:
        ways: gives the ways to write one Hangul syllable.
        most: how many readings of one spelling are kept.
        rare: least weight of a syllable that names use in any place.
    """
    written = {hangul: tuple(ways(hangul)) for hangul in name_syllables(first=True)}
    first, later = (
        _weighed(written, name_syllables(first=first), most, rare) for first in (True, False)
    )
    return Spellings(first, later, max(map(len, first)))


def _weighed(
    written: Mapping[str, tuple[Way[Part], ...]], weights: Mapping[str, int], most: int, rare: float
) -> dict[str, tuple[tuple[float, Part], ...]]:
    """Give every spelling with its costs.

    The cost is -log of the share of first, or of later, syllables of given names that are spelt
    and read so.
    """
    used = {
        hangul for first in (True, False) for hangul, w in name_syllables(first=first).items() if w
    }
    shares = {
        hangul: max(weight, rare if hangul in used else RARE) for hangul, weight in weights.items()
    }
    total = sum(shares.values())
    found: dict[str, dict[Part, float]] = {}
    for hangul, ways in written.items():
        for way in ways:
            masses = found.setdefault(way.spelling, {})
            mass = shares[hangul] * exp(-way.seldom)
            masses[way.part] = masses.get(way.part, 0.0) + mass
    return {
        spelling: tuple(sorted((-log(mass / total), part) for part, mass in masses.items())[:most])
        for spelling, masses in found.items()
    }


def read(
    known: Spellings[Part], word: str, most: int = 3, best: int = 1, *, first: bool = True
) -> tuple[tuple[float, tuple[Part, ...]], ...]:
    """Read one word as one to `most` syllables.

    Args:
        known: spellings of the word's script.
        word: the word.
        most: how many syllables it may have.
        best: how many readings are wanted.
        first: whether it begins the given name.

    Returns:
        The likeliest readings, each its cost, -log of the reading's probability, and the
        syllables; none where the word cannot be read so.
    """
    if len(word) > known.longest * most:
        return ()
    ways: list[dict[int, list[tuple[float, tuple[Part, ...]]]]] = [{} for _ in range(len(word) + 1)]
    ways[0][0] = [(0.0, ())]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - known.longest), end):
            for count, before in ways[start].items():
                table = known.first if first and not count else known.later
                parts = table.get(word[start:end], ()) if count < most else ()
                if parts:
                    longer = _longer(before, parts)
                    kept = ways[end].get(count + 1, []) + longer
                    ways[end][count + 1] = sorted(kept)[:best]
    whole = [reading for readings in ways[-1].values() for reading in readings]
    return tuple(sorted(whole)[:best])


def _longer(
    before: list[tuple[float, tuple[Part, ...]]], parts: tuple[tuple[float, Part], ...]
) -> list[tuple[float, tuple[Part, ...]]]:
    return [(one[0] + part[0], (*one[1], part[1])) for one in before for part in parts]
