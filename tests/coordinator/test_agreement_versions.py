"""New versions of an agreement, from the proposal to what is left of the old one."""

import secrets
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

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
    together,
)
from coalition import (
    CLK_BITS,
    Batch,
    CallError,
    Coalition,
    Members,
    Node,
    Project,
    create_project,
    make_agreement,
    make_record,
    project_in_force,
    sign,
    sign_project,
)
from linking import SCHEMA_TEXT, Register, Seat, encode, person, seen, truth
from tacit.coordinator.proposals import drop_lapsed
from tacit.coordinator.store.ledger import read_entry, read_leaves
from tacit.coordinator.store.tables import (
    commitments,
    groups,
    ledger_entries,
    records,
    runs,
    uploads,
)
from tacit.coordinator.store.versions import open_proposal
from tacit.linkage.ledger_entries import read_entries
from tacit.linkage.ledger_findings import Kind
from tacit.v1 import projects_pb2

NO_PROJECT = "NOT_FOUND"


def entries(coalition: Coalition) -> list[bytes]:
    with coalition.coordinator._backend.store.read() as connection:
        size = len(read_leaves(connection, 0))
        return [read_entry(connection, index) or b"" for index in range(size)]


def audit(coalition: Coalition) -> None:
    """Hold the whole ledger against its rules; the tests' clock goes back and forth."""
    authority = coalition.coordinator._backend.authority.der
    found = read_entries(entries(coalition), authority, 0, lambda *_: None)
    assert [item for item in found.findings if item.kind is not Kind.ENTRY_ORDER] == []


def count(coalition: Coalition, table: Any, *where: Any) -> int:
    with coalition.coordinator._backend.store.read() as connection:
        query = select(func.count()).select_from(table).where(*where)
        return int(connection.execute(query).scalar_one())


def listed(node: Node) -> list[str]:
    answer = node.stubs.projects.ListProjects(projects_pb2.ListProjectsRequest())
    return [project.project_id for project in answer.projects]


def acts(seat: Seat, run_id: str) -> list[str]:
    """Try whatever carries the agreement's hash; gives why each is refused."""
    batch = Batch(seat.node, seat.project, [make_record(bytes(128), presence=7)])
    calls = (
        batch.start,
        seat.start,
        lambda: seat.results(run_id),
        lambda: seat.count(run_id),
        lambda: seat.claims(run_id),
        lambda: seat.check(encode([person(n) for n in range(6)])),
        lambda: get_key(seat.node, seat.project),
        lambda: sign_project(seat.node, seat.project),
        lambda: propose(seat.node, seat.project, next_version(seat.project)),
    )
    return [refused(call).reason for call in calls]


def test_the_story_of_a_new_version(members: Members) -> None:
    north, south, east = members.north, members.south, members.east
    old = project_in_force([north, south], schema=SCHEMA_TEXT, threshold_permille=600)
    registers = [Register(n, range(5 * i, 5 * i + 20)) for i, n in enumerate((north, south, east))]
    for register in registers[:2]:
        register.upload(old)
    seat = Seat(north, old)
    run_id = seat.link().run_id
    first_claims = {c.token: c.entry.leaf_index for c in _own_claims(seat, run_id)}
    assert len(first_claims) == 15

    new = propose(north, old, next_version(old, [north, east], minimum_cell=5))
    assert propose(north, old, new.agreement) == new  # twice is once
    _is_shown_and_the_old_one_goes_on(members, old, new)
    assert seat.start().run_id == run_id
    _hands_out_its_key(members, new)
    now = sign_project(east, new)
    assert (now.in_force, now.agreement_hash, now.epoch) == (True, new.agreement.hash, 2)
    assert list(now.earlier) == [old.agreement.encode()]
    assert not now.HasField("proposal")
    assert list(now.keyed_member_ids) == [east.id]
    _leaves_nothing_of_the_old_one(members, seat, new, run_id)

    # The new one begins empty, and precedence stays where it was.
    stale = replace(new, epoch=1)
    assert refused(lambda: registers[0].upload(stale)).reason == "EPOCH_ENDED"
    mine = [registers[0], replace(registers[2], entities=range(5, 25))]
    for register in mine:
        register.upload(new)
    fresh = Seat(north, new)
    run = fresh.link()
    assert run.agreement_hash == new.agreement.hash
    assert seen(fresh.results(run.run_id), mine) == truth(mine)
    again = {c.token: c.entry.leaf_index for c in _own_claims(fresh, run.run_id)}
    assert again == first_claims
    audit(members.coalition)


