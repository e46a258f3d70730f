"""One phonetic skeleton for Korean syllables, whatever script or romanisation they came from.

Sounds that any two romanisations in use write alike are one class: ㄱ ㄲ ㅋ are k; ㅈ ㅉ ㅊ are c;
ㅓ ㅗ ㅜ ㅡ are o (ㅓ is eo, ŏ, o or u); ㅐ ㅔ ㅚ ㅙ ㅞ are e; ㅢ is i. Then what the neighbours change is
levelled: the initial-sound law, nasalisation, ㄴㄹ as ll, h after a stop, double consonants.
"""

from typing import NamedTuple

from tacit.linkage.normalise.hangul import decompose

# By index of initial, vowel and final in tacit.linkage.normalise.hangul.
_ONSETS = (
    "k",
    "k",
    "n",
    "t",
    "t",
    "l",
    "m",
    "p",
    "p",
    "s",
    "s",
    "",
    "c",
    "c",
    "c",
    "k",
    "t",
    "p",
    "h",
)
_NUCLEI = (
    *("a", "e", "ya", "ye", "o", "e", "yo", "ye", "o", "wa", "e"),
    *("e", "yo", "o", "wo", "e", "wi", "yo", "o", "i", "i"),
)
_CODAS = (
    *("", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l"),
    *("p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", ""),
)
_NASAL = {"k": "ng", "t": "n", "p": "m"}


class Syllable(NamedTuple):
    """Sound classes of one syllable."""

    onset: str
    nucleus: str
    coda: str


def sounds(hangul: str) -> Syllable:
    """Give the classes of one Hangul syllable."""
    initial, vowel, final = decompose(hangul)
    return syllable(_ONSETS[initial], _NUCLEI[vowel], _CODAS[final])


def syllable(onset: str, nucleus: str, coda: str) -> Syllable:
    """Put classes together; ye is e after a consonant (혜 is written hye, hae and he)."""
    return Syllable(onset, "e" if onset and nucleus == "ye" else nucleus, coda)


def skeleton(word: list[Syllable]) -> str:
    """Join the syllables of one word (a surname, a given name) into its skeleton."""
    written = ""
    coda = ""
    for place, (onset, nucleus, next_coda) in enumerate(word):
        coda, onset_heard = _meet(coda, _onset(onset, nucleus, first=place == 0))
        written += coda + onset_heard + nucleus
        coda = next_coda
    return _single(written + coda)


def _onset(onset: str, nucleus: str, *, first: bool) -> str:
    """Apply the initial-sound law; before y in every place, since writers waver there."""
    if onset in {"n", "l"} and (nucleus[0] == "y" or (first and nucleus[0] == "i")):
        return ""
    return "n" if first and onset == "l" else onset


def _meet(coda: str, onset: str) -> tuple[str, str]:
    """Level what a final and the next initial do to each other."""
    if coda in _NASAL and onset in {"n", "m", "l"}:
        coda = _NASAL[coda]
    if coda in _NASAL and onset == "h":
        onset = ""
    if (coda, onset) in {("n", "l"), ("l", "n")}:
        return "", "l"
    if coda in {"m", "ng"} and onset == "l":
        onset = "n"
    return coda, onset


def _single(written: str) -> str:
    """Write double consonants once."""
    kept = [char for char, last in zip(written, " " + written, strict=False) if char != last]
    return "".join(kept)
