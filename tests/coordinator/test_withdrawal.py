"""Withdrawing records, on both databases: gone everywhere at once, and proven."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from coalition import Batch, CallError, Members, Node, Project, project_in_force
from linking import SCHEMA_TEXT, Register, Seat, answers, encode, person
from tacit.coordinator import answering, uploads
from tacit.coordinator.retention import erase_expired
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.tables import metadata
from tacit.linkage import merkle, statements
from tacit.linkage.look_up import look_up
from tacit.linkage.signing import verifies
from tacit.v1 import encodings_pb2, ledger_pb2, projects_pb2, receipts_pb2


@dataclass(frozen=True)
class Three:
    """North has 0..19, South 10..29, East 15..24; all of it is linked."""

    project: Project
    north: Register
    south: Register
    east: Register

    def seat(self, register: Register) -> Seat:
        return Seat(register.node, self.project)


@pytest.fixture
def three(members: Members) -> Three:
    nodes = [members.north, members.south, members.east]
    project = project_in_force(
        nodes, schema=SCHEMA_TEXT, threshold_permille=600, check_minimum_batch=1, minimum_cell=3
    )
    spans = (range(20), range(10, 30), range(15, 25))
    registers = [Register(node, span) for node, span in zip(nodes, spans, strict=True)]
    for register in registers:
        register.upload(project)
    return Three(project, *registers)


def withdrawal(
    node: Node, project: Project, tokens: Sequence[bytes], /, **changes: Any
) -> encodings_pb2.WithdrawRecordsRequest:
    """Sign for records as they are given, which is right where their tokens ascend."""
    request = encodings_pb2.WithdrawRecordsRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        tokens=tokens,
        salt=changes.pop("salt", secrets.token_bytes(32)),
    )
    leaves = [
        merkle.leaf_hash(statements.withdrawn_record(request.salt, token)) for token in tokens
    ]
    statement = statements.withdrawal(project.id, merkle.root(leaves), len(tokens))
    request.signature = node.signing_key.sign(statement)
    for name, value in changes.items():
        setattr(request, name, value)
    return request


def send(node: Node, request: encodings_pb2.WithdrawRecordsRequest) -> receipts_pb2.Receipt:
    return node.stubs.encodings.WithdrawRecords(request).receipt


def everything(members: Members) -> str:
    """Read all cells of all tables."""
    store = members.coalition.coordinator._backend.store
    with store.read() as connection:
        rows = [
            tuple(row)
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    return repr(rows)


def test_withdrawn_records_are_gone_and_proofs_of_others_hold(
    members: Members, three: Three
) -> None:
    south, north = three.seat(three.south), three.seat(three.north)
    before = south.link()
    assert before.group_count == 15  # 10..24 are South's and somebody else's
    assert south.get(before.run_id).revision == 0
    tokens = [three.north.token(entity) for entity in (3, 10, 11, 15)]
    # Of the one that nobody else documents: encodings of the same person are the same.
    clks = [bytes(r.clk) for r in three.north.records() if r.token == tokens[0]]
    held = everything(members)
    assert all(repr(value) in held for value in (*tokens, *clks))

    request = withdrawal(three.north.node, three.project, sorted(tokens))
    receipt = send(three.north.node, request)

    statement = statements.receipt(receipt.ledger_index, receipt.entry)
    assert verifies(three.north.node.ledger_key, receipt.signature, statement)
    entry = json.loads(receipt.entry)
    leaves = [
        merkle.leaf_hash(statements.withdrawn_record(request.salt, t)) for t in sorted(tokens)
    ]
    assert (entry["type"], entry["records"]) == ("withdrawal", 4)
    assert (entry["root"], entry["member"]) == (merkle.root(leaves).hex(), three.north.node.id)
    asked = ledger_pb2.ListEntriesRequest(start=receipt.ledger_index, end=receipt.ledger_index + 1)
    assert list(three.south.node.stubs.ledger.ListEntries(asked).entries) == [receipt.entry]
    # Asked again, as after an answer that was lost: the same receipt, and no second entry.
    assert send(three.north.node, request) == receipt
    listed = receipts_pb2.ListReceiptsRequest(project_id=three.project.id)
    assert list(three.north.node.stubs.receipts.ListReceipts(listed).receipts) == [receipt]
    assert not three.south.node.stubs.receipts.ListReceipts(listed).receipts

    held = everything(members)
    assert not any(repr(value) in held for value in (*tokens, *clks))
    _not_on_disk(members, [*tokens, *clks])
    # 10 and 11 were North's and South's alone; 15 is South's and East's still.
    now = south.get(before.run_id)
    assert (now.group_count, len(south.results(before.run_id))) == (13, 13)
    assert now.revision != 0
    assert now.revision == south.get(before.run_id).revision
    gone = {three.south.token(entity) for entity in (10, 11)}
    shown = [record for group in south.results(before.run_id) for record in group.records]
    assert not gone & {record.token for record in shown}
    assert len(north.results(before.run_id)) == 7  # 12, 13, 14, 16..19
    _claims_hold(south, before.run_id, 13)
    found = answers(south.check(encode([person(10), person(12)])))
    assert [len(holders) for holders in found] == [0, 1]
    # The run as it was is counted now, and so without them.
    assert south.count(before.run_id).records.count == 20 + 20 + 10 - 4
    uploaded = projects_pb2.GetProjectRequest(project_id=three.project.id)
    shown_uploads = three.south.node.stubs.projects.GetProject(uploaded).project.uploads
    assert {u.member_id: u.record_count for u in shown_uploads}[three.north.node.id] == 16
    again = south.link()
    assert again.run_id != before.run_id
    assert (again.group_count, again.revision) == (13, 0)


def _claims_hold(seat: Seat, run_id: str, groups: int) -> None:
    messages = seat.claims(run_id)
    found = [group for message in messages for group in message.groups]
    assert len(found) == groups
    for claim in (claim for group in found for claim in group.claims):
        entry = json.loads(claim.entry.entry)
        leaf = merkle.leaf_hash(claim.claim_commitment)
        size, path = claim.upload_size, list(claim.upload_path)
        root = bytes.fromhex(entry["root"])
        assert merkle.verify_inclusion(leaf, claim.upload_position, size, path, root)


def _not_on_disk(members: Members, values: Sequence[bytes]) -> None:
    file = members.coalition.coordinator._backend.store.file
    for path in file.parent.glob(f"{file.name}*") if file else ():
        raw = path.read_bytes()
        assert not any(value in raw for value in values), path.name


def test_what_is_no_withdrawal_erases_nothing(members: Members, three: Three) -> None:
    node, project, token = three.north.node, three.project, three.north.token(3)
    low, high = bytes(16), b"\xff" * 16
    many = sorted({token, *(index.to_bytes(16, "big") for index in range(1000))})
    signed = withdrawal(node, project, [token])
    wrong = [
        *(
            (withdrawal(node, project, tokens), "MALFORMED")
            for tokens in ([], [token[:15]], [high, token], [token, token], many)
        ),
        (withdrawal(node, project, [token], salt=b"short"), "MALFORMED"),
        (withdrawal(node, project, [token], signature=bytes(64)), "SIGNATURE_INVALID"),
        (withdrawal(node, project, [low, token], signature=signed.signature), "SIGNATURE_INVALID"),
    ]
    for request, reason in wrong:
        with pytest.raises(CallError) as refused:
            send(node, request)
        assert refused.value.reason == reason
    assert repr(token) in everything(members)


def test_nobody_withdraws_what_is_anothers(members: Members, three: Three) -> None:
    send(three.south.node, withdrawal(three.south.node, three.project, [three.north.token(3)]))
    assert repr(three.north.token(3)) in everything(members)
    signed = withdrawal(three.south.node, three.project, [three.north.token(3)])
    with pytest.raises(CallError) as refused:
        send(three.north.node, signed)
    assert refused.value.reason == "SIGNATURE_INVALID"


def test_an_unfinished_upload_with_a_withdrawn_record_is_given_up(
    members: Members, three: Three
) -> None:
    batch = Batch(three.north.node, three.project, three.north.records())
    begun = batch.start()
    batch.send(begun.upload_id)
    send(three.north.node, withdrawal(three.north.node, three.project, [three.north.token(0)]))
    with pytest.raises(CallError) as refused:
        batch.finish(begun.upload_id)
    assert refused.value.reason == "NOT_FOUND"
    assert repr(three.north.token(0)) not in everything(members)


def test_a_check_under_way_does_not_find_what_is_withdrawn(
    three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*compared: Any) -> Any:
        monkeypatch.undo()
        node = three.north.node
        send(node, withdrawal(node, three.project, [three.north.token(12)]))
        return look_up(*compared)

    monkeypatch.setattr(answering, "look_up", meanwhile)
    found = answers(three.seat(three.east).check(encode([person(12), person(22)])))
    # South's record of 22 has the number that North's of 12 had.
    assert [[holder.member for holder in holders] for holders in found] == [["South"], ["South"]]


def test_an_upload_is_not_made_of_a_base_that_lost_a_record_meanwhile(
    members: Members, three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, project = three.north.node, three.project
    held = sorted(three.north.records(), key=lambda record: record.token)
    whole = Batch(node, project, held)
    base = whole.upload().upload_id
    same = Batch(node, project, []).start(base_upload_id=base, record_count=len(held))

    def meanwhile(*signed: bytes) -> None:
        monkeypatch.undo()
        send(node, withdrawal(node, project, [held[0].token]))
        verify(*signed)

    monkeypatch.setattr(uploads, "verify", meanwhile)
    with pytest.raises(CallError) as refused:
        whole.finish(same.upload_id)
    assert refused.value.reason == "DIGEST_MISMATCH"
    request = projects_pb2.GetProjectRequest(project_id=project.id)
    counted = node.stubs.projects.GetProject(request).project.uploads
    assert [u.record_count for u in counted if u.member_id == node.id] == [len(held) - 1]
    assert repr(held[0].token) not in everything(members)


def test_a_consent_that_is_over_counts_no_more_though_its_node_never_comes_back(
    members: Members, three: Three
) -> None:
    clock = members.coalition.clock
    today = clock() // 86_400_000
    three.north.entities = [*range(20), 777]
    last_days = {12: today, 777: today, 13: today + 1}
    three.north.changes = {e: {"consent_expires": day} for e, day in last_days.items()}
    three.north.upload(three.project)
    seat = three.seat(three.south)
    run = seat.link()
    assert len(seat.results(run.run_id)) == 15
    clock.days_ahead(1)
    try:
        assert len(seat.results(run.run_id)) == 14  # 12 was North's and South's
        assert seat.get(run.run_id).group_count == 14
        assert seat.get(run.run_id).revision != 0
        assert answers(seat.check(encode([person(12), person(13)])))[0] == []
        assert seat.count(run.run_id).records.count == 21 + 20 + 10 - 2
        _claims_hold(seat, run.run_id, 14)
        clk = next(bytes(r.clk) for r in three.north.records() if r.token == three.north.token(777))
        assert repr(clk) in everything(members)
        assert erase_expired(members.coalition.coordinator._backend) >= 1
        held = everything(members)
        assert repr(clk) not in held
        _not_on_disk(members, [clk])
        assert len(seat.results(run.run_id)) == 14
    finally:
        clock.days_ahead(0)
