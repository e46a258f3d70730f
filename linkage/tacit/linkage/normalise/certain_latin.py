"""Which Hangul a Korean name in Latin letters stands for, where that is as good as certain.

Yong is 영 or 용, but Young is hardly ever 용, and Chol is 철 whatever the romanisation, because no
name has 촐. So every reading of a spelling is weighed with how usual it is in names, and the
likeliest is taken where it outweighs all others together.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import exp

from tacit.linkage.normalise.hangul import initial_law
from tacit.linkage.normalise.revised import revised
from tacit.linkage.normalise.romanised import ways
from tacit.linkage.normalise.syllable_reading import Spellings, Way, read, spellings

CERTAIN = 0.9
"""Share of the likeliest reading among all from which on it is taken for certain."""

_KEPT, _READINGS = 6, 12
_LEAST = 3.0  # weight of a syllable that the tables call rare: certainty must not hang on them
_STRICT = 1.5  # rules of spelling count for more than where a word is only to be cut


@lru_cache(maxsize=1)
def _known() -> Spellings[str]:
    return spellings(_ways, _KEPT, _LEAST)


def _ways(hangul: str) -> Iterator[Way[str]]:
    return (Way(way.spelling, hangul, _STRICT * way.seldom) for way in ways(hangul))


@lru_cache(maxsize=65536)
def certain_given(words: tuple[str, ...]) -> str:
    """Give a given name in Revised Romanisation, after the initial-sound law.

    Args:
        words: its words, small letters a to z.

    Returns:
        Nothing where the sound is open.
    """
    shares = {"": 1.0}
    for place, word in enumerate(words):
        heard = _shares(word, first=place == 0)
        shares = {a + b: p * q for a, p in shares.items() for b, q in heard.items()}
    best = max(shares, key=lambda written: shares[written], default="")
    return best if shares.get(best, 0.0) >= CERTAIN else ""


def _shares(word: str, *, first: bool) -> dict[str, float]:
    found: dict[str, float] = {}
    for cost, syllables in read(_known(), word, best=_READINGS, first=first):
        written = "".join(
            revised(initial_law(hangul, first=first and not place))
            for place, hangul in enumerate(syllables)
        )
        found[written] = found.get(written, 0.0) + exp(-cost)
    total = sum(found.values())
    return {written: mass / total for written, mass in found.items()}
