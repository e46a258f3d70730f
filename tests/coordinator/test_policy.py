"""Every RPC against every wrong caller.

The table below is written from the comments in the protocol, not taken from the coordinator's own
policy. An RPC that is not in it fails the first test.
"""

import importlib
import pkgutil
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from sqlalchemy import Connection, insert, update

import tacit.v1
from coalition import (
    Batch,
    CallError,
    Members,
    Node,
    Project,
    certificate_request,
    create_project,
    make_agreement,
    make_record,
    open_channel,
    pem,
    project_in_force,
    start_coalition,
)
from tacit.coordinator.policy import RULES
from tacit.coordinator.store.tables import members as members_table
from tacit.coordinator.store.tables import runs
from tacit.linkage.agreement import Purpose

# Needs of the caller: "party" of the project, "force" of the agreement, "whole" where no party has
# left the coalition, "epoch" where the linkage key is not due to be replaced, "proposer" of the
# version, "proposal" that is open, "upload" of its own, "run" of the project, or a purpose. A
# version that is proposed will do where "either" is said; "once" a member of the project is enough
# where that is said. Whoever sends a hash is held to it.
TABLE: dict[str, set[str]] = {
    "EnrolmentService/Enrol": {"invitation"},
    "MembershipService/Handshake": set(),
    "MembershipService/ListMembers": set(),
    "MembershipService/RenewCertificate": set(),
    "MembershipService/ConfirmMember": set(),
    "MembershipService/Leave": set(),
    "LedgerService/GetTreeHead": set(),
    "LedgerService/GetConsistencyProof": set(),
    "LedgerService/ListEntries": set(),
    "LedgerService/ListTreeHeads": set(),
    "LedgerService/CosignTreeHead": set(),
    "LedgerService/ListCosignedHeads": set(),
    "ProjectsService/CreateProject": set(),
    "ProjectsService/ListProjects": set(),
    "ProjectsService/GetProject": {"party"},
    "ProjectsService/ProposeVersion": {"party"},
    "ProjectsService/DropProposal": {"party", "proposal"},
    "ProjectsService/SignAgreement": {"party", "either"},
    "ProjectsService/PutSealedKeys": {"party", "either", "proposer"},
    "ProjectsService/GetSealedKey": {"party", "either"},
    "ProjectsService/StartEpoch": {"party", "force", "whole"},
    "ProjectsService/ReportDestroyed": {"party", "once"},
    "EncodingsService/StartUpload": {"party", "force", "whole", "epoch"},
    "EncodingsService/UploadRecords": {"party", "force", "whole", "upload"},
    "EncodingsService/GetUpload": {"party", "upload"},
    "EncodingsService/WithdrawRecords": {"party"},
    "EncodingsService/FinishUpload": {"party", "force", "whole", "upload"},
    "RunsService/StartRun": {"party", "force", "whole", "epoch"},
    "RunsService/GetRun": {"party", "run"},
    "RunsService/ListRuns": {"party"},
    "RunsService/WatchRun": {"party", "run"},
    "RunsService/GetResults": {"party", "force", "run"},
    "RunsService/CancelRun": {"party", "run"},
    "RunsService/PutSketches": {"party", "force", "whole", "run"},
    "DecisionsService/Decide": {"party", "force", "whole", "run"},
    "DecisionsService/ChangeDecision": {"party", "force", "whole"},
    "DecisionsService/ListDecisions": {"party"},
    "ChecksService/RunCheck": {"party", "force", "whole", "epoch", "check"},
    "ChecksService/ListNotices": {"party"},
    "CountsService/GetCount": {"party", "force", "count", "run"},
    "ClaimsService/GetClaims": {"party", "force", "attribute", "run"},
    "ReceiptsService/ListReceipts": {"party", "once"},
}
PURPOSES = {"check", "count", "attribute"}
DENIALS = {
    "UNAUTHENTICATED",
    "CERTIFICATE_EXPIRED",
    "REVOKED",
    "UNCONFIRMED",
    "FORBIDDEN",
    "AGREEMENT_STALE",
    "NOT_IN_FORCE",
    "PURPOSE_NOT_AGREED",
}


