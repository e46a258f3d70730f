"""What is known of records that the register holds twice: people's marks, and the last search."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from tacit.node.store.rows import every, one, put
from tacit.node.store.tables import (
    duplicate_marks,
    duplicate_searches,
    previous_records,
    records,
)


@dataclass(frozen=True, slots=True)
class StoredMark:
    """What a person said of two records.

    Attributes:
        left_id: the lower record id.
        right_id: the higher one.
        same: whether the two are one person, or different people.
        marked_at: milliseconds since 1970.
    """

    left_id: str
    right_id: str
    same: bool
    marked_at: int


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """What comparing the register with itself found.

    Attributes:
        schema_hash: of the schema by which it was compared, 32 bytes.
        content: what the search depended on: `register_digest` at that time, and the method.
        document: JSON.
        found_at: milliseconds since 1970.
    """

    schema_hash: bytes
    content: bytes
    document: str
    found_at: int


def put_mark(connection: Connection, mark: StoredMark) -> None:
    """Keep a mark, in place of an earlier one of the same two records."""
    put(connection, duplicate_marks, mark)


def drop_mark(connection: Connection, left_id: str, right_id: str) -> bool:
    """Forget a mark; tells whether there was one."""
    found = connection.execute(
        delete(duplicate_marks).where(
            duplicate_marks.c.left_id == left_id, duplicate_marks.c.right_id == right_id
        )
    )
    return found.rowcount > 0


def list_marks(connection: Connection) -> Sequence[StoredMark]:
    """Give all marks of records that the register holds, by record ids."""
    held = select(records.c.record_id)
    query = (
        select(duplicate_marks)
        .where(duplicate_marks.c.left_id.in_(held), duplicate_marks.c.right_id.in_(held))
        .order_by(duplicate_marks.c.left_id, duplicate_marks.c.right_id)
    )
    return every(connection, query, StoredMark)


def register_digest(connection: Connection) -> bytes:
    """Hash every record's id and fields, to see whether any changed; 32 bytes."""
    digest = hashlib.sha256()
    query = select(records.c.record_id, records.c.fields).order_by(records.c.record_id)
    for record_id, fields in connection.execute(query):
        for text in (record_id, fields):
            data = text.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def get_search(connection: Connection, schema_hash: bytes) -> StoredSearch | None:
    """Give what the last search by a schema found, or None."""
    query = select(duplicate_searches).where(duplicate_searches.c.schema_hash == schema_hash)
    return one(connection, query, StoredSearch)


def put_search(connection: Connection, search: StoredSearch) -> None:
    """Keep a search; what names records that are no longer there is let go.

    That is searches of the register as it was before, and marks of records that cannot come back
    by undoing an import either.
    """
    connection.execute(
        delete(duplicate_searches).where(duplicate_searches.c.content != search.content)
    )
    known = select(records.c.record_id).union_all(select(previous_records.c.record_id))
    for column in (duplicate_marks.c.left_id, duplicate_marks.c.right_id):
        connection.execute(delete(duplicate_marks).where(column.not_in(known)))
    put(connection, duplicate_searches, search)
