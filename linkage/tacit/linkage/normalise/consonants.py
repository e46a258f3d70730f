"""Names from Arabic and Hebrew scripts, which leave most vowels unwritten: their consonants.

The Arabic spelling of Muhammad, Mohamed and Mohammad has only mhmd in common with them. The
consonants come in classes that transliterations share (q and k, kh and h, sh and s, j and g);
articles and the words for son go, and abd is joined to the name that follows. A vowel, hamza or
ain that begins a word is a.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tacit.linkage.normalise.word_lists import word_list

_SCRIPT = re.compile("[\u05d0-\u05ea\u0620-\u06d3]")
_LETTERS = {
    "": "\u0621\u0622\u0623\u0624\u0625\u0626\u0627\u0629\u0639\u0648\u0649\u064a\u0671\u06c0\u06c1\u06c2\u06c3\u06cc\u06d0\u06d2\u06cd\u05d0\u05d5\u05d9\u05e2",
    "b": "\u0628",
    "f": "\u0641\u067e\u06a4\u05e3\u05e4",
    "t": "\u062a\u062b\u0637\u0679\u067c\u05d8\u05ea",
    "g": "\u062c\u063a\u06af\u06ab\u0681\u0696\u05d2",
    "h": "\u062d\u062e\u0647\u06be\u05d4\u05d7",
    "d": "\u062f\u0630\u0636\u0688\u0689\u05d3",
    "z": "\u0632\u0638\u0698\u05d6",
    "r": "\u0631\u0691\u0693\u05e8",
    "s": "\u0633\u0634\u0635\u0685\u0686\u069a\u05e1\u05e5\u05e6\u05e9",
    "k": "\u0642\u0643\u06a9\u05da\u05db\u05e7",
    "l": "\u0644\u05dc",
    "m": "\u0645\u05dd\u05de",
    "n": "\u0646\u06ba\u06bc\u05df\u05e0",
}
_CLASSES = {letter: written for written, letters in _LETTERS.items() for letter in letters}
_LEFT_OUT = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200c\u200d]")
_NO_LETTER = re.compile("[^\u05d0-\u05ea\u0620-\u06d3]+")
# Alif, its forms, ain and the Hebrew letters that begin a word like a vowel; ya; waw.
_VOWELS = "\u0621\u0622\u0623\u0625\u0627\u0639\u0671\u05d0\u05e2"
_YA = "\u064a\u06cc\u05d9"
_WAW = "\u0648\u05d5"
_BET = "\u05d1"  # mostly v, which is left out, but b where a word begins
_ARTICLE = "\u0627\u0644"
_SHORTEST_WITH_ARTICLE = 5
_ALLAH = "\u0627\u0644\u0644\u0647"
_ABD = "\u0639\u0628\u062f"
# The consonants of Muhammad and Mahmud are the same, and no names are more frequent.
_MAHMUD = "\u0645\u062d\u0645\u0648\u062f"
# bin, ibn, bint, ould.
_SONS = frozenset(
    ["\u0628\u0646", "\u0627\u0628\u0646", "\u0628\u0646\u062a", "\u0648\u0644\u062f"]
)
_PARTICLES = frozenset(
    [
        "al",
        "el",
        "ul",
        "ur",
        "ud",
        "ad",
        "as",
        "ash",
        "an",
        "az",
        "at",
        "ar",
        "es",
        "ed",
        "er",
        "us",
        "bin",
        "ibn",
        "ben",
        "bint",
        "ould",
        "wuld",
    ]
)
_ARTICLES, _ARTICLE_AND_NAME = frozenset({"al", "el", "ibn", "bin"}), 2
_NAMES = re.compile(
    "abd(?:[aeiou]{1,2}l?.*)?|m[ou]h+am.*|m[ou]h?amm?[ae]d.*"
    "|.{2,}(?:ul+ah?|[aeiou]dd[iey]+n|.udin|[ou]l+ah|urahman|allah)|al-?[a-z]{3,}i"
)
_ABD_LATIN = re.compile("abd(?:[aeiou]{1,2}[lr]?|ou?l)?")
_ABD_JOINED = re.compile("abd[aeiou]{1,2}l?([a-z]{3,})")
_JOINED_ARTICLE = re.compile("[ae]l(?=[bcdfghjklmnpqrstvwxyz][a-z]{3})")
_STEPS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"(.)\1+", r"\1"),
        ("^mahm[aou]+[dt]$", "mhmUd"),
        ("^r[aei]za$", "rd"),
        ("dzh?|dj", "g"),
        ("kh", "h"),
        ("gh", "g"),
        ("sh|ch|ts|tz", "s"),
        ("th", "t"),
        ("dh", "d"),
        ("ph|p", "f"),
        ("ck|q|c", "k"),
        ("x", "ks"),
        ("j", "g"),
        ("h$", ""),
        ("^[aeiou]+", "A"),
        ("^y", "Y"),
        ("^[wv]", "W"),
        ("[aeiouywv]", ""),
    )
)


def is_unvowelled(value: str) -> bool:
    """Tell whether a value has letters of the Arabic or Hebrew script."""
    return _SCRIPT.search(value) is not None


def is_consonantal(words: Sequence[str]) -> bool:
    """Tell whether one of the words, small letters a to z, is of a name from these scripts."""
    if len(words) > _ARTICLE_AND_NAME and not _ARTICLES.isdisjoint(words):
        return True
    known = word_list("consonantal_names.txt")
    return any(word in known or _NAMES.fullmatch(word) for word in words)


def from_script(value: str) -> str:
    """Give the consonants of a name in these scripts, word by word in alphabetical order."""
    plain = _LEFT_OUT.sub("", unicodedata.normalize("NFKC", value))
    words = [word for word in _NO_LETTER.sub(" ", plain).split() if word not in _SONS]
    found: list[str] = []
    abd = False
    for word in words:
        own = "l" if word == _ALLAH and found else _name(word, after_abd=abd)
        if abd or (word == _ALLAH and found):
            found[-1] += own
        else:
            found.append(own)
        abd = word == _ABD
    return _sorted(found)


def from_latin(words: Iterable[str]) -> str:
    """Give the consonants of a name's words, small letters a to z, in alphabetical order."""
    own = list(words)
    kept = [word for word in own if word not in _PARTICLES] or own
    found: list[str] = []
    abd = False
    for word in kept:
        if abd:
            found[-1] += _latin(word)
        elif joined := _ABD_JOINED.fullmatch(word):
            found.append("abd" + _latin(joined[1]))
        else:
            found.append("abd" if _ABD_LATIN.fullmatch(word) else _latin(word))
        abd = not abd and _ABD_LATIN.fullmatch(word) is not None
    return _sorted(found)


