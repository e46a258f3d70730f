"""What a column's name says it is about, in many languages: whose name, date or place of what.

Registers name the same thing differently; columns that are about the same thing are compared.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from tacit.linkage.column_names import plain
from tacit.linkage.normalise.text import fold


class Part(StrEnum):
    """Which part of a name or date a column holds; `WHOLE` for all of it and for anything else."""

    WHOLE = "whole"
    ALIAS = "alias"
    FAMILY = "family"
    GIVEN = "given"
    MIDDLE = "middle"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Concept:
    """What a column is about.

    Attributes:
        subject: such as "name", "birth", "birth place".
        part: of it.
    """

    subject: str
    part: Part = Part.WHOLE


NAME, BIRTH, DEATH = "name", "birth", "death"
PLACES = frozenset(
    {"birth place", "residence", "place", "region", "county", "country", "nationality"}
)

_SUBJECTS = (
    "birth place",
    "sex",
    "nationality",
    "country",
    "region",
    "county",
    "place",
    "residence",
    "address",
    "postcode",
    "phone",
    "email",
    "occupation",
    "age",
    "height",
    "weight",
    "passport",
    "organisation",
)
_PERSONS = ("father", "mother", "spouse", "next of kin")
_NAME_PARTS = (Part.ALIAS, Part.FAMILY, Part.GIVEN, Part.MIDDLE, Part.WHOLE)


@cache
def _words() -> dict[str, str]:
    """Give the pattern of each kind of word."""
    table = (files("tacit.linkage") / "column_words.tsv").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            key, pattern = line.split("\t")
            found.setdefault(key, []).append(pattern)
    return {key: f"(?:{'|'.join(patterns)})" for key, patterns in found.items()}


@cache
def concept(header: str) -> Concept | None:
    """Say what a column is about, by its name alone; None where that cannot be told."""
    text = fold(plain(header)).replace("'", " ")
    words = _words()
    subject = next((s for s in _SUBJECTS if re.fullmatch(words[s], text)), None)
    if subject is not None:
        return Concept(subject)
    return _person(text, words) or _name(text, words) or _dated(text, words)


def _person(text: str, words: Mapping[str, str]) -> Concept | None:
    """Read the name of somebody else: father, mother's maiden name, 배우자 성명."""
    names = "|".join(words[f"name/{part}"] for part in _NAME_PARTS)
    for person in _PERSONS:
        who = words[f"person/{person}"]
        if re.fullmatch(rf"{who}(?: s)?(?: ?(?:{names}))?|(?:{names}) of {who}", text):
            return Concept(f"{person} name")
    return None


def _name(text: str, words: Mapping[str, str]) -> Concept | None:
    if re.search(words["no person"], text):
        return None
    script = words["script"]
    bare = re.sub(rf"^{script} (?=\S)|(?<=\S) {script}$", "", text)
    for part in _NAME_PARTS:
        if any(re.fullmatch(words[f"name/{part}"], written) for written in (text, bare)):
            return Concept(NAME, part)
    return None


def _dated(text: str, words: Mapping[str, str]) -> Concept | None:
    if re.search(words["no date"], text):
        return None
    for subject in (BIRTH, DEATH):
        for part in (Part.WHOLE, Part.YEAR, Part.MONTH, Part.DAY):
            if re.fullmatch(words.get(f"{subject}/{part}", "(?!)"), text):
                return Concept(subject, part)
        if re.search(rf"(?<!\w){words[f'date/{subject}']}", text):
            return Concept(subject, _date_part(text, words))
    return None


def _date_part(text: str, words: Mapping[str, str]) -> Part:
    if re.search(rf"\b{words['date/whole']}\b|일자$|년월일", text):
        return Part.WHOLE
    for part in (Part.YEAR, Part.MONTH, Part.DAY):
        if re.search(rf"\b{words[f'date/{part}']}\b", text):
            return part
    return Part.YEAR if re.search("[년연]도$|년$", text) else Part.WHOLE
