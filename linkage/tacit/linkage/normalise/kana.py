"""Korean names in kana, and kana in Latin letters.

Kana write ㄴ and ㅇ, and often ㅁ, at a syllable's end as ン, and plain and tense sounds by what is
heard; so one spelling has several readings, of which the likeliest are kept.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from math import log

from tacit.linkage.normalise.korean_tables import SURNAMES
from tacit.linkage.normalise.skeleton import Syllable, sounds
from tacit.linkage.normalise.syllable_reading import Reading, Spellings, Way, read, spellings

_ROWS = {
    "": ("アイウエオ",),
    "k": ("カキクケコ", "ガギグゲゴ"),
    "s": ("サシスセソ",),
    "t": ("タチツテト", "ダヂドデド"),
    "n": ("ナニヌネノ",),
    "h": ("ハヒフヘホ",),
    "m": ("マミムメモ",),
    "p": ("パピプペポ", "バビブベボ"),
    "l": ("ラリルレロ",),
}
_C_ROWS = ("チ", "ジ", "ヂ")
_CODAS = {
    "": "",
    "k": "ク ッ グ",
    "n": "ン",
    "t": "ッ ト",
    "l": "ル",
    "m": "ム ン",
    "p": "プ ッ ブ",
    "ng": "ン",
}
# After a row's letters of the five vowels a, i, u, e, o.
_AFTER_ROW = {
    "a": ("{a}",),
    "e": ("{e}", "{u}ェ", "{o}エ", "{u}エ", "{e}イ"),
    "ya": ("{i}ャ",),
    "ye": ("{i}ェ", "{e}"),
    "o": ("{o}", "{u}"),
    "yo": ("{i}ョ", "{i}ュ"),
    "wa": ("{u}ァ", "{u}ワ", "{o}ァ", "{o}ワ", "{a}"),
    "wo": ("{u}ォ", "{u}ウォ", "{u}オ", "{o}"),
    "wi": ("{u}ィ", "{u}イ"),
    "i": ("{i}", "{u}ィ"),
}
_AFTER_NONE = {
    "ya": ("ヤ",),
    "ye": ("イェ", "エ"),
    "yo": ("ヨ", "ユ"),
    "wa": ("ワ",),
    "wo": ("ウォ", "オ"),
    "wi": ("ウィ", "ウイ"),
    "e": ("エ", "ウェ", "オェ", "エイ"),
    "i": ("イ", "ウィ"),
}
_AFTER_C = {
    "a": ("{i}ャ",),
    "ya": ("{i}ャ",),
    "e": ("{i}ェ", "{i}ェイ"),
    "ye": ("{i}ェ",),
    "o": ("{i}ョ", "{i}ュ"),
    "yo": ("{i}ョ", "{i}ュ"),
    "wa": ("{i}ュワ", "{i}ョア", "{i}ャ"),
    "wo": ("{i}ュォ", "{i}ョ"),
    "wi": ("{i}ュィ", "{i}ィ"),
    "i": ("{i}",),
}
_READINGS = 3
_KANA = {
    **dict(zip("アイウエオ", "aiueo", strict=True)),
    **{
        kana: onset + vowel
        for onset, row in (
            ("k", "カキクケコ"),
            ("g", "ガギグゲゴ"),
            ("s", "サ-スセソ"),
            ("z", "ザ-ズゼゾ"),
            ("t", "タ--テト"),
            ("d", "ダ--デド"),
            ("n", "ナニヌネノ"),
            ("h", "ハヒ-ヘホ"),
            ("b", "バビブベボ"),
            ("p", "パピプペポ"),
            ("m", "マミムメモ"),
            ("r", "ラリルレロ"),
            ("y", "ヤ-ユ-ヨ"),
            ("w", "ワヰ-ヱ-"),
            ("v", "--ヴ--"),
        )
        for kana, vowel in zip(row, "aiueo", strict=True)
        if kana != "-"
    },
    "シ": "shi",
    "ジ": "ji",
    "チ": "chi",
    "ヂ": "ji",
    "ツ": "tsu",
    "ヅ": "zu",
    "フ": "fu",
    "ヲ": "o",
    "ン": "n",
}
_SMALL = dict(zip("ァィゥェォャュョ", ("a", "i", "u", "e", "o", "ya", "yu", "yo"), strict=True))


def _written(heard: Syllable) -> Iterable[tuple[str, float]]:
    onset, nucleus, coda = heard
    codas = _CODAS[coda].split() or [""]
    for (start, seldom), last in product(_open(onset, nucleus), codas):
        yield start + last, seldom


def _open(onset: str, nucleus: str) -> Iterable[tuple[str, float]]:
    if onset == "c":
        rows = [dict.fromkeys("aiueo", row) for row in _C_ROWS]
        forms = _AFTER_C[nucleus]
    else:
        rows = [dict(zip("aiueo", row, strict=True)) for row in _ROWS[onset]]
        forms = _AFTER_ROW[nucleus] if onset else _AFTER_NONE.get(nucleus, _AFTER_ROW[nucleus])
        forms = (*forms, *(("{i}ェ",) if onset and nucleus == "e" else ()))
    for place, form in enumerate(forms):
        for row in rows:
            yield form.format(**row), 1.0 if place > 1 else 0.0
    if (onset, nucleus) == ("t", "o"):
        yield from (("トゥ", 0.0), ("ドゥ", 0.0))
    if (onset, nucleus) == ("t", "i"):
        yield from (("ティ", 0.0), ("ディ", 0.0))
    if (onset, nucleus) == ("s", "o"):
        yield from (("ショ", 1.0), ("シュ", 1.0))


@lru_cache(maxsize=1)
def _known() -> Spellings[Syllable]:
    return spellings(_ways, _READINGS)


def _ways(hangul: str) -> Iterable[Way[Syllable]]:
    heard = sounds(hangul)
    return (Way(spelling, heard, seldom) for spelling, seldom in _written(heard))


# The North keeps the initials that the South drops: リ, リム, リュ, ロ, リャン, リョ.
_NORTHERN = {"이": "i", "임": "i", "유": "yo", "노": "o", "양": "ya", "여": "yo"}


@lru_cache(maxsize=1)
def surnames() -> Mapping[str, tuple[Reading, ...]]:
    """Give the spellings of surnames with their readings, the likeliest first."""
    total = sum(weight for weight, _ in SURNAMES.values())
    found: dict[str, dict[tuple[Syllable, ...], float]] = {}
    for hangul, (weight, _) in SURNAMES.items():
        heard = tuple(sounds(char) for char in hangul)
        ways = [list(_written(one)) for one in heard]
        written = [("".join(s for s, _ in way), sum(c for _, c in way)) for way in product(*ways)]
        if hangul in _NORTHERN:
            written += _written(Syllable("l", _NORTHERN[hangul], heard[0].coda))
        for spelling, cost in written:
            costs = found.setdefault(spelling, {})
            costs[heard] = min(costs.get(heard, 99.0), cost - log(weight / total))
    return {
        spelling: tuple(sorted((cost, heard) for heard, cost in costs.items())[:2])
        for spelling, costs in found.items()
    }


@lru_cache(maxsize=65536)
def read_given(word: str, *, first: bool = True) -> tuple[Reading, ...]:
    """Read one word of a given name, in katakana without long vowels."""
    return read(_known(), word, 3, _READINGS, first=first)


def katakana(value: str) -> str:
    """Write hiragana as katakana and leave out the sign for long vowels."""
    moved = (chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in value)
    return "".join(moved).replace("ー", "")


def latin(value: str) -> str:
    """Write kana in Hepburn's Latin letters, long vowels short; other letters stay."""
    written = ""
    double = False
    for char in katakana(value):
        if char == "ッ":
            double = True
            continue
        if char in _SMALL:
            written = _join_small(written, _SMALL[char])
            continue
        letters = _KANA.get(char, char)
        written += letters[0] + letters if double and letters[0].isalpha() else letters
        double = False
    return written.replace("ou", "o").replace("oo", "o").replace("uu", "u")


def _join_small(written: str, small: str) -> str:
    if written.endswith(("shi", "ji", "chi")):
        return written[:-1] + small[-1]
    if written.endswith(("i", "u", "e", "o")) and len(written) > 1:
        return written[:-1] + small
    return written + small
