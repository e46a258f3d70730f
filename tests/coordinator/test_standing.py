"""Waiting, being confirmed, renewing, leaving and being shut out, over both databases."""

import json
import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, select, update

from coalition import (
    Batch,
    CallError,
    Coalition,
    Invitation,
    Members,
    Node,
    certificate_request,
    make_agreement,
    make_record,
    project_in_force,
    send_enrol,
    start_coalition,
)
from tacit.coordinator.invitations import invite
from tacit.coordinator.revocations import revoke_member
from tacit.coordinator.store.tables import ledger_entries, runs
from tacit.coordinator.store.tables import members as members_table
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import membership_pb2, projects_pb2, runs_pb2
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub

STANDING = membership_pb2.Standing


@pytest.fixture
def careful(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Coalition]:
    """Serve a coalition where two members must confirm a newcomer."""
    url = request.getfixturevalue("new_postgresql")() if database_url else ""
    coalition = start_coalition(tmp_path / "home", url, confirmations=2)
    try:
        yield coalition
    finally:
        coalition.close()


def refusal(node: Node) -> CallError:
    with pytest.raises(CallError) as failure:
        node.hello()
    return failure.value


def listed(node: Node) -> dict[str, membership_pb2.Member]:
    answer = node.stubs.membership.ListMembers(membership_pb2.ListMembersRequest())
    return {member.name: member for member in answer.members}


def entries(coalition: Coalition, kind: str) -> list[dict[str, Any]]:
    with coalition.coordinator._backend.store.read() as connection:
        found = connection.execute(select(ledger_entries.c.entry).order_by("index")).scalars()
        documents = [json.loads(entry) for entry in found]
    return [document for document in documents if document["type"] == kind]


def test_two_members_confirm_a_newcomer_and_until_then_it_waits(careful: Coalition) -> None:
    first, second = careful.enrol("First"), careful.enrol("Second")
    assert first.hello().you.standing == STANDING.STANDING_MEMBER
    # Only one member is there who could confirm the second.
    waiting = refusal(second)
    assert (waiting.reason, waiting.params) == ("UNCONFIRMED", {"confirmed": 0, "needed": 1})
    assert first.confirm(second.member).standing == STANDING.STANDING_MEMBER
    second.hello()
    third = careful.enrol("Third")
    assert refusal(third).params == {"confirmed": 0, "needed": 2}
    for _ in range(2):
        assert first.confirm(third.member).standing == STANDING.STANDING_WAITING
    assert refusal(third).params == {"confirmed": 1, "needed": 2}
    shown = listed(second)["Third"]
    assert (shown.standing, shown.confirmations_needed) == (STANDING.STANDING_WAITING, 2)
    assert [found.member_id for found in shown.confirmations] == [first.id]
    second.confirm(third.member)
    assert third.hello().you.standing == STANDING.STANDING_MEMBER
    assert [(e["member"], e["by"]) for e in entries(careful, "confirmation")] == [
        (second.id, first.id),
        (third.id, first.id),
        (third.id, second.id),
    ]


def test_a_word_for_other_keys_confirms_nobody(careful: Coalition) -> None:
    first, second = careful.enrol("First"), careful.enrol("Second")
    other = membership_pb2.Member()
    other.CopyFrom(second.member)
    other.sealing_key = bytes(32)
    with pytest.raises(CallError) as failure:
        first.confirm(other)
    assert failure.value.reason == "SIGNATURE_INVALID"
    with pytest.raises(CallError) as failure:
        first.confirm(first.member)
    assert failure.value.reason == "FORBIDDEN"
    assert refusal(second).reason == "UNCONFIRMED"


