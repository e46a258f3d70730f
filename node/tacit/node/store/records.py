"""The register's records in the store, and the version kept for undoing."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from tacit.node.store.tables import previous_records, records


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record of the member's own register.

    Attributes:
        record_id: the organisation's own identifier, unique.
        fields: register field to value as imported (not normalised).
        raw: column of the imported file to value, for people to read.
        documented_on: ISO date or empty.
        purposes: subset of "check", "count", "attribute"; empty means all of an agreement's.
        publication: "allowed", "objected" or empty for unspecified.
        consent_expires: last ISO date on which consent holds, or empty.
        kind: stratum, as are year, body and forum; as imported.
        import_id: the import that wrote this version.
        row_number: where it stood in the file; the header is row 1.
    """

    record_id: str
    fields: Mapping[str, str]
    raw: Mapping[str, str] = field(repr=False)
    documented_on: str = ""
    petition: str = ""
    forum: str = ""
    consent_source: str = ""
    purposes: tuple[str, ...] = ()
    publication: str = ""
    consent_expires: str = ""
    kind: str = ""
    year: str = ""
    body: str = ""
    import_id: int = 0
    row_number: int = 0

    def __repr__(self) -> str:
        """Say where it came from and nothing about the person."""
        return f"StoredRecord(import_id={self.import_id}, row_number={self.row_number})"


def count_records(connection: Connection) -> int:
    """Give the number of records in the register."""
    return connection.execute(select(func.count()).select_from(records)).scalar_one()


def get_record(connection: Connection, record_id: str) -> StoredRecord | None:
    """Give a record, or None."""
    row = connection.execute(select(records).where(records.c.record_id == record_id)).one_or_none()
    return None if row is None else _record(row)


def get_records(connection: Connection, record_ids: Iterable[str]) -> Mapping[str, StoredRecord]:
    """Give the records that are there of those asked for, by id."""
    wanted = list(dict.fromkeys(record_ids))
    found: dict[str, StoredRecord] = {}
    for start in range(0, len(wanted), 1000):
        query = select(records).where(records.c.record_id.in_(wanted[start : start + 1000]))
        found.update((row.record_id, _record(row)) for row in connection.execute(query))
    return found


def iter_records(connection: Connection) -> Iterator[StoredRecord]:
    """Give all records, by id."""
    for row in connection.execute(select(records).order_by(records.c.record_id)):
        yield _record(row)


def iter_record_ids(connection: Connection) -> Iterator[str]:
    """Give all record ids, in order."""
    yield from connection.execute(
        select(records.c.record_id).order_by(records.c.record_id)
    ).scalars()


def put_records(connection: Connection, items: Iterable[StoredRecord]) -> None:
    """Insert records, or change those of the same id."""
    values = [_values(item) for item in items]
    if not values:
        return
    statement = upsert(records)
    changes = {name: statement.excluded[name] for name in values[0] if name != "record_id"}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["record_id"], set_=changes), values
    )


def delete_records(connection: Connection, record_ids: Sequence[str]) -> None:
    """Erase records."""
    _delete(connection, records, record_ids)


def keep_previous(connection: Connection, record_ids: Sequence[str]) -> None:
    """Keep the records as they are now, for undoing; those not there are kept as new."""
    for start in range(0, len(record_ids), 1000):
        some = record_ids[start : start + 1000]
        held = select(records).where(records.c.record_id.in_(some))
        connection.execute(insert(previous_records).from_select(records.columns.keys(), held))
        known = set(
            connection.execute(
                select(records.c.record_id).where(records.c.record_id.in_(some))
            ).scalars()
        )
        new = [{"record_id": record_id} for record_id in some if record_id not in known]
        if new:
            connection.execute(insert(previous_records), new)


def forget_previous(connection: Connection) -> None:
    """Erase what was kept for undoing."""
    connection.execute(delete(previous_records))


def restore_previous(connection: Connection) -> None:
    """Put back what was kept for undoing."""
    connection.execute(
        delete(records).where(records.c.record_id.in_(select(previous_records.c.record_id)))
    )
    held = select(previous_records).where(previous_records.c.fields.is_not(None))
    connection.execute(insert(records).from_select(records.columns.keys(), held))
    forget_previous(connection)


def _delete(connection: Connection, table: Table, record_ids: Sequence[str]) -> None:
    for start in range(0, len(record_ids), 1000):
        some = record_ids[start : start + 1000]
        connection.execute(delete(table).where(table.c.record_id.in_(some)))


def _values(record: StoredRecord) -> dict[str, Any]:
    return {
        **{item.name: getattr(record, item.name) for item in fields(record)},
        "fields": _json(record.fields),
        "raw": _json(record.raw),
        "purposes": " ".join(record.purposes),
    }


def _json(values: Mapping[str, str]) -> str:
    return json.dumps(dict(values), ensure_ascii=False)


def _record(row: Row[Any]) -> StoredRecord:
    values = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name)
    values["fields"] = json.loads(values["fields"])
    values["raw"] = json.loads(values["raw"])
    values["purposes"] = tuple(values["purposes"].split())
    return StoredRecord(**values)