def discover() -> dict[str, MethodDescriptor]:
    """Find every RPC of the package tacit.v1 in the generated descriptors."""
    found = {}
    for module in pkgutil.iter_modules(tacit.v1.__path__):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(f"tacit.v1.{module.name}").DESCRIPTOR
            for service in file.services_by_name.values():
                for method in service.methods:
                    found[f"{service.name}/{method.name}"] = method
    return found


METHODS = discover()


def needing(*needs: str) -> list[str]:
    return [name for name in METHODS if set(needs) <= TABLE.get(name, set())]


MAIN = [name for name in METHODS if "invitation" not in TABLE.get(name, set())]
BOUND = [name for name in MAIN if "agreement_hash" in METHODS[name].input_type.fields_by_name]


@dataclass(frozen=True, slots=True)
class World:
    """Two projects of north and south with everything in them, and what may be wrong with them."""

    members: Members
    project: Project
    other: Project
    unsigned: Project
    without: dict[str, Project]
    uploads: dict[str, str]
    runs: dict[str, str]

    def fields(self, project: Project | None = None, **changes: Any) -> dict[str, Any]:
        """Give what a right request of north's would hold, but for `changes`."""
        chosen = project or self.project
        right = {
            "project_id": chosen.id,
            "agreement_hash": chosen.agreement.hash,
            "upload_id": self.uploads.get(chosen.id, ""),
            "run_id": self.runs.get(chosen.id, ""),
            "protocol_version": 1,
            "member_id": self.members.south.id,
        }
        return {**right, **changes}


@pytest.fixture(scope="module")
def world(members: Members) -> World:
    pair = [members.north, members.south]
    project, other = project_in_force(pair), project_in_force(pair)
    unsigned = create_project(members.north, make_agreement(pair))
    without = {
        purpose.value: project_in_force(pair, purposes=tuple(set(Purpose) - {purpose}))
        for purpose in Purpose
    }
    projects = [project, other, unsigned, *without.values()]
    uploads = {
        p.id: Batch(members.north, p, [make_record()]).start().upload_id
        for p in projects
        if p is not unsigned
    }
    made = {p.id: secrets.token_hex(8) for p in projects}
    with members.coalition.coordinator._backend.store.write() as connection:
        for p in projects:
            connection.execute(insert(runs).values(**_ended_run(p, made[p.id])))
    return World(members, project, other, unsigned, without, uploads, made)


def _ended_run(project: Project, run_id: str) -> dict[str, Any]:
    return {
        "id": run_id,
        "project_id": project.id,
        "agreement_hash": project.agreement.hash,
        "inputs_hash": secrets.token_bytes(32),
        "state": "cancelled",
        "created_at": 1,
        "ended_at": 2,
    }


def call(channel: grpc.Channel, name: str, fields: dict[str, Any]) -> CallError | None:
    """Call any RPC with one message; on the wire all four kinds look the same."""
    method = METHODS[name]
    known = method.input_type.fields_by_name
    request = GetMessageClass(method.input_type)(
        **{key: value for key, value in fields.items() if key in known}
    )
    path = f"/{method.containing_service.full_name}/{method.name}"
    stub: Any = channel.stream_stream(
        path,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=lambda data: data,
    )
    try:
        list(stub(iter([request]), timeout=20))
    except grpc.RpcError as error:
        return CallError(error)
    return None


def refused(node: Node, name: str, fields: dict[str, Any]) -> tuple[str, str]:
    assert node.channel is not None
    error = call(node.channel, name, fields)
    return (error.status, error.reason) if error else ("OK", "")


def test_every_rpc_has_a_row_here_and_a_rule_there() -> None:
    assert set(METHODS) == set(TABLE)
    assert {f"/tacit.v1.{name}" for name in METHODS} == set(RULES)


def test_project_and_hash_are_never_sent_in_vain() -> None:
    for name in MAIN:
        fields = METHODS[name].input_type.fields_by_name
        assert ("project_id" in fields) == ("party" in TABLE[name]), name
        assert ("upload_id" in fields) == ("upload" in TABLE[name]), name
        assert ("run_id" in fields) == ("run" in TABLE[name]), name
        if TABLE[name] & {"force", "proposer", *PURPOSES}:
            assert "agreement_hash" in fields, name


