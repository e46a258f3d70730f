"""The contract that every database has to keep."""

import gc
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tacit.coordinator.store.engine import Store, open_store
from tacit.coordinator.store.ledger import add_entry
from tacit.coordinator.store.members import (
    Certificate,
    Invitation,
    Member,
    add_invitation,
    add_member,
    find_invitation,
)
from tacit.coordinator.store.migrate import NEWEST
from tacit.coordinator.store.projects import Project, add_project
from tacit.coordinator.store.tables import ledger_entries, metadata, runs, tree_heads
from tacit.coordinator.store.uploads import Record, Upload, add_records, add_upload, read_records
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.merkle import leaf_hash


@pytest.fixture(scope="module")
def url(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    return database_url or f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    with opened.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    opened.close()


def test_migrations_make_the_tables_as_they_are_declared(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_opening_again_changes_nothing(store: Store, url: str) -> None:
    with store.write() as connection:
        add_entry(connection, b"kept", bytes(32))
    again = open_store(url)
    with again.read() as connection:
        assert connection.execute(select(ledger_entries.c.entry)).scalars().all() == [b"kept"]
    again.close()


def test_database_of_newer_software_is_left_alone(store: Store, url: str) -> None:
    change = "UPDATE alembic_version SET version_num = '{}'"
    with store.write() as connection:
        connection.execute(text(change.format("9999")))
    with pytest.raises(TacitError) as failure:
        open_store(url)
    assert failure.value.code is Code.STORE_FAILED
    assert "newer" in str(failure.value)
    with store.write() as connection:
        connection.execute(text(change.format(NEWEST)))


def test_nothing_of_a_failed_transaction_stays(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            add_entry(connection, b"lost", bytes(32))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    with store.read() as connection:
        assert connection.execute(select(ledger_entries)).all() == []


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.read() as reader:
        assert reader.execute(select(ledger_entries)).all() == []
        with store.write() as writer:
            add_entry(writer, b"later", bytes(32))
        assert reader.execute(select(ledger_entries)).all() == []
    with store.read() as reader:
        assert len(reader.execute(select(ledger_entries)).all()) == 1


def test_writers_take_turns(store: Store) -> None:
    def append() -> None:
        for _ in range(10):
            with store.write() as connection:
                add_entry(connection, b"entry", leaf_hash(b"entry"))

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        query = select(ledger_entries.c.index).order_by(ledger_entries.c.index)
        assert connection.execute(query).scalars().all() == list(range(40))


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, TacitError)), store.read() as connection:
        connection.execute(delete(tree_heads))


def test_references_are_enforced(store: Store) -> None:
    with pytest.raises(DBAPIError), store.write() as connection:
        connection.execute(
            insert(runs).values(
                id="r",
                project_id="none",
                agreement_hash=b"",
                inputs_hash=b"",
                state="queued",
                created_at=0,
            )
        )


def test_rows_come_back_as_they_went(store: Store) -> None:
    upload = Upload("u", "p", "m", bytes(32), 1, bytes(32), 3, 0)
    masks = (0, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
    chunk = [
        Record(
            token=bytes([i]) * 16,
            clk=bytes(range(16)),
            presence=mask,
            strata={"kind": "가나다", "year": "1969"},
            publication=2,
            purposes=["count", "check"],
            claim_commitment=bytes(32),
            sealed_claim=b"\x00\xff" * 20,
        )
        for i, mask in enumerate(masks)
    ]
    with store.write() as connection:
        _make_parents(connection)
        add_upload(connection, upload)
        add_records(connection, upload, 0, chunk)
    with store.read() as connection:
        assert list(read_records(connection, upload)) == chunk
    with pytest.raises(IntegrityError), store.write() as connection:
        add_records(connection, upload, 4, chunk[:1])


def _make_parents(connection: Connection) -> None:
    add_member(connection, Member("m", "M", b"", b""), Certificate(b"", b""), 0, 0)
    add_project(connection, Project("p", b"", b"", "m", 0, False, 1, 0), ["m"])


def test_times_reach_beyond_32_bits(store: Store) -> None:
    late = Invitation(bytes(32), "Late", 1_790_000_000_000, 1_790_000_000_001)
    with store.write() as connection:
        add_invitation(connection, late)
    with store.read() as connection:
        assert find_invitation(connection, bytes(32)) == late


def test_database_file_is_for_its_owner_only(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 's.sqlite3'}")
    with opened.write() as connection:
        add_entry(connection, b"entry", bytes(32))
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    opened.close()
    assert modes == dict.fromkeys(("s.sqlite3", "s.sqlite3-wal", "s.sqlite3-shm"), 0o600)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://host/name", Code.USAGE),
        ("sqlite://", Code.USAGE),
        ("not a url", Code.USAGE),
        ("sqlite:////nowhere/at/all/s.sqlite3", Code.STORE_FAILED),
        ("postgresql://u:PLANTED@127.0.0.1:1/n", Code.STORE_FAILED),
        ("postgresql://u@/n?host=/nowhere", Code.STORE_FAILED),
    ],
)
def test_databases_that_cannot_be_opened(url: str, code: Code) -> None:
    with pytest.raises(TacitError) as failure:
        open_store(url)
    assert failure.value.code is code
    assert "PLANTED" not in f"{failure.value}{failure.value.detail}"


# pg8000 leaves its socket to the garbage collector where the server goes away so early.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_database_that_goes_away_at_the_first_byte() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    one, _ = server.accept()
                except OSError:
                    return
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        # Sometimes the connection itself fails instead, which pg8000 foresees.
        for _ in range(5):
            with pytest.raises(TacitError) as failure:
                open_store(f"postgresql://u@127.0.0.1:{server.getsockname()[1]}/n")
            assert failure.value.code is Code.STORE_FAILED
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    del failure
    gc.collect()


def test_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite3"
    file.write_bytes(b"not a database, though long enough to be looked at" * 100)
    with pytest.raises(TacitError) as failure:
        open_store(f"sqlite:///{file}")
    assert failure.value.code is Code.STORE_FAILED
