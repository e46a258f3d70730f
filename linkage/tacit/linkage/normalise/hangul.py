"""Hangul syllables taken apart and put together by arithmetic (Unicode, section 3.12)."""

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

_BASE = 0xAC00
_VOWELS = len(VOWELS)
_FINALS = len(FINALS)
_COUNT = len(INITIALS) * _VOWELS * _FINALS


def is_syllable(char: str) -> bool:
    """Tell whether one character is a composed Hangul syllable."""
    return _BASE <= ord(char) < _BASE + _COUNT


def decompose(syllable: str) -> tuple[int, int, int]:
    """Give the indices of a syllable's initial, vowel and final (0 is none)."""
    code = ord(syllable) - _BASE
    return code // (_VOWELS * _FINALS), code // _FINALS % _VOWELS, code % _FINALS


def compose(initial: int, vowel: int, final: int) -> str:
    """Give the syllable of an initial, a vowel and a final."""
    return chr(_BASE + (initial * _VOWELS + vowel) * _FINALS + final)


_NIEUN, _RIEUL, _IEUNG = INITIALS.index("ㄴ"), INITIALS.index("ㄹ"), INITIALS.index("ㅇ")
_PALATAL = frozenset(VOWELS.index(vowel) for vowel in "ㅑㅒㅕㅖㅛㅠㅣ")
_GLIDING = _PALATAL - {VOWELS.index("ㅣ")}


def initial_law(syllable: str, *, first: bool) -> str:
    """Write a syllable by the South's initial-sound law (두음법칙): 리 as 이, 로 as 노, 녀 as 여.

    Args:
        syllable: one Hangul syllable.
        first: whether it begins a word. Within names the law is kept for ㄹ before y alone (영룡
            and 영용 are one name), where writers on both sides waver.
    """
    initial, vowel, final = decompose(syllable)
    if initial not in {_NIEUN, _RIEUL}:
        return syllable
    if vowel in (_PALATAL if first else _GLIDING):
        return compose(_IEUNG, vowel, final)
    return compose(_NIEUN, vowel, final) if first else syllable
