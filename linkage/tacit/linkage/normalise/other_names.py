"""Coarse forms of names that are not Korean: what the spellings of one name have in common.

The form as written (`tacit.linkage.normalise.general`) stays the form of most names. Slavic ones come
in one transliteration; those in Arabic or Hebrew script, and the same in Latin letters, also come
without vowels; Japanese ones come in Hepburn's letters without long vowels.
"""

import re

from tacit.linkage.normalise.consonants import (
    from_latin,
    from_script,
    is_consonantal,
    is_unvowelled,
)
from tacit.linkage.normalise.general import general_words, is_pinyin, romanise
from tacit.linkage.normalise.romaji import hepburn, is_romaji
from tacit.linkage.normalise.slavic import hissing, is_slavic, slavic
from tacit.linkage.normalise.text import tokens
from tacit.linkage.normalise.titles import without_titles

_CYRILLIC = re.compile("[\u0400-\u052f]")


def coarse_forms(value: str) -> tuple[str, ...]:
    """Give the coarse forms of one name, which are alternatives; words in alphabetical order."""
    plain = without_titles(value)
    if is_unvowelled(plain):
        return (from_script(plain),)
    written = romanise(plain)
    own = tokens(hissing(written))
    consonantal = is_consonantal(own)
    if _CYRILLIC.search(plain) or is_slavic(own):
        words = [slavic(word) for word in general_words(hissing(written))]
    else:
        words = general_words(written)
        if is_romaji(words) and not consonantal and not is_pinyin(words):
            words = [hepburn(word) for word in words]
    form = " ".join(sorted(words))
    return (form, from_latin(own)) if consonantal else (form,)