@pytest.mark.parametrize("name", MAIN)
def test_right_caller_is_admitted(world: World, name: str) -> None:
    _, reason = refused(world.members.north, name, world.fields())
    # Some requests are refused for their content, by the service itself.
    if name == "ProjectsService/CreateProject":
        assert reason == "BAD_AGREEMENT"
    else:
        assert reason not in DENIALS | {"NOT_FOUND", "INTERNAL"}


@pytest.mark.parametrize("name", MAIN)
def test_ca_signed_certificate_of_no_member(world: World, name: str) -> None:
    assert refused(_stranger(world), name, world.fields()) == (
        "UNAUTHENTICATED",
        "UNAUTHENTICATED",
    )


def _stranger(world: World) -> Node:
    coalition = world.members.coalition
    stranger = Node()
    issued = coalition.coordinator._backend.authority.issue_client(
        certificate_request(stranger.tls_key), world.members.north.id
    )
    stranger.authority, stranger.certificate = world.members.north.authority, pem(issued.der)
    stranger.connect(coalition.serving.address)
    coalition.nodes.append(stranger)
    return stranger


@pytest.fixture(scope="module", params=["waiting", "revoked"])
def no_member(request: pytest.FixtureRequest, members: Members) -> Iterator[tuple[Node, str]]:
    """Hold the certificate and the project of a member, without its standing; and the reason."""
    standing = str(request.param)
    with members.coalition.coordinator._backend.store.write() as connection:
        _stand(connection, members.south, standing)
    yield members.south, {"waiting": "UNCONFIRMED", "revoked": "REVOKED"}[standing]
    with members.coalition.coordinator._backend.store.write() as connection:
        _stand(connection, members.south, "member")


def _stand(connection: Connection, node: Node, standing: str) -> None:
    row = update(members_table).where(members_table.c.id == node.id)
    connection.execute(row.values(standing=standing, needed=2))


@pytest.mark.parametrize("name", MAIN)
def test_who_waits_or_was_revoked(world: World, no_member: tuple[Node, str], name: str) -> None:
    node, reason = no_member
    status = {"UNCONFIRMED": "FAILED_PRECONDITION", "REVOKED": "UNAUTHENTICATED"}[reason]
    assert refused(node, name, world.fields()) == (status, reason)


@pytest.mark.parametrize("name", MAIN)
def test_certificate_that_ended_on_an_open_connection(world: World, name: str) -> None:
    clock = world.members.coalition.clock
    clock.days_ahead(90.5)
    try:
        expected = ("UNAUTHENTICATED", "CERTIFICATE_EXPIRED")
        assert refused(world.members.north, name, world.fields()) == expected
    finally:
        clock.days_ahead(0)


def test_certificate_that_ended_makes_no_connection(world: World) -> None:
    coalition = world.members.coalition
    ended = replace(world.members.south, channel=None)
    request = certificate_request(ended.tls_key)
    issued = coalition.coordinator._backend.authority.issue_client(
        request, ended.id, coalition.clock() - 91 * 24 * 3600 * 1000
    )
    ended.certificate = pem(issued.der)
    ended.connect(coalition.serving.address)
    coalition.nodes.append(ended)
    assert refused(ended, "MembershipService/Handshake", world.fields()) == ("UNAVAILABLE", "")