def _is_shown_and_the_old_one_goes_on(members: Members, old: Project, new: Project) -> None:
    north, south, east = members.north, members.south, members.east
    shown = get(south, old)
    assert shown.in_force
    assert shown.agreement_hash == old.agreement.hash
    assert shown.proposal.agreement == new.agreement.encode()
    assert shown.proposal.proposer_id == north.id
    assert [s.member_id for s in shown.proposal.signatures] == [north.id]
    assert shown.proposal.lapses_at - shown.proposal.proposed_at == 30 * 24 * 3600 * 1000
    assert old.id in listed(east)
    to_east = get(east, old)
    assert (to_east.proposal, list(to_east.uploads)) == (shown.proposal, [])
    assert refused(lambda: get(members.outsider, old)).reason == NO_PROJECT
    other = next_version(old, [north, south])
    assert refused(lambda: propose(south, old, other)).params == {"version": 2}
    assert refused(lambda: Seat(north, new).start()).reason == "AGREEMENT_STALE"
    assert refused(lambda: Seat(east, old).start()).reason == NO_PROJECT


def _hands_out_its_key(members: Members, new: Project) -> None:
    north, south, east = members.north, members.south, members.east
    put_keys(north, new, east)
    assert get_key(east, new).epoch == 2
    assert refused(lambda: get_key(south, new)).reason == "FORBIDDEN"
    assert refused(lambda: put_keys(east, new, north)).reason == "FORBIDDEN"
    assert refused(lambda: sign_project(south, new)).reason == "FORBIDDEN"
    assert list(get(south, new).proposal.keyed_member_ids) == [east.id]


def _leaves_nothing_of_the_old_one(members: Members, seat: Seat, new: Project, run_id: str) -> None:
    north, south, east, old = members.north, members.south, members.east, seat.project
    assert set(acts(seat, run_id)) == {"AGREEMENT_STALE"}
    assert refused(lambda: get(south, old)).reason == NO_PROJECT
    assert old.id not in listed(south)
    at_new = Seat(north, new)
    for read in (at_new.results, at_new.claims, at_new.count):
        with pytest.raises(CallError, match="no such run"):
            read(run_id)
    # Each is told once none of its encodings is left, also who is not a party any more.
    eventually(lambda: receipts(north, old) == receipts(south, old) == [(1, 20)])
    own = select(uploads.c.id).where(uploads.c.project_id == old.id)
    coalition = members.coalition
    assert count(coalition, records, records.c.upload_id.in_(own)) == 0
    assert count(coalition, commitments, commitments.c.upload_id.in_(own)) == 40
    assert count(coalition, groups, groups.c.run_id == run_id) == 0
    for node in (north, south):
        receipt = report(node, old, 1)
        assert report(node, old, 1) == receipt
        assert receipts(node, old, "key_destruction") == [(1, -1)]
    assert refused(lambda: report(north, old, 2)).reason == "EPOCH_RUNNING"
    assert refused(lambda: report(north, old, 2**31)).reason == "MALFORMED"
    forged = projects_pb2.ReportDestroyedRequest(project_id=old.id, epoch=1, signature=bytes(64))
    error = refused(lambda: south.stubs.projects.ReportDestroyed(forged))
    assert error.reason == "SIGNATURE_INVALID"
    # East was not there when it ended: there is no such project's past for it.
    assert refused(lambda: report(east, old, 1)).reason == "EPOCH_RUNNING"


def _own_claims(seat: Seat, run_id: str) -> list[Any]:
    messages = seat.claims(run_id)
    assert {message.agreement_hash for message in messages} == {seat.project.agreement.hash}
    return [c for message in messages for g in message.groups for c in g.claims if c.yours]


