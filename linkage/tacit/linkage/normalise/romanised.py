"""Korean syllables read from Latin letters, whatever the romanisation.

A word is cut into syllables that occur in Korean names so that the cut is as likely as can be:
Yonghui is 영희 and not 용의, Sunyoung 선영 and not 수녕. Revised Romanisation, McCune-Reischauer
(its breves folded away), the DPRK's spelling and the usual spellings of passports are all read by
the same table, because few names keep to one of them.
"""

import re
from functools import lru_cache
from itertools import product
from math import log

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
_SELDOM = 3.0  # -log of how rarely a spelling is used


@lru_cache(maxsize=2)
def _spellings(*, first: bool) -> dict[str, tuple[float, Syllable]]:
    """Every spelling of every syllable of names, with its cost.

    The cost is -log of the syllable's share among first, or among later, syllables of given
    names, and more where the syllable is seldom spelt so.
    """
    shares: dict[Syllable, float] = {}
    for hangul, weight in name_syllables(first=first).items():
        heard = sounds(hangul)
        share = weight or _RARE
        shares[heard] = shares.get(heard, 0.0) + share
        if heard.onset == "l":  # McCune-Reischauer writes what is heard: Myŏngnok for 명록
            nasal = heard._replace(onset="n")
            shares[nasal] = shares.get(nasal, 0.0) + share * _RARE
    total = sum(shares.values())
    found: dict[str, tuple[float, Syllable]] = {}
    for heard, share in sorted(shares.items()):
        for written, seldom in _written(heard):
            reading = (seldom - log(share / total), heard)
            found[written] = min(found.get(written, reading), reading)
    return found


def _written(heard: Syllable) -> list[tuple[str, float]]:
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
    return [
        ("".join(parts), _SELDOM if _is_seldom(*parts) else 0.0)
        for parts in product(onsets, spelt, codas)
    ]


def _is_seldom(onset: str, vowel: str, coda: str) -> bool:
    """Tell spellings that more often are a cut elsewhere: Seong+gil and not Seon+ggil."""
    tense = onset in {"kk", "gg", "tt", "dd", "pp", "bb", "jj"}
    open_only = vowel == "eu" and not coda
    diphthong = vowel in {"ui", "eui"} and onset not in {"", "h"}
    return tense or open_only or diphthong or vowel == "yeu" or vowel.endswith("h")


@lru_cache(maxsize=65536)
def read_word(word: str, most: int = 3, *, first: bool = True) -> Reading | None:
    """Read one word, lower-case letters a to z, as the likeliest one to `most` syllables.

    Args:
        word: the word.
        most: how many syllables it may have.
        first: whether it begins the given name.

    Returns:
        The cost, -log of the reading's probability, and the syllables; None where it cannot be
        read so.
    """
    if not word.isascii() or len(word) > _LONGEST * most:
        return None
    known = (_spellings(first=True), _spellings(first=False))
    word = _FINAL_R.sub("l", word)
    best: list[dict[int, Reading]] = [{} for _ in range(len(word) + 1)]
    best[0][0] = (0.0, ())
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            written = word[start:end]
            for count, (cost, syllables) in best[start].items():
                part = known[count > 0 or not first].get(written) if count < most else None
                if part is not None:
                    longer = (cost + part[0], (*syllables, part[1]))
                    best[end][count + 1] = min(longer, best[end].get(count + 1, longer))
    return min(best[-1].values(), default=None)


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
