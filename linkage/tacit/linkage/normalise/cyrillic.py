# ruff: noqa: RUF001, RUF002, RUF003 (the Cyrillic letters are meant)
"""Korean names in Cyrillic: Kontsevich's system, older spellings and those of Koryo-saram.

Cyrillic writes both ㄴ and ㅇ at a syllable's end as н, and ㅓ as о or, in older spellings, е; so one
spelling has several readings, of which the likeliest are kept.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from math import log

from tacit.linkage.normalise.korean_tables import RUSSIAN_GIVEN, SURNAMES
from tacit.linkage.normalise.skeleton import Syllable, sounds
from tacit.linkage.normalise.syllable_reading import Reading, Spellings, Way, read, spellings

_ONSETS = {
    "": "",
    "k": "к г кх кк",
    "n": "н",
    "t": "т д тх тт",
    "l": "р л",
    "m": "м",
    "p": "п б пх пп",
    "s": "с сс ш",
    "c": "ч дж чж чх чч ц тш дз џ",
    "h": "х",
}
_NUCLEI = {
    "a": "а",
    "e": "э е ае эй ай ей ве вэ ое ой оэ",
    "ya": "я йа иа",
    "ye": "е йе э",
    "o": "о у ы",
    "yo": "ё ю йо йу ьо ью",
    "wa": "ва оа уа",
    "wo": "во уо",
    "wi": "ви уи юй вый",
    "i": "и ий ый ы ыи",
}
_CODAS = {
    "": "",
    "k": "к г",
    "n": "н нъ",
    "t": "т",
    "l": "ль л р рь",
    "m": "м",
    "p": "п б",
    "ng": "н нъ нг",
}
_SELDOM = 2.0  # -log of how rarely a spelling is used
_OLD = {("c", "o"): ("е", "ё"), ("s", "o"): ("е",), ("t", "o"): ("е", "ё"), ("c", "a"): ("я",)}
_AS_E = {"yo": ("е",)}  # ё printed as е, and Ким Чен Ын's е
_READINGS = 3
# Spellings that the rules do not give: Цой, Тен and the surnames of Koryo-saram in -гай.
_OTHER_SURNAMES = {
    "최": "цой чой цхой чхой",
    "정": "тен тён тенг",
    "전": "тен тён",
    "장": "тян дян",
    "조": "те тё",
    "현": "хен хён",
    "허": "хегай хе",
    "유": "югай",
    "이": "лигай",
    "노": "ногай",
    "오": "огай",
    "고": "когай",
    "지": "тигай ти",
    "차": "тягай тя",
}
_UKRAINIAN = str.maketrans({"і": "и", "ї": "и", "є": "е", "ј": "й", "ў": "у", "ґ": "г"})


def _written(heard: Syllable) -> Iterable[tuple[str, float]]:
    onset, nucleus, coda = heard
    usual = [(vowel, 0.0) for vowel in _NUCLEI[nucleus].split()]
    usual += [(vowel, 0.5) for vowel in _OLD.get((onset, nucleus), ())]
    usual += [(vowel, 0.5) for vowel in _AS_E.get(nucleus, ())]
    if onset and nucleus == "e":  # ye is e after a consonant, and then is still written so
        usual += [("ье", 0.0), ("йе", _SELDOM)]
    onsets = _ONSETS[onset].split() or [""]
    codas = _CODAS[coda].split() or [""]
    for first, (vowel, seldom), last in product(onsets, usual, codas):
        unusual = vowel[0] in "ыо" and vowel in {"ы", "ой", "ое"} and nucleus in {"i", "e"}
        yield first + vowel + last, seldom + (_SELDOM if unusual else 0.0)


@lru_cache(maxsize=1)
def _known() -> Spellings[Syllable]:
    return spellings(_ways, _READINGS)


def _ways(hangul: str) -> Iterable[Way[Syllable]]:
    heard = sounds(hangul)
    return (Way(spelling, heard, seldom) for spelling, seldom in _written(heard))


@lru_cache(maxsize=1)
def surnames() -> Mapping[str, tuple[Reading, ...]]:
    """Give the spellings of surnames with their readings, the likeliest first."""
    total = sum(weight for weight, _ in SURNAMES.values())
    found: dict[str, dict[tuple[Syllable, ...], float]] = {}
    for hangul, (weight, _) in SURNAMES.items():
        heard = tuple(sounds(char) for char in hangul)
        ways = [[(spelling, cost) for spelling, cost in _written(one)] for one in heard]
        written = [("".join(s for s, _ in way), sum(c for _, c in way)) for way in product(*ways)]
        if hangul == "이":
            written += [("ли", 0.0), ("ри", 0.0)]
        if hangul in _NORTHERN:
            written += [(start + way, cost) for way, cost in written for start in ("л", "р")]
        written += [(spelling, 0.0) for spelling in _OTHER_SURNAMES.get(hangul, "").split()]
        for spelling, cost in written:
            costs = found.setdefault(spelling, {})
            costs[heard] = min(costs.get(heard, 99.0), cost - log(weight / total))
    return {
        spelling: tuple(sorted((cost, heard) for heard, cost in costs.items())[:2])
        for spelling, costs in found.items()
    }


# Surnames that the North begins with ㄹ.
_NORTHERN = frozenset("임유양여염연용육")


@lru_cache(maxsize=65536)
def read_given(word: str, *, first: bool = True) -> tuple[Reading, ...]:
    """Read one word of a given name, in small Cyrillic letters."""
    return () if word in RUSSIAN_GIVEN else read(_known(), word, 3, _READINGS, first=first)


def folded(value: str) -> str:
    """Write small letters, those of Ukrainian, Belarusian and Serbian as the Russian ones."""
    return value.casefold().translate(_UKRAINIAN)
