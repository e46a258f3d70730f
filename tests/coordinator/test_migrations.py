"""Migrations and declarations make the same database, down to every key, index and type."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, create_engine, inspect

from tacit.coordinator.store.engine import _parse, open_store
from tacit.coordinator.store.migrate import _SCRIPTS, NEWEST
from tacit.coordinator.store.tables import metadata


def described(connection: Connection) -> dict[str, dict[str, list[str]]]:
    """Say what the database itself says about each table."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: table(inspector, name) for name in sorted(names)}


def table(inspector: Inspector, name: str) -> dict[str, list[str]]:
    columns = [
        f"{c['name']} {c['type']!r} {c['nullable']} {c['default']}"
        for c in inspector.get_columns(name)
    ]
    return {
        "columns": sorted(columns),
        "primary key": [str(inspector.get_pk_constraint(name))],
        "foreign keys": sorted(map(str, inspector.get_foreign_keys(name))),
        "unique": sorted(map(str, inspector.get_unique_constraints(name))),
        "checks": sorted(map(str, inspector.get_check_constraints(name))),
        "indexes": sorted(map(index, inspector.get_indexes(name))),
    }


def index(found: object) -> str:
    """Write an index out; a condition's text compares, the object that holds it does not."""
    assert isinstance(found, dict)
    options = {key: str(value) for key, value in found.get("dialect_options", {}).items()}
    return str({**found, "dialect_options": options})


@pytest.fixture
def urls(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, str]:
    if not database_url:
        return f"sqlite:///{tmp_path / 'one.sqlite3'}", f"sqlite:///{tmp_path / 'two.sqlite3'}"
    new: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return new(), new()


def test_migrations_make_exactly_the_declared_tables(urls: tuple[str, str]) -> None:
    store = open_store(urls[0])
    with store.read() as connection:
        migrated = described(connection)
    store.close()
    engine = create_engine(_parse(urls[1]))
    with engine.begin() as connection:
        metadata.create_all(connection)
        declared = described(connection)
    engine.dispose()
    assert set(migrated) == set(metadata.tables)
    assert migrated == declared
    partial = [text for text in declared["uploads"]["indexes"] if "superseded" in text]
    assert len(partial) == 2


def test_the_newest_migration_is_known_without_reading_them() -> None:
    assert ScriptDirectory(_SCRIPTS).get_heads() == [NEWEST]
