"""Titles and forms of address, left out of names in any script."""

import re
from functools import lru_cache

from tacit.linkage.normalise.text import fold
from tacit.linkage.normalise.word_lists import word_list

_MAYBE = "?"
_WORD = re.compile(r"[^\s.,;()\[\]\"\u200b]+")
_MOST = 16  # letters of the longest title, and a few
# Behind a name in Han characters, Hangul or kana.
_BEHIND = re.compile(
    r"(?<=\S\S)\s*(?:先生|女士|小姐|太太|同志|教授|博士|医生|醫生|議員|议员|委员|委員|主席|总理|總理|大臣|首相"
    r"|社長|部長|氏|様|殿|さん|さま|くん|ちゃん|サン)$"
)
_LEAST, _LEAST_OF_DOUBTFUL = 1, 2


def without_titles(value: str) -> str:
    """Leave out the titles of a name, where something else remains."""
    plain = without_address(value)
    titles = _titles()
    words = [(found[0], _folded(found[0])) for found in _WORD.finditer(plain)]
    certain = {written for written, word in words if word in titles}
    doubtful = {written for written, word in words if _MAYBE + word in titles}
    if not certain and not doubtful:
        return plain
    left = [written for written, _ in words if written not in certain]
    if len(left) < _LEAST:
        return plain
    if len([written for written in left if written not in doubtful]) >= _LEAST_OF_DOUBTFUL:
        certain |= doubtful
    return _WORD.sub(lambda found: "" if found[0] in certain else found[0], plain)


def without_address(value: str) -> str:
    """Leave out a form of address that stands behind a name in Han characters, Hangul or kana."""
    return _BEHIND.sub("", value.strip())


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(fold(word) for word in word_list("titles.txt"))


def _folded(word: str) -> str:
    return fold(word) if len(word) <= _MOST else ""
