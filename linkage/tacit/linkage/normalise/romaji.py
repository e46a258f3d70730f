"""Japanese names in Latin letters: Hepburn's spelling, long vowels short.

Sato, Satō, Satou, Satoh and Kunrei's Hukuda beside Fukuda come out alike. Words are taken for
Japanese by their syllables alone; words of other languages that have the same shape are written
otherwise too, but always in the same way.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

# Atomic, so that no word takes long: what a syllable has taken it keeps.
_WORD = re.compile(
    "(?>(?:[kgsztdnhbpmrfyw]|sh|ch|ts|[kgsztdnhbpmrj]y|j|kk|ss|tt|pp|ssh|tch|cch|tts)?"
    "(?:oh(?![aiueo])|[aiueo])|n(?![aiueo])|m(?=[bpm]))++"
)
_STEPS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        ("o[ou]|oh(?![aiueo])", "o"),
        ("uu", "u"),
        ("m(?=[bp])", "n"),
        ("sy|s(?=i)", "sh"),
        ("ty", "ch"),
        ("t(?=i)", "ch"),
        ("t(?=u)", "ts"),
        ("(?<![sc])h(?=u)", "f"),
        ("[zj]y", "j"),
        ("z(?=i)", "j"),
    )
)


def is_romaji(words: Sequence[str]) -> bool:
    """Tell whether all words, small letters a to z, are made of Japanese syllables."""
    return bool(words) and all(_WORD.fullmatch(word) for word in words)


@lru_cache(maxsize=65536)
def hepburn(word: str) -> str:
    """Write one word, small letters a to z, as Hepburn does, with short vowels."""
    for pattern, written in _STEPS:
        word = pattern.sub(written, word)
    return word