def test_no_agreement_names_a_newcomer_before_it_is_confirmed(careful: Coalition) -> None:
    first, another = careful.enrol("First"), Invitation(careful.invite("Second"))
    second = careful.enrol("Second")
    with pytest.raises(CallError) as failure:
        send_enrol(another, second.request(another.secret))
    assert failure.value.reason == "INVITATION_INVALID"
    agreement = make_agreement([first, second])
    request = projects_pb2.CreateProjectRequest(agreement=agreement.encode(), signature=bytes(64))
    with pytest.raises(CallError) as failure:
        first.stubs.projects.CreateProject(request)
    assert failure.value.reason == "SIGNATURE_INVALID"
    with pytest.raises(CallError) as failure:
        project_in_force([first, second])
    assert failure.value.reason == "BAD_AGREEMENT"


def test_the_old_certificate_dies_once_the_new_one_is_shown(members: Members) -> None:
    coalition = members.coalition
    node = coalition.enrol("Renews")
    old, address = node.certificate, coalition.serving.address
    old_key, key = node.tls_key, ec.generate_private_key(ec.SECP256R1())
    renewed = node.renew(key)
    # The answer may have been lost: the same request again, and the old one still goes on.
    assert node.renew(key) == renewed
    node.hello()
    node.certificate, node.tls_key = renewed, key
    node.connect(address)
    assert node.hello().you.member_id == node.id
    node.certificate, node.tls_key = old, old_key
    node.connect(address)
    assert refusal(node).reason == "UNAUTHENTICATED"
    assert [e["member"] for e in entries(coalition, "renewal")] == [node.id]


def test_a_stolen_tls_key_alone_renews_nothing(members: Members) -> None:
    thief = Node(tls_key=members.south.tls_key, member=members.south.member)
    thief.authority, thief.certificate = members.south.authority, members.south.certificate
    thief.connect(members.coalition.serving.address)
    members.coalition.nodes.append(thief)
    with pytest.raises(CallError) as failure:
        thief.renew(ec.generate_private_key(ec.SECP256R1()))
    assert failure.value.reason == "SIGNATURE_INVALID"


def test_a_member_whose_certificate_ended_comes_back_with_its_own_keys(members: Members) -> None:
    coalition = members.coalition
    node = coalition.enrol("Sleeps")
    coalition.clock.days_ahead(89.9)
    node.hello()
    coalition.clock.days_ahead(90.1)
    assert refusal(node).reason == "CERTIFICATE_EXPIRED"
    coalition.clock.days_ahead(0)
    with pytest.raises(TacitError) as failure:
        coalition.invite("Sleeps")
    assert failure.value.code is Code.EXISTS
    line = Invitation(invite(coalition.home, "Sleeps", 3600, renew=True))
    with pytest.raises(CallError) as stranger:
        send_enrol(line, Node().request(line.secret))
    assert stranger.value.reason == "INVITATION_INVALID"
    back = Node(signing_key=node.signing_key, sealing_key=node.sealing_key).enrol(line.line)
    coalition.nodes.append(back)
    assert back.hello().you.member_id == node.id
    assert refusal(node).reason == "UNAUTHENTICATED"


def test_revoking_works_at_once_and_for_good(members: Members) -> None:
    coalition = members.coalition
    node = coalition.enrol("Goes")
    node.hello()
    assert revoke_member(coalition.home, "Goes").id == node.id
    assert refusal(node).reason == "REVOKED"
    revoke_member(coalition.home, node.id)
    assert [(e["member"], e["by"]) for e in entries(coalition, "revocation")] == [
        (node.id, "keeper")
    ]
    assert listed(members.north)["Goes"].standing == STANDING.STANDING_REVOKED
    with pytest.raises(TacitError) as failure:
        revoke_member(coalition.home, "Nobody")
    assert failure.value.code is Code.NOT_FOUND
    # The organisation may be invited again: it is another member, with keys to be compared anew.
    again = coalition.enrol("Goes")
    assert again.id != node.id
    known = listed(members.north)
    assert known["Goes"].member_id == again.id
    assert known[f"Goes ({node.id})"].standing == STANDING.STANDING_REVOKED
    assert refusal(node).reason == "REVOKED"


