"""A node's backup: whole, encrypted as the store is, and restored over nothing that exists."""

import io
import json
import shutil
import stat
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.node.backup import back_up_node, restore_node, verify_node_backup
from tacit.node.home import Home
from tacit.node.keys import ensure_keys
from tacit.node.store.base import change_passphrase, create_store, open_store
from tacit.node.store.records import StoredRecord, count_records, put_records
from tacit.node.store.versions import VERSION

OLD, NEW = "the first passphrase", "the second passphrase"
NAME = "홍길동심은이름"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "node")
    with create_store(made, OLD, 14) as store:
        ensure_keys(store)
        with store.write() as connection:
            records = [StoredRecord(f"r{n}", {"name": NAME}, {"비고": NAME}) for n in range(200)]
            put_records(connection, records)
    return made


def refusal(call: Callable[[], object]) -> Code:
    with pytest.raises(TacitError) as failure:
        call()
    return failure.value.code


def test_backup_and_restore(home: Home, tmp_path: Path) -> None:
    file, other = tmp_path / "backup", Home(tmp_path / "restored")
    made = back_up_node(home, OLD, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (made.store_bytes, made.store_version) == (home.store.stat().st_size, VERSION)
    assert restore_node(file, OLD, other) == made
    assert {p.name for p in other.path.iterdir()} == {"key.json", "store.db", "lock"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in other.path.iterdir()} == {0o600}
    with open_store(home, OLD) as first, open_store(other, OLD) as second:
        assert ensure_keys(first).fingerprints() == ensure_keys(second).fingerprints()
        with second.read() as connection:
            assert count_records(connection) == 200


def test_what_was_just_written_is_in_the_backup(home: Home, tmp_path: Path) -> None:
    with open_store(home, OLD) as store, store.write() as connection:
        put_records(connection, [StoredRecord("late", {"name": NAME}, {})])
    back_up_node(home, OLD, tmp_path / "backup")
    restore_node(tmp_path / "backup", OLD, Home(tmp_path / "restored"))
    with open_store(Home(tmp_path / "restored"), OLD) as store, store.read() as connection:
        assert count_records(connection) == 201


def test_what_a_killed_process_left_in_the_log_is_in_the_backup(home: Home, tmp_path: Path) -> None:
    left = Home(tmp_path / "left")
    with open_store(home, OLD) as store:
        with store.write() as connection:
            put_records(connection, [StoredRecord("late", {"name": NAME}, {})])
        shutil.copytree(home.path, left.path)
    assert (left.path / "store.db-wal").stat().st_size > 0
    back_up_node(left, OLD, tmp_path / "backup")
    restore_node(tmp_path / "backup", OLD, Home(tmp_path / "restored"))
    with open_store(Home(tmp_path / "restored"), OLD) as store, store.read() as connection:
        assert count_records(connection) == 201


def test_nothing_can_be_read_in_it(home: Home, tmp_path: Path) -> None:
    back_up_node(home, OLD, tmp_path / "backup")
    content = (tmp_path / "backup").read_bytes()
    for secret in (NAME.encode(), b"r17", OLD.encode(), b"SQLite format 3", b"CREATE TABLE"):
        assert secret not in content


def test_each_backup_opens_with_the_passphrase_of_its_time(home: Home, tmp_path: Path) -> None:
    back_up_node(home, OLD, tmp_path / "before")
    change_passphrase(home, OLD, NEW, 14)
    back_up_node(home, NEW, tmp_path / "after")
    verify_node_backup(tmp_path / "before", OLD)
    verify_node_backup(tmp_path / "after", NEW)
    for file, wrong in (("before", NEW), ("after", OLD)):
        restored = Home(tmp_path / f"restored {file}")
        assert refusal(partial(restore_node, tmp_path / file, wrong, restored)) is (
            Code.WRONG_PASSPHRASE
        )
        assert not restored.path.exists()


def test_nothing_is_overwritten(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("somebody's")
    assert refusal(lambda: back_up_node(home, OLD, file)) is Code.EXISTS
    assert file.read_text() == "somebody's"
    file.unlink()
    back_up_node(home, OLD, file)
    before = home.store.read_bytes()
    assert refusal(lambda: restore_node(file, OLD, home)) is Code.EXISTS
    home.key.rename(tmp_path / "key.json")
    assert refusal(lambda: restore_node(file, OLD, home)) is Code.EXISTS
    assert home.store.read_bytes() == before


def test_a_store_in_use_is_not_copied(home: Home, tmp_path: Path) -> None:
    with open_store(home, OLD):
        assert refusal(lambda: back_up_node(home, OLD, tmp_path / "b")) is Code.STORE_BUSY
    assert refusal(lambda: back_up_node(home, NEW, tmp_path / "b")) is Code.WRONG_PASSPHRASE
    assert not (tmp_path / "b").exists()


def test_a_damaged_store_is_not_backed_up(home: Home, tmp_path: Path) -> None:
    content = bytearray(home.store.read_bytes())
    content[len(content) - 2000] ^= 1
    home.store.write_bytes(content)
    assert refusal(lambda: back_up_node(home, OLD, tmp_path / "b")) is Code.STORE_FAILED
    assert not (tmp_path / "b").exists()


def test_damage_is_noticed_before_anything_is_made(home: Home, tmp_path: Path) -> None:
    back_up_node(home, OLD, tmp_path / "good")
    good = (tmp_path / "good").read_bytes()
    with tarfile.open(tmp_path / "good") as archive:
        places = [archive.getmember(n).offset_data for n in ("manifest.json", "key.json")]
        store = archive.getmember("store.db").offset_data
    for place in (*(p + 120 for p in places), store + 5, store + len(good) // 2):
        content = bytearray(good)
        content[place] ^= 1
        (tmp_path / "bad").write_bytes(content)
        restored = Home(tmp_path / "restored")
        code = refusal(partial(restore_node, tmp_path / "bad", OLD, restored))
        assert code is Code.BAD_INPUT
        assert not restored.path.exists()
    (tmp_path / "bad").write_bytes(good[: store + 5000])
    code = refusal(lambda: restore_node(tmp_path / "bad", OLD, Home(tmp_path / "restored")))
    assert code is Code.BAD_INPUT
    (tmp_path / "bad").write_bytes(b"not a backup")
    assert refusal(lambda: verify_node_backup(tmp_path / "bad", OLD)) is Code.BAD_INPUT
    assert refusal(lambda: verify_node_backup(tmp_path / "none", OLD)) is Code.NOT_FOUND


def test_an_archive_of_other_names_is_refused(home: Home, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "odd", "w") as archive:
        content = json.dumps({"format": 1}).encode()
        entry = tarfile.TarInfo("../manifest.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    assert refusal(lambda: verify_node_backup(tmp_path / "odd", OLD)) is Code.BAD_INPUT
