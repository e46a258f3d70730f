"""A family takes back its consent: from the node's command to everybody's results, and back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.node import withdrawing
from tacit.node.claims import claims
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import load_member
from tacit.node.duplicates import settle
from tacit.node.ledger_verify import verify_ledger
from tacit.node.receipts import all_receipts, verify_receipt
from tacit.node.results import results
from tacit.node.status import status
from tacit.node.store.base import Store
from tacit.node.store.projects import get_tokens, list_linkage_keys
from tacit.node.store.receipts import list_receipts
from tacit.node.store.records import count_records, delete_records
from tacit.node.store.results import list_claims, list_groups, list_runs
from tacit.node.store.withdrawals import list_withdrawals
from tacit.node.sync import UploadReport, sync
from tacit.node.trust import leave
from tacit.node.withdrawing import (
    choose_record,
    choose_token,
    reinstate,
    tell_coordinator,
    withdraw,
)
from tacit.v1 import receipts_pb2
from world import World, fill, make_world, record

RECORDS = 40


@dataclass(frozen=True)
class Linked:
    """North and South document the same forty people."""

    world: World
    project: str

    @property
    def north(self) -> Store:
        return self.world.nodes["North"]

    @property
    def south(self) -> Store:
        return self.world.nodes["South"]

    def upload(self) -> UploadReport:
        """Synchronise North; gives what became of its upload."""
        report = sync(self.north)
        assert not report.failures
        [done] = report.projects
        assert done.upload is not None
        return done.upload

    def token(self, record_id: str) -> bytes | None:
        with self.north.read() as connection:
            found = get_tokens(connection, self.project).get(record_id)
        return found.token if found else None

    def shared(self) -> int:
        """Count the matches that South's store shows after synchronising."""
        sync(self.south)
        return len(results(self.south, self.project).matches)

    def change(self, number: int, **changes: object) -> None:
        fill(self.north, [record("North", number, **changes)])


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    world = make_world(tmp_path_factory.mktemp("withdrawing"))
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(RECORDS)])
    project = world.agree("Gangneung", "North", "South")
    world.link(project, "North", "South")
    yield Linked(world, project)
    world.close()


def test_nothing_changed_and_nothing_travels(linked: Linked) -> None:
    carried = 0

    def count(block: bytes) -> None:
        nonlocal carried
        carried += len(block)

    linked.world.line.tap = count
    try:
        assert linked.upload().travelled == 0
        idle, carried = carried, 0
        linked.change(1, publication="objected")
        changed = linked.upload()
        one, carried = carried, 0
    finally:
        linked.world.line.tap = len
    assert (changed.records, changed.travelled, changed.sent) == (RECORDS, 1, True)
    # Forty records have some 20,000 bytes; besides the one, forty matches come anew.
    assert one - idle < 10_000
    sync(linked.south)
    assert sum(m.objected for m in results(linked.south, linked.project).matches) == 1


def test_withdrawn_while_the_coordinator_is_away(linked: Linked) -> None:
    token = linked.token("North-003")
    assert token is not None
    before = linked.shared()
    claims(linked.south, linked.project)
    run = _run(linked.south, linked.project)
    with linked.south.read() as connection:
        assert list_claims(connection, run)
    linked.world.stop()
    withdraw(linked.north, [choose_record(linked.north, "North-003")])
    told = tell_coordinator(linked.north)
    assert (told.receipts, told.waiting) == ((), 1)
    assert told.away is not None
    assert told.away.code is Code.UNAVAILABLE
    assert status(linked.north).projects[0].withdrawals_waiting == 1
    # Here it is gone from what is shown before anybody else has heard of it.
    shown_here = results(linked.north, linked.project).matches
    assert "North-003" not in {own.record_id for match in shown_here for own in match.own}
    assert len(shown_here) == before - 1
    listed = all_receipts(linked.north)
    assert (listed.receipts, listed.away is None) == ((), False)
    linked.world.start()

    upload = linked.upload()
    assert (upload.records, upload.withdrawn, upload.travelled) == (RECORDS - 1, 1, 0)
    assert upload.withheld_reasons == {"withdrawn": 1}
    assert status(linked.north).projects[0].withdrawals_waiting == 0
    assert linked.shared() == before - 1
    with linked.south.read() as connection:
        assert not list_claims(connection, run)  # fetched again when next asked for
        shown = [r for group in list_groups(connection, run) for r in group.records]
    assert token not in {item.token for item in shown}
    [view] = all_receipts(linked.north).receipts
    assert (view.kind, view.records, view.project) == ("withdrawal", 1, "Gangneung")
    assert verify_ledger(linked.north).sound
    # The file holds it again, and it stays out.
    linked.change(3)
    assert linked.upload().travelled == 0
    assert linked.token("North-003") is None

    with pytest.raises(TacitError) as refused:
        reinstate(linked.north, "North-003", linked.project)
    assert refused.value.code is Code.USAGE
    reinstate(linked.north, "North-003")
    assert linked.upload().travelled == 1
    again = linked.token("North-003")
    assert again not in {None, token}
    with pytest.raises(TacitError) as unknown:
        reinstate(linked.north, "North-003")
    assert unknown.value.code is Code.NOT_FOUND


