"""How different organisations write the same things down."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tacit.linkage.synthesis.records import FileForm

FIELDS = (
    "record_id",
    "name",
    "sex",
    "birth_date",
    "birth_place",
    "father",
    "kind",
    "year",
    "body",
    "forum",
    "petition",
    "documented_on",
    "consent_source",
    "purposes",
    "publication",
    "consent_expires",
    "keep",
)
"""Fields and roles of a synthetic record, in the order of the registers' columns."""


@dataclass(frozen=True, slots=True)
class Style:
    """One organisation's habits.

    Attributes:
        columns: field or role to the name of its column; what is not here the register lacks.
        language: "ko" or "en", of everything that is neither name nor date.
        script: "south" or "north" for Hangul, or a system of `romanise.SYSTEMS`.
        layout: how a name is put together, with {surname}, {SURNAME}, {Given-name}, {Givenname}
            and {Given Name}; Hangul takes {surname} and {given}.
        date: how a date is written, a key of `writing.DATES`.
        documented: likewise for the day of documentation; year first.
        sexes: what stands for man and woman.
        publication: what stands for allowed, objected and nothing said.
        meanings: for [values]: what is written for publication, to what it means.
        prefix: of record identifiers.
        form: of the file.
        constants: field or role to what it is in every record.
        codes: whether bodies and forums are written by their codes.
    """

    columns: Mapping[str, str]
    language: str
    script: str
    layout: str
    date: str
    documented: str
    sexes: tuple[str, str]
    publication: tuple[str, str, str]
    prefix: str
    form: FileForm
    meanings: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    codes: bool = False


def _columns(*names: str) -> Mapping[str, str]:
    return {role: name for role, name in zip(FIELDS, names, strict=True) if name}


PETITIONER = Style(
    columns=_columns(
        *("등록번호", "성명", "성별", "생년월일", "출생지", "부친 성명", "피해유형", "발생연도"),
        *(
            "가해기관",
            "제출기구",
            "진정번호",
            "접수일",
            "동의자",
            "이용목적",
            "공개거부",
            "동의만료",
        ),
        "비고",
    ),
    language="ko",
    script="south",
    layout="{surname}{given}",
    date="iso",
    documented="iso",
    sexes=("남", "여"),
    publication=("아니오", "예", ""),
    meanings={"예": "objected", "아니오": "allowed"},
    prefix="진정-",
    form=FileForm("xlsx"),
)
CENTRE = Style(
    columns=_columns(
        *("Case ID", "Name of victim", "Sex", "Date of birth", "Place of birth", "Father"),
        *("Violation", "Year", "Perpetrator", "Forum", "Reference", "Recorded on"),
        *("Consent by", "Purposes", "Publication", "Consent until", "Notes"),
    ),
    language="en",
    script="revised",
    layout="{surname} {Given-name}",
    date="slashes",
    documented="iso",
    sexes=("M", "F"),
    publication=("allowed", "objected", ""),
    prefix="DC",
    form=FileForm("csv", "utf-8", ","),
)
ARCHIVE = Style(
    columns=_columns(
        *("No.", "Victim", "Gender", "Born", "From", "", "Category", "Year of event"),
        *("Responsible body", "", "", "Registered on", "Source of consent", "", "Publish", ""),
        "Remarks",
    ),
    language="en",
    script="mccune",
    layout="{SURNAME}, {Given-name}",
    date="words",
    documented="iso",
    sexes=("male", "female"),
    publication=("yes", "no", ""),
    meanings={"yes": "allowed", "no": "objected"},
    prefix="A-",
    form=FileForm("csv", "utf-8-sig", ";"),
    constants={"forum": "none"},
    codes=True,
)
_NORTHERN = Style(
    columns=_columns(
        *("관리번호", "이름", "남녀", "출생일", "고향", "아버지", "사건유형", "년도", "책임기관"),
        *("제출처", "문서번호", "면담일", "동의 주체", "동의목적", "공개여부", "", ""),
    ),
    language="ko",
    script="north",
    layout="{surname} {given}",
    date="hangul",
    documented="hangul",
    sexes=("남자", "녀자"),
    publication=("공개", "비공개", "미정"),
    prefix="",
    form=FileForm("csv", "cp949", ","),
)
_PASSPORT = Style(
    columns=_columns(
        *("ID", "Full name", "Sex", "DOB", "Birthplace", "Father's name", "Type of violation"),
        *("Event year", "Agency", "Submitted to", "Petition no.", "Interview date"),
        *("Consent given by", "Consent scope", "Objection", "", "Comment"),
    ),
    language="en",
    script="passport",
    layout="{Given-name} {surname}",
    date="dots",
    documented="dots_year_first",
    sexes=("Male", "Female"),
    publication=("no", "yes", ""),
    meanings={"yes": "objected", "no": ""},
    prefix="P/",
    form=FileForm("csv", "utf-8", "\t"),
)
_DPRK = Style(
    columns=_columns(
        *("Serial", "Person", "Sex", "Birth", "Home town", "Father", "Kind", "Year", "Body"),
        *("Procedure", "Submission", "Date recorded", "Consenter", "", "Publishable", "", ""),
    ),
    language="en",
    script="dprk",
    layout="{surname} {Given Name}",
    date="compact",
    documented="compact",
    sexes=("m", "f"),
    publication=("allowed", "refused", "unknown"),
    prefix="",
    form=FileForm("xlsx"),
    codes=True,
)

STYLES = (PETITIONER, CENTRE, ARCHIVE, _NORTHERN, _PASSPORT, _DPRK)
"""Every habit; members take them in turn."""
