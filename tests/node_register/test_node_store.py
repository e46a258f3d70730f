import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select
from sqlcipher3 import dbapi2

from tacit.linkage.errors import Code, TacitError
from tacit.node.home import Home, find_home
from tacit.node.store import versions, wrapping
from tacit.node.store.agreements import StoredVersion, list_versions
from tacit.node.store.base import Store, change_passphrase, create_store, open_store
from tacit.node.store.identity import get_setting, put_setting
from tacit.node.store.projects import (
    StoredKey,
    StoredProject,
    get_linkage_key,
    get_project,
    put_linkage_key,
    put_project,
)
from tacit.node.store.tables import settings
from tacit.node.store.wrapping import parse_wrapped, unwrap, wrap

PASSPHRASE = "correct horse battery"
COST = 14


def files(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(home.path.iterdir())}


def refused(home: Home, passphrase: str = PASSPHRASE) -> TacitError:
    with pytest.raises(TacitError) as caught:
        open_store(home, passphrase)
    return caught.value


def test_kept_across_openings(home: Home) -> None:
    with create_store(home, PASSPHRASE, COST) as store, store.write() as connection:
        put_setting(connection, "language", "ko")
    with open_store(home, PASSPHRASE) as store, store.read() as connection:
        assert get_setting(connection, "language") == "ko"
        assert get_setting(connection, "other") is None


def test_home_is_found_by_option_then_environment() -> None:
    environ = {"TACIT_HOME": "/somewhere"}
    assert find_home("/here", environ).path == Path("/here")
    assert find_home(None, environ).path == Path("/somewhere")
    assert find_home(None, {}).path.is_absolute()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_home_is_closed_to_others(home: Home) -> None:
    home.path.mkdir(mode=0o755)
    with create_store(home, PASSPHRASE, COST) as store, store.write() as connection:
        put_setting(connection, "a", "b")
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in home.path.iterdir()}
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert {"store.db", "store.db-wal", "key.json", "lock"} <= modes.keys()


