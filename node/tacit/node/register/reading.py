"""One row of a file to one record of the register, or to what is wrong with it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

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


class RowReader:
    """Reads the rows of one file.

    Args:
        file: its name, for problems.
        header: its columns.
        mapping: what they are.
        fields: the schema's fields.
        today: no record can be documented after it.
    """

    def __init__(
        self,
        file: str,
        header: Sequence[str],
        mapping: ColumnMapping,
        fields: RegisterFields,
        today: dt.date,
    ) -> None:
        self._file = file
        self._today = today
        self._fields = fields
        self._constants = mapping.constants
        self._dates = () if mapping.tolerate_dates else tuple(sorted(fields.dates))
        used = mapping.used
        self._used = [(place, used[c]) for place, c in enumerate(header) if c in used]
        self._answers = {
            place: {clean_name(k).casefold(): v for k, v in mapping.values[column].items()}
            for place, column in enumerate(header)
            if column in mapping.values
        }
        self._kept = [
            (place, column)
            for place, column in enumerate(header)
            if mapping.columns.get(column) != IGNORE
        ]

    def read(self, row: Row) -> StoredRecord | list[Problem]:
        """Give the row's record, or everything that is wrong with it."""
        values, problems = self._map(row)
        problems += [
            Problem(self._file, sentence, row.number, f"field '{role}'")
            for role, check in _CHECKS.items()
            if (sentence := check(values.get(role, ""), self._today))
        ]
        problems += self._impossible_dates(row.number, values)
        return problems or self._record(row, values)

    def _map(self, row: Row) -> tuple[dict[str, str], list[Problem]]:
        values = dict(self._constants)
        problems: list[Problem] = []
        for place, role in self._used:
            text = row.values[place]
            flaw = row.flaws.get(place)
            if flaw is None and looks_like_formula(text):
                flaw = "the value is a formula, which is no value"
            if flaw:
                problems.append(Problem(self._file, flaw, row.number, f"field '{role}'"))
            values[role] = self._translate(place, text)
        return values, problems

    def _translate(self, place: int, text: str) -> str:
        answers = self._answers.get(place)
        return text if answers is None else answers.get(clean_name(text).casefold(), text)

    def _impossible_dates(self, number: int, values: Mapping[str, str]) -> list[Problem]:
        hint = "; correct it, or set tolerate_dates = true in the mapping to keep such dates"
        return [
            Problem(self._file, sentence + hint, number, f"field '{name}'")
            for name in self._dates
            if (sentence := words.impossible_date(values.get(name, "")))
        ]

    def _record(self, row: Row, values: Mapping[str, str]) -> StoredRecord:
        raw = {column: row.values[place] for place, column in self._kept}
        return StoredRecord(
            record_id=values["record_id"],
            fields={name: values[name] for name in self._fields.names if name in values},
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
