"""What the name of a column, in any of several languages, says about its content."""

import re
import unicodedata
from enum import StrEnum


class Kind(StrEnum):
    """What kind of value a column holds."""

    NAME = "name"
    DATE = "date"
    YEAR = "year"
    PLACE = "place"
    CODE = "code"
    NUMBER = "number"
    QUANTITY = "quantity"
    SEX = "sex"
    CATEGORY = "category"
    TEXT = "text"


ENTITY_NAMES = frozenset(
    {
        "cluster",
        "cluster id",
        "entity",
        "entity id",
        "ent id",
        "truth",
        "ground truth",
        "label",
        "match id",
        "true id",
        "정답",
    }
)
RECORD_ID_NAMES = frozenset(
    {
        "",
        "unnamed 0",
        "id",
        "rec id",
        "record id",
        "record number",
        "unique id",
        "uid",
        "row",
        "row id",
        "row number",
        "index",
        "no",
        "nr",
        "number",
        "key",
        "uuid",
        "guid",
        "번호",
        "일련번호",
        "연번",
        "순번",
        "관리번호",
        "기록번호",
        "자료번호",
        "등록번호",
    }
)
_HINTS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(patterns)))
    for kind, patterns in (
        (
            Kind.YEAR,
            (r"\byear\b|\byob\b|\bby\b|\bjahr\b|\baño\b|\bannée\b", "년도|연도|생년$|출생년$"),
        ),
        (
            Kind.DATE,
            (
                r"\bdob\b|\bdate\b|birth ?da(?:te|y)|\bborn\b|^birth$",
                "생년월일|생일|출생일|일자|날짜|生年月日|出生日期",
                "geburtsdatum|fecha|naissance|nacimiento|дата",
            ),
        ),
        (
            Kind.CODE,
            (
                r"post ?code|\bzip\b|postal|\bplz\b|\bssn\b|soc sec|social security|\bnino\b|\bnhs\b",
                r"passport|licen[cs]e|phone|\btel\b|mobile|\bfax\b|e ?mail",
                "우편번호|전화|휴대|주민등록|여권|이메일",
            ),
        ),
        (Kind.SEX, (r"\bsex\b|\bgender\b|\bgeschlecht\b|\bsexo\b|\bsexe\b|성별",)),
        (Kind.CATEGORY, (r"marital|\bstatus\b|nationality|ethnicity|\brace\b|국적",)),
        (
            Kind.PLACE,
            (
                "place|city|town|suburb|village|county|province|district|region|country",
                r"address|street|\bstate\b|location|residence|municip|\bpob\b",
                r"출생지|고향|본적|거주|주소|지역|\b도\b|시군|시도|出生地|地址|住所",
                r"\bort\b|stra(?:ss|ß)e|ciudad|lugar|\bville\b|\blieu\b",
            ),
        ),
        (
            Kind.NAME,
            (
                r"name\b|\bgiven\b|\bfirst\b|\blast\b|middle|maiden|family|\bfather\b|\bmother\b",
                r"\balias|nick|\baka\b|[fl]name|vorname|\bnom\b|prénom|nombre|apellido",
                r"성명|이름|\b성\b|별명|이명|가명|본명|아버지|어머니|부친|모친|姓名|氏名",
                "имя|фамилия|отчество",
            ),
        ),
    )
)
_ID_WORD = re.compile(r"\bid\b|번호$|\bkey\b|\buuid\b")


def plain(name: str) -> str:
    """Fold a column name: NFKC, lower case, words one space apart, CamelCase taken apart."""
    text = unicodedata.normalize("NFKC", name).strip()
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).casefold()
    return re.sub(r"[\W_]+", " ", text).strip()


def hint(name: str) -> Kind | None:
    """Guess a column's kind from its name alone."""
    text = plain(name)
    return next((kind for kind, pattern in _HINTS if pattern.search(text)), None)


def called_id(name: str) -> bool:
    """Tell whether a column's name speaks of an identifier."""
    return _ID_WORD.search(plain(name)) is not None
