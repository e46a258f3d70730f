"""How a node becomes a member, and how it does not."""

import secrets
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from coalition import (
    CallError,
    Coalition,
    Invitation,
    Members,
    Node,
    certificate_request,
    open_channel,
    send_enrol,
)
from tacit.coordinator.config import Config
from tacit.coordinator.home import init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.revocations import revoke_member
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import membership_pb2
from tacit.v1.membership_pb2_grpc import MembershipServiceStub


def refused(invitation: Invitation, request: membership_pb2.EnrolRequest) -> str:
    with pytest.raises(CallError) as failure:
        send_enrol(invitation, request)
    return failure.value.reason


def test_enrolled_node_is_who_it_says(members: Members) -> None:
    hello = members.north.hello()
    assert hello.you == members.north.member
    assert hello.you.name == "북녘"
    assert hello.you.signing_key == members.north.signing_key.public_key().public_bytes_raw()
    assert hello.ledger_key == members.north.ledger_key
    assert abs(hello.server_time - time.time()) < 60
    certificate = x509.load_pem_x509_certificate(members.north.certificate)
    [name] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == members.north.id


def test_members_are_listed_to_members(members: Members) -> None:
    listed = members.south.stubs.membership.ListMembers(membership_pb2.ListMembersRequest())
    assert {m.name for m in listed.members} == {"북녘", "South", "East", "West"}


def test_invitation_is_one_line_without_its_secret_in_the_database(members: Members) -> None:
    line = members.coalition.invite("Line")
    assert "\n" not in line
    secret = Invitation(line).secret
    store = members.coalition.home.open_store()
    with store.read() as connection:
        rows = connection.execute(text("SELECT * FROM invitations")).all()
    store.close()
    assert rows
    assert not any(
        secret in bytes(v) for row in rows for v in row if isinstance(v, bytes | memoryview)
    )


def test_same_node_may_repeat_a_lost_answer(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Repeats"))
    node = Node()
    first = send_enrol(invitation, node.request(invitation.secret))
    # A fresh request with the same keys: its own signatures differ.
    again = send_enrol(invitation, node.request(invitation.secret))
    assert again == first


def test_an_answer_is_not_repeated_to_who_is_revoked(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Gone"))
    node = Node()
    send_enrol(invitation, node.request(invitation.secret))
    revoke_member(members.coalition.home, "Gone")
    assert refused(invitation, node.request(invitation.secret)) == "INVITATION_INVALID"


def test_another_node_cannot_use_an_invitation_again(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Once"))
    send_enrol(invitation, Node().request(invitation.secret))
    assert refused(invitation, Node().request(invitation.secret)) == "INVITATION_INVALID"


def test_unknown_invitation(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Unknown"))
    assert refused(invitation, Node().request(secrets.token_bytes(32))) == "INVITATION_INVALID"


def test_expired_invitation(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Expires", ttl=1))
    time.sleep(1.1)
    assert refused(invitation, Node().request(invitation.secret)) == "INVITATION_INVALID"


def test_second_invitation_of_a_name_dies_with_the_first_enrolment(members: Members) -> None:
    first = Invitation(members.coalition.invite("Twice"))
    second = Invitation(members.coalition.invite("Twice"))
    send_enrol(first, Node().request(first.secret))
    assert refused(second, Node().request(second.secret)) == "INVITATION_INVALID"
    with pytest.raises(TacitError) as failure:
        members.coalition.invite("Twice")
    assert failure.value.code is Code.EXISTS


def test_malformed_requests_leave_the_invitation_unused(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Patient"))
    node = Node()
    p384 = certificate_request(ec.generate_private_key(ec.SECP384R1()))
    ed25519 = certificate_request(Ed25519PrivateKey.generate())
    good = certificate_request(node.tls_key)
    for changes in (
        {"certificate_request": p384},
        {"certificate_request": ed25519},
        {"certificate_request": b"not DER"},
        {"certificate_request": good[:-1] + bytes([good[-1] ^ 1])},
        {"certificate_request": certificate_request(node.tls_key, hosts=300)},
        {"sealing_key": bytes(31)},
        {"invitation": bytes(31)},
    ):
        assert refused(invitation, node.request(invitation.secret, **changes)) == "MALFORMED"
    assert send_enrol(invitation, node.request(invitation.secret)).member.name == "Patient"


def test_signature_must_be_of_the_signing_key(members: Members) -> None:
    invitation = Invitation(members.coalition.invite("Forged"))
    request = Node().request(invitation.secret)
    request.signing_key = Node().signing_key.public_key().public_bytes_raw()
    assert refused(invitation, request) == "SIGNATURE_INVALID"


@pytest.mark.parametrize("version", [0, 2, 99])
def test_other_protocols_get_a_clear_answer(members: Members, version: int) -> None:
    with pytest.raises(CallError) as failure:
        members.north.hello(version)
    assert failure.value.reason == "VERSION_UNSUPPORTED"
    assert failure.value.params == {"oldest": 1, "newest": 1, "node": version}
    invitation = Invitation(members.coalition.invite(f"Version {version}"))
    request = Node().request(invitation.secret, protocol_version=version)
    assert refused(invitation, request) == "VERSION_UNSUPPORTED"


def test_members_services_are_not_on_the_enrolment_port(alone: Coalition) -> None:
    invitation = Invitation(alone.invite("Nobody"))
    with open_channel(invitation.document["enrol"], invitation.authority_pem) as channel:
        stub = MembershipServiceStub(channel)
        with pytest.raises(Exception, match="UNIMPLEMENTED"):
            stub.ListMembers(membership_pb2.ListMembersRequest())


def test_invitations_that_nobody_could_use(alone: Coalition, tmp_path: Path) -> None:
    ninety_days = 90 * 24 * 3600
    for name, ttl in (
        *((name, 60) for name in ("", "  ", "a\nb", "x" * 201)),
        *(("Nobody", ttl) for ttl in (-1, 0, ninety_days + 1)),
    ):
        with pytest.raises(TacitError) as failure:
            alone.invite(name, ttl)
        assert failure.value.code is Code.USAGE
    with pytest.raises(TacitError) as failure:
        invite(alone.home, "Nobody", renew=True)
    assert failure.value.code is Code.NOT_FOUND
    # Where the coordinator has not been started, or listens on every address it has.
    for number, listen in enumerate(("127.0.0.1:0", "0.0.0.0:7443")):
        home = init_home(tmp_path / str(number), Config("Coalition", listen, listen))
        with pytest.raises(TacitError) as failure:
            invite(home, "Nobody")
        assert failure.value.code is Code.USAGE
