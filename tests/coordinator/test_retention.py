"""Encodings and results go when the agreement says so, on every database."""

import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from coalition import (
    CLK_BITS,
    Batch,
    CallError,
    Coalition,
    Members,
    Project,
    make_record,
    project_in_force,
)
from linking import SCHEMA_TEXT, Register, Seat, encode, person, seen, truth
from tacit.coordinator import retention
from tacit.coordinator.backend import Backend
from tacit.coordinator.retention import RetentionWorker, erase_expired
from tacit.coordinator.store import runs as run_store
from tacit.coordinator.store.ledger import read_entry, read_leaves
from tacit.coordinator.store.retention import Limits, all_projects, find_expired
from tacit.coordinator.store.tables import (
    checks,
    commitments,
    decisions,
    group_links,
    group_records,
    groups,
    notices,
    records,
    releases,
    run_calibrations,
    run_inputs,
    sketches,
    uploads,
)
from tacit.coordinator.store.uploads import current_uploads
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import decisions_pb2, projects_pb2, runs_pb2

DAY = 24 * 60 * 60 * 1000
KEPT_DAYS = 90


def after(members: Members, days: float) -> Backend:
    """Give the coordinator's parts with a clock that is ahead."""
    backend = members.coalition.coordinator._backend
    return replace(backend, now=lambda: backend.now() + round(days * DAY))


def entries(backend: Backend) -> list[dict[str, Any]]:
    """Read the whole ledger."""
    with backend.store.read() as connection:
        size = len(read_leaves(connection, 0))
        found = [read_entry(connection, index) for index in range(size)]
    return [json.loads(entry or b"") for entry in found]


def erasures(backend: Backend, project: Project) -> list[dict[str, Any]]:
    """Give the project's entries of erasures, without what they have in common."""
    own = [e for e in entries(backend) if e["type"] == "erasure" and e["project"] == project.id]
    assert all(entry["agreement"] == project.agreement.hash.hex() for entry in own)
    return [{k: e[k] for k in ("uploads", "records", "runs", "notices")} for e in own]


def count(backend: Backend, table: Any, *where: Any) -> int:
    with backend.store.read() as connection:
        query = select(func.count()).select_from(table).where(*where)
        return int(connection.execute(query).scalar_one())


def held_by(node: Any, project: Project) -> dict[str, int]:
    """Give the records of each member's upload as the project shows them."""
    request = projects_pb2.GetProjectRequest(project_id=project.id)
    found = node.stubs.projects.GetProject(request).project.uploads
    return {upload.member_id: upload.record_count for upload in found}


@pytest.fixture
def pair(members: Members) -> Iterator[tuple[Project, Register, Register]]:
    """Two registers of which half is shared, uploaded; nothing is left for the next test."""
    nodes = [members.north, members.south]
    project = project_in_force(
        nodes, schema=SCHEMA_TEXT, threshold_permille=600, retention_days=KEPT_DAYS
    )
    registers = Register(nodes[0], range(20)), Register(nodes[1], range(10, 30))
    for register in registers:
        register.upload(project)
    yield project, *registers
    erase_expired(after(members, 5000))


Pair = tuple[Project, Register, Register]


def test_nothing_goes_before_its_time(members: Members, pair: Pair) -> None:
    project, *registers = pair
    seat = Seat(members.north, project)
    run = seat.link()
    early = after(members, KEPT_DAYS - 0.01)
    assert erase_expired(early) == 0
    assert erasures(early, project) == []
    assert seen(seat.results(run.run_id), registers) == truth(registers)


def test_everything_goes_when_its_time_is_over(members: Members, pair: Pair) -> None:
    project, *_ = pair
    seat = Seat(members.north, project)
    run = seat.link()
    seat.count(run.run_id)
    seat.check(encode([person(n) for n in range(15, 25)]))
    late = after(members, KEPT_DAYS + 0.01)
    assert count(late, run_calibrations, run_calibrations.c.run_id == run.run_id) == 1
    assert erase_expired(late) == 1
    # Both uploads of 20 records, their run, and one notice: South was asked about 15..24.
    assert erasures(late, project) == [{"uploads": 2, "records": 40, "runs": 1, "notices": 1}]
    own = uploads.c.project_id == project.id
    own_uploads = select(uploads.c.id).where(own)
    for table in (groups, group_records, group_links, run_calibrations):
        assert count(late, table, table.c.run_id == run.run_id) == 0
    assert count(late, records, records.c.upload_id.in_(own_uploads)) == 0
    assert count(late, notices, notices.c.project_id == project.id) == 0
    with late.store.read() as connection:
        assert run_store.find(connection, run.run_id) is None
    # What proofs, budgets and publications stand on stays.
    assert count(late, commitments, commitments.c.upload_id.in_(own_uploads)) == 40
    assert count(late, checks, checks.c.project_id == project.id) == 1
    assert count(late, releases, releases.c.project_id == project.id) == 1
    assert count(late, run_inputs, run_inputs.c.run_id == run.run_id) == 2
    # Once erased it is not erased again.
    assert erase_expired(late) == 0
    assert len(erasures(late, project)) == 1