@pytest.fixture(scope="module", params=["none", "another authority's"])
def unverified(
    request: pytest.FixtureRequest, members: Members, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[grpc.Channel]:
    """Connect without a certificate, or with one that another coalition's authority signed."""
    address, authority = members.coalition.serving.address, members.north.authority
    if request.param == "none":
        channel = open_channel(address, authority)
    else:
        elsewhere = start_coalition(tmp_path_factory.mktemp("elsewhere") / "home")
        foreign = elsewhere.enrol("Foreign")
        elsewhere.close()
        channel = open_channel(address, authority, foreign.certificate, foreign.tls_key)
    with channel:
        yield channel


@pytest.mark.parametrize("name", MAIN)
def test_certificate_that_does_not_verify(
    world: World, unverified: grpc.Channel, name: str
) -> None:
    error = call(unverified, name, world.fields())
    assert error is not None
    # The connection itself fails; no service is reached.
    assert (error.status, error.reason) == ("UNAVAILABLE", "")


@pytest.mark.parametrize("name", needing("party"))
def test_project_of_others_looks_like_none(world: World, name: str) -> None:
    outsider = world.members.outsider.channel
    assert outsider is not None
    real = call(outsider, name, world.fields())
    none = call(outsider, name, world.fields(project_id=f"p{'0' * 32}"))
    assert real is not None
    assert none is not None
    assert (real.status, real.reason) == ("NOT_FOUND", "NOT_FOUND")
    assert vars(real) == vars(none)


@pytest.mark.parametrize("name", BOUND)
@pytest.mark.parametrize("stale", [b"", bytes(32)])
def test_stale_agreement(world: World, name: str, stale: bytes) -> None:
    fields = world.fields(agreement_hash=stale)
    status = ("FAILED_PRECONDITION", "AGREEMENT_STALE")
    assert refused(world.members.north, name, fields) == status
    of_other = world.fields(agreement_hash=world.other.agreement.hash)
    assert refused(world.members.north, name, of_other) == status


@pytest.mark.parametrize("name", needing("force"))
def test_agreement_not_in_force(world: World, name: str) -> None:
    fields = world.fields(world.unsigned)
    expected = ("FAILED_PRECONDITION", "NOT_IN_FORCE")
    assert refused(world.members.north, name, fields) == expected
    assert refused(world.members.south, name, fields) == expected


@pytest.mark.parametrize("name", [n for n in MAIN if TABLE.get(n, set()) & PURPOSES])
def test_purpose_not_agreed(world: World, name: str) -> None:
    [purpose] = TABLE[name] & PURPOSES
    fields = world.fields(world.without[purpose])
    assert refused(world.members.north, name, fields) == (
        "PERMISSION_DENIED",
        "PURPOSE_NOT_AGREED",
    )


@pytest.mark.parametrize("name", needing("upload"))
def test_upload_of_another(world: World, name: str) -> None:
    missing = ("NOT_FOUND", "NOT_FOUND")
    assert refused(world.members.south, name, world.fields()) == missing
    elsewhere = world.fields(upload_id=world.uploads[world.other.id])
    assert refused(world.members.north, name, elsewhere) == missing
    assert refused(world.members.north, name, world.fields(upload_id="")) == missing


@pytest.mark.parametrize("name", needing("run"))
def test_run_of_another_project(world: World, name: str) -> None:
    missing = ("NOT_FOUND", "NOT_FOUND")
    elsewhere = world.fields(run_id=world.runs[world.other.id])
    assert refused(world.members.north, name, elsewhere) == missing
    assert refused(world.members.north, name, world.fields(run_id="")) == missing


@pytest.mark.parametrize("name", needing("proposer"))
def test_only_who_proposed_it(world: World, name: str) -> None:
    assert refused(world.members.south, name, world.fields()) == (
        "PERMISSION_DENIED",
        "FORBIDDEN",
    )


@pytest.mark.parametrize("name", list(METHODS))
def test_services_are_on_their_own_port_only(world: World, name: str) -> None:
    north = world.members.north
    if name in MAIN:
        with open_channel(world.members.coalition.serving.enrol_address, north.authority) as there:
            error = call(there, name, world.fields())
    else:
        assert north.channel is not None
        error = call(north.channel, name, world.fields())
    assert error is not None
    assert error.status == "UNIMPLEMENTED"


def test_member_whose_certificate_was_replaced(world: World) -> None:
    """The fingerprint counts, so that a second certificate for a member's own key is no way in."""
    node = replace(world.members.south, channel=None, tls_key=world.members.south.tls_key)
    authority = world.members.coalition.coordinator._backend.authority
    issued = authority.issue_client(certificate_request(node.tls_key), node.id)
    node.certificate = pem(issued.der)
    node.connect(world.members.coalition.serving.address)
    world.members.coalition.nodes.append(node)
    with pytest.raises(CallError) as failure:
        node.hello()
    assert failure.value.reason == "UNAUTHENTICATED"


def test_self_signed_key_is_no_certificate(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    serving = world.members.coalition.serving
    with open_channel(
        serving.address, world.members.north.authority, world.members.north.certificate, key
    ) as channel:
        error = call(channel, "MembershipService/ListMembers", {})
    assert error is not None
    assert error.status == "UNAVAILABLE"
