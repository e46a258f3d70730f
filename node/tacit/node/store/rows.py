"""Between table rows and frozen dataclasses whose attributes are the columns."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table
from sqlalchemy.dialects.sqlite import insert

T = TypeVar("T")


def put(connection: Connection, table: Table, item: Any) -> None:
    """Insert the row, or change the row of the same primary key to it."""
    put_all(connection, table, [item])


def put_all(connection: Connection, table: Table, items: Iterable[Any]) -> None:
    """Insert or change many rows."""
    values = [asdict(item) for item in items]
    if not values:
        return
    statement = insert(table)
    keys = set(table.primary_key.columns.keys())
    changes = {name: statement.excluded[name] for name in values[0] if name not in keys}
    upsert = (
        statement.on_conflict_do_update(index_elements=sorted(keys), set_=changes)
        if changes
        else statement.on_conflict_do_nothing()
    )
    connection.execute(upsert, values)


def one(connection: Connection, query: Select[Any], kind: type[T]) -> T | None:
    """Give the only row of the query, or None."""
    row = connection.execute(query).one_or_none()
    return None if row is None else _make(row, kind)


def every(connection: Connection, query: Select[Any], kind: type[T]) -> Sequence[T]:
    """Give all rows of the query, in its order."""
    return [_make(row, kind) for row in connection.execute(query)]


def _make(row: Row[Any], kind: type[T]) -> T:
    return kind(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public name)
