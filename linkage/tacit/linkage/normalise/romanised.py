"""Korean syllables read from Latin letters, whatever the romanisation.

A word is cut into syllables that occur in Korean names so that the cut is as likely as can be:
Yonghui is 영희 and not 용의, Sunyoung 선영 and not 수녕. Revised Romanisation, McCune-Reischauer
(its breves folded away), the DPRK's spelling and the usual spellings of passports are all read by
the same table, because few names keep to one of them.
"""

import re
from functools import lru_cache
from itertools import product
from math import inf, log

from tacit.linkage.normalise.korean_tables import SURNAMES, name_syllables
from tacit.linkage.normalise.skeleton import Syllable, sounds, syllable

Reading = tuple[float, tuple[Syllable, ...]]

_ONSET_SPELLINGS = {
    "": "",
    "k": "k g kk gg kh",
    "n": "n",
    "t": "t d tt dd th",
    "l": "r l rh",
    "m": "m",
    "p": "p b pp bb ph",
    "s": "s ss sh",
    "c": "j ch jj tch jh dj",
    "h": "h",
}
_NUCLEUS_SPELLINGS = {
    "a": "a ah",
    "e": "ae e ai ay eh oe oi we wae wei ea",
    "ya": "ya yah",
    "ye": "ye yae yeh",
    "o": "eo o u oo oh uh eu ou wu woo",
    "yo": "yeo yo you yu yoo yeu yuh yoh",
    "wa": "wa oa wah",
    "wo": "wo weo",
    "wi": "wi wee",
    "i": "i ee ui eui yi ie ih",
}
# Spelled so only where no consonant goes before.
_ONLY_INITIAL = frozenset({"wu", "woo", "yi"})
_CODA_SPELLINGS = {
    "": "",
    "k": "k g ck",
    "n": "n nn",
    "t": "t d",
    "l": "l ll",
    "m": "m",
    "p": "p b",
    "ng": "ng",
}
_LONGEST = 9
# McCune-Reischauer writes a final ㄹ before h as r: Ch'ŏrhwan for 철환.
_FINAL_R = re.compile(r"(?<=[aeiou])r(?=h)")
_RARE = 0.2  # weight of a syllable of names that no weight is known for


@lru_cache(maxsize=1)
def _spellings() -> dict[str, tuple[float, Syllable]]:
    """Every spelling of every syllable of names, with its cost, -log of its share."""
    shares: dict[Syllable, float] = {}
    for hangul, weight in name_syllables().items():
        heard = sounds(hangul)
        share = weight if weight > 1 else _RARE
        shares[heard] = shares.get(heard, 0.0) + share
        if heard.onset == "l":  # McCune-Reischauer writes what is heard: Myŏngnok for 명록
            nasal = heard._replace(onset="n")
            shares[nasal] = shares.get(nasal, 0.0) + share * _RARE
    total = sum(shares.values())
    found: dict[str, tuple[float, Syllable]] = {}
    for heard, share in sorted(shares.items()):
        for written in _written(heard):
            reading = (-log(share / total), heard)
            found[written] = min(found.get(written, reading), reading)
    return found


def _written(heard: Syllable) -> list[str]:
    onset, nucleus, coda = heard
    # ye is e after a consonant, and then is still written ye.
    vowels = [nucleus, "ye"] if onset and nucleus == "e" else [nucleus]
    spelt = [
        vowel
        for name in vowels
        for vowel in _NUCLEUS_SPELLINGS[name].split()
        if not (onset and vowel in _ONLY_INITIAL)
    ]
    onsets = _ONSET_SPELLINGS[onset].split() or [""]
    codas = _CODA_SPELLINGS[coda].split() or [""]
    return ["".join(parts) for parts in product(onsets, spelt, codas)]


@lru_cache(maxsize=65536)
def read_word(word: str, most: int = 3) -> Reading | None:
    """Read one word, lower-case letters a to z, as the likeliest one to `most` syllables.

    Returns:
        The cost, -log of the reading's probability, and the syllables; None where it cannot be
        read so.
    """
    if not word.isascii() or len(word) > _LONGEST * most:
        return None
    known = _spellings()
    word = _FINAL_R.sub("l", word)
    best: list[dict[int, Reading]] = [{} for _ in range(len(word) + 1)]
    best[0][0] = (0.0, ())
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            part = known.get(word[start:end]) if best[start] else None
            if part is not None:
                _extend(best, start, end, part, most)
    return min(best[-1].values(), default=None)


def _extend(
    best: list[dict[int, Reading]], start: int, end: int, part: tuple[float, Syllable], most: int
) -> None:
    for count, (cost, syllables) in best[start].items():
        longer = (cost + part[0], (*syllables, part[1]))
        if count < most and longer < best[end].get(count + 1, (inf, ())):
            best[end][count + 1] = longer


@lru_cache(maxsize=1)
def surname_spellings() -> dict[str, tuple[float, tuple[Syllable, ...]]]:
    """Give every Latin spelling of a surname with its cost and its syllables.

    Where several surnames share a spelling they share the skeleton too; the most frequent counts.
    """
    total = sum(weight for weight, _ in SURNAMES.values())
    shares: dict[str, tuple[float, tuple[Syllable, ...]]] = {}
    for hangul, (weight, spellings) in SURNAMES.items():
        heard = tuple(syllable(*sounds(char)) for char in hangul)
        for spelling in spellings:
            shares.setdefault(spelling, (-log(weight / total), heard))
    return shares
