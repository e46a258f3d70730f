"""Every RPC against every wrong caller: all refused, each for its own reason, and nothing changed.

`tests/support/rpc_table.py` says what each RPC asks of its caller; `scripts/mutation.py` removes
the checks one after the other, and each must be missed here.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from coalition import CallError, Node, certificate_request, open_channel, pem, start_coalition
from rpc_table import METHODS, TABLE, body_of, call, outcome, path_of
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.policy import RULES
from tacit.coordinator.request_signatures import OLDEST
from tacit.linkage import statements
from tacit.linkage.protocol import REQUEST_NONCE_KEY, REQUEST_SIGNATURE_KEY, REQUEST_TIME_KEY
from wrong_callers import Scene, foreign_channel, set_scene

PURPOSES = {"check", "count", "attribute"}
DENIALS = {
    "UNAUTHENTICATED",
    "CERTIFICATE_EXPIRED",
    "REVOKED",
    "UNCONFIRMED",
    "FORBIDDEN",
    "AGREEMENT_STALE",
    "AGREEMENT_EXPIRED",
    "NOT_IN_FORCE",
    "MEMBER_GONE",
    "EPOCH_ENDED",
    "PURPOSE_NOT_AGREED",
    "NOT_FOUND",
    "REPLAYED",
    "REQUEST_STALE",
    "INTERNAL",
    "OK without a word",
}
GONE = ("NOT_FOUND", "NOT_FOUND")
UNSIGNED = ("PERMISSION_DENIED", "SIGNATURE_INVALID")
STALE = ("FAILED_PRECONDITION", "AGREEMENT_STALE")
MAIN = [name for name in METHODS if "invitation" not in TABLE.get(name, set())]
Answer = tuple[str, str]


@pytest.fixture(scope="module")
def scene(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Serve one coordinator for all of the table."""
    coalition = start_coalition(tmp_path_factory.mktemp("policy") / "home", database_url)
    try:
        yield set_scene(coalition)
    finally:
        coalition.close()


