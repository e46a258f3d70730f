"""Backups: of one moment, into either store, verified first, and over nothing that exists."""

import json
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Select, Table, select, text, update

from coalition import Batch, Coalition, Node, make_record, project_in_force, start_coalition
from tacit.coordinator.backup.container import BackupWriter, is_encrypted, read_lines
from tacit.coordinator.backup.restore import restore
from tacit.coordinator.backup.verify import Summary, verify_backup
from tacit.coordinator.backup.write import back_up
from tacit.coordinator.config import Config
from tacit.coordinator.home import init_home, open_home
from tacit.coordinator.server import Coordinator
from tacit.coordinator.store.engine import open_store
from tacit.coordinator.store.migrate import migrate
from tacit.coordinator.store.tables import ledger_entries, metadata
from tacit.linkage import merkle
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import ledger_pb2

SECRET = "backup passphrase"
Other = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A coordinator with two members and an upload, and the backup of it."""

    coalition: Coalition
    batch: Batch
    file: Path
    made: Summary


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Stretch passphrases less than users' are, to be done sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tacit.coordinator.backup.container._COST", 14)
        yield


@pytest.fixture(scope="module")
def kept(
    quick: None, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("kept")
    coalition = start_coalition(folder / "home", database_url)
    try:
        nodes = [coalition.enrol(name) for name in ("북녘", "South")]
        batch = Batch(nodes[0], project_in_force(nodes), [make_record() for _ in range(450)])
        batch.upload()
        file = folder / "backup"
        yield Kept(coalition, batch, file, back_up(coalition.home, file, SECRET))
    finally:
        coalition.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest) -> str:
    """Where to restore to: empty means SQLite in the new home."""
    return "" if request.param == "sqlite" else request.getfixturevalue("new_postgresql")()


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Read every table of a database, whole."""
    store = open_store(url)
    with store.read() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(_ordered(table))]
            for table in metadata.sorted_tables
        }
    store.close()
    return found


def _ordered(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)


def test_a_backup_restores_into_either_store(kept: Kept, target: str, tmp_path: Path) -> None:
    home = tmp_path / "restored"
    said = restore(kept.file, SECRET, home, target)
    assert said == kept.made
    assert (said.rows["members"], said.rows["records"], said.rows["uploads"]) == (2, 450, 1)
    # Two enrolments, the project, two signatures, in force, the upload.
    assert said.ledger_size == said.rows["ledger_entries"] == 7
    opened = open_home(home)
    assert contents(opened.database_url) == contents(kept.coalition.home.database_url)
    for name in ("authority.pem", "authority.key", "ledger.key"):
        assert (home / name).read_bytes() == (kept.coalition.home.path / name).read_bytes()
    assert {stat.S_IMODE(file.stat().st_mode) for file in home.iterdir()} == {0o600}
    assert opened.config.coalition == "Coalition"
    assert opened.config.database == target


def test_members_go_on_with_a_restored_coordinator(kept: Kept, tmp_path: Path) -> None:
    north = kept.batch.node
    before = north.stubs.ledger.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head
    restore(kept.file, SECRET, tmp_path / "restored")
    coordinator = Coordinator(open_home(tmp_path / "restored"))
    again = Node(north.tls_key, north.signing_key, north.sealing_key, north.member)
    again.certificate, again.authority = north.certificate, north.authority
    again.connect(coordinator.start().address)
    try:
        assert again.hello().you.member_id == north.id
        batch = Batch(again, kept.batch.project, kept.batch.records)
        assert batch.start().finished
        Batch(again, kept.batch.project, [make_record()]).upload()
        after = again.stubs.ledger.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head
        request = ledger_pb2.GetConsistencyProofRequest(
            first_size=before.tree_size, second_size=after.tree_size
        )
        path = again.stubs.ledger.GetConsistencyProof(request).path
        assert (before.tree_size, after.tree_size) == (7, 8)
        assert merkle.verify_consistency(7, 8, path, before.root_hash, after.root_hash)
    finally:
        again.close()
        coordinator.stop()


def test_a_backup_beside_writers_is_of_one_moment(kept: Kept, tmp_path: Path) -> None:
    stop = threading.Event()
    sent: list[int] = []

    def write() -> None:
        while not stop.is_set():
            Batch(kept.batch.node, kept.batch.project, [make_record()]).upload()
            sent.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [back_up(kept.coalition.home, tmp_path / f"b{n}", SECRET) for n in range(2)]
    finally:
        stop.set()
        writer.join()
    assert sent
    for summary in made:
        # An upload and its entry are one transaction: both are in a backup, or neither.
        finished = summary.rows["uploads"] - _unfinished(tmp_path / f"b{made.index(summary)}")
        assert summary.ledger_size == 6 + finished


