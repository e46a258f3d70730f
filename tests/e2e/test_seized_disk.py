"""Somebody takes the coordinator's disk: it yields what docs/threat-model.md lists, and no more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from disk_story import NAMES, Story, play, wait_until_erased
from kill_server import Server
from planted import Search, byte_forms, text_forms
from tacit.coordinator.backup.write import back_up
from tacit.coordinator.store.engine import connect_store
from tacit.coordinator.store.tables import metadata

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "threat-model.md"
PASSPHRASE = "planted-passphrase-of-the-keys"
PASSING = {"coordinator.sqlite3", "coordinator.sqlite3-wal", "coordinator.sqlite3-shm"}
# What nobody did in the story, or what is there only while something is under way.
EMPTY = {"confirmations", "delta_records", "run_constraints", "run_tasks"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def seized(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """Play the story and kill the coordinator; its keys have a passphrase beside PostgreSQL."""
    path = tmp_path_factory.mktemp("seized")
    guard = PASSPHRASE if request.param == "postgresql" else None
    server = Server(request.param, path / "coordinator", guard)
    story = Story(server)
    try:
        server.start()
        server.ready(120)
        play(story, path)
        wait_until_erased(story)
        server.kill()
        yield story
    finally:
        story.close()
        server.close()


def documented() -> str:
    text = DOCUMENT.read_text("utf-8")
    return text.split("## What a seized coordinator disk yields")[1].split("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """Read the document's table whose first heading this is, without its headings."""
    lines = documented().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.timeout(900)
def test_the_disk_holds_what_is_documented(seized: Story) -> None:
    home = seized.server.home
    store = connect_store(home.database_url)
    inspector = inspect(store.engine)
    held = {
        table: {column["name"] for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
    }
    with store.read() as connection:
        empty = {
            table.name
            for table in metadata.sorted_tables
            if connection.execute(select(table).limit(1)).first() is None
        }
    store.close()
    assert held == {names(row[0])[0]: set(names(row[1])) for row in rows("table")}
    # The story went through all of them, so that the search had something to look at.
    assert empty == EMPTY
    files = {name for row in rows("file") for name in names(row[0])}
    there = {file.name for file in home.path.rglob("*")}
    assert there | PASSING == files
    if seized.server.postgresql is None:
        assert "coordinator.sqlite3" in there


@pytest.mark.timeout(900)
def test_what_is_never_there_is_not_there(seized: Story, tmp_path: Path) -> None:
    server, never = seized.server, {row[0] for row in rows("never there, in whatever form")}
    assert set(seized.secret) == never
    search = Search(seized.secret)
    assert search.in_folder(server.home.path) == {}
    assert search(server.log.read_bytes()) == set()
    assert search(every_value(server)) == set()
    if server.postgresql is not None:
        assert search.in_folder(server.postgresql.data) == {}
    back_up(server.home, tmp_path / "open.backup", None, server.passphrase)
    assert search((tmp_path / "open.backup").read_bytes()) == set()
    # The search itself works: what the coordinator does hold is found in the same places.
    known = Search(
        {
            "members": (form for name in NAMES for form in text_forms(name)),
            "keys": byte_forms((server.home.path / "authority.key").read_bytes()[-100:]),
        }
    )
    assert known(every_value(server)) == {"members"}
    assert known((tmp_path / "open.backup").read_bytes()) == {"members", "keys"}
    folder = server.home.path if server.postgresql is None else server.postgresql.data
    assert any("members" in kinds for kinds in known.in_folder(folder).values())


def test_keys_lie_open_only_without_a_passphrase(seized: Story) -> None:
    guarded = seized.server.passphrase is not None
    for name in ("authority.key", "ledger.key"):
        content = (seized.server.home.path / name).read_bytes()
        assert content.startswith(b"tacit key scrypt" if guarded else b"tacit key plain")


@pytest.mark.timeout(900)
def test_what_was_erased_is_gone(seized: Story) -> None:
    server = seized.server
    assert set(seized.erased) == {row[0] for row in rows("gone, once the member was told so")}
    search = Search(seized.erased)
    assert search(every_value(server)) == set()
    if server.postgresql is None:
        assert search.in_folder(server.home.path) == {}
        return
    # As documented, PostgreSQL's files are rid of it once their tables are written anew.
    name = server.home.database_url.partition("?")[0].rpartition("/")[2]
    server.postgresql.ask(name, "VACUUM FULL;\nCHECKPOINT;")
    assert search.in_folder(server.postgresql.data, without=["pg_wal"]) == {}
    still = search.in_folder(server.postgresql.data / "pg_wal")
    assert set().union(*still.values()) == set(seized.erased)


def every_value(server: Server) -> bytes:
    """Give every value of every row, in bytes, as the database gives it out: nothing compressed."""
    store = connect_store(server.home.database_url)
    values: list[bytes] = []
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                values += [v if isinstance(v, bytes) else repr(v).encode() for v in row]
    store.close()
    return b"\0".join(values)