def _run(store: Store, project: str) -> str:
    with store.read() as connection:
        return list_runs(connection, project)[0].run_id


def test_an_import_without_the_record_withdraws_it(linked: Linked) -> None:
    kept, token = linked.upload().records, linked.token("North-007")
    with linked.north.write() as connection:
        delete_records(connection, ["North-007"])
    linked.change(8, consent_expires="2020-01-01")
    linked.change(9, purposes=("none",))
    assert status(linked.north).projects[0].withdrawals_waiting == 2  # 9's is seen when it goes
    upload = linked.upload()
    assert (upload.records, upload.withdrawn, upload.travelled) == (kept - 3, 3, 0)
    assert all_receipts(linked.north).receipts[-1].records == 3
    # The import is undone: nobody took these records out, so they are in again.
    for number in (7, 8, 9):
        linked.change(number)
    upload = linked.upload()
    assert (upload.records, upload.withdrawn, upload.travelled) == (kept, 0, 3)
    assert linked.token("North-007") not in {None, token}


def test_a_record_in_whose_place_another_goes_just_leaves(linked: Linked) -> None:
    kept = linked.upload().records
    linked.change(100)
    linked.change(101, fields=record("North", 100).fields)
    assert linked.upload().travelled == 2
    settle(linked.north, "North-100", "North-101", same=True)
    upload = linked.upload()
    # One leaves, and the other may take up its claim.
    assert (upload.records, upload.withdrawn, upload.held_twice) == (kept + 1, 0, 1)
    assert upload.travelled in {1, 2}
    # Who takes back the consent takes it back for the person.
    chosen = choose_record(linked.north, "North-100")
    assert chosen.records == ("North-100", "North-101")
    withdraw(linked.north, [chosen])
    assert len(tell_coordinator(linked.north).receipts) == 1
    upload = linked.upload()
    assert (upload.records, upload.travelled) == (kept, 0)


