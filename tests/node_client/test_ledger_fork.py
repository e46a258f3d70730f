"""A coordinator that shows two members two histories is found by every way there is to compare."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.ledger_audit import compare_copies
from tacit.linkage.ledger_copy import LedgerCopy
from tacit.linkage.ledger_findings import Kind
from tacit.linkage.paper import put_on_paper, read_paper
from tacit.node.check import check
from tacit.node.check_rows import CheckRow
from tacit.node.head import kept_head, newest_head
from tacit.node.ledger_settling import settle_fork
from tacit.node.ledger_verify import read_ledger, verify_copy, verify_ledger
from tacit.node.store.base import Store
from tacit.node.store.ledger import add_evidence, list_evidence
from tacit.node.sync import sync
from world import World, fill, make_world, person, record


@dataclass(frozen=True)
class Forked:
    """North was shown one history, South is being shown another."""

    world: World
    common: int
    north_copy: LedgerCopy
    north_paper: str
    north_home: Path

    @property
    def south(self) -> Store:
        return self.world.nodes["South"]

    @property
    def database(self) -> Path:
        return self.world.home.path / "coordinator.sqlite3"


def ask(store: Store) -> None:
    rows = [CheckRow(str(number), person(number)) for number in range(6)]
    check(store, None, rows, lambda _done, _total: None)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forked]:
    world = make_world(tmp_path_factory.mktemp("fork"))
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(5)])
    world.link(world.agree("Victims", "North", "South"), "North", "South")
    north, south = world.nodes["North"], world.nodes["South"]
    for store in (north, south):
        sync(store)
    common = kept_head(south).head.tree_size
    world.stop()
    other = world.path / "other"
    shutil.copytree(world.home.path, other)
    world.start()
    ask(north)
    seen = newest_head(north)
    found = seen.head
    paper = put_on_paper(seen.ledger_key, found.tree_size, found.timestamp, found.root).text
    copy = read_ledger(north)
    world.stop()
    # From here on the coordinator shows South what it did not show North.
    north_home = world.path / "shown-to-north"
    shutil.move(world.home.path, north_home)
    shutil.move(other, world.home.path)
    world.start()
    ask(south)
    ask(south)
    yield Forked(world, common, copy, paper, north_home)
    world.close()


def test_by_a_head_on_paper(history: Forked) -> None:
    found = verify_ledger(history.south, [read_paper(history.north_paper)])
    assert [item.kind for item in found.findings] == [Kind.PAPER_ROOT]


def test_by_two_exports(history: Forked) -> None:
    (first, *_) = compare_copies(history.north_copy, read_ledger(history.south))
    assert (first.kind, first.params) == (Kind.PARTING, {"index": history.common})


def test_by_the_others_export_against_what_one_saw(history: Forked) -> None:
    found = verify_copy(history.south, history.north_copy)
    assert {item.kind for item in found.findings} >= {Kind.SEEN_HEAD, Kind.RECEIPT}


def test_where_signatures_are_withheld_the_other_stays_behind(history: Forked) -> None:
    found = verify_ledger(history.south)
    sizes = {item.member.name: item.size for item in found.witnesses}
    # All that South can be shown of North is from before the fork.
    assert sizes["North"] <= history.common < len(found.copy.entries)
    assert found.sound


def test_by_what_the_other_cosigned(history: Forked) -> None:
    with closing(sqlite3.connect(history.north_home / "coordinator.sqlite3")) as theirs:
        heads = theirs.execute("SELECT * FROM tree_heads ORDER BY size DESC LIMIT 1").fetchall()
        query = "SELECT * FROM cosignatures WHERE size = ?"
        signed = theirs.execute(query, (heads[0][0],)).fetchall()
    assert len(signed) == 1
    history.world.stop()
    with closing(sqlite3.connect(history.database)) as ours, ours:
        ours.execute("DELETE FROM cosignatures WHERE size = ?", (heads[0][0],))
        ours.execute("DELETE FROM tree_heads WHERE size = ?", (heads[0][0],))
        ours.execute("INSERT INTO tree_heads VALUES (?, ?, ?, ?)", heads[0])
        ours.execute("INSERT INTO cosignatures VALUES (?, ?, ?, ?)", signed[0])
    history.world.start()
    with pytest.raises(TacitError) as caught:
        sync(history.south)
    assert caught.value.code is Code.LEDGER_FORKED
    assert caught.value.entry.exit_code == 9
    assert "North" in caught.value.sentence()
    assert "North" in caught.value.sentence("ko")
    # The head that North cosigned stays with South, signed by the coordinator.
    found = verify_ledger(history.south).findings
    evidence = [item for item in found if item.kind is Kind.EVIDENCE]
    assert [item.params["seen_by"] for item in evidence] == ["North"]
    settles_only_once_it_is_over(history, heads[0][0])


def settles_only_once_it_is_over(history: Forked, size: int) -> None:
    south, note = history.south, "An old backup was served for an hour."

    def settle() -> int:
        return settle_fork(south, note, lambda _stage, _done, _total: None)

    with pytest.raises(TacitError) as caught:
        settle()
    assert caught.value.code in {Code.LEDGER_FORKED, Code.PROOF_INVALID}
    history.world.stop()
    with closing(sqlite3.connect(history.database)) as ours, ours:
        ours.execute("DELETE FROM cosignatures WHERE size = ?", (size,))
        ours.execute("DELETE FROM tree_heads WHERE size = ?", (size,))
    history.world.start()
    assert not verify_ledger(south).sound
    assert settle() == 1
    found = verify_ledger(south)
    assert found.sound
    [remark] = [item for item in found.findings if item.kind is Kind.EVIDENCE_SETTLED]
    assert remark.params["note"] == note
    with pytest.raises(TacitError) as caught:
        settle()
    assert caught.value.code is Code.NOT_FOUND
    # Shown once more, it is open again.
    with south.write() as connection:
        (kept,) = list_evidence(connection)
        add_evidence(connection, kept)
    assert [item.kind for item in verify_ledger(south).findings if not item.remark] == [
        Kind.EVIDENCE
    ]
