"""Rows of any table to lines and back, alike for SQLite and PostgreSQL.

Tables are taken as the database itself describes them, so that a backup made by an older version
can be loaded into the tables of its time, and these be migrated afterwards.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, insert, select

BATCH_ROWS = 200
_BYTES = "b"
_DOCUMENT = "j"


def reflect(connection: Connection, names: Iterable[str]) -> list[Table]:
    """Give tables as the database has them, each after those it refers to.

    Args:
        connection: the database.
        names: of tables that it has.
    """
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(names))
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                # Nothing at all and the JSON value null are read alike.
                column.type.none_as_null = bool(column.nullable)
    return metadata.sorted_tables


def read_batches(connection: Connection, table: Table) -> Iterator[list[list[Any]]]:
    """Give a table's rows in the order of its primary key, a batch at a time."""
    query = select(table).order_by(*table.primary_key.columns)
    documents = [isinstance(column.type, JSON) for column in table.columns]
    streaming = connection.execution_options(yield_per=BATCH_ROWS)
    with streaming.execute(query) as result:
        for batch in result.partitions():
            yield [
                [_plain(value, doc) for value, doc in zip(row, documents, strict=True)]
                for row in batch
            ]


def load(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Add rows as `read_batches` gave them."""
    values = [dict(zip(columns, map(value_of, row), strict=True)) for row in rows]
    if values:
        connection.execute(insert(table), values)


def value_of(value: Any) -> Any:
    """Give back what the database held."""
    if not isinstance(value, dict):
        return value
    if _BYTES in value:
        return base64.b64decode(str(value[_BYTES]), validate=True)
    return value[_DOCUMENT]


def encode(document: Any) -> bytes:
    """Write one line; floating-point numbers come back as the same ones."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: Any, document: bool) -> Any:
    if value is None:
        return None
    if document:
        return {_DOCUMENT: value}
    if isinstance(value, bytes | memoryview):
        return {_BYTES: base64.b64encode(value).decode()}
    if isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a column holds {type(value).__name__}")