def _unfinished(backup: Path) -> int:
    home = backup.with_suffix(".home")
    restore(backup, SECRET, home)
    store = open_home(home).open_store()
    with store.read() as connection:
        found = connection.scalar(text("SELECT count(*) FROM uploads WHERE NOT finished"))
    store.close()
    return int(found)


def test_an_encrypted_backup_shows_nothing(kept: Kept) -> None:
    content = kept.file.read_bytes()
    assert is_encrypted(kept.file)
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600
    key = kept.coalition.home.read_ledger_key(None).private_bytes_raw()
    for secret in (key, "북녘".encode(), kept.batch.node.id.encode(), b"coalition", b"rows"):
        assert secret not in content
    for wrong in (None, "", "another"):
        with pytest.raises(TacitError) as failure:
            verify_backup(kept.file, wrong)
        assert failure.value.code is Code.WRONG_PASSPHRASE


def test_a_backup_in_the_clear_says_so(alone: Coalition, tmp_path: Path) -> None:
    alone.enrol("North")
    file = tmp_path / "backup"
    made = back_up(alone.home, file, None)
    assert not is_encrypted(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_bytes().split(b"\n")[1])["warning"].startswith("NOT ENCRYPTED.")
    assert restore(file, None, tmp_path / "restored") == made


def refusal(call: Callable[[], object]) -> tuple[Code, str]:
    with pytest.raises(TacitError) as failure:
        call()
    return failure.value.code, str(failure.value)


@pytest.mark.parametrize("passphrase", [SECRET, None])
def test_one_changed_byte_is_noticed(kept: Kept, tmp_path: Path, passphrase: str | None) -> None:
    file = tmp_path / "backup"
    if passphrase:
        shutil.copy(kept.file, file)
    else:
        back_up(kept.coalition.home, file, None)
    good = file.read_bytes()
    for place in (0, 40, 120, 400, len(good) // 2, len(good) - 1):
        content = bytearray(good)
        content[place] ^= 1
        file.write_bytes(content)
        code, _ = refusal(lambda: restore(file, passphrase, tmp_path / "restored"))
        assert code in {Code.BAD_INPUT, Code.WRONG_PASSPHRASE}, place
        assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("how", ["cut", "chunk left out", "chunks swapped", "more"])
def test_missing_and_moved_chunks_are_noticed(kept: Kept, tmp_path: Path, how: str) -> None:
    content = kept.file.read_bytes()
    start = content.index(b"\n", content.index(b"\n") + 1) + 1
    size = 5 + 64 * 1024 + 16
    first, second = content[start : start + size], content[start + size : start + 2 * size]
    rest = content[start + 2 * size :]
    assert len(second) == size
    changed = {
        "cut": first + second,
        "chunk left out": first + rest,
        "chunks swapped": second + first + rest,
        "more": first + second + rest + b"x",
    }[how]
    file = tmp_path / "backup"
    file.write_bytes(content[:start] + changed)
    assert refusal(lambda: verify_backup(file, SECRET))[0] in {
        Code.BAD_INPUT,
        Code.WRONG_PASSPHRASE,
    }


@pytest.mark.parametrize("passphrase", [SECRET, None])
def test_chunks_that_look_alike_keep_their_places(tmp_path: Path, passphrase: str | None) -> None:
    file, line = tmp_path / "file", b"x" * 63
    with BackupWriter(file, passphrase) as writer:
        for _ in range(3 * 1024):
            writer.line(line)
        writer.finish()
    assert list(read_lines(file, passphrase)) == [line] * (3 * 1024)
    content = file.read_bytes()
    start = content.index(b"\n", content.index(b"\n") + 1) + 1
    size = 5 + 64 * 1024 + (16 if passphrase else 32)
    first, second = content[start : start + size], content[start + size : start + 2 * size]
    # The same text, sealed differently in each place.
    assert first[5:] != second[5:]
    for changed in (second + first, first + first, first):
        file.write_bytes(content[:start] + changed + content[start + 2 * size :])
        with pytest.raises(TacitError):
            list(read_lines(file, passphrase))


def _rewrite(connection: Connection) -> None:
    entry = connection.execute(
        select(ledger_entries.c.entry).where(ledger_entries.c.index == 1)
    ).scalar_one()
    changed = entry.replace(b"South", b"North")
    assert changed != entry
    leaf = merkle.leaf_hash(changed)
    values = {"entry": changed, "leaf_hash": leaf}
    connection.execute(update(ledger_entries).where(ledger_entries.c.index == 1).values(values))


def _lie(connection: Connection) -> None:
    connection.execute(text('UPDATE ledger_entries SET leaf_hash = entry WHERE "index" = 1'))


def _drop(connection: Connection) -> None:
    connection.execute(text('DELETE FROM ledger_entries WHERE "index" = 0'))


def _forge(connection: Connection) -> None:
    connection.execute(text("UPDATE tree_heads SET signature = root"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_rewrite, "its ledger is not what was signed at 2 entries"),
        (_lie, "its ledger does not verify at entry 1"),
        (_drop, "its ledger does not verify at entry 0"),
        (_forge, "its ledger's head of 2 entries bears no valid signature"),
    ],
)
def test_a_ledger_that_does_not_verify_is_refused(
    alone: Coalition, tmp_path: Path, damage: Callable[[Connection], None], said: str
) -> None:
    for name in ("North", "South"):
        alone.enrol(name)
    back_up(alone.home, tmp_path / "good", None)
    with alone.coordinator._backend.store.write() as connection:
        damage(connection)
    code, sentence = refusal(lambda: back_up(alone.home, tmp_path / "bad", None))
    assert code is Code.BAD_INPUT
    assert said in sentence
    assert not (tmp_path / "bad").exists()


