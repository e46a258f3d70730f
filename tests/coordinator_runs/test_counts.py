"""The joint count as a member gets it."""

import json
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from coalition import CallError, Members
from linking import EVERY_PURPOSE, Register, Seat
from tacit.coordinator.store.tables import ledger_entries
from tacit.v1 import counts_pb2


def shown(cell: counts_pb2.Cell) -> int | None:
    return None if cell.suppressed else cell.count


def overlap(count: counts_pb2.GetCountResponse) -> dict[frozenset[str], int | None]:
    return {frozenset(row.members): shown(row.cell) for row in count.overlap}


def test_distinct_victims_are_counted_once(linked: Any) -> None:
    table, run_id = linked
    count = table.seats[0].count(run_id)
    assert count.minimum_cell == 10
    assert shown(count.distinct) == 110
    assert shown(count.records) == 180
    assert {member.member: shown(member.cell) for member in count.members} == {
        "North": 60,
        "South": 60,
        "East": 60,
    }
    # 0..29 North alone, 30..49 North and South, 50..59 all, 60..89 South and East, 90..109 East.
    assert overlap(count) == {
        frozenset({"North"}): 30,
        frozenset({"South"}): 0,
        frozenset({"East"}): 20,
        frozenset({"North", "South"}): 20,
        frozenset({"South", "East"}): 30,
        frozenset({"North", "East"}): 0,
        frozenset({"North", "South", "East"}): 10,
    }
    kinds = {row.key: shown(row.cell) for table in count.tables for row in table.rows}
    assert (kinds["abduction"], kinds["detention"]) == (55, 55)


def test_every_member_gets_the_same_release_once(linked: Any, members: Members) -> None:
    table, run_id = linked
    counts = [seat.count(run_id) for seat in table.seats]
    assert counts[0] == counts[1] == counts[2]
    narrow = table.seats[1].count(run_id, ["year"])
    assert [t.dimension for t in narrow.tables] == ["year"]
    assert narrow.ledger_index == counts[0].ledger_index
    assert narrow.tables[0] in counts[0].tables
    store = members.coalition.home.open_store()
    with store.read() as connection:
        entries = [json.loads(e) for e in connection.scalars(select(ledger_entries.c.entry))]
    store.close()
    [release] = [e for e in entries if e["type"] == "release" and e.get("run") == run_id]
    assert release["minimum_cell"] == 10
    assert len(release["result"]) == 2 * sha256().digest_size


def test_unknown_dimension_is_refused(linked: Any) -> None:
    table, run_id = linked
    with pytest.raises(CallError) as failure:
        table.seats[0].count(run_id, ["shoe size"])
    assert failure.value.reason == "MALFORMED"
    assert "kind, year" in failure.value.sentence


def test_small_cells_are_suppressed_and_cannot_be_worked_out(
    project: Any, members: Members
) -> None:
    agreed = project(minimum_cell=10)
    nodes = (members.north, members.south, members.east)
    # 3 at North and South only: too few to be shown.
    spans = ([*range(60)], [*range(57, 100)], [*range(80, 140)])
    for node, span in zip(nodes, spans, strict=True):
        Register(node, span).upload(agreed)
    seat = Seat(members.north, agreed)
    count = seat.count(seat.link().run_id)
    found = overlap(count)
    assert found[frozenset({"North", "South"})] is None
    hidden = [members for members, cell in found.items() if cell is None]
    assert len(hidden) > 1


def test_records_count_only_where_consent_covers_it(project: Any, members: Members) -> None:
    agreed = project(minimum_cell=3)
    uncounted = {e: {"purposes": ["check", "attribute"]} for e in range(5)}
    Register(members.north, range(20), uncounted).upload(agreed)
    Register(members.south, range(20)).upload(agreed)
    seat = Seat(members.north, agreed)
    run = seat.link()
    assert run.group_count == 20
    count = seat.count(run.run_id)
    assert shown(count.distinct) == 20
    assert shown(count.records) == 35
    assert overlap(count)[frozenset({"North", "South"})] == 15
    assert overlap(count)[frozenset({"South"})] == 5


def test_release_stays_as_it_was_when_uploads_change(project: Any, members: Members) -> None:
    agreed = project(minimum_cell=3)
    north, south = Register(members.north, range(20)), Register(members.south, range(10, 30))
    north.upload(agreed)
    south.upload(agreed)
    seat = Seat(members.north, agreed)
    run_id = seat.link().run_id
    before = seat.count(run_id)
    south.entities = range(10, 29)
    south.upload(agreed)
    # Otherwise the difference of two releases would tell of one victim.
    assert seat.count(run_id, ["year"]).distinct == before.distinct


def test_names_are_aliases_where_the_agreement_says_so(project: Any, members: Members) -> None:
    agreed = project(disclose_members=False, purposes=("check", "count"), minimum_cell=3)
    purposes = {e: {"purposes": [p for p in EVERY_PURPOSE if p != "attribute"]} for e in range(20)}
    for node in (members.north, members.south):
        Register(node, range(20), purposes).upload(agreed)
    seat = Seat(members.north, agreed)
    count = seat.count(seat.link().run_id)
    names = [member.member for member in count.members]
    order = [party.member_id for party in agreed.agreement.members]
    own = order.index(members.north.id)
    assert names[own] == "North"
    assert [name for name in names if name != "North"] == [
        f"member {number}" for number in (1, 2, 3) if number != own + 1
    ]


def test_count_needs_a_finished_run_and_the_purpose(project: Any, members: Members) -> None:
    agreed = project(purposes=("check",))
    for node in (members.north, members.south):
        purposes = {e: {"purposes": ["check"]} for e in range(5)}
        Register(node, range(5), purposes).upload(agreed)
    seat = Seat(members.north, agreed)
    with pytest.raises(CallError) as failure:
        seat.count(seat.link().run_id)
    assert failure.value.reason == "PURPOSE_NOT_AGREED"
