"""Revised Romanisation, syllable by syllable, and what can be turned into it without guessing."""

import re
from functools import lru_cache

from tacit.linkage.normalise.hangul import decompose, initial_law
from tacit.linkage.normalise.korean_tables import SURNAMES, name_syllables

ONSETS = (
    "g",
    "kk",
    "n",
    "d",
    "tt",
    "r",
    "m",
    "b",
    "pp",
    "s",
    "ss",
    "",
    "j",
    "jj",
    "ch",
    "k",
    "t",
    "p",
    "h",
)
NUCLEI = (
    *("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae"),
    *("oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"),
)
CODAS = (
    *("", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l"),
    *("p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t"),
)
_MCCUNE_ONSETS = (
    *("k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", ""),
    *("ch", "tch", "ch'", "k'", "t'", "p'", "h"),
)
_MCCUNE_VOICED = {"k": "g", "t": "d", "p": "b", "ch": "j"}
_MCCUNE_NUCLEI = (
    *("a", "ae", "ya", "yae", "ŏ", "e", "yŏ", "ye", "o", "wa", "wae"),
    *("oe", "yo", "u", "wŏ", "we", "wi", "yu", "ŭ", "ŭi", "i"),
)
_MARKED = re.compile("eo")
_MIXED = re.compile("oo|ee|ou|uh|oh|ah|ck|sh")
_MOST = 3


def revised(syllable: str) -> str:
    """Write one Hangul syllable in Revised Romanisation, as names are: without assimilation."""
    initial, vowel, final = decompose(syllable)
    return ONSETS[initial] + NUCLEI[vowel] + CODAS[final]


def mccune(syllable: str, *, voiced: bool) -> str:
    """Write one Hangul syllable in McCune-Reischauer.

    Args:
        syllable: a Hangul syllable.
        voiced: whether a vowel or a nasal goes before it.
    """
    initial, vowel, final = decompose(syllable)
    onset = _MCCUNE_ONSETS[initial]
    if voiced:
        onset = _MCCUNE_VOICED.get(onset, onset)
    nucleus = _MCCUNE_NUCLEI[vowel]
    if onset in {"s", "ss"} and nucleus.startswith("wi"):
        onset = "sh"
    return onset + nucleus + CODAS[final]


def from_revised(surname: str, given: tuple[str, ...]) -> str:
    """Take over a name that visibly keeps to Revised Romanisation; otherwise give nothing.

    The surname, for which passports keep old spellings, is taken from the table where its
    spelling belongs to one surname alone.
    """
    if not _MARKED.search("".join(given)) or any(_MIXED.search(word) for word in given):
        return ""
    return _joined(_surname(surname, ""), _read_all(given, _revised_spellings()))


def from_mccune(marked: str, surname: str, given: tuple[str, ...]) -> str:
    """Turn a name written with McCune-Reischauer's breves into Revised Romanisation.

    Args:
        marked: the whole value, casefolded, breves and apostrophes kept.
        surname: its surname's word, folded.
        given: its given name's words, folded.
    """
    words = re.sub("[\u2018\u2019\u02bb\u02bc`\u00b4]", "'", marked)
    parts = re.findall(r"[a-zŏŭ']+", words)
    by_folded = {_folded(part): part for part in parts}
    written = [by_folded.get(word, word) for word in given]
    return _joined(
        _surname(surname, by_folded.get(surname, "")), _read_all(written, _mccune_spellings())
    )


def surname_alone(written: str) -> str:
    """Give a surname, small Latin letters, where its spelling belongs to it alone."""
    return _surname(written, "")


def _folded(word: str) -> str:
    return word.replace("ŏ", "o").replace("ŭ", "u").replace("'", "")


def _joined(surname: str, given: str) -> str:
    return f"{surname} {given}".strip() if given else ""


def _surname(written: str, marked: str) -> str:
    if not written:
        return ""
    owners = [hangul for hangul, (_, spellings) in SURNAMES.items() if written in spellings]
    exact = _mccune_spellings().get(marked) or _revised_spellings().get(written)
    if len(owners) != 1:
        owners = [hangul for hangul in owners if revised(hangul[0]) == exact][:1]
    return "".join(revised(char) for char in owners[0]) if owners else ""


def _read_all(words: tuple[str, ...] | list[str], known: dict[str, str]) -> str:
    read = [_read(word, known, _MOST) for word in words]
    return "".join(part for part in read if part) if all(read) else ""


def _read(word: str, known: dict[str, str], most: int) -> str | None:
    """Read a word as syllables, the first of them as long as can be."""
    if not word:
        return ""
    if not most:
        return None
    for end in range(len(word), 0, -1):
        first = known.get(word[:end])
        rest = _read(word[end:], known, most - 1) if first is not None else None
        if first is not None and rest is not None:
            return first + rest
    return None


def _syllables() -> list[str]:
    return sorted(
        {*name_syllables(first=True), *(char for surname in SURNAMES for char in surname)}
    )


@lru_cache(maxsize=1)
def _revised_spellings() -> dict[str, str]:
    return {revised(char): revised(initial_law(char, first=False)) for char in _syllables()}


@lru_cache(maxsize=1)
def _mccune_spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for char in _syllables():
        lawful = revised(initial_law(char, first=False))
        found[mccune(char, voiced=True)] = lawful
        found[mccune(char, voiced=False)] = lawful
    return found