def test_members_are_told_and_can_upload_the_same_again(members: Members, pair: Pair) -> None:
    project, north, south = pair
    seat = Seat(members.north, project)
    run_id = seat.link().run_id
    batch = Batch(north.node, project, north.records())
    uploaded = batch.upload()
    erase_expired(after(members, KEPT_DAYS + 1))
    assert held_by(members.north, project) == {}
    with pytest.raises(CallError) as refused:
        seat.start()
    assert refused.value.reason == "NOTHING_TO_LINK"
    for call in (seat.get, seat.watch, seat.results, seat.claims, seat.count):
        with pytest.raises(CallError) as refused:
            call(run_id)
        assert refused.value.reason == "NOT_FOUND"
        assert refused.value.sentence == (
            "There is no such run any more: results are erased after 90 days, as agreed."
        )
    # The same bytes are a new upload, and an erased one does not go on.
    again = batch.start()
    assert again.upload_id != uploaded.upload_id
    assert (again.finished, again.committed) == (False, 0)
    batch.upload()
    south.upload(project)
    assert held_by(members.north, project) == {north.node.id: 20, south.node.id: 20}
    fresh = seat.link()
    assert fresh.run_id != run_id
    assert seen(seat.results(fresh.run_id), (north, south)) == truth((north, south))


def test_claims_keep_the_place_of_their_first_upload(members: Members, pair: Pair) -> None:
    project, north, south = pair
    seat = Seat(members.north, project)
    before = seat.claims(seat.link().run_id)
    erase_expired(after(members, KEPT_DAYS + 1))
    # In the other order: who was first stays first.
    south.upload(project)
    north.upload(project)
    again = seat.claims(seat.link().run_id)

    def order(messages: Any) -> set[tuple[tuple[str, int, bytes], ...]]:
        return {
            tuple((c.member, c.entry.leaf_index, c.entry.entry) for c in group.claims)
            for message in messages
            for group in message.groups
        }

    assert len(order(before)) > 0
    assert order(again) == order(before)


def test_large_uploads_go_in_batches_and_count_no_longer_from_the_first(
    members: Members, pair: Pair
) -> None:
    project, north, _ = pair
    late = after(members, KEPT_DAYS + 1)
    assert erase_expired(late, most=15) == 3
    found = erasures(late, project)
    assert [(entry["uploads"], entry["records"]) for entry in found] == [(0, 15), (1, 15), (1, 10)]
    # Stopped after a batch, the rest is found by the next pass.
    north.upload(project)
    with late.store.read() as connection:
        (kept,) = (k for k in all_projects(connection) if k.project_id == project.id)
    assert retention._erase_batch(late, kept, 15)
    assert held_by(members.north, project) == {}
    assert erase_expired(late, most=15) == 1
    found = erasures(late, project)[3:]
    assert [(entry["uploads"], entry["records"]) for entry in found] == [(0, 15), (1, 5)]


def test_uploads_that_were_never_finished_go_after_a_month(members: Members, pair: Pair) -> None:
    project, north, south = pair
    others = [make_record(clk=bytes([n]) * 128, presence=7) for n in range(15)]
    batch = Batch(north.node, project, [*north.records(), *others])
    begun = batch.start()
    batch.send(begun.upload_id)
    assert erase_expired(after(members, 29.9)) == 0
    month = after(members, 30.1)
    assert erase_expired(month) == 1
    assert erasures(month, project) == [{"uploads": 1, "records": 35, "runs": 0, "notices": 0}]
    # The current one is not concerned; the unfinished one begins anew.
    assert held_by(members.north, project) == {north.node.id: 20, south.node.id: 20}
    with pytest.raises(CallError) as refused:
        batch.finish(begun.upload_id)
    assert refused.value.reason == "NOT_FOUND"
    again = batch.start()
    assert again.upload_id != begun.upload_id
    assert again.committed == 0


def test_an_empty_upload_goes_too(members: Members, pair: Pair) -> None:
    project, north, south = pair
    Register(north.node, []).upload(project)
    assert held_by(members.north, project) == {north.node.id: 0, south.node.id: 20}
    late = after(members, KEPT_DAYS + 1)
    assert erase_expired(late) == 1
    assert erasures(late, project) == [{"uploads": 2, "records": 20, "runs": 0, "notices": 0}]
    assert held_by(members.north, project) == {}


