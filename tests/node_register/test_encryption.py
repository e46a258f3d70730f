"""Nothing that a node holds lies readable on its disk, at any moment."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tacit.node.home import Home
from tacit.node.keys import ensure_keys, load_keys
from tacit.node.store.base import Store, create_store
from tacit.node.store.projects import StoredKey, StoredProject, put_linkage_key, put_project
from tacit.node.store.records import (
    StoredRecord,
    delete_records,
    keep_previous,
    put_records,
)

PASSPHRASE = "Plantedpassphrase 7"
NAME, PLACE, NOTE = "홍길동심은이름", "PlantedPlace", "심은 비고"
KEY = bytes(range(100, 132))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    tempfile.tempdir = None


def fill(connection: Connection) -> None:
    project = StoredProject("p", b"{}", b"h" * 32, "m", in_force=True, signed_at=1, updated_at=1)
    put_project(connection, project)
    put_linkage_key(connection, StoredKey("p", 1, KEY, "m", 1, b"h" * 32))
    put_records(
        connection,
        (
            StoredRecord(f"{NAME}{i}", {"name": NAME, "birth_place": PLACE}, {"비고": NOTE * 20})
            for i in range(3000)
        ),
    )


def search(folders: list[Path], needles: list[bytes]) -> list[tuple[str, bytes]]:
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                found += [(path.name, needle) for needle in needles if needle in content]
    return found


def test_nothing_planted_is_found_in_any_file(tmp_path: Path, temporary: Path) -> None:
    home = Home(tmp_path / "node")
    needles = [
        text.encode(encoding)
        for text in (NAME, PLACE, NOTE, PASSPHRASE)
        for encoding in ("utf-8", "utf-16-le", "cp949")
    ] + [KEY, KEY.hex().encode()]
    folders = [home.path, temporary]

    with create_store(home, PASSPHRASE, 14) as store:
        keys = ensure_keys(store)
        needles.append(keys.signing.private_bytes_raw())
        needles.append(keys.sealing.private_bytes_raw())
        needles.append(keys.tls.private_numbers().private_value.to_bytes(32, "big"))
        with store.write() as connection:
            fill(connection)
            # More than memory is meant to hold for sorting, and pages that must be spilled.
            connection.exec_driver_sql("PRAGMA cache_size = 10")
            connection.exec_driver_sql("PRAGMA cache_spill = 1")
            ordered = connection.exec_driver_sql("SELECT raw || fields FROM records ORDER BY 1")
            assert len(ordered.all()) == 3000
            assert home.store.with_name("store.db-wal").exists()
            assert search(folders, needles) == []
        assert search(folders, needles) == []
        with store.write() as connection:
            keep_previous(connection, [f"{NAME}{i}" for i in range(1000)])
            delete_records(connection, [f"{NAME}{i}" for i in range(1000)])
        assert search(folders, needles) == []
    assert search(folders, needles) == []
    assert list(temporary.iterdir()) == []


def test_keys_are_made_once(store: Store) -> None:
    with store.read() as connection:
        assert load_keys(connection) is None
    made = ensure_keys(store)
    again = ensure_keys(store)
    assert made.signing_public == again.signing_public
    assert made.sealing_public == again.sealing_public
    assert made.tls.private_numbers() == again.tls.private_numbers()
    assert made.tls.curve.name == "secp256r1"
    prints = made.fingerprints()
    assert prints.keys() == {"signing", "sealing", "tls"}
    assert all(len(text) == 79 for text in prints.values())


def test_no_representation_shows_a_person_or_a_key(store: Store) -> None:
    record = StoredRecord(NAME, {"name": NAME}, {"이름": NAME})
    key = StoredKey("p", 1, KEY, "m", 1, b"h" * 32)
    shown = f"{record!r}{key!r}{ensure_keys(store)!r}"
    assert NAME not in shown
    assert repr(KEY) not in shown
