"""From an organisation's columns to the register's fields, as its officer wrote it down."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tacit.linkage.errors import Code, TacitError
from tacit.node.roles import RegisterFields
from tacit.node.sources.base import clean_name

KEEP = "keep"
IGNORE = "ignore"
_MAXIMUM_DOCUMENT = 1 << 20
_TABLES = ("columns", "constants", "values")
_KEYS = {"format", "tolerate_dates", *_TABLES}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How to read one organisation's files.

    Attributes:
        columns: column name to register field or role; "keep" shows the column beside matches
            and no more, as for columns not named; "ignore" leaves it out of the store.
        constants: field or role to the value it has in every record.
        values: column name to written value to what it stands for.
        tolerate_dates: keep dates of identity fields that no calendar has as they are.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tolerate_dates: bool = False

    @property
    def used(self) -> Mapping[str, str]:
        """Column name to field or role, without those that are kept or ignored."""
        return {c: role for c, role in self.columns.items() if role not in (KEEP, IGNORE)}

    def encode(self) -> str:
        """Write the mapping as JSON, to keep with an import."""
        document = {
            "format": 1,
            "tolerate_dates": self.tolerate_dates,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            "values": {column: dict(table) for column, table in self.values.items()},
        }
        return json.dumps(document, ensure_ascii=False)


def read_mapping(path: Path, fields: RegisterFields) -> ColumnMapping:
    """Read a mapping file, TOML or (if its name ends in .json) JSON.

    Raises:
        TacitError: BAD_MAPPING; the sentence says which entry is wrong.
    """
    try:
        with path.open("rb") as file:
            document = file.read(_MAXIMUM_DOCUMENT + 1)
    except (OSError, ValueError) as error:
        raise _bad(f"{path.name} cannot be read") from error
    return parse_mapping(document, fields, json_text=path.suffix.lower() == ".json")


def parse_mapping(
    document: bytes, fields: RegisterFields, *, json_text: bool = False
) -> ColumnMapping:
    """Read a mapping.

    Args:
        document: TOML or JSON in UTF-8.
        fields: what columns may be mapped to.
        json_text: whether it is JSON.

    Raises:
        TacitError: BAD_MAPPING; the sentence says which entry is wrong.
    """
    raw = _load(document, json_text=json_text)
    unknown = raw.keys() - _KEYS
    if unknown:
        raise _bad(f"unknown entry '{min(unknown)}'; known are {', '.join(sorted(_KEYS))}")
    if raw.get("format", 1) != 1:
        raise _bad("its format is not 1; a later version of Tacit may read it")
    tolerate = raw.get("tolerate_dates", False)
    if not isinstance(tolerate, bool):
        raise _bad("'tolerate_dates' must be true or false")
    tables = {name: _table(raw.get(name, {}), name) for name in _TABLES}
    mapping = ColumnMapping(
        columns=_texts(tables["columns"], "columns"),
        constants=_texts(tables["constants"], "constants"),
        values={
            clean_name(column): _texts(_table(table, f"values.{column}"), f"values.{column}")
            for column, table in tables["values"].items()
        },
        tolerate_dates=tolerate,
    )
    validate_mapping(mapping, fields)
    return mapping


def validate_mapping(mapping: ColumnMapping, fields: RegisterFields) -> None:
    """Check a mapping against the fields there are.

    Raises:
        TacitError: BAD_MAPPING; the sentence names the column.
    """
    taken = _taken(mapping, fields.all)
    if "record_id" not in taken:
        raise _bad("no column is mapped to 'record_id'")
    if not set(fields.names) & taken.keys():
        raise _bad(f"no column is mapped to any of the schema's fields: {', '.join(fields.names)}")
    for role in mapping.constants:
        if role not in fields.all:
            raise _bad(f"constant '{role}': {_no_such(role, fields.all)}")
        if role in taken:
            raise _bad(f"constant '{role}': column '{taken[role]}' is mapped to it already")
    for column in mapping.values:
        if column not in mapping.used:
            raise _bad(f"values for column '{column}': the column is not mapped to anything")


def _taken(mapping: ColumnMapping, known: Sequence[str]) -> Mapping[str, str]:
    taken: dict[str, str] = {}
    for column, role in mapping.used.items():
        if role not in known:
            raise _bad(f"column '{column}': {_no_such(role, known)}")
        if role in taken:
            raise _bad(f"column '{column}': '{taken[role]}' is mapped to '{role}' already")
        taken[role] = column
    return taken


def check_columns(mapping: ColumnMapping, header: Sequence[str], file: str = "the file") -> None:
    """Check that a file has the columns that a mapping uses.

    Raises:
        TacitError: BAD_MAPPING; the sentence names the missing columns (the mapping's words, not
            the file's).
    """
    missing = [column for column in mapping.used if column not in header]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise _bad(f"{file} has no column {names}; it has {len(header)} columns")


def _load(document: bytes, *, json_text: bool) -> dict[str, Any]:
    if len(document) > _MAXIMUM_DOCUMENT:
        raise _bad("it is too long")
    try:
        text = document.decode("utf-8-sig")
        raw = json.loads(text) if json_text else tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise _bad("it is not in UTF-8") from error
    except json.JSONDecodeError as error:
        raise _bad(f"line {error.lineno} is not JSON") from error
    except tomllib.TOMLDecodeError as error:
        raise _bad(f"it is not TOML: {error}") from error
    except RecursionError as error:
        raise _bad("it is nested too deeply") from error
    return _table(raw, "mapping")


def _table(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad(f"'{name}' is not a table")
    return value


def _texts(table: Mapping[str, Any], name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        tidy = clean_name(key)
        if not isinstance(value, str):
            raise _bad(f"'{key}' in '{name}' is not text")
        if tidy in found:
            raise _bad(f"'{key}' stands twice in '{name}'")
        found[tidy] = value.strip()
    return found


def _no_such(role: str, known: Sequence[str]) -> str:
    named = ", ".join((*known, KEEP, IGNORE))
    return f"there is no field or role '{role}'; there are {named}"


def _bad(problem: str) -> TacitError:
    return TacitError(Code.BAD_MAPPING, problem=problem)