def test_replaced_records_go_once_no_run_needs_them(members: Members, pair: Pair) -> None:
    project, north, south = pair
    Seat(members.north, project).link()
    Register(north.node, range(5)).upload(project)
    # The run has ended: what it read was needed no more, however young, and went at once.
    now = after(members, 0)
    assert count(now, records, records.c.upload_id.in_(_uploads_of(project, north))) == 5
    assert erase_expired(now) == 0
    assert held_by(members.north, project) == {north.node.id: 5, south.node.id: 20}


def _uploads_of(project: Project, register: Register) -> Any:
    return select(uploads.c.id).where(
        uploads.c.project_id == project.id, uploads.c.member_id == register.node.id
    )


@pytest.mark.parametrize("state", run_store.LIVE)
def test_what_a_run_under_way_reads_stays(members: Members, pair: Pair, state: str) -> None:
    project, *_ = pair
    backend = after(members, KEPT_DAYS + 1)
    limits = Limits(backend.now() - KEPT_DAYS * DAY, backend.now() - 30 * DAY)

    def look() -> None:
        with backend.store.write() as connection:
            current = current_uploads(connection, project.id)
            assert len(find_expired(connection, project.id, limits).current) == 2
            run = run_store.Run("r" * 32, project.id, b"", b"", backend.now(), state)
            run_store.add(connection, run, [run_store.Input(current[0].id, current[0].member_id)])
            assert find_expired(connection, project.id, limits).current == [current[1].id]
            connection.execute(update(uploads).values(superseded=True))
            assert find_expired(connection, project.id, limits).replaced == [current[1].id]
            # Never committed, so that the coordinator's own worker does not take the run up.
            raise InterruptedError

    with pytest.raises(InterruptedError):
        look()


def test_the_worker_erases_at_once_and_stops_when_told(members: Members, pair: Pair) -> None:
    project, *_ = pair
    backend = replace(after(members, KEPT_DAYS + 1), stopping=threading.Event())
    worker = RetentionWorker(backend)
    worker.start()
    while held_by(members.north, project):
        assert worker.alive()
    backend.stopping.set()
    worker.stop()
    assert not worker.alive()


@pytest.mark.parametrize(
    ("error", "seconds"), [(TacitError(Code.STORE_FAILED, problem="x"), 60), (KeyError("x"), 3600)]
)
def test_the_worker_outlives_failures(
    members: Members, monkeypatch: pytest.MonkeyPatch, error: Exception, seconds: int
) -> None:
    def fail(_: Backend) -> int:
        raise error

    monkeypatch.setattr(retention, "erase_expired", fail)
    assert RetentionWorker(after(members, 0))._step() == seconds


def test_no_file_holds_what_was_erased(alone: Coalition) -> None:
    nodes = [alone.enrol("North"), alone.enrol("South")]
    project = project_in_force(nodes, retention_days=KEPT_DAYS)
    clk, claim = secrets.token_bytes(CLK_BITS // 8), secrets.token_bytes(64)
    Batch(nodes[0], project, [make_record(clk, sealed_claim=claim) for _ in range(3)]).upload()
    files = [path for path in alone.home.path.rglob("*") if path.is_file()]
    assert any(clk in path.read_bytes() for path in files)
    backend = alone.coordinator._backend
    assert erase_expired(replace(backend, now=lambda: backend.now() + 100 * DAY)) == 1
    for path in alone.home.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert clk not in content, path
            assert claim not in content, path


def test_sketches_and_decisions_go_with_the_results(pair: Pair, members: Members) -> None:
    project, own, _ = pair
    seat = Seat(members.north, project)
    run_id = seat.link().run_id
    group = seat.results(run_id)[0]
    token = next(record.token for record in group.records if record.yours)
    request = decisions_pb2.DecideRequest(
        **seat.names,
        run_id=run_id,
        group_id=group.group_id,
        token=token,
        member="South",
        judgement=runs_pb2.JUDGEMENT_SAME,
    )
    members.north.stubs.decisions.Decide(request)
    backend = after(members, 0)
    with backend.store.write() as connection:
        row = {"run_id": run_id, "group_id": group.group_id, "place": 0, "parts": b"x"}
        connection.execute(insert(sketches).values(**row))
    own.upload(project)
    where = decisions.c.project_id == project.id
    erase_expired(after(members, KEPT_DAYS - 1))
    assert (count(backend, decisions, where), count(backend, sketches)) == (1, 1)
    erase_expired(after(members, KEPT_DAYS + 1))
    assert (count(backend, decisions, where), count(backend, sketches)) == (0, 0)
    own_entries = [e for e in entries(backend) if e.get("project") == project.id]
    assert sum(e["decisions"] for e in own_entries if e["type"] == "erasure") == 1