def test_nothing_is_overwritten(kept: Kept, target: str, tmp_path: Path) -> None:
    def fails(home: Path, url: str = "") -> None:
        before = {file.name: file.read_bytes() for file in home.iterdir()}
        assert refusal(lambda: restore(kept.file, SECRET, home, url))[0] is Code.EXISTS
        assert {file.name: file.read_bytes() for file in home.iterdir()} == before

    assert refusal(lambda: back_up(kept.coalition.home, kept.file, SECRET))[0] is Code.EXISTS
    verify_backup(kept.file, SECRET)
    home = tmp_path / "other"
    init_home(home, Config("Other", "127.0.0.1:0", "127.0.0.1:0"))
    fails(home)
    for name in ("ledger.key", "coordinator.sqlite3"):
        odd = tmp_path / f"only-{name}"
        odd.mkdir()
        (odd / name).write_bytes(b"somebody's")
        fails(odd)
    if target:
        restore(kept.file, SECRET, tmp_path / "first", target)
        code, _ = refusal(lambda: restore(kept.file, SECRET, tmp_path / "second", target))
        assert code is Code.EXISTS
        assert not (tmp_path / "second" / "coordinator.toml").exists()


def test_a_restoring_that_was_cut_off_can_be_repeated(kept: Kept, tmp_path: Path) -> None:
    home = tmp_path / "restored"
    home.mkdir()
    (home / "coordinator.sqlite3.new").write_bytes(b"half")
    restore(kept.file, SECRET, home)
    assert not (home / "coordinator.sqlite3.new").exists()


def test_keys_under_a_passphrase_stay_under_it(tmp_path: Path) -> None:
    config = Config("C", "127.0.0.1:0", "127.0.0.1:0")
    home = init_home(tmp_path / "home", config, "of the keys")
    assert refusal(lambda: back_up(home, tmp_path / "b", None))[0] is Code.WRONG_PASSPHRASE
    back_up(home, tmp_path / "b", None, "of the keys")
    restore(tmp_path / "b", None, tmp_path / "restored")
    again = open_home(tmp_path / "restored")
    assert refusal(lambda: again.read_ledger_key(None))[0] is Code.WRONG_PASSPHRASE
    key = again.read_ledger_key("of the keys").private_bytes_raw()
    assert key == home.read_ledger_key("of the keys").private_bytes_raw()
    assert key not in (tmp_path / "b").read_bytes()


def test_a_backup_of_newer_software_is_refused(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tacit.coordinator.backup.write.current_revision", lambda _: "9999")
    back_up(kept.coalition.home, tmp_path / "newer", None)
    code, sentence = refusal(lambda: restore(tmp_path / "newer", None, tmp_path / "restored"))
    assert code is Code.STORE_FAILED
    assert "newer software" in sentence
    assert not (tmp_path / "restored" / "coordinator.toml").exists()


def test_an_older_backup_is_migrated(tmp_path: Path) -> None:
    config = Config("C", "127.0.0.1:0", "127.0.0.1:0")
    with pytest.MonkeyPatch.context() as then:
        then.setattr(
            "tacit.coordinator.store.engine.migrate", lambda c: migrate(c, revision="0001")
        )
        home = init_home(tmp_path / "home", config)
        store = home.open_store()
        with store.write() as connection:
            values = "(secret_hash, name, created_at, expires_at) VALUES (x'01', 'North', 1, 2)"
            connection.execute(text(f"INSERT INTO invitations {values}"))
        store.close()
        made = back_up(home, tmp_path / "old", None)
    assert "decisions" not in made.rows
    restore(tmp_path / "old", None, tmp_path / "restored")
    found = contents(f"sqlite:///{tmp_path / 'restored' / 'coordinator.sqlite3'}")
    assert [row[1] for row in found["invitations"]] == ["North"]
    assert found["decisions"] == []


def test_no_table_counts_by_itself() -> None:
    """A backup loads rows with their numbers; a counter of the database would stay behind."""
    assert [t.name for t in metadata.tables.values() if t.autoincrement_column is not None] == []
