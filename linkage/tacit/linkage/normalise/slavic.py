"""East and South Slavic names in Latin letters: one spelling for the many transliterations.

Passports, GOST, BGN/PCGN, ISO 9 and the French, German and Polish ways write Юрий, Щербаков and
Алексеевич as Yuriy, Iurii, Jurij; Shcherbakov, Schtscherbakow; Alekseyevich, Alexeevitch. What
they come to here is near to what newspapers write (ury, sherbakov, alexeevich), so that a name that
does not look Slavic, and so stays as it is, still agrees in part.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

# An ending or a cluster of letters that hardly any other language has.
_SLAVIC = re.compile(
    r"""
    [a-z]{2,}(?:[oe]v|[oe]va|[oe]wa|ow[ai]|[iy]ev|jev|jeva|owicz|ewicz|[aei]now|[oe]vi[ct]|ovna|evna|[oe]wna)
    | [a-z]{3,}[oe]ff
    | [a-z]{2,}(?:[sc]ki|sky|[sct]s?kiy|s?kij|skyi|skyy|skyj|skii|skaya|skaja|skaia|ska)
    | [a-z]{2,}(?:enko|chuk|tchuk|czuk|[iyj]uk|vych|vich|vitch|vitsch|vna)
    | [a-z]{2,}(?:[iy]y|[iyaoe]j|ii|iya|ija|iia|[bdfklmnprstvz][yj]a)
    | (?:yu|iu)[rl](?:i|y|ij|iy|ii|ia|iya|ija|iia|ya|yevich|ievich) | ju(?:rij|lij)a?
    | (?:ye|ie)[vkl][a-z]{3,}
    | (?:sergu?e|andre|alexe|nikola|mi(?:k?h|ch)ai?)[iyj]l? | [a-z]+[lt][yj]a(?:na)?
    | [a-z]*(?:shch|schtsch|[aeiouy]zh[bdkn]|ndr$|ksand|ks[ei][yij]|ly?u[bd]m|l[yji]ud|ly[u]|lj[u])[a-z]*
    """,
    re.VERBOSE,
)
_VOWEL = "[aeiouy]"
_HARD = "(?<=[bcdfghklmnpqrstvwxz])"
_AFTER = "(?<=[aeiouy])"
_STEPS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        ("shch|s(?:ch)?tsch|sch", "sh"),
        ("tsch|tch|cz", "ch"),
        ("tz|cs", "ts"),
        ("kh", "h"),
        ("ks", "x"),
        ("ph", "f"),
        ("([oe])ff$", r"\1v"),
        ("w", "v"),
        ("gu(?=[ei])", "g"),
        ("ou", "u"),
        ("ndr$", "nder"),
        ("([oe])vi[ct]$", r"\1vich"),
        ("^[yji]e", "e"),
        (f"{_HARD}(?:[iy][yji]|[iyj])e", "e"),
        (f"{_AFTER}[yji]e", "e"),
        (f"{_HARD}(?:i[iyj]|[iyj])a", "ia"),
        (f"(?:^|{_AFTER})[iyj]a", "ya"),
        (f"{_HARD}[iyj]u", "u"),
        (f"(?:^|{_AFTER})[iyj]u", "u"),
        (f"{_HARD}[yj]o", "e"),
        ("j(?=o)", "y"),
        (f"(?<=[a-z][a-z]){_HARD}(?:[iy][iyj]|[iyj])$", "y"),
        (f"(?<=[aeou])[iyj](?!{_VOWEL})", "y"),
        ("j", "y"),
        (f"{_HARD}y(?=[bcdfghklmnpqrstvxz])", "i"),
    )
)
# Letters of ISO 9, Serbo-Croatian, Czech and Turkic spellings, whose diacritics mean a sound.
_MARKED = str.maketrans(
    {"č": "ch", "š": "sh", "ž": "zh", "ć": "ch", "ŝ": "sh", "ş": "sh", "ș": "sh", "ç": "ch"}
)


def hissing(value: str) -> str:
    """Write š, č and ž, which folding would leave without their diacritics, as sh, ch and zh."""
    return value.casefold().translate(_MARKED)


def is_slavic(words: Sequence[str]) -> bool:
    """Tell whether one of the words, small letters a to z, looks like a Slavic name."""
    return any(_SLAVIC.fullmatch(word) for word in words)


@lru_cache(maxsize=65536)
def slavic(word: str) -> str:
    """Write one word, small letters a to z, in the one spelling."""
    for pattern, written in _STEPS:
        word = pattern.sub(written, word)
    return word