def _name(word: str, *, after_abd: bool) -> str:
    if word.startswith(_ABD) and len(word) > _SHORTEST_WITH_ARTICLE:
        rest = _without_article(word[len(_ABD) :], always=True)
        return "abd" + _consonants(rest)
    return _consonants(_without_article(word, always=after_abd))


def _without_article(word: str, *, always: bool) -> str:
    article = word.startswith(_ARTICLE) and (always or len(word) >= _SHORTEST_WITH_ARTICLE)
    return word[len(_ARTICLE) :] if article else word


def _consonants(word: str) -> str:
    if not word:
        return ""
    if word == _MAHMUD:
        return "mhmud"
    if len(word) > len(_ALLAH) and word.endswith(_ALLAH):
        return _begun(word) + _written(word.removesuffix(_ALLAH)) + "l"
    written = _begun(word) + _written(word)
    return written.removesuffix("h") if len(written) > 1 else written


def _begun(word: str) -> str:
    """Give what a letter stands for that is left out elsewhere, where it begins a word."""
    starts = {"a": _VOWELS, "y": _YA, "w": _WAW, "b": _BET}
    return next((start for start, letters in starts.items() if word[:1] in letters), "")


def _written(word: str) -> str:
    return "".join(_CLASSES.get(char, "") for char in word)


@lru_cache(maxsize=65536)
def _latin(word: str) -> str:
    written = _JOINED_ARTICLE.sub("", word, count=1) if word[1:2] == "l" else word
    for pattern, replacement in _STEPS:
        written = pattern.sub(replacement, written)
    return written.lower()


def _sorted(words: list[str]) -> str:
    return " ".join(sorted(word for word in words if word))
