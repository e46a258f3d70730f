"""General text: one spelling for what differs only in width, case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterable

ALTERNATIVE = "\x1f"
"""Stands between the alternatives of one value, such as two readings of a name.

Each alternative is encoded as if it stood alone; the value's filter has the bits of all.
"""

# Round, square, tortoise-shell and lenticular; NFKC has made wide ones narrow.
_BRACKETED = re.compile(r"[(\[\u3014\u3010].*?[)\]\u3015\u3011]")
_BRACKETS = re.compile(r"[()\[\]\u3014\u3015\u3010\u3011]")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02b9-\u02bf\u0060\u00b4\u2032]")
# Signs of vowels and tones in the scripts of South and South-East Asia are parts of words.
_SIGNS = (
    "\u0900-\u0963\u0970-\u0df3\u0e31-\u0e4e\u0eb1-\u0ecd\u0f18-\u0fbc\u102b-\u103e\u17b4-\u17d3"
)
_SIGN = re.compile(f"[{_SIGNS}]")
_SEPARATORS = re.compile(rf"[^\w{_SIGNS}]+|_+")
# Letters that NFKD leaves whole, with what they are written as without their diacritic.
_WHOLE_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",  # noqa: RUF001 (the Turkish letter is meant)
        "ħ": "h",
        "ŋ": "ng",
        "ə": "a",
        "ɓ": "b",
        "ɗ": "d",
        "ƙ": "k",
        "ɛ": "e",
        "ɔ": "o",
    }
)


def fold(value: str) -> str:
    """Fold width, case and diacritics: NFKC, casefold, combining marks dropped.

    Hangul stays composed, and kana keep their voicing marks and Indic and Thai letters their vowel
    signs (they are letters there, not accents).
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    if folded.isascii():
        return folded
    kept = (_without_accents(char) for char in folded)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_WHOLE_LETTERS)


def _without_accents(char: str) -> str:
    if _SIGN.match(char):
        return char
    if unicodedata.combining(char) and char not in "\u3099\u309a":
        return ""
    decomposed = unicodedata.normalize("NFD", char)
    return decomposed[0] if len(decomposed) > 1 and decomposed[0] < "\u0600" else char


def tokens(value: str) -> list[str]:
    """Split folded text into words; apostrophes join, all other punctuation separates."""
    return _SEPARATORS.sub(" ", _APOSTROPHES.sub("", fold(value))).split()


def text(value: str) -> str:
    """Normalise free text: folded words, one space apart."""
    return " ".join(tokens(value))


def without_brackets(value: str) -> str:
    """Leave out what stands in brackets, unless nothing else is there."""
    plain = unicodedata.normalize("NFKC", value)
    outside = _BRACKETED.sub(" ", plain)
    return outside if outside.strip() else _BRACKETS.sub(" ", plain)


def alternatives(values: Iterable[str]) -> str:
    """Join normalised values as alternatives of one, each once, empty ones left out."""
    apart = (part for value in values for part in value.split(ALTERNATIVE))
    return ALTERNATIVE.join(dict.fromkeys(part for part in apart if part))
