"""What people write where they have no value."""

import re

from tacit.linkage.normalise.text import fold

# Not "na", "null" or "nan" in small letters alone: they are names of people too.
_EXACT = frozenset({"NULL", "NaN", "NA", "<NA>", "#N/A", "None", "NONE", "nil", "NIL"})
_TEXT = """
    n/a n.a n.a. none nothing unknown unk unspecified undisclosed withheld missing blank empty
    not-known not-available not-applicable not-recorded not-stated not-specified no-data no-info
    no-information tbd tbc
    미상 불명 불상 무명 없음 없슴 모름 알수없음 알-수-없음 해당없음 해당-없음 미확인 확인불가 확인-불가
    확인안됨 미기재 미입력 비공개 무응답 기록없음 기록-없음 정보없음 정보-없음 未詳 不明 不详 不詳 无 無 未知
    なし 不詳 неизвестно неизвестен неизвестна нет нет-данных н/д невідомо
    unbekannt keine-angabe k.a. inconnu inconnue non-renseigne desconocido desconocida sin-datos
    desconhecido sconosciuto onbekend nieznany nieznane bilinmiyor khong-ro
"""
_WORDS = frozenset(_TEXT.split())
_SPACE = re.compile(r"[\s_-]+")


def is_missing(value: str) -> bool:
    """Tell whether a value says that there is none: "", "-", "n/a", "unknown", "미상", ..."""
    plain = value.strip()
    if plain in _EXACT or not any(map(str.isalnum, plain)):
        return True
    if len(plain) > 24:  # noqa: PLR2004 (longer than any of the words)
        return False
    return _SPACE.sub("-", fold(plain).strip("()[]<>{}\"'. ")) in _WORDS
