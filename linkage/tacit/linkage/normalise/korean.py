"""A personal name read as a Korean one."""

from dataclasses import dataclass

from tacit.linkage.normalise.skeleton import Syllable


@dataclass(frozen=True, slots=True)
class KoreanName:
    """A name that was recognised as Korean.

    Attributes:
        surname: its syllables' sounds; empty where the name has none.
        given: the given name's syllables' sounds.
        hangul: surname and given name as written, where the name is in Hangul.
        latin: surname and given name's words as written, where it is in Latin letters.
        written: the whole name as written, where it is in Latin letters.
    """

    surname: tuple[Syllable, ...]
    given: tuple[Syllable, ...]
    hangul: tuple[str, str] | None = None
    latin: tuple[str, tuple[str, ...]] | None = None
    written: str = ""
