"""Migrations and declarations make the same database, down to every key, index and type."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, create_engine, inspect, text

from tacit.coordinator.store.engine import _parse, connect_store, open_store
from tacit.coordinator.store.migrate import _SCRIPTS, NEWEST, migrate
from tacit.coordinator.store.projects import Project, read_project
from tacit.coordinator.store.tables import metadata
from tacit.coordinator.store.versions import (
    CURRENT,
    Signature,
    Version,
    find_version,
    list_signatures,
)


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


def test_an_agreement_from_before_is_version_1(urls: tuple[str, str]) -> None:
    store = connect_store(urls[0])
    document = b'{"epoch":4,"name":"Project"}'
    member = "INSERT INTO members (id, name, signing_key, sealing_key, fingerprint, certificate,"
    with store.write() as connection:
        migrate(connection, "0006")
        for statement in (
            f"{member} enrolled_at, ledger_index) VALUES ('m', 'M', :h, :h, :h, :h, 1, 0)",
            "INSERT INTO projects VALUES ('p', :d, :h, 'm', 7, :t)",
            "INSERT INTO signatures VALUES ('p', 'm', :d, 8, 5)",
        ):
            values = {"h": b"hash", "d": document, "t": True}
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
        migrate(connection)
        project = read_project(connection, "p")
        [signature] = list_signatures(connection, b"hash")
        version = find_version(connection, b"hash")
    store.close()
    expected = Project("p", document, b"hash", "m", 7, in_force=True, epoch=4, epoch_started_at=7)
    assert project == expected
    assert version == Version(b"hash", "p", 1, document, "m", CURRENT, 7, 5)
    assert signature == Signature("m", document, 8)
