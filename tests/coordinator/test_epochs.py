"""Epochs that end, members who leave and agreements that expire, on every database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select

from agreement_steps import (
    agree,
    drop,
    eventually,
    get,
    get_key,
    next_version,
    propose,
    put_keys,
    receipts,
    refused,
    report,
    start_epoch,
    together,
)
from coalition import Batch, Coalition, Members, Node, Project, project_in_force
from linking import SCHEMA_TEXT, Register, Seat, encode, person, seen, truth
from tacit.coordinator.retention import erase_expired
from tacit.coordinator.revocations import revoke_member
from tacit.coordinator.store.tables import ledger_entries, records, runs, uploads
from tacit.linkage.ledger_entries import read_entries
from tacit.linkage.ledger_findings import Kind
from tacit.linkage.records import EncodedSet

DAYS = 30


@pytest.fixture
def at(members: Members) -> Iterator[Callable[[float], None]]:
    """Set the coordinator's clock ahead; it is right again afterwards."""
    yield members.coalition.clock.days_ahead
    members.coalition.clock.days_ahead(0)


def audit(coalition: Coalition) -> None:
    """Hold the whole ledger against its rules; the tests' clock goes back and forth."""
    backend = coalition.coordinator._backend
    with backend.store.read() as connection:
        query = select(ledger_entries.c.entry).order_by(ledger_entries.c.index)
        raw = list(connection.execute(query).scalars())
    found = read_entries(raw, backend.authority.der, 0, lambda *_: None).findings
    assert [item for item in found if item.kind is not Kind.ENTRY_ORDER] == []


def linked(nodes: list[Node], **changes: Any) -> tuple[Project, list[Register], Seat, str]:
    """Bring a project with its uploads and a run into being."""
    project = project_in_force(nodes, schema=SCHEMA_TEXT, threshold_permille=600, **changes)
    registers = [Register(node, range(5 * n, 5 * n + 20)) for n, node in enumerate(nodes)]
    for register in registers:
        register.upload(project)
    seat = Seat(nodes[0], project)
    return project, registers, seat, seat.link().run_id


def questions() -> EncodedSet:
    return encode([person(n) for n in range(6)])


def test_an_epoch_ends_and_the_next_begins(members: Members, at: Callable[[float], None]) -> None:
    north, south, _ = nodes = [members.north, members.south, members.east]
    project, registers, seat, run_id = linked(nodes, epoch_days=DAYS, check_budget=10)
    shown = get(north, project)
    ends = shown.epoch_ends_at - members.coalition.clock()
    assert (shown.epoch, 29 < ends / 86_400_000 < 30) == (1, True)
    assert seat.check(questions())[-1].budget_left == 4
    assert refused(lambda: start_epoch(north, project, 2, *nodes[1:])).params == {"epoch": 1}

    at(DAYS + 0.1)
    calls = (seat.start, lambda: seat.check(questions()), lambda: registers[0].upload(project))
    for call in calls:
        error = refused(call)
        assert (error.reason, error.params) == ("EPOCH_ENDED", {"epoch": 1})
    # What was found can still be read.
    own = {group for group in truth(registers) if north.member.name in dict(group)}
    assert seen(seat.results(run_id), registers) == own
    _is_refused(project, nodes)
    told = together(
        lambda: start_epoch(north, project, 2, *nodes[1:]),
        lambda: start_epoch(south, project, 2, north, nodes[2]),
    )
    assert sorted(told) == ["", "EPOCH_RUNNING"]
    first, *others = nodes if told[0] == "" else [south, north, nodes[2]]
    after = start_epoch(first, project, 2, *others)  # its answer was lost
    assert refused(lambda: start_epoch(others[0], project, 2, first, others[1])).params == {
        "epoch": 2
    }
    shown = get(others[0], project)
    assert (shown.epoch, len(shown.uploads), len(shown.keyed_member_ids)) == (2, 0, 2)
    assert get_key(others[0], project).epoch == 2
    assert refused(lambda: get_key(first, project)).reason == "KEY_MISSING"
    # A version's keys are those of its first epoch, and handed out then.
    for late in (project, after):
        assert refused(partial(put_keys, north, late, south)).reason == "MALFORMED"

    eventually(lambda: all(receipts(node, project) == [(1, 20)] for node in nodes))
    report(first, project, 1)
    assert refused(lambda: registers[0].upload(project)).reason == "EPOCH_ENDED"
    assert refused(seat.start).reason == "NOTHING_TO_LINK"
    for register in registers:
        # No count is fixed for good over what is half there.
        error = refused(lambda: seat.count(run_id))
        assert (error.reason, error.params) == ("EPOCH_ENDED", {"epoch": 1})
        register.upload(after)
    # The same agreement: what was found shows again, and the budget is a new one.
    assert seen(seat.results(run_id), registers) == own
    assert seat.check(questions())[-1].budget_left == 4
    assert seat.count(run_id).ledger_index
    assert seat.link().run_id != run_id
    audit(members.coalition)