def test_wrong_passphrase_changes_nothing(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    before = files(home)
    assert refused(home, "incorrect").code is Code.WRONG_PASSPHRASE
    assert refused(home, "").code is Code.WRONG_PASSPHRASE
    assert files(home) == before
    open_store(home, PASSPHRASE).close()


def test_empty_passphrase_makes_no_store(home: Home) -> None:
    with pytest.raises(TacitError) as caught:
        create_store(home, "", COST)
    assert caught.value.code is Code.USAGE
    assert not home.exists


def test_passphrase_in_either_hangul_form(home: Home) -> None:
    create_store(home, "\ube44\ubc00", COST).close()
    open_store(home, "\u1107\u1175\u1106\u1175\u11af").close()


def test_second_creation_is_refused(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    before = files(home)
    with pytest.raises(TacitError) as caught:
        create_store(home, "another one", COST)
    assert caught.value.code is Code.EXISTS
    assert files(home) == before


def test_creation_that_was_cut_off_is_begun_again(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    home.key.unlink()
    with create_store(home, "another one", COST) as store, store.read() as connection:
        assert get_setting(connection, "a") is None


def test_no_store(home: Home) -> None:
    assert refused(home).code is Code.NOT_FOUND
    assert not home.path.exists()


def test_store_in_use_is_busy(home: Home) -> None:
    with create_store(home, PASSPHRASE, COST):
        assert refused(home).code is Code.STORE_BUSY
        with pytest.raises(TacitError) as caught:
            change_passphrase(home, PASSPHRASE, "another one", COST)
        assert caught.value.code is Code.STORE_BUSY
    open_store(home, PASSPHRASE).close()


def test_store_in_use_by_another_process_is_busy(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    script = (
        "import sys\nfrom pathlib import Path\nfrom tacit.node.home import Home\n"
        "from tacit.node.store.base import open_store\n"
        "with open_store(Home(Path(sys.argv[1])), sys.argv[2]):\n"
        "    print('open', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home.path), PASSPHRASE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"open"
        assert refused(home).code is Code.STORE_BUSY
        child.kill()
    open_store(home, PASSPHRASE).close()


def test_change_of_passphrase(home: Home) -> None:
    with create_store(home, PASSPHRASE, COST) as store, store.write() as connection:
        put_setting(connection, "a", "b")
    with pytest.raises(TacitError) as caught:
        change_passphrase(home, "incorrect", "another one", COST)
    assert caught.value.code is Code.WRONG_PASSPHRASE
    change_passphrase(home, PASSPHRASE, "another one", COST)
    assert refused(home).code is Code.WRONG_PASSPHRASE
    with open_store(home, "another one") as store, store.read() as connection:
        assert get_setting(connection, "a") == "b"


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json", b'{"cost": 99}', b"[1]", b"\xff"])
def test_damaged_key_file(home: Home, damage: bytes) -> None:
    create_store(home, PASSPHRASE, COST).close()
    home.key.write_bytes(damage)
    error = refused(home)
    assert error.code is Code.STORE_FAILED
    assert "key.json" in str(error)


def test_key_file_that_asks_for_too_much_memory(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    home.key.write_bytes(home.key.read_bytes().replace(b'"cost": 14', b'"cost": 40'))
    assert refused(home).code is Code.STORE_FAILED


@pytest.mark.parametrize("place", [0, 100, 4095])
def test_damaged_database(home: Home, place: int) -> None:
    create_store(home, PASSPHRASE, COST).close()
    content = bytearray(home.store.read_bytes())
    content[place] ^= 0xFF
    home.store.write_bytes(content)
    error = refused(home)
    assert error.code is Code.STORE_FAILED
    assert "damaged" in str(error)


def test_damage_beyond_the_first_page_is_found_when_read(home: Home) -> None:
    with create_store(home, PASSPHRASE, COST) as store, store.write() as connection:
        put_setting(connection, "a", "b")
    content = home.store.read_bytes()
    home.store.write_bytes(content[:4096] + bytes(byte ^ 1 for byte in content[4096:]))
    with pytest.raises(TacitError, match="damaged"), open_store(home, PASSPHRASE) as store:
        read_setting(store)


def read_setting(store: Store) -> None:
    with store.read() as connection:
        get_setting(connection, "a")


def test_lost_database(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    home.store.unlink()
    assert "store.db is missing" in str(refused(home))
    assert not home.store.exists()


def test_failed_transaction_leaves_nothing_and_says_no_value(store: Store) -> None:
    rows = [{"name": "a", "value": "secret1"}, {"name": "a", "value": "secret2"}]
    with pytest.raises(TacitError) as caught, store.write() as connection:
        connection.execute(insert(settings), rows)
    assert caught.value.code is Code.STORE_FAILED
    assert "secret" not in f"{caught.value!s}{caught.value.detail}{caught.value.__cause__}"
    with store.read() as connection:
        assert connection.execute(select(settings)).all() == []


def test_readers_see_one_moment_while_another_thread_writes(store: Store) -> None:
    with store.write() as connection:
        put_setting(connection, "a", "old")

    def change() -> None:
        with store.write() as connection:
            put_setting(connection, "a", "new")

    with store.read() as connection:
        assert get_setting(connection, "a") == "old"
        writer = threading.Thread(target=change)
        writer.start()
        writer.join()
        assert get_setting(connection, "a") == "old"
    with store.read() as connection:
        assert get_setting(connection, "a") == "new"


def test_pragmas(store: Store) -> None:
    expected = {
        "journal_mode": "wal",
        "secure_delete": 1,
        "temp_store": 2,  # memory
        "foreign_keys": 1,
        "synchronous": 2,  # full
    }
    with store.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected
        }
        assert connection.exec_driver_sql("PRAGMA cipher_version").scalar_one().startswith("4.")
    assert found == expected


def test_store_of_a_later_version_is_refused(home: Home) -> None:
    with create_store(home, PASSPHRASE, COST) as store, store.write() as connection:
        connection.exec_driver_sql(f"PRAGMA user_version = {versions.VERSION + 1}")
    error = refused(home)
    assert error.code is Code.STORE_FAILED
    assert "later" in str(error)


def test_older_store_is_brought_up_step_by_step(store: Store) -> None:
    taken: list[int] = []
    with store.write() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 7")
        steps = {number: (lambda _, n=number: taken.append(n)) for number in (7, 8)}
        versions.bring_up_to_date(connection, 9, steps)
        versions.bring_up_to_date(connection, 9, steps)
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == 9
    assert taken == [7, 8]


def test_step_that_fails_leaves_the_version(store: Store) -> None:
    def fail(_: object) -> None:
        raise TacitError(Code.STORE_FAILED, problem="no")

    def half() -> None:
        with store.write() as connection:
            connection.exec_driver_sql("CREATE TABLE half (a)")
            versions.bring_up_to_date(connection, versions.VERSION + 1, {versions.VERSION: fail})

    with pytest.raises(TacitError):
        half()
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == versions.VERSION
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "half" not in names


def test_file_is_no_plain_database(home: Home) -> None:
    create_store(home, PASSPHRASE, COST).close()
    assert not home.store.read_bytes().startswith(b"SQLite format 3")
    plain = dbapi2.connect(str(home.store))
    with pytest.raises(dbapi2.DatabaseError):
        plain.execute("SELECT * FROM sqlite_master")
    plain.close()


def test_wrapping_depends_on_every_part() -> None:
    key = bytes(range(32))
    wrapped = wrap(key, PASSPHRASE, COST)
    assert unwrap(parse_wrapped(wrapped.encode()), PASSPHRASE) == key
    assert wrap(key, PASSPHRASE, COST).sealed != wrapped.sealed
    assert key.hex() not in wrapped.encode().decode()
    with pytest.raises(ValueError, match="cost"):
        wrap(key, PASSPHRASE, 5)
    assert wrapping.DEFAULT_COST == 17


def test_a_store_of_the_first_version_gets_todays_tables(store: Store) -> None:
    def described() -> dict[str, set[str]]:
        with store.read() as connection:
            inspector = inspect(connection)
            return {
                name: {f"{c['name']} {c['nullable']}" for c in inspector.get_columns(name)}
                for name in inspector.get_table_names()
            }

    today = described()
    with store.write() as connection:
        for table in (
            "group_decisions",
            "duplicate_marks",
            "duplicate_searches",
            "pins",
            "agreement_versions",
            "destroyed_keys",
            "receipts",
            "sent_records",
            "withdrawals",
            "withdrawn_records",
        ):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for column in (
            "runs DROP revision",
            "runs DROP sketched_at",
            "group_links DROP fields",
            "projects DROP epoch",
            "projects DROP epoch_ends_at",
            "projects DROP over",
            "projects DROP gone",
            "projects DROP proposal_hash",
            "linkage_keys DROP agreement_hash",
            "uploads DROP base_upload_id",
            "uploads DROP travelling",
            "upload_records DROP hash",
            "linkage_keys ADD confirmed_at BIGINT",
        ):
            connection.exec_driver_sql(f"ALTER TABLE {column}")
        connection.exec_driver_sql("PRAGMA user_version = 1")
    assert described() != today
    with store.write() as connection:
        versions.bring_up_to_date(connection)
    assert described() == today


def test_an_older_project_has_the_one_version_that_it_was_signed_in(store: Store) -> None:
    project = StoredProject("p1", b"{}", b"h" * 32, "m1", True, signed_at=3, updated_at=9)
    with store.write() as connection:
        put_project(connection, project)
        put_project(connection, replace(project, project_id="p2", in_force=False, signed_at=None))
        put_linkage_key(connection, StoredKey("p1", 1, b"k" * 32, "m1", 8, b"h" * 32))
        for change in (
            "DROP TABLE agreement_versions",
            "DROP TABLE destroyed_keys",
            *(
                f"ALTER TABLE projects DROP {column}"
                for column in ("epoch", "epoch_ends_at", "proposal_hash", "gone", "over")
            ),
            "ALTER TABLE linkage_keys DROP agreement_hash",
            "ALTER TABLE linkage_keys ADD confirmed_at BIGINT",
            "UPDATE linkage_keys SET confirmed_at = 7",
        ):
            connection.exec_driver_sql(change)
        versions.STEPS[4](connection)
        assert list_versions(connection, "p1") == [
            StoredVersion("p1", b"h" * 32, 1, b"{}", 3, in_force_at=9, confirmed_at=7)
        ]
        assert list_versions(connection, "p2") == [StoredVersion("p2", b"h" * 32, 1, b"{}")]
        assert get_project(connection, "p1") == project
        key = get_linkage_key(connection, "p1", 1, b"h" * 32)
        assert key is not None
        assert key.key == b"k" * 32
