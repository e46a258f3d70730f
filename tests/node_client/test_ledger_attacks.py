"""A coordinator that tampers with its ledger, in its own database and with its own key, is found."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.linkage import statements
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.ledger_audit import audit
from tacit.linkage.ledger_copy import LedgerCopy, read_copy, write_copy
from tacit.linkage.ledger_findings import Kind
from tacit.linkage.merkle import leaf_hash, root
from tacit.linkage.paper import PaperHead, put_on_paper
from tacit.node.check import check
from tacit.node.check_rows import CheckRow
from tacit.node.ledger_verify import read_ledger, verify_ledger
from tacit.node.store.base import Store
from tacit.node.sync import sync
from world import World, fill, make_world, person, record

Entry = dict[str, object]
HOUR = 3_600_000


@dataclass(frozen=True)
class Kept:
    """A coalition with a history, as it was before anybody tampered with it."""

    world: World
    copy: LedgerCopy
    paper: PaperHead
    safe: Path

    @property
    def north(self) -> Store:
        return self.world.nodes["North"]

    @property
    def database(self) -> Path:
        return self.world.home.path / "coordinator.sqlite3"

    def restore(self) -> None:
        """Bring back the coordinator as it was, and make nodes forget what they found out."""
        self.world.stop()
        shutil.rmtree(self.world.home.path)
        shutil.copytree(self.safe, self.world.home.path)
        self.world.start()
        sizes = max(head.size for head in self.copy.heads)
        for store in self.world.nodes.values():
            with store.write() as connection:
                connection.exec_driver_sql("DELETE FROM settings WHERE name = 'ledger_evidence'")
                connection.exec_driver_sql("DELETE FROM tree_heads WHERE tree_size > ?", (sizes,))

    def tamper(self, change: Callable[[list[Entry]], list[Entry]], head: str = "new") -> None:
        """Write another history into the database: whole, with its hashes, signed anew.

        With `head` "old" the signed heads stay as they were, with "early" they are back-dated.
        """
        self.world.stop()
        key = self.world.home.read_ledger_key(None)
        with closing(sqlite3.connect(self.database)) as database, database:
            query = 'SELECT entry FROM ledger_entries ORDER BY "index"'
            before = [json.loads(raw) for (raw,) in database.execute(query)]
            after = [canonical(entry) for entry in change(before)]  # type: ignore[arg-type]
            leaves = [leaf_hash(entry) for entry in after]
            database.execute("DELETE FROM ledger_entries")
            rows = [(n, entry, leaves[n]) for n, entry in enumerate(after)]
            database.executemany("INSERT INTO ledger_entries VALUES (?, ?, ?)", rows)
            if head != "old":
                database.execute("DELETE FROM cosignatures")
                ((time,),) = database.execute("SELECT max(timestamp) FROM tree_heads")
                database.execute("DELETE FROM tree_heads")
                when = time - HOUR if head == "early" else time
                signed = key.sign(statements.tree_head(len(after), when, root(leaves)))
                head_row = (len(after), when, root(leaves), signed)
                database.execute("INSERT INTO tree_heads VALUES (?, ?, ?, ?)", head_row)
        self.world.start()

    def found_by_member(self) -> set[Kind]:
        return {found.kind for found in verify_ledger(self.north).findings}

    def found_by_outsider(self) -> set[Kind]:
        """Verify what somebody exports now, with nothing but the head on paper."""
        copy = read_copy(write_copy(read_ledger(self.world.nodes["Late"])), "export.json")
        assert copy.receipts == ()
        return {found.kind for found in audit(copy, [self.paper]).findings}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    world = make_world(tmp_path_factory.mktemp("ledger"))
    # Late has seen nothing of the history when it begins to look.
    for member in ("North", "South", "Late"):
        fill(world.join(member), [record(member, number) for number in range(5)])
    project = world.agree("Victims", "North", "South")
    world.link(project, "North", "South")
    for _ in range(2):
        rows = [CheckRow(str(number), person(number)) for number in range(6)]
        check(world.nodes["North"], None, rows, lambda _done, _total: None)
        sync(world.nodes["South"])
    sync(world.nodes["North"])
    copy = read_ledger(world.nodes["North"])
    newest = copy.heads[-1]
    paper = put_on_paper(copy.ledger_key, newest.size, newest.timestamp, newest.root)
    world.stop()
    safe = world.path / "safe"
    shutil.copytree(world.home.path, safe)
    world.start()
    yield Kept(world, copy, paper, safe)
    world.close()


@pytest.fixture
def kept(history: Kept) -> Iterator[Kept]:
    yield history
    history.restore()


def place(entries: list[Entry], kind: str, number: int = 0) -> int:
    return [n for n, entry in enumerate(entries) if entry["type"] == kind][number]


def test_an_honest_history_verifies_from_everywhere(kept: Kept) -> None:
    found = verify_ledger(kept.north, [kept.paper])
    assert found.findings == ()
    assert len(found.copy.entries) == kept.paper.size == len(kept.copy.entries)
    # Joined in this order; North and South have cosigned all, Late nothing yet.
    names = [(item.member.name, item.size == kept.paper.size) for item in found.witnesses]
    assert names == [("North", True), ("South", True), ("Late", False)]
    assert kept.found_by_outsider() == set()
    kinds = {str(entry["type"]) for entry in found.entries.documents.values()}
    assert kinds == {
        "enrolment",
        "agreement",
        "signature",
        "in_force",
        "keys",
        "upload",
        "run",
        "check",
    }


def rewrite(entries: list[Entry]) -> list[Entry]:
    entries[place(entries, "check")]["records"] = 7
    return entries


def reorder(entries: list[Entry]) -> list[Entry]:
    first, second = place(entries, "check", 0), place(entries, "check", 1)
    entries[first], entries[second] = entries[second], entries[first]
    return entries


def drop(entries: list[Entry]) -> list[Entry]:
    del entries[place(entries, "check", 0)]
    return entries


def insert(entries: list[Entry]) -> list[Entry]:
    at = place(entries, "check", 0)
    return [*entries[:at], {**entries[at], "check": "00" * 16}, *entries[at:]]


def truncate(entries: list[Entry]) -> list[Entry]:
    return entries[: place(entries, "check", 0)]


@pytest.mark.parametrize(
    ("change", "members", "outsiders"),
    [
        (rewrite, {Kind.SEEN_HEAD}, {Kind.PAPER_ROOT}),
        (reorder, {Kind.SEEN_HEAD, Kind.RECEIPT}, {Kind.PAPER_ROOT}),
        (drop, {Kind.SEEN_HEAD, Kind.SEEN_SIZE, Kind.RECEIPT}, {Kind.PAPER_SIZE}),
        (insert, {Kind.SEEN_HEAD, Kind.RECEIPT, Kind.NOT_OURS}, {Kind.PAPER_ROOT}),
        (truncate, {Kind.SEEN_SIZE, Kind.RECEIPT}, {Kind.PAPER_SIZE}),
    ],
)
def test_another_history_signed_anew_is_found_by_members_and_by_paper(
    kept: Kept,
    change: Callable[[list[Entry]], list[Entry]],
    members: set[Kind],
    outsiders: set[Kind],
) -> None:
    kept.tamper(change)
    assert kept.found_by_member() == members
    assert kept.found_by_outsider() == outsiders
    # Its own synchronisation stops too, and the head stays as evidence.
    with pytest.raises(TacitError) as caught:
        sync(kept.north)
    assert caught.value.code is Code.PROOF_INVALID
    assert Kind.EVIDENCE in kept.found_by_member()


@pytest.mark.parametrize("change", [rewrite, reorder])
def test_entries_changed_under_the_heads_that_were_signed_are_found_by_anybody(
    kept: Kept, change: Callable[[list[Entry]], list[Entry]]
) -> None:
    kept.tamper(change, head="old")
    copy = read_ledger(kept.world.nodes["Late"])
    assert Kind.HEAD_ROOT in {found.kind for found in audit(copy).findings}


def test_entries_cut_off_under_the_heads_that_were_signed_are_found(kept: Kept) -> None:
    kept.tamper(truncate, head="old")
    assert kept.found_by_member() >= {Kind.SEEN_SIZE}


def test_a_back_dated_head_is_found_by_anybody(kept: Kept) -> None:
    kept.tamper(lambda entries: entries, head="early")
    assert kept.found_by_outsider() == {Kind.HEAD_ORDER}
    with pytest.raises(TacitError) as caught:
        sync(kept.north)
    assert caught.value.code is Code.PROOF_INVALID


def test_a_back_dated_entry_is_found_by_anybody(kept: Kept) -> None:
    def back_date(entries: list[Entry]) -> list[Entry]:
        late = entries[place(entries, "check", 1)]
        return [*entries, {**late, "time": int(str(late["time"])) - HOUR}]

    kept.tamper(back_date)
    assert Kind.ENTRY_ORDER in kept.found_by_outsider()


def forge_upload(entries: list[Entry]) -> list[Entry]:
    """Say that South uploaded six records, in South's name, with a key of one's own."""
    entry = entries[place(entries, "upload", 1)]
    agreed, content = (bytes.fromhex(str(entry[name])) for name in ("agreement", "root"))
    signature = Ed25519PrivateKey.generate().sign(statements.upload(agreed, 6, content))
    return [*entries, {**entry, "records": 6, "signature": signature.hex()}]


def sign_for_another(entries: list[Entry]) -> list[Entry]:
    """Say that South signed an agreement, with the signature of North."""
    north, south = (place(entries, "signature", number) for number in (0, 1))
    forged = {**entries[south], "signature": entries[north]["signature"]}
    return [*entries[:south], forged, *entries[south + 1 :]]


def test_forged_signatures_of_members_are_found_by_anybody(kept: Kept) -> None:
    for forge in (forge_upload, sign_for_another):
        kept.tamper(forge)
        assert Kind.ENTRY_SIGNATURE in kept.found_by_outsider()
        kept.restore()


def test_acts_that_rest_on_nothing_are_found_by_anybody(kept: Kept) -> None:
    def act(entries: list[Entry]) -> list[Entry]:
        late = entries[place(entries, "enrolment", 2)]["member"]
        run = entries[place(entries, "run")]
        return [
            *entries,
            {**entries[place(entries, "check")], "member": late},
            {**run, "uploads": ["none"], "run": "r"},
        ]

    kept.tamper(act)
    assert Kind.ENTRY_REFERENCE in kept.found_by_outsider()


def test_a_second_key_for_a_member_is_found_by_anybody(kept: Kept) -> None:
    def enrol_again(entries: list[Entry]) -> list[Entry]:
        return [*entries, {**entries[place(entries, "enrolment")], "signing_key": "11" * 32}]

    kept.tamper(enrol_again)
    assert Kind.ENTRY_REFERENCE in kept.found_by_outsider()


def test_another_key_in_place_of_a_members_is_found_by_who_signed_with_it(kept: Kept) -> None:
    def replace_key(entries: list[Entry]) -> list[Entry]:
        entries[place(entries, "enrolment", 1)]["signing_key"] = "11" * 32
        return entries

    kept.tamper(replace_key)
    assert Kind.MEMBER_KEY in kept.found_by_member()


def test_forged_cosignatures_are_found(kept: Kept) -> None:
    kept.world.stop()
    with closing(sqlite3.connect(kept.database)) as database, database:
        database.execute("UPDATE cosignatures SET cosigned_at = cosigned_at + 1")
    kept.world.start()
    assert Kind.COSIGNATURE in kept.found_by_outsider()
    with pytest.raises(TacitError) as caught:
        sync(kept.north)
    assert caught.value.code is Code.PROOF_INVALID


def test_a_head_with_another_key_is_refused(kept: Kept) -> None:
    kept.world.stop()
    with closing(sqlite3.connect(kept.database)) as database, database:
        database.execute("UPDATE tree_heads SET signature = zeroblob(64)")
    kept.world.start()
    with pytest.raises(TacitError) as caught:
        verify_ledger(kept.north)
    assert caught.value.code is Code.PROOF_INVALID