def test_answers_carry_their_agreement(members: Members) -> None:
    pair = [members.north, members.south]
    project = project_in_force(pair, schema=SCHEMA_TEXT, threshold_permille=600)
    for node in pair:
        Register(node, range(10)).upload(project)
    seat = Seat(members.north, project)
    run_id = seat.link().run_id
    signed = project.agreement.hash
    assert seat.count(run_id).agreement_hash == signed
    asked = seat.check(encode([person(n) for n in range(6)]))
    assert {message.agreement_hash for message in asked} == {signed}


def test_what_no_version_may_be(members: Members) -> None:
    north, south, east = members.north, members.south, members.east
    project = project_in_force([north, south])
    good = next_version(project)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"version": 3}, "BAD_AGREEMENT"),
        ({"supersedes": "ab" * 32}, "BAD_AGREEMENT"),
        ({"epoch": 1}, "BAD_AGREEMENT"),
        ({"schema": "{}"}, "BAD_SCHEMA"),
        ({"expires_on": "2020-12-31"}, "BAD_AGREEMENT"),
    )
    for changes, reason in wrong:
        with pytest.raises(CallError) as failure:
            propose(north, project, replace(good, **changes))
        assert failure.value.reason == reason
    without = next_version(project, [south, east])
    assert refused(lambda: propose(north, project, without)).reason == "FORBIDDEN"
    stale = Project(project.id, good)
    assert refused(lambda: propose(north, stale, good)).reason == "AGREEMENT_STALE"
    forged = projects_pb2.ProposeVersionRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        agreement=good.encode(),
        signature=sign(south, good),
    )
    assert (
        refused(lambda: north.stubs.projects.ProposeVersion(forged)).reason == "SIGNATURE_INVALID"
    )
    second = projects_pb2.CreateProjectRequest(agreement=good.encode(), signature=sign(north, good))
    assert refused(lambda: north.stubs.projects.CreateProject(second)).reason == "BAD_AGREEMENT"
    assert not get(north, project).HasField("proposal")


def test_a_version_may_be_replaced_before_it_is_in_force(members: Members) -> None:
    north, south, east = members.north, members.south, members.east
    project = create_project(north, make_agreement([north, south, east]))
    put_keys(north, project, south, east)
    sign_project(south, project)
    # Two forget East, which never signs.
    new = agree([south, north], project, next_version(project, [north, south]))
    shown = get(north, new)
    assert (shown.in_force, shown.epoch, shown.creator_id) == (True, 2, north.id)
    # East held the first key too.
    report(east, project, 1)
    # Who made the project and was left out learns no more of it by making it again.
    assert create_project(north, project.agreement).id == project.id
    agree([south, east], new, next_version(new, [south, east]))
    assert refused(lambda: create_project(north, project.agreement)).reason == "EXISTS"
    audit(members.coalition)


def test_proposals_are_dropped_and_lapse(members: Members) -> None:
    north, south, east = members.north, members.south, members.east
    project = project_in_force([north, south])
    first = propose(north, project, next_version(project, [north, south, east]))
    put_keys(north, first, south, east)
    assert refused(lambda: drop(members.outsider, first)).reason == NO_PROJECT
    drop(east, first)
    for call in (
        lambda: drop(north, first),
        lambda: sign_project(south, first),
        lambda: get_key(south, first),
    ):
        assert refused(call).reason == "AGREEMENT_STALE"
    assert refused(lambda: get(east, project)).reason == NO_PROJECT
    # The same may be proposed again, and is then signed anew.
    second = propose(north, project, first.agreement)
    assert [s.member_id for s in get(south, project).proposal.signatures] == [north.id]
    assert list(get(south, project).proposal.keyed_member_ids) == []
    old = project_in_force([north, south])
    propose(north, old, next_version(old))
    clock = members.coalition.clock
    try:
        clock.days_ahead(29.9)
        assert get(south, project).HasField("proposal")
        clock.days_ahead(30.1)
        assert not get(south, project).HasField("proposal")
        assert refused(lambda: sign_project(south, second)).reason == "AGREEMENT_STALE"
        assert refused(lambda: get(east, project)).reason == NO_PROJECT
        third = agree([south, north], project, next_version(project, minimum_cell=7))
        assert get(south, project).agreement_hash == third.agreement.hash
        young = project_in_force([north, south])
        propose(north, young, next_version(young))
        backend = members.coalition.coordinator._backend
        drop_lapsed(backend, clock())
        assert get(south, young).HasField("proposal")
        audit(members.coalition)
    finally:
        clock.days_ahead(0)


