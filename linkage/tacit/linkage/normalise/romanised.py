"""Korean syllables read from Latin letters, whatever the romanisation.

A word is cut into syllables that occur in Korean names so that the cut is as likely as can be:
Yonghui is 영희 and not 용의, Sunyoung 선영 and not 수녕. Revised Romanisation, McCune-Reischauer
(its breves folded away), the DPRK's spelling and the usual spellings of passports are all read by
the same table, because few names keep to one of them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import log

from tacit.linkage.normalise.hangul import VOWELS, decompose
from tacit.linkage.normalise.korean_tables import SURNAMES
from tacit.linkage.normalise.skeleton import Syllable, sounds, syllable
from tacit.linkage.normalise.syllable_reading import Reading, Spellings, Way, read, spellings

_ONSET_SPELLINGS = {
    "": "",
    "k": "k g kk gg kh gh",
    "n": "n",
    "t": "t d tt dd th",
    "l": "r l rh",
    "m": "m",
    "p": "p b pp bb ph",
    "s": "s ss sh",
    "c": "j ch jj tch jh dj dzh dz dzs dsch tsch cs",
    "h": "h",
}
_NUCLEUS_SPELLINGS = {
    "a": "a ah",
    "e": "ae e ai ay eh oe oi we wae wei ea",
    "ya": "ya yah",
    "ye": "ye yae yeh",
    "o": "eo o u oo oh uh eu ou wu woo",
    "yo": "yeo yo yea you yu yoo yeu yuh yoh",
    "wa": "wa oa wah",
    "wo": "wo weo",
    "wi": "wi wee",
    "i": "i ee ui eui yi ie ih",
}
# Spelled so only where no consonant goes before.
_ONLY_INITIAL = frozenset({"wu", "woo", "yi"})
# By index of vowel in tacit.linkage.normalise.hangul, under each romanisation in use.
_USUAL_VOWELS = (
    *("a ah", "ae ai ay e", "ya yah", "yae", "eo o u ou oo uh", "e eh ae", "yeo yo yu you yeu"),
    *("ye yeh e", "o oh", "wa oa", "wae", "oe oi we wae", "yo yoh", "u oo ou wu woo"),
    *("wo weo", "we", "wi wee", "yu yoo you", "eu u", "ui eui i ee yi", "i ee yi ie ih"),
)
# By index of initial, what it begins with under any romanisation; elsewhere it is no matter.
_USUAL_ONSETS = (
    *(("k", "g", "gh"), ("k", "kk", "g", "gg"), ("n",), ("d", "t"), ("t", "tt", "d", "dd")),
    *(("r", "l", "rh"), ("m",), ("b", "p"), ("p", "pp", "b", "bb"), ("s", "sh"), ("s", "ss")),
    *(("",), ("j", "ch", "jh", "dj", "dzh", "dz", "dzs", "dsch"), ("j", "jj", "tch", "ch")),
    *(("ch", "tch", "tsch", "cs"), ("k", "kh"), ("t", "th"), ("p", "ph"), ("h", "wh")),
)
_ONSET = re.compile("wh|[bcdfghjklmnprstz]*")
_UNUSUAL = 2.0  # -log of how rarely a vowel is written as another of its class is
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
# McCune-Reischauer writes a final ㄹ before h as r: Ch'ŏrhwan for 철환.
_FINAL_R = re.compile(r"(?<=[aeiou])r(?=h)")
_SELDOM = 3.0  # -log of how rarely a spelling is used


def ways(hangul: str) -> Iterator[Way[Syllable]]:
    """Give the ways to write one Hangul syllable in Latin letters."""
    heard = sounds(hangul)
    initial, medial, final = decompose(hangul)
    vowels, onsets = _USUAL_VOWELS[medial].split(), _USUAL_ONSETS[initial]
    for way in _written(heard):
        spelling, vowel, seldom = way
        unusual = 0.0 if vowel in vowels else _UNUSUAL
        if VOWELS[medial] == "ㅓ" and vowel == "u" and not final:
            unusual += _UNUSUAL  # Sung is 성, but Su is 수
        written = _ONSET.match(spelling)
        if written is None or written[0] not in onsets:
            unusual += _UNUSUAL
        yield Way(spelling, heard, seldom + unusual)
        if heard.onset == "l" and spelling[0] != "n":  # what is heard: Myŏngnok for 명록
            yield Way(
                "n" + spelling.lstrip("lrh"), heard._replace(onset="n"), seldom + unusual + 1.6
            )


def _written(heard: Syllable) -> Iterator[tuple[str, str, float]]:
    """Give each spelling, its vowel, and how seldom it is."""
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
    for parts in product(onsets, spelt, codas):
        yield "".join(parts), parts[1], _SELDOM if _is_seldom(*parts) else 0.0
    if onset == "h" and nucleus in {"wa", "wo", "wi"}:  # Taewhan
        for vowel, last in product(_NUCLEUS_SPELLINGS[nucleus].split(), codas):
            yield f"wh{vowel[1:]}{last}", vowel, _SELDOM


def _is_seldom(onset: str, vowel: str, coda: str) -> bool:
    """Tell spellings that more often are a cut elsewhere: Seong+gil and not Seon+ggil."""
    tense = onset in {"kk", "gg", "tt", "dd", "pp", "bb", "jj"}
    open_only = vowel == "eu" and not coda
    diphthong = vowel in {"ui", "eui"} and onset not in {"", "h"}
    rare_onset = onset in {"kh", "gh", "dzh", "dz", "dzs", "dsch", "tsch", "cs", "dj"}
    rare_vowel = vowel in {"yeu", "yea", "ay", "ei", "ea", "wea", "wei"} or vowel.endswith("h")
    return tense or open_only or diphthong or rare_onset or rare_vowel


@lru_cache(maxsize=1)
def _known() -> Spellings[Syllable]:
    return spellings(ways)


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
    if not word.isascii():
        return None
    return next(iter(read(_known(), _FINAL_R.sub("l", word), most, first=first)), None)


@lru_cache(maxsize=1)
def surname_spellings() -> dict[str, tuple[float, tuple[Syllable, ...]]]:
    """Give every Latin spelling of a surname with its cost and its syllables.

    Where several surnames share a spelling they share the skeleton too; the most frequent counts.
    """
    total = sum(weight for weight, _ in SURNAMES.values())
    shares: dict[str, tuple[float, tuple[Syllable, ...]]] = {}
    for hangul, (weight, written) in SURNAMES.items():
        heard = tuple(syllable(*sounds(char)) for char in hangul)
        for spelling in written:
            shares.setdefault(spelling, (-log(weight / total), heard))
    return shares


@lru_cache(maxsize=1)
def heard_surnames() -> dict[tuple[Syllable, ...], float]:
    """Give the sounds of surnames with their costs."""
    total = sum(weight for weight, _ in SURNAMES.values())
    found: dict[tuple[Syllable, ...], float] = {}
    for hangul, (weight, _) in SURNAMES.items():
        found.setdefault(tuple(sounds(char) for char in hangul), -log(weight / total))
    return found
