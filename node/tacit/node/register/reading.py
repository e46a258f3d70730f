"""One row of a file to one record of the register, or to what is wrong with it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tacit.node.formulas import looks_like_formula
from tacit.node.mapping import IGNORE, ColumnMapping
from tacit.node.register import words
from tacit.node.roles import RegisterFields
from tacit.node.sources.base import Row, clean_name
from tacit.node.sources.problems import Problem
from tacit.node.store.records import StoredRecord

_MAXIMUM_ID = 200
_MAXIMUM_CLAIM_TEXT = 400
_CLAIM_TEXTS = ("petition", "forum", "consent_source")
"""What a sealed claim holds: together they must fit into one."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one file.

    Attributes:
        file: its name, for problems.
        header: its columns.
        mapping: what they are.
        fields: the schema's fields.
        today: no record can be documented after it.
    """

    file: str
    header: Sequence[str]
    mapping: ColumnMapping
    fields: RegisterFields
    today: dt.date

    def read(self, row: Row) -> StoredRecord | list[Problem]:
        """Give the row's record, or everything that is wrong with it."""
        values, problems = self._map(row)
        problems += [
            Problem(self.file, sentence, row.number, f"field '{role}'")
            for role, check in _CHECKS.items()
            if (sentence := check(values.get(role, ""), self.today))
        ]
        if not self.mapping.tolerate_dates:
            problems += self._impossible_dates(row.number, values)
        return problems or self._record(row, values)

    def record_id(self, row: Row) -> str:
        """Give the row's record id as it stands."""
        return self._map(row)[0].get("record_id", "")

    def _map(self, row: Row) -> tuple[dict[str, str], list[Problem]]:
        values = dict(self.mapping.constants)
        problems: list[Problem] = []
        for place, column in enumerate(self.header):
            role = self.mapping.used.get(column)
            if role is None:
                continue
            text = row.values[place]
            flaw = row.flaws.get(place) or (
                "the value is a formula, which is no value" if looks_like_formula(text) else None
            )
            if flaw:
                problems.append(Problem(self.file, flaw, row.number, f"field '{role}'"))
            values[role] = self._translate(column, text)
        return values, problems

    def _translate(self, column: str, text: str) -> str:
        table = self.mapping.values.get(column)
        if not table:
            return text
        wanted = clean_name(text).casefold()
        return next((v for k, v in table.items() if k.casefold() == wanted), text)

    def _impossible_dates(self, number: int, values: Mapping[str, str]) -> list[Problem]:
        hint = "; correct it, or set tolerate_dates = true in the mapping to keep such dates"
        return [
            Problem(self.file, sentence + hint, number, f"field '{name}'")
            for name in sorted(self.fields.dates)
            if (sentence := words.impossible_date(values.get(name, "")))
        ]

    def _record(self, row: Row, values: Mapping[str, str]) -> StoredRecord:
        raw = {
            column: row.values[place]
            for place, column in enumerate(self.header)
            if self.mapping.columns.get(column) != IGNORE
        }
        return StoredRecord(
            record_id=values["record_id"],
            fields={name: values[name] for name in self.fields.names if name in values},
            raw=raw,
            documented_on=_iso(values.get("documented_on", "")),
            petition=values.get("petition", ""),
            forum=values.get("forum", ""),
            consent_source=values.get("consent_source", ""),
            purposes=words.purposes(values.get("purposes", "")) or (),
            publication=words.publication(values.get("publication", "")) or "",
            consent_expires=_iso(values.get("consent_expires", "")),
            kind=values.get("kind", ""),
            year=values.get("year", ""),
            body=values.get("body", ""),
            row_number=row.number,
        )


def _iso(text: str) -> str:
    date = words.calendar_date(text) if text else ""
    return date.isoformat() if isinstance(date, dt.date) else ""


def _check_id(text: str, _: dt.date) -> str | None:
    if not text:
        return "the record has no identifier"
    return f"longer than {_MAXIMUM_ID} characters" if len(text) > _MAXIMUM_ID else None


def _check_documented(text: str, today: dt.date) -> str | None:
    if not text:
        return None
    date = words.calendar_date(text)
    if isinstance(date, str):
        return date
    return "the date lies in the future" if date > today else None


def _check_expiry(text: str, _: dt.date) -> str | None:
    date = words.calendar_date(text) if text else None
    return date if isinstance(date, str) else None


def _check_purposes(text: str, _: dt.date) -> str | None:
    if words.purposes(text) is None:
        return "an unknown purpose; known are check, count, attribute, all and none"
    return None


def _check_publication(text: str, _: dt.date) -> str | None:
    if words.publication(text) is None:
        return (
            "neither allowed nor objected; if the column answers yes and no, say in the "
            "mapping's [values] what they stand for"
        )
    return None


def _check_claim_text(text: str, _: dt.date) -> str | None:
    if len(text.encode()) > _MAXIMUM_CLAIM_TEXT:
        return f"longer than {_MAXIMUM_CLAIM_TEXT} bytes"
    return None


_CHECKS: Mapping[str, Callable[[str, dt.date], str | None]] = {
    "record_id": _check_id,
    "documented_on": _check_documented,
    "consent_expires": _check_expiry,
    "purposes": _check_purposes,
    "publication": _check_publication,
    **dict.fromkeys(_CLAIM_TEXTS, _check_claim_text),
}