@pytest.fixture(scope="module")
def unverified(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """Connect without a certificate, and with one that another authority signed."""
    bare = open_channel(scene.coalition.serving.address, scene.north.authority)
    foreign = foreign_channel(scene, tmp_path_factory.mktemp("elsewhere") / "home")
    with bare, foreign:
        yield [bare, foreign]


@pytest.fixture(scope="module")
def certificate_alone(scene: Scene) -> Iterator[Any]:
    """Connect as north, but without its signing key."""
    address, north = scene.coalition.serving.address, scene.north
    with open_channel(address, north.authority, north.certificate, north.tls_key) as channel:
        yield channel


@pytest.fixture
def unchanged(scene: Scene) -> Iterator[None]:
    """See that not a row of any table is another one afterwards."""
    before = scene.contents()
    yield
    assert scene.contents() == before


def told(error: CallError | None) -> Answer:
    return (error.status, error.reason) if error else ("OK", "")


def answer(node: Node, name: str, fields: dict[str, Any]) -> Answer:
    assert node.channel is not None
    return told(call(node.channel, name, fields))


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


def bound(name: str) -> bool:
    return "agreement_hash" in METHODS[name].input_type.fields_by_name


def whose_turn(scene: Scene, name: str) -> dict[str, Any]:
    """Give what the right caller would send; who drops a proposal names the proposed version."""
    if "proposal" in TABLE[name]:
        return scene.fields("proposed", agreement_hash=scene.proposal)
    return scene.fields()


@pytest.mark.parametrize("name", MAIN)
def test_right_callers_are_let_in(scene: Scene, name: str, unchanged: None) -> None:
    """What refuses them is the service itself, for their empty content."""
    if "proposal" in TABLE[name]:
        pytest.skip("it would be done")
    status, reason = answer(scene.north, name, scene.fields())
    assert status == "OK" or reason
    if name == "ProjectsService/CreateProject":
        assert reason == "BAD_AGREEMENT"
    else:
        assert reason not in DENIALS
    if "either" in TABLE[name]:
        # Who is named by the proposed version alone, too.
        proposed = scene.fields("proposed", agreement_hash=scene.proposal)
        caller = scene.north if "proposer" in TABLE[name] else scene.east
        assert answer(caller, name, proposed)[1] not in DENIALS
    if TABLE[name] == {"party", "named"}:
        assert answer(scene.east, name, scene.fields("proposed"))[0] == "OK"
    if "once" in TABLE[name]:
        assert answer(scene.south, name, scene.fields("past"))[1] not in DENIALS


@pytest.mark.parametrize("name", MAIN)
def test_who_is_no_member(scene: Scene, unverified: list[Any], name: str, unchanged: None) -> None:
    # TLS itself fails: no service is reached.
    for channel in unverified:
        assert told(call(channel, name, scene.fields())) == ("UNAVAILABLE", "")
    papers, halted = scene.papers, scene.fields("halted")
    assert answer(papers.stranger, name, scene.fields()) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
    assert answer(papers.ended, name, halted) == ("UNAUTHENTICATED", "CERTIFICATE_EXPIRED")
    assert answer(papers.revoked, name, halted) == ("UNAUTHENTICATED", "REVOKED")
    assert answer(papers.waiting, name, halted) == ("FAILED_PRECONDITION", "UNCONFIRMED")


@pytest.mark.parametrize("name", [n for n in MAIN if "unsigned" not in TABLE[n]])
def test_who_did_not_sign(scene: Scene, certificate_alone: Any, name: str, unchanged: None) -> None:
    """North's certificate alone makes no request: not with another's key, for another RPC, twice."""
    body = body_of(name, scene.fields())
    data = body.SerializeToString()
    named = getattr(body, "agreement_hash", b"")
    other = next(path_of(found) for found in METHODS if found != name)
    north, path, now = scene.north, path_of(name), milliseconds()
    stub = certificate_alone.stream_stream(path)

    def send(data: bytes, metadata: Any) -> Answer:
        return told(outcome(stub, iter([data]), metadata))

    assert send(data, ()) == UNSIGNED
    assert send(data, signed(scene.south, path, data, named, now)) == UNSIGNED
    assert send(data, signed(north, other, data, named, now)) == UNSIGNED
    assert send(data, signed(north, path, data + b"\xf8\x07\x01", named, now)) == UNSIGNED
    assert send(data + b"\xf8\x07\x01", signed(north, path, data, named, now)) == UNSIGNED
    assert send(data, signed(north, path, data, bytes(32), now)) == UNSIGNED
    late = signed(north, path, data, named, now - OLDEST - 1000)
    assert send(data, late) == ("ABORTED", "REQUEST_STALE")
    early = signed(north, path, data, named, now + OLDEST)
    assert send(data, early) == ("ABORTED", "REQUEST_STALE")
    if "proposal" in TABLE[name]:
        return
    once = signed(north, path, data, named, milliseconds())
    assert send(data, once)[1] not in DENIALS
    assert send(data, once) == ("PERMISSION_DENIED", "REPLAYED")


def signed(node: Node, path: str, data: bytes, named: bytes, dated: int) -> Any:
    nonce = sha256(f"{path}{dated}{node.id}".encode() + data).digest()[:16]
    statement = statements.request(path, sha256(data).digest(), named, dated, nonce)
    return (
        (REQUEST_TIME_KEY, str(dated)),
        (REQUEST_NONCE_KEY, nonce),
        (REQUEST_SIGNATURE_KEY, node.signing_key.sign(statement)),
    )


@pytest.mark.parametrize("name", [n for n in MAIN if "party" in TABLE[n]])
def test_who_is_no_party(scene: Scene, name: str, unchanged: None) -> None:
    """Others' projects look like none, whoever asks, and whatever it was or may be."""
    none = scene.fields(project_id=f"p{'0' * 32}")
    for node, fields in (
        (scene.outsider, scene.fields()),
        (scene.outsider, whose_turn(scene, name)),
        # The right member, but the wrong project.
        (scene.north, scene.fields("foreign")),
        (scene.north, scene.fields(project_id=scene.projects["foreign"].id)),
    ):
        assert node.channel is not None
        real, missing = call(node.channel, name, fields), call(node.channel, name, none)
        assert told(real) == told(missing) == GONE
        assert real is not None
        assert missing is not None
        assert vars(real) == vars(missing)
    if "named" not in TABLE[name]:
        assert answer(scene.east, name, scene.fields("proposed")) == GONE
        hashed = scene.fields("proposed", agreement_hash=scene.proposal)
        assert answer(scene.east, name, hashed) == GONE
    if "once" not in TABLE[name]:
        assert answer(scene.south, name, scene.fields("past")) == GONE


@pytest.mark.parametrize("name", [n for n in MAIN if bound(n)])
def test_stale_agreements(scene: Scene, name: str, unchanged: None) -> None:
    others = scene.projects["other"].agreement.hash
    for stale in (b"", bytes(32), others):
        assert answer(scene.north, name, scene.fields(agreement_hash=stale)) == STALE
    if "proposal" in TABLE[name]:
        assert answer(scene.north, name, scene.fields()) == STALE
    elif "either" in TABLE[name]:
        # The version that is proposed, to a party that it does not name.
        hashed = scene.fields("proposed", agreement_hash=scene.proposal)
        assert answer(scene.south, name, hashed) == ("PERMISSION_DENIED", "FORBIDDEN")
        # The version in force, to one whom only the proposed one names.
        assert answer(scene.east, name, scene.fields("proposed")) == (
            "PERMISSION_DENIED",
            "FORBIDDEN",
        )
    else:
        hashed = scene.fields("proposed", agreement_hash=scene.proposal)
        assert answer(scene.north, name, hashed) == STALE
    if "proposer" in TABLE[name]:
        assert answer(scene.south, name, scene.fields()) == ("PERMISSION_DENIED", "FORBIDDEN")
        assert answer(
            scene.east, name, scene.fields("proposed", agreement_hash=scene.proposal)
        ) == (
            "PERMISSION_DENIED",
            "FORBIDDEN",
        )


@pytest.mark.parametrize("name", [n for n in MAIN if TABLE[n] & {"force", "whole", "epoch"}])
def test_agreements_under_which_nothing_flows(scene: Scene, name: str, unchanged: None) -> None:
    for node in (scene.north, scene.south):
        if "force" in TABLE[name]:
            expected = ("FAILED_PRECONDITION", "NOT_IN_FORCE")
            assert answer(node, name, scene.fields("unsigned")) == expected
            expected = ("FAILED_PRECONDITION", "AGREEMENT_EXPIRED")
            assert answer(node, name, scene.fields("expired")) == expected
        if "whole" in TABLE[name]:
            expected = ("FAILED_PRECONDITION", "MEMBER_GONE")
            assert answer(node, name, scene.fields("gone")) == expected
        if "epoch" in TABLE[name]:
            expected = ("FAILED_PRECONDITION", "EPOCH_ENDED")
            assert answer(node, name, scene.fields("due")) == expected
    if "force" in TABLE[name] and "whole" not in TABLE[name]:
        # What was reached already may be read.
        assert answer(scene.north, name, scene.fields("gone"))[1] not in DENIALS


@pytest.mark.parametrize("name", [n for n in MAIN if TABLE[n] & {"upload", "run", *PURPOSES}])
def test_what_is_another_s(scene: Scene, name: str, unchanged: None) -> None:
    for purpose in TABLE[name] & PURPOSES:
        expected = ("PERMISSION_DENIED", "PURPOSE_NOT_AGREED")
        assert answer(scene.north, name, scene.fields(f"not {purpose}")) == expected
    if "upload" in TABLE[name]:
        assert answer(scene.south, name, scene.fields()) == GONE
        elsewhere = scene.fields(upload_id=scene.uploads["other"])
        assert answer(scene.north, name, elsewhere) == GONE
        assert answer(scene.north, name, scene.fields(upload_id="")) == GONE
    if "run" in TABLE[name]:
        assert answer(scene.north, name, scene.fields(run_id=scene.runs["other"])) == GONE
        assert answer(scene.north, name, scene.fields(run_id="")) == GONE


@pytest.mark.parametrize("name", list(METHODS))
def test_services_are_on_their_own_port_only(scene: Scene, name: str) -> None:
    if name in MAIN:
        address = scene.coalition.serving.enrol_address
        with open_channel(address, scene.north.authority) as there:
            assert told(call(there, name, scene.fields()))[0] == "UNIMPLEMENTED"
    else:
        assert answer(scene.north, name, scene.fields())[0] == "UNIMPLEMENTED"


def test_certificates_that_make_no_connection(scene: Scene, unchanged: None) -> None:
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


def test_enrolment_needs_an_invitation(scene: Scene, unchanged: None) -> None:
    address = scene.coalition.serving.enrol_address
    with open_channel(address, scene.north.authority) as channel:
        nobody = Node()
        for secret in (b"", bytes(32)):
            request = nobody.request(secret)
            stub: Any = channel.stream_stream(path_of("EnrolmentService/Enrol"))
            reason = told(outcome(stub, iter([request.SerializeToString()])))[1]
            assert reason == ("INVITATION_INVALID" if secret else "MALFORMED")
