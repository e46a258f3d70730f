"""A coordinator over SQLite and one over a real PostgreSQL, with four members each."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from coalition import Coalition, Members, start_coalition
from postgresql import Server
from tacit.coordinator.store.engine import _parse

NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[NewDatabase]:
    """Start a real PostgreSQL server for this session; gives the URL of a fresh database."""
    server = Server()
    # What these tests kill are processes, never the machine.
    server.run("ALTER SYSTEM SET fsync = off;\nSELECT pg_reload_conf();")
    yield server.new
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Where the coordinator keeps its data: empty means SQLite in its home."""
    if request.param == "sqlite":
        return ""
    new: NewDatabase = request.getfixturevalue("new_postgresql")
    return new()


@pytest.fixture(scope="module")
def members(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    """Serve a coordinator over this database, with four members enrolled."""
    coalition = start_coalition(tmp_path_factory.mktemp("coordinator") / "home", database_url)
    try:
        yield Members(coalition, *(coalition.enrol(n) for n in ("북녘", "South", "East", "West")))
    finally:
        coalition.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Coalition]:
    """Serve a coordinator over SQLite for one test that breaks it."""
    coalition = start_coalition(tmp_path / "home")
    try:
        yield coalition
    finally:
        coalition.close()


@pytest.fixture
def postgresql_outage(new_postgresql: NewDatabase) -> Callable[[str, bool], None]:
    """Cut everybody off one database, or let them in again; other databases go on."""
    admin = new_postgresql()

    def outage(url: str, begin: bool) -> None:
        name = make_url(url).database
        engine = create_engine(_parse(admin), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            allowed = "false" if begin else "true"
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"))
            if begin:
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"
                connection.execute(text(query), {"n": name})
        engine.dispose()

    return outage