def _is_refused(project: Project, nodes: list[Node]) -> None:
    """Try epochs that cannot begin."""
    north, south, east = nodes
    assert refused(lambda: start_epoch(north, project, 1, south, east)).reason == "EPOCH_RUNNING"
    assert refused(lambda: start_epoch(north, project, 3, south, east)).reason == "EPOCH_RUNNING"
    assert refused(lambda: start_epoch(north, project, 2, south)).reason == "MALFORMED"
    assert refused(lambda: start_epoch(north, project, 2, *nodes)).reason == "MALFORMED"
    proposed = propose(south, project, next_version(project))
    error = refused(lambda: start_epoch(north, project, 2, south, east))
    assert (error.reason, error.params) == ("PROPOSAL_OPEN", {"version": 2})
    drop(north, proposed)


def test_an_upload_under_way_ends_with_its_epoch(
    members: Members, at: Callable[[float], None]
) -> None:
    pair = [members.north, members.south]
    project = project_in_force(pair, schema=SCHEMA_TEXT, epoch_days=DAYS)
    batch = Batch(members.north, project, Register(members.north, range(12)).records())
    begun = batch.start().upload_id
    batch.send(begun)
    at(DAYS + 0.1)
    start_epoch(members.south, project, 2, members.north)
    for call in (lambda: batch.send(begun, 2), lambda: batch.finish(begun)):
        assert refused(call).reason in {"EPOCH_ENDED", "NOT_FOUND"}
    eventually(lambda: receipts(members.north, project) == [(1, 12)])


def test_a_member_that_leaves_takes_its_records_along(members: Members) -> None:
    coalition = members.coalition
    leaver, stays = coalition.enrol("Leaver"), [members.north, members.south]
    nodes = [*stays, leaver]
    project, registers, seat, run_id = linked(nodes)
    waiting = project_in_force(stays)
    propose(members.south, waiting, next_version(waiting, nodes))
    live = _live_run(coalition, project)
    leaver.leave()

    shown = get(members.north, project)
    assert list(shown.gone_member_ids) == [leaver.id]
    assert {upload.member_id for upload in shown.uploads} == {node.id for node in stays}
    assert not get(members.north, waiting).HasField("proposal")
    calls = (
        seat.start,
        lambda: seat.check(questions()),
        lambda: registers[0].upload(project),
        lambda: start_epoch(members.north, project, 2, members.south, leaver),
        lambda: seat.count(run_id),
    )
    for call in calls:
        error = refused(call)
        assert (error.reason, error.params) == ("MEMBER_GONE", {"names": "Leaver"})
    # Without its records, what was found can be read.
    assert seen(seat.results(run_id), registers) == truth(registers[:2])
    assert seat.claims(run_id)
    assert _state(coalition, live) in {"cancelled", "failed"}
    eventually(lambda: _held(coalition, leaver) == 0)

    after = agree(stays, project, next_version(project, stays))
    for register in registers[:2]:
        register.upload(after)
    run = Seat(members.north, after).link()
    assert seen(Seat(members.north, after).results(run.run_id), registers) == truth(registers[:2])
    audit(coalition)


