"""When and for what a member documented a case: petition, forum, consent, objection.

Every number lies outside the ranges that real references have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tacit.linkage.synthesis.styles import Style

LAST_DAY = date(2024, 12, 31)
"""Nothing is documented after it."""

_EXPIRED, _ENDING = 0.005, 0.06

_SOURCES = {
    "ko": ("배우자", "자녀", "형제자매", "부모", "본인", "친척"),
    "en": ("spouse", "child", "brother or sister", "parent", "the person", "relative"),
}
_REMARKS = {
    "ko": ("", "", "", "대면 면담", "전화 면담", "서면 진술", "재확인 필요"),
    "en": ("", "", "", "interview", "telephone interview", "written statement", "to be reviewed"),
}
_PURPOSES = {"ko": ("확인, 집계", "없음"), "en": ("check, count", "none")}


@dataclass(frozen=True, slots=True)
class Practice:
    """What a kind of organisation does with its cases.

    Attributes:
        forums: code of a forum to how often cases go there.
        objections: share of cases whose family objects to publication.
        permissions: share whose family allows it in so many words.
        begins: year from which on it documents.
        ends: year until which.
        limited: share with consent to checks and counts alone.
        withheld: share without consent to anything.
    """

    forums: Mapping[str, int] = field(default_factory=lambda: {"none": 1})
    objections: float = 0.1
    permissions: float = 0.4
    begins: int = 1996
    ends: int = 2024
    limited: float = 0.05
    withheld: float = 0.01


GENERAL = Practice({"none": 50, "wgeid": 15, "wgad": 10, "un-coi": 10, "court-kr": 8, "nhrck": 7})
PETITIONING = Practice(
    {"wgeid": 80, "wgad": 8, "court-us": 2, "court-kr": 4, "none": 6},
    objections=0.45,
    permissions=0.1,
    begins=1996,
    ends=2012,
)
COLLECTING = Practice(
    {"none": 70, "un-coi": 10, "ohchr": 8, "nhrck": 6, "wgad": 4, "court-jp": 2},
    objections=0.08,
    permissions=0.3,
    begins=2003,
)
PUBLISHING = Practice(objections=0.01, permissions=0.85, begins=2014, limited=0.0, withheld=0.0)


@dataclass(frozen=True, slots=True)
class Consent:
    """What whoever spoke for the person agreed to.

    Attributes:
        publication: "allowed", "objected" or "".
        purposes: as written; empty for all.
        expires: its last day, or None.
        linkable: whether it lets the record into a linkage.
    """

    publication: str
    purposes: str = ""
    expires: date | None = None
    linkable: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """What a member holds about a case besides the person.

    Attributes:
        forum: code of the forum.
        petition: reference there; empty where there was none.
        documented_on: the day.
        source: who consented.
        consent: to what.
        remark: a word or two.
    """

    forum: str
    petition: str
    documented_on: date
    source: str
    consent: Consent
    remark: str


def document(
    year: int, practice: Practice, style: Style, rng: Random, settled: str | None = None
) -> Document:
    """Invent what a member holds about one case.

    Args:
        year: in which it happened.
        practice: the member's.
        style: the member's.
        rng: decides everything.
        settled: what the consent says of publication where a story needs that; such consent
            has no other limits. None leaves it to `rng`.
    """
    forum = rng.choices(tuple(practice.forums), tuple(practice.forums.values()))[0]
    day = _documented(year, practice, rng)
    drawn = _consent(practice, style, rng)
    return Document(
        forum=forum,
        petition=_reference(forum, day.year, rng),
        documented_on=day,
        source=rng.choice(_SOURCES[style.language]),
        consent=drawn if settled is None else Consent(settled),
        remark=rng.choice(_REMARKS[style.language]),
    )


def _documented(year: int, practice: Practice, rng: Random) -> date:
    first = date(min(max(year + 1, practice.begins), LAST_DAY.year), 1, 1)
    last = max(first, date(practice.ends, 12, 31))
    return first + timedelta(days=rng.randrange((min(last, LAST_DAY) - first).days + 1))


def _consent(practice: Practice, style: Style, rng: Random) -> Consent:
    said, scope, term = rng.random(), rng.random(), rng.random()
    publication = ""
    if said < practice.objections:
        publication = "objected"
    elif said < practice.objections + practice.permissions:
        publication = "allowed"
    limited, withheld = _PURPOSES[style.language]
    purposes, linkable = "", True
    if "purposes" in style.columns and scope < practice.withheld:
        purposes, linkable = withheld, False
    elif "purposes" in style.columns and scope < practice.withheld + practice.limited:
        purposes = limited
    expires = None
    if "consent_expires" in style.columns and term < _EXPIRED:
        expires, linkable = date(rng.randint(2015, 2022), 6, 30), False
    elif "consent_expires" in style.columns and term < _ENDING:
        expires = date(rng.randint(2060, 2090), 12, 31)
    return Consent(publication, purposes, expires, linkable)


def _reference(forum: str, year: int, rng: Random) -> str:
    """Invent a reference in the manner of a forum."""
    short = year % 100
    number = rng.randrange(10_000)
    references = {
        "wgeid": f"WGEID 9{number:04}{number * 7 % 1000:03}",
        "wgad": f"Opinion No. {300 + number % 700}/{year}",
        "un-coi": f"COI submission 9{number:04}",
        "ohchr": f"OHCHR-S 9{number:04}",
        "hrc": f"CCPR communication 9{number:04}/{year}",
        "court-kr": f"서울중앙지방법원 {year}가합9{number:05}",
        "court-us": f"No. 1:{short:02}-cv-9{number:04}",
        "court-jp": f"Tokyo District Court {year} (Wa) 9{number:04}",
        "nhrck": f"{short:02}진정9{number:06}",
    }
    return references.get(forum, "")