def test_who_leaves_is_a_member_no_longer(members: Members) -> None:
    node = members.coalition.enrol("Leaves")
    node.leave()
    assert refusal(node).reason == "REVOKED"
    assert entries(members.coalition, "revocation")[-1]["by"] == node.id


def test_a_watched_run_ends_for_who_is_revoked_and_goes_on_for_others(members: Members) -> None:
    node = members.coalition.enrol("Watches")
    project = project_in_force([members.north, node])
    run = _run_under_way(members, project.id, project.agreement.hash)
    request = runs_pb2.WatchRunRequest(project_id=project.id, run_id=run)
    stays, ends = (n.stubs.runs.WatchRun(request) for n in (members.north, node))
    assert next(stays).run.run_id == next(ends).run.run_id == run
    revoke_member(members.coalition.home, "Watches")
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as failure:
        next(ends)
    assert time.monotonic() - began < 5
    assert CallError(failure.value).reason == "REVOKED"
    assert stays.is_active()
    stays.cancel()


def _run_under_way(members_: Members, project_id: str, agreement_hash: bytes) -> str:
    row = {
        "id": "0" * 32,
        "project_id": project_id,
        "agreement_hash": agreement_hash,
        "inputs_hash": bytes(32),
        "state": "comparing",
        "created_at": 1,
    }
    with members_.coalition.coordinator._backend.store.write() as connection:
        connection.execute(insert(runs).values(**row))
    return str(row["id"])


def test_an_upload_in_hand_is_cut_off(members: Members) -> None:
    node = members.coalition.enrol("Uploads")
    project = project_in_force([members.north, node])
    batch = Batch(node, project, [make_record() for _ in range(20)])
    upload = batch.start().upload_id
    first, second = batch.chunks(upload)
    sent: queue.Queue[Any] = queue.Queue()
    sent.put(first)
    assert node.channel is not None
    call = EncodingsServiceStub(node.channel).UploadRecords.future(iter(sent.get, None))
    # The chunk is committed before the next is asked for.
    while not Batch(node, project, batch.records).start().committed:
        time.sleep(0.05)
    revoke_member(members.coalition.home, "Uploads")
    # It waits for its caller, which sends nothing: it ends all the same, and says why.
    ended = call.exception(timeout=20)
    assert isinstance(ended, grpc.RpcError)
    assert CallError(ended).reason == "REVOKED"
    sent.put(second)
    sent.put(None)
    assert refusal(node).reason == "REVOKED"
    with members.coalition.coordinator._backend.store.write() as connection:
        connection.execute(
            update(members_table).where(members_table.c.id == node.id).values(standing="member")
        )
    # What had come went with the membership, and nothing came after it.
    again = batch.start()
    assert (again.upload_id != upload, again.committed) == (True, 0)


def test_acts_are_signed_for_besides_the_request(members: Members) -> None:
    """A right request that carries a signature of something else, or a wrong one."""
    node, other = members.coalition.enrol("Acts"), members.coalition.enrol("Other")
    request = certificate_request(ec.generate_private_key(ec.SECP256R1()))
    wrong = node.signing_key.sign(b"something else")
    stub: Any = node.stubs.membership
    for call, message in (
        (
            stub.RenewCertificate,
            membership_pb2.RenewCertificateRequest(certificate_request=request, signature=wrong),
        ),
        (stub.Leave, membership_pb2.LeaveRequest(signature=wrong)),
        (
            stub.ConfirmMember,
            membership_pb2.ConfirmMemberRequest(member_id=other.id, signature=wrong),
        ),
    ):
        with pytest.raises(CallError) as failure:
            call(message)
        assert failure.value.reason == "SIGNATURE_INVALID"
    with pytest.raises(CallError) as failure:
        node.renew(node.tls_key, hosts=300)
    assert failure.value.reason == "MALFORMED"
    assert node.hello().you == node.member
    other.leave()
    for unknown in (other.member, membership_pb2.Member(member_id="m0")):
        with pytest.raises(CallError) as failure:
            node.confirm(unknown)
        assert failure.value.reason == "NOT_FOUND"
