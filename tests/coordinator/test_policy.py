"""Every RPC against every wrong caller: all refused, each for its own reason, and nothing changed.

`tests/support/rpc_table.py` says what each RPC asks of its caller, `caller_cases.py` who is wrong.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from caller_cases import CASES, MAIN, WITHOUT_CERTIFICATE, Case
from caller_doors import PURPOSES, Doors, answer, open_doors, told
from coalition import Node, certificate_request, open_channel, pem, start_coalition
from rpc_table import METHODS, TABLE, call, outcome, path_of
from tacit.coordinator.admission import admit
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.policy import RULES
from tacit.coordinator.request_signatures import Received
from tacit.linkage.errors import TacitError
from tacit.v1 import projects_pb2
from wrong_callers import Scene, set_scene

_APPLY = [
    (case, name) for case in (*CASES, WITHOUT_CERTIFICATE) for name in MAIN if case.applies(name)
]


@pytest.fixture(scope="module")
def doors(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Serve one coordinator for all of the table."""
    coalition = start_coalition(tmp_path_factory.mktemp("policy") / "home", database_url)
    try:
        with open_doors(set_scene(coalition), tmp_path_factory.mktemp("foreign") / "home") as ways:
            yield ways
    finally:
        coalition.close()


@pytest.fixture
def scene(doors: Doors) -> Iterator[Scene]:
    """See that not a row of any table is another one afterwards."""
    before = doors.scene.contents()
    yield doors.scene
    assert doors.scene.contents() == before


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


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("case", "name"), _APPLY, ids=[f"{case.run.__name__}-{name}" for case, name in _APPLY]
)
def test_callers(doors: Doors, case: Case, name: str) -> None:
    case.run(doors, name)


@pytest.mark.parametrize("name", list(METHODS))
def test_services_are_on_their_own_port_only(scene: Scene, name: str) -> None:
    if name in MAIN:
        address = scene.coalition.serving.enrol_address
        with open_channel(address, scene.north.authority) as there:
            assert told(call(there, name, scene.fields()))[0] == "UNIMPLEMENTED"
    else:
        assert answer(scene.north, name, scene.fields())[0] == "UNIMPLEMENTED"


def test_certificates_that_make_no_connection(scene: Scene) -> None:
    """One that has ended, and one without the key that it is for."""
    ended = replace(scene.south, channel=None)
    issued = scene.coalition.coordinator._backend.authority.issue_client(
        certificate_request(ended.tls_key), ended.id, milliseconds() - 91 * 24 * 3600 * 1000
    )
    north, address = scene.north, scene.coalition.serving.address
    for certificate, key in (
        (pem(issued.der), ended.tls_key),
        (north.certificate, ec.generate_private_key(ec.SECP256R1())),
    ):
        with open_channel(address, north.authority, certificate, key) as channel:
            refused = told(call(channel, "MembershipService/Handshake", scene.fields()))
        assert refused == ("UNAVAILABLE", "")


def test_enrolment_needs_an_invitation(scene: Scene) -> None:
    address = scene.coalition.serving.enrol_address
    with open_channel(address, scene.north.authority) as channel:
        nobody = Node()
        for secret in (b"", bytes(32)):
            request = nobody.request(secret)
            stub: Any = channel.stream_stream(path_of("EnrolmentService/Enrol"))
            reason = told(outcome(stub, iter([request.SerializeToString()])))[1]
            assert reason == ("INVITATION_INVALID" if secret else "MALFORMED")


def test_what_grpc_and_tls_would_not_let_through(scene: Scene) -> None:
    """An RPC that nobody wrote a rule for, and a caller without a certificate: refused twice."""
    gate = scene.coalition.coordinator._interceptor._means.gate
    nothing = Received(projects_pb2.ListProjectsRequest(), bytes(32), 0)
    for method, reason in (
        ("/tacit.v1.ProjectsService/Unheard", "FORBIDDEN"),
        (path_of("ProjectsService/ListProjects"), "UNAUTHENTICATED"),
    ):
        with pytest.raises(TacitError) as failure:
            admit(gate, method, nothing, None, ())
        assert failure.value.code.value == reason