def test_a_keeper_shuts_out_beside_the_coordinator(members: Members) -> None:
    shut, stays = members.coalition.enrol("Shut out"), members.north
    project, *_ = linked([stays, shut])
    revoke_member(members.coalition.home, "Shut out")
    eventually(lambda: _held(members.coalition, shut) == 0)
    assert [upload.member_id for upload in get(stays, project).uploads] == [stays.id]
    audit(members.coalition)


def test_nothing_flows_after_the_last_day(members: Members, at: Callable[[float], None]) -> None:
    today = datetime.now(UTC).date()
    last = (today + timedelta(days=2)).isoformat()
    nodes = [members.north, members.south]
    project, registers, seat, run_id = linked(nodes, expires_on=last)
    put_keys(members.north, project, members.south)
    # Where none was agreed, none is due.
    error = refused(lambda: start_epoch(members.north, project, 2, members.south))
    assert error.reason == "EPOCH_RUNNING"
    seat.count(run_id)
    at(1.9)
    assert seat.results(run_id)
    at(3.1)
    calls = (
        seat.start,
        lambda: seat.results(run_id),
        lambda: seat.claims(run_id),
        lambda: seat.count(run_id),
        lambda: seat.check(questions()),
        lambda: registers[0].upload(project),
    )
    for call in calls:
        error = refused(call)
        assert (error.reason, error.params) == ("AGREEMENT_EXPIRED", {"day": last})
    backend = members.coalition.coordinator._backend
    erase_expired(backend)
    assert [_held(members.coalition, node, project) for node in nodes] == [0, 0]
    assert receipts(members.south, project) == [(1, 20)]
    assert refused(lambda: seat.get(run_id)).reason == "NOT_FOUND"
    assert refused(lambda: get_key(members.south, project)).reason == "KEY_MISSING"
    report(members.south, project, 1)
    size = _entries(members.coalition)
    erase_expired(backend)
    assert _entries(members.coalition) == size
    later = (today + timedelta(days=400)).isoformat()
    renewed = agree(nodes, project, next_version(project, expires_on=later))
    registers[0].upload(renewed)
    assert receipts(members.south, project) == [(1, 20)]
    audit(members.coalition)


def _live_run(coalition: Coalition, project: Project) -> str:
    """Put a run under way that the coordinator's worker is not to take up."""
    backend, run_id = coalition.coordinator._backend, f"live-{project.id}"
    row = {
        "id": run_id,
        "project_id": project.id,
        "agreement_hash": project.agreement.hash,
        "inputs_hash": project.agreement.hash,
        "state": "comparing",
        "created_at": backend.now() + 10**9,
        "resumptions": 10**6,
    }
    with backend.store.write() as connection:
        connection.execute(insert(runs).values(**row))
    return run_id


def _state(coalition: Coalition, run_id: str) -> str:
    with coalition.coordinator._backend.store.read() as connection:
        query = select(runs.c.state).where(runs.c.id == run_id)
        return str(connection.execute(query).scalar_one())


def _entries(coalition: Coalition) -> int:
    with coalition.coordinator._backend.store.read() as connection:
        return len(connection.execute(select(ledger_entries.c.index)).all())


def _held(coalition: Coalition, node: Node, project: Project | None = None) -> int:
    """Count the encodings of a member that are there."""
    own = select(uploads.c.id).where(uploads.c.member_id == node.id)
    if project is not None:
        own = own.where(uploads.c.project_id == project.id)
    with coalition.coordinator._backend.store.read() as connection:
        query = select(records.c.position).where(records.c.upload_id.in_(own))
        return len(connection.execute(query).all())
