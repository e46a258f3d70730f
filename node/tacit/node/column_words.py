"""How organisations name their columns, in Korean and English, and how values look."""

import re
from collections.abc import Callable, Mapping, Sequence

from tacit.linkage.normalise.values import sex
from tacit.node.sources.base import clean_name

WORDS: Mapping[str, tuple[str, ...]] = {
    "record_id": (
        "record id", "rec id", "id", "unique id", "uid", "case id", "case no", "case number",
        "victim id", "person id", "serial", "serial no", "no", "registration no",
        "registration number", "등록번호", "관리번호", "고유번호", "사건번호", "피해자번호",
        "일련번호", "연번", "번호", "아이디",
    ),
    "name": (
        "name", "full name", "victim", "victim name", "name of victim", "person name", "성명",
        "이름", "피해자", "피해자명", "피해자 성명", "피해자 이름", "대상자명", "한글이름",
        "한글성명", "성함",
    ),
    "birth_date": (
        "birth date", "date of birth", "dob", "birthday", "birthdate", "born", "year of birth",
        "birth year", "생년월일", "출생일", "출생연도", "출생년도", "생년", "생일",
    ),
    "sex": ("sex", "gender", "성별", "남녀"),
    "birth_place": (
        "birth place", "birthplace", "place of birth", "pob", "home town", "hometown",
        "native place", "출생지", "고향", "본적", "본적지", "태어난 곳",
    ),
    "father": (
        "father", "father name", "fathers name", "name of father", "아버지", "부친", "부친명",
        "아버지 이름", "부친 성명", "부",
    ),
    "documented_on": (
        "documented on", "documented", "date documented", "recorded on", "date recorded",
        "registered on", "registration date", "interview date", "date of interview",
        "statement date", "기록일", "등록일", "접수일", "조사일", "면담일", "문서화일", "기록일자",
        "등록일자", "접수일자", "조사일자", "작성일",
    ),
    "petition": (
        "petition", "petition no", "petition number", "petition reference", "submission",
        "submission no", "communication no", "reference", "진정번호", "진정", "진정서",
        "진정서번호", "청원번호", "제출번호", "문서번호",
    ),
    "forum": (
        "forum", "mechanism", "procedure", "body seized", "submitted to", "진정기구",
        "제출기관", "제출처", "진정처", "절차", "유엔절차",
    ),
    "consent_source": (
        "consent source", "source of consent", "consent by", "consent given by", "consenter",
        "동의자", "동의 출처", "동의 주체", "동의서", "동의서번호", "동의권자",
    ),
    "purposes": (
        "purposes", "purpose", "consent purposes", "allowed purposes", "consent scope", "목적",
        "동의목적", "동의 범위", "이용목적", "활용목적",
    ),
    "publication": (
        "publication", "publication consent", "publish", "public", "objection",
        "objects to publication", "publication objection", "publication objected", "공개",
        "공개여부", "공개동의", "공개 동의 여부", "공개거부", "공개 거부 여부", "비공개",
        "비공개요청", "공개반대",
    ),
    "consent_expires": (
        "consent expires", "consent expiry", "consent until", "consent valid until", "expires",
        "동의만료", "동의 만료일", "동의 유효기간", "만료일", "동의기한",
    ),
    "kind": (
        "kind", "type", "violation", "kind of violation", "type of violation", "violation type",
        "category", "victim type", "유형", "피해유형", "침해유형", "사건유형", "분류",
    ),
    "year": (
        "year", "year of violation", "year of event", "event year", "incident year",
        "violation year", "연도", "년도", "발생연도", "사건연도", "피해연도", "발생년도",
    ),
    "body": (
        "body", "perpetrator", "perpetrator body", "responsible body", "agency", "가해기관",
        "가해자", "책임기관", "가해 주체", "기관",
    ),
}  # fmt: skip
"""Role or usual field to the names that columns of it have, best known first."""

YES = ("예", "네", "y", "yes", "true", "o", "1", "유", "있음")
NO = ("아니오", "아니요", "n", "no", "false", "x", "0", "무", "없음")
"""Answers; each of YES has its counterpart at the same place of NO."""

OBJECTING = ("거부", "비공개", "반대", "objec", "refus", "confidential")

_DATE = re.compile(r"(1[89]|20)\d\d(\D{1,3}\d{1,2}(\D{1,3}\d{1,2}\D?)?|\d{2}(\d{2})?)?년?")
_YEAR = re.compile(r"(1[89]|20)\d\d년?")
_HANGUL_NAME = re.compile(r"[가-힣]{2,4}( [가-힣]{1,3})?")
_LATIN_NAME = re.compile(r"[A-Za-z][a-z'A-Z-]*,?( [A-Za-z][A-Za-z'-]*){1,3}")


def key(name: str) -> str:
    """Give what two ways of writing one column name have in common."""
    return re.sub(r"[\W_]+", "", clean_name(name).casefold())


def share(values: Sequence[str], test: Callable[[str], object]) -> float:
    """Give the share of values, blanks left out, that pass a test; 0 without any value."""
    filled = [value.strip() for value in values if value.strip()]
    return sum(bool(test(value)) for value in filled) / len(filled) if filled else 0.0


def is_yes_or_no(value: str) -> bool:
    """Whether a value answers yes or no."""
    return value.strip().casefold() in (*YES, *NO)


def _distinct(values: Sequence[str]) -> float:
    filled = [value for value in values if value.strip()]
    complete = len(filled) == len(values) > 1
    return float(complete and len(set(filled)) == len(filled))


SHAPES: Mapping[str, Callable[[Sequence[str]], float]] = {
    "record_id": _distinct,
    "name": lambda v: share(v, lambda x: _HANGUL_NAME.fullmatch(x) or _LATIN_NAME.fullmatch(x)),
    "father": lambda v: share(v, lambda x: _HANGUL_NAME.fullmatch(x) or _LATIN_NAME.fullmatch(x)),
    "birth_date": lambda v: share(v, _DATE.fullmatch),
    "documented_on": lambda v: share(v, _DATE.fullmatch),
    "consent_expires": lambda v: share(v, _DATE.fullmatch),
    "year": lambda v: share(v, _YEAR.fullmatch),
    "sex": lambda v: share(v, lambda x: sex(x) in {"m", "f"}),
}
"""Role to how far the values look like it, 0 to 1; roles not here look like anything."""