def test_the_answer_is_lost_and_the_receipt_is_the_same(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = linked.token("North-011")
    assert token is not None
    withdraw(linked.north, [choose_token(linked.north, token.hex())])
    with linked.north.read() as connection:
        known = len(list_receipts(connection, linked.project))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(withdrawing, "end_batch", crash)
        with pytest.raises(KeyboardInterrupt):
            tell_coordinator(linked.north)
    [receipt] = tell_coordinator(linked.north).receipts
    assert len(all_receipts(linked.north).receipts) == known + 1
    with linked.north.read() as connection:
        [done] = [w for w in list_withdrawals(connection, linked.project) if w.token == token]
    assert done.ledger_index == receipt.ledger_index
    assert done.record_id == "North-011"
    with pytest.raises(TacitError) as unknown:
        choose_token(linked.north, token.hex())
    assert unknown.value.code is Code.NOT_FOUND


def test_a_restored_node_is_told_of_what_it_forgot(linked: Linked) -> None:
    withdraw(linked.north, [choose_record(linked.north, "North-012")])
    assert tell_coordinator(linked.north).waiting == 0
    with linked.north.write() as connection:
        connection.exec_driver_sql("DELETE FROM withdrawn_records WHERE record_id = 'North-012'")
        for table in ("receipts", "withdrawals"):
            newest = f"(SELECT max(ledger_index) FROM {table})"
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE ledger_index = {newest}")
    upload = linked.upload()
    assert (upload.forgotten, upload.withdrawn) == (1, 0)
    assert linked.upload().forgotten == 0
    withdraw(linked.north, [choose_record(linked.north, "North-012")])


def test_a_receipt_that_is_none_is_refused(linked: Linked) -> None:
    member = load_member(linked.north)
    with linked.north.read() as connection:
        real = list_receipts(connection, linked.project)[0]
    good = receipts_pb2.Receipt(
        ledger_index=real.ledger_index, entry=real.entry, signature=real.signature
    )
    assert verify_receipt(member, linked.project, good).entry == real.entry
    other = json.loads(real.entry)
    other["records"] += 1
    for changes in (
        {"ledger_index": real.ledger_index + 1},
        {"signature": bytes(64)},
        {"entry": json.dumps(other).encode()},
    ):
        wrong = receipts_pb2.Receipt()
        wrong.CopyFrom(good)
        for name, value in changes.items():
            setattr(wrong, name, value)
        with pytest.raises(TacitError) as refused:
            verify_receipt(member, linked.project, wrong)
        assert refused.value.code is Code.PROOF_INVALID
    with pytest.raises(TacitError) as refused:
        verify_receipt(member, "another", good)
    assert refused.value.code is Code.PROOF_INVALID


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE uploads SET upload_id = 'unone' WHERE finished_at IS NOT NULL",
        "UPDATE sent_records SET hash = (SELECT max(hash) FROM sent_records)",
        "DELETE FROM sent_records",
    ],
)
def test_a_base_that_is_not_the_coordinators_is_replaced_whole(linked: Linked, damage: str) -> None:
    kept = linked.upload().records
    linked.change(20, petition=f"{damage[:8]}")
    with linked.north.write() as connection:
        names = connection.exec_driver_sql("SELECT upload_id, digest FROM uploads").all()
        connection.exec_driver_sql(damage)
    upload = linked.upload()
    with linked.north.write() as connection:
        for name in names:
            mend = "UPDATE uploads SET upload_id = ? WHERE digest = ?"
            connection.exec_driver_sql(mend, tuple(name))
    assert upload.records == kept
    assert upload.travelled >= kept - 1
    assert linked.upload().travelled == 0


def test_base_without_a_record_that_the_node_counts_on(linked: Linked) -> None:
    """The coordinator has erased it, as a consent is over by its clock and not by the node's."""
    kept = linked.upload().records
    token = linked.token("North-021")
    assert linked.world.coordinator is not None
    backend: Any = linked.world.coordinator._backend
    with backend.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM records WHERE token = ?", (token,))
    linked.change(22, petition="changed")
    assert linked.upload().travelled == kept


def test_cut_off_and_on_again(linked: Linked) -> None:
    numbers = list(range(200, 240))
    fill(linked.north, [record("North", number) for number in numbers])
    kept = RECORDS + len(numbers) - 2
    linked.world.line.cuts[:] = [9_000, 14_000, 19_000]
    report = sync(linked.north, policy=RetryPolicy(base=0.01, cap=0.05))
    linked.world.line.cuts.clear()
    [done] = report.projects
    assert done.upload is not None
    assert linked.world.line.broken >= 2
    assert (done.upload.records, done.upload.travelled) == (kept, len(numbers))
    withdraw(linked.north, [choose_record(linked.north, f"North-{n:03}") for n in numbers])
    [receipt] = tell_coordinator(linked.north).receipts
    assert json.loads(receipt.entry)["records"] == len(numbers)
    assert linked.upload().travelled == 0
    assert verify_ledger(linked.north).sound


def test_a_project_that_waits_for_something_else_withdraws_all_the_same(world: World) -> None:
    for member in ("North", "South", "East"):
        fill(world.join(member), [record(member, number) for number in range(3)])
    project = world.agree("Three", "North", "South", "East")
    here = Linked(world, project)
    assert here.upload().travelled == 3
    left = world.nodes["East"]
    leave(left)
    leave(left)  # as after a lost answer
    with left.read() as connection:
        assert not list_linkage_keys(connection, project)
        assert count_records(connection) > 0
    assert status(left).projects[0].over == "left"
    withdraw(here.north, [choose_record(here.north, "North-000")])
    with here.north.write() as connection:
        delete_records(connection, ["North-001"])
    [done] = sync(here.north).projects
    assert done.upload is None
    assert done.waiting_for
    assert [view.records for view in all_receipts(here.north).receipts] == [2]
    assert status(here.north).projects[0].withdrawals_waiting == 0