def test_who_comes_at_one_time(members: Members) -> None:
    north, south = members.north, members.south
    for _ in range(3):
        project = project_in_force([north, south])
        mine, theirs = next_version(project), next_version(project, minimum_cell=9)
        told = together(
            partial(propose, north, project, mine), partial(propose, south, project, theirs)
        )
        assert sorted(told) == ["", "PROPOSAL_OPEN"]
        chosen = [mine, theirs][told.index("")]
        signer, proposed = [south, north][told.index("")], Project(project.id, chosen, 2)
        told = together(partial(sign_project, signer, proposed), partial(drop, north, proposed))
        assert sorted(told) == ["", "AGREEMENT_STALE"]
        shown = get(north, project)
        assert (shown.agreement_hash == chosen.hash) == (told == ["", "AGREEMENT_STALE"])
        assert not shown.HasField("proposal")
    audit(members.coalition)


def test_all_of_it_or_nothing(members: Members, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks with the last signature leaves the version before in force, and everything."""
    north, south = members.north, members.south
    project = project_in_force([north, south])
    Batch(north, project, [make_record()]).upload()
    proposed = propose(north, project, next_version(project))
    size = count(members.coalition, ledger_entries)

    def broken(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("tacit.coordinator.versions.set_in_force", broken)
        assert refused(lambda: sign_project(south, proposed)).reason == "INTERNAL"
    shown = get(north, project)
    assert (shown.agreement_hash, shown.epoch) == (project.agreement.hash, 1)
    assert [upload.record_count for upload in shown.uploads] == [1]
    assert [s.member_id for s in shown.proposal.signatures] == [north.id]
    assert count(members.coalition, ledger_entries) == size
    assert sign_project(south, proposed).in_force


def test_a_run_under_way_ends_with_its_version(members: Members) -> None:
    north, south = members.north, members.south
    project = project_in_force([north, south])
    backend = members.coalition.coordinator._backend
    uploaded = [Batch(node, project, [make_record()]).upload() for node in (north, south)]
    run_id = secrets.token_hex(16)
    with backend.store.write() as connection:
        connection.execute(
            runs.insert().values(
                id=run_id,
                project_id=project.id,
                agreement_hash=project.agreement.hash,
                inputs_hash=secrets.token_bytes(32),
                # The worker takes up the oldest first, and this one is never taken up.
                state="comparing",
                created_at=backend.now() + 10**9,
                resumptions=10**6,
            )
        )
    agree([north, south], project, next_version(project))
    with backend.store.read() as connection:
        state = connection.execute(select(runs.c.state).where(runs.c.id == run_id)).scalar_one()
        assert open_proposal(connection, project.id) is None
    assert state in {"cancelled", "failed"}
    assert len(uploaded) == 2
    eventually(lambda: receipts(north, project) == [(1, 1)])


def test_no_file_holds_what_a_version_left(alone: Coalition) -> None:
    nodes = [alone.enrol("North"), alone.enrol("South")]
    project = project_in_force(nodes)
    put_keys(nodes[0], project, nodes[1])
    clk, claim = secrets.token_bytes(CLK_BITS // 8), secrets.token_bytes(64)
    Batch(nodes[0], project, [make_record(clk, sealed_claim=claim) for _ in range(3)]).upload()
    begun = Batch(nodes[1], project, [make_record(clk, sealed_claim=claim) for _ in range(30)])
    begun.send(begun.start().upload_id)
    ciphertext = get_key(nodes[1], project).key.ciphertext

    def holding(secret: bytes) -> list[str]:
        files = [path for path in alone.home.path.rglob("*") if path.is_file()]
        return [path.name for path in files if secret in path.read_bytes()]

    assert all(map(holding, (clk, claim, ciphertext)))
    agree(nodes, project, next_version(project))
    eventually(lambda: receipts(nodes[0], project) == [(1, 3)])
    eventually(lambda: receipts(nodes[1], project) == [(1, 30)])
    assert [holding(secret) for secret in (clk, claim, ciphertext)] == [[], [], []]
