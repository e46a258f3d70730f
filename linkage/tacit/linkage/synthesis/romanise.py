"""Hangul to Latin letters in the ways that registers use.

Revised Romanisation (Republic of Korea, 2000), McCune-Reischauer (1939), the DPRK's spelling and
the free spellings of passports. Written apart from `tacit.linkage.normalise`, which reads such
spellings: a mistake shared by both would hide itself.
"""

from random import Random

from tacit.linkage.normalise.hangul import FINALS, INITIALS, VOWELS, decompose
from tacit.linkage.synthesis.name_tables import SURNAMES

SYSTEMS = ("revised", "mccune", "dprk", "passport")

_ONSETS = {
    "revised": "g kk n d tt r m b pp s ss - j jj ch k t p h",
    "mccune": "k kk n t tt r m p pp s ss - ch tch ch' k' t' p' h",
    "dprk": "k kk n t tt r m p pp s ss - j jj ch kh th ph h",
}
_VOWELS = {
    "revised": "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
    "mccune": "a ae ya yae ŏ e yŏ ye o wa wae oe yo u wŏ we wi yu ŭ ŭi i",
    "dprk": "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i",
}
_FINALS = {
    "": "", "ㄴ": "n", "ㅁ": "m", "ㅇ": "ng", "ㄹ": "l", "ㅂ": "p", "ㅍ": "p",
    "ㄱ": "k", "ㄲ": "k", "ㅋ": "k",
}  # fmt: skip
_VOICED = {"k": "g", "t": "d", "p": "b", "ch": "j"}
_NASAL = {"k": "ng", "t": "n", "p": "m"}
_PASSPORT_ONSETS = {
    "ㄱ": "K K K G", "ㄷ": "D D D T", "ㅂ": "B B B P", "ㅈ": "J J J Ch", "ㄹ": "R R L",
    "ㅅ": "S", "ㅋ": "K", "ㅌ": "T", "ㅍ": "P", "ㅊ": "Ch", "ㅇ": "-",
}  # fmt: skip
_PASSPORT_VOWELS = {
    "ㅓ": "u u eo eo o", "ㅕ": "yu yu yeo you", "ㅜ": "oo oo u", "ㅡ": "eu eu u",
    "ㅢ": "ee ee ui", "ㅐ": "ae ae ai", "ㅣ": "i i i ee", "ㅠ": "yu yoo",
}  # fmt: skip
_RAISED = "you you yeo yo"


def romanise(word: str, system: str, rng: Random) -> str:
    """Write one word of Hangul in Latin letters, small ones.

    Args:
        word: composed Hangul syllables.
        system: one of `SYSTEMS`.
        rng: chooses among the spellings of passports; the other systems leave no choice.
    """
    if system == "passport":
        return "".join(_passport(char, rng) for char in word).lower()
    written, final = "", ""
    for place, char in enumerate(word):
        onset, vowel, next_final = _letters(char, system)
        final, onset = _meet(final, onset, system, first=place == 0)
        if system == "mccune" and onset == "s" and vowel in {"wi", "i"}:
            onset = "sh"
        written += final + onset + vowel
        final = next_final
    return written + final


def syllables(word: str, system: str, rng: Random) -> list[str]:
    """Write a given name syllable by syllable, as hyphenated names are.

    Lenis consonants are voiced after vowels and nasals, as in the whole word.
    """
    if system in {"passport", "revised"}:
        return [romanise(char, system, rng) for char in word]
    parts: list[str] = []
    final = ""
    for place, char in enumerate(word):
        onset, vowel, next_final = _letters(char, system)
        kept, heard = _meet(final, onset, system, first=place == 0)
        if parts:
            parts[-1] += kept
        parts.append(heard + vowel)
        final = next_final
    parts[-1] += final
    return parts


def surname(hangul: str, system: str, rng: Random) -> str:
    """Write a surname.

    The spelling of passports stands in for Revised Romanisation of surnames too, as is the
    custom: Lee and Park, where the rule would have I and Bak.
    """
    if system in {"passport", "revised"}:
        spellings = SURNAMES[hangul][1]
        return spellings[0] if system == "revised" else rng.choice(spellings)
    if system == "mccune" and hangul == "리":
        return "Yi"
    return romanise(hangul, system, rng).capitalize()


def _letters(char: str, system: str) -> tuple[str, str, str]:
    initial, vowel, final = decompose(char)
    onset = _ONSETS_OF[system][initial].replace("-", "")
    return onset, _VOWELS_OF[system][vowel], _FINALS.get(FINALS[final], "t")


def _meet(final: str, onset: str, system: str, *, first: bool) -> tuple[str, str]:
    """Let a final and the next initial change each other as the systems write it."""
    if first:
        return "", onset
    if final in _NASAL and onset in {"n", "m", "r"}:
        final, onset = _NASAL[final], "n" if onset == "r" else onset
    if (final, onset) in {("n", "r"), ("l", "n"), ("l", "r")}:
        return "l", "l"
    if final in {"m", "ng"} and onset == "r":
        onset = "n"
    if system != "revised" and final not in _NASAL:
        onset = _VOICED.get(onset, onset)
    return final, onset


def _passport(char: str, rng: Random) -> str:
    initial, vowel, final = decompose(char)
    head, heart = INITIALS[initial], VOWELS[vowel]
    onset = _PASSPORT_ONSETS.get(head, _ONSETS_OF["revised"][initial]).split()
    nucleus = _PASSPORT_VOWELS.get(heart, _VOWELS_OF["revised"][vowel])
    if heart == "ㅕ" and head == "ㅇ":
        nucleus = _RAISED
    tail = _FINALS.get(FINALS[final], "t")
    return (rng.choice(onset) + rng.choice(nucleus.split()) + tail).replace("-", "")


_ONSETS_OF = {system: spelled.split() for system, spelled in _ONSETS.items()}
_VOWELS_OF = {system: spelled.split() for system, spelled in _VOWELS.items()}
