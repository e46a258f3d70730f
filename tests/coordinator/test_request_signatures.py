"""Requests that their member did not make, or not now, or has made already."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coalition import CallError, Members, Node, open_channel
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.request_clock import RequestClock
from tacit.coordinator.request_signatures import (
    AHEAD,
    OLDEST,
    Received,
    RequestSignatures,
    receiving,
)
from tacit.coordinator.store.members import Member
from tacit.linkage import statements
from tacit.linkage.errors import TacitError
from tacit.linkage.protocol import REQUEST_NONCE_KEY, REQUEST_SIGNATURE_KEY, REQUEST_TIME_KEY
from tacit.node.client.signed_channel import CoordinatorClock, RequestSigner
from tacit.v1 import projects_pb2

METHOD = "/tacit.v1.ProjectsService/ListProjects"
Metadata = list[tuple[str, str | bytes]]


@dataclass
class Ticks:
    """A clock that a test moves, milliseconds."""

    at: int = 1_000_000_000

    def __call__(self) -> int:
        return self.at


@dataclass
class Gate:
    """A member and the coordinator's memory of its requests, on one clock."""

    ticks: Ticks = field(default_factory=Ticks)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.member = member("one", self.key)
        self.signatures = self.begin()

    def begin(self, most: int = 100) -> RequestSignatures:
        """Begin a process of the coordinator."""
        clock = RequestClock(self.ticks, lambda: self.ticks.at / 1000)
        self.signatures = RequestSignatures(clock, most)
        return self.signatures

    def signed(self, ahead: int = 0) -> tuple[Received, Metadata]:
        message = projects_pb2.GetProjectRequest(project_id=secrets.token_hex(8))
        signer = RequestSigner(self.key, lambda: self.ticks.at + ahead)
        return received(message), list(signer.sign(METHOD, message.SerializeToString(), b""))

    def check(self, request: tuple[Received, Metadata], method: str = METHOD) -> str:
        try:
            self.signatures.check(method, self.member, *request)
        except TacitError as error:
            return error.code.value
        return "OK"


def member(name: str, key: Ed25519PrivateKey) -> Member:
    return Member(name, name, key.public_key().public_bytes_raw(), bytes(32), "member", 0)


def received(message: Any) -> Received:
    data = message.SerializeToString()
    return Received(message, sha256(data).digest(), len(data))


def test_statement_is_what_the_protocol_says() -> None:
    statement = statements.request("/m", b"\x01" * 32, b"\x02" * 32, 258, b"\x03" * 16)
    assert statement == (
        b"tacit request v1"
        b"\x00\x00\x00\x02/m"
        b"\x00\x00\x00\x20"
        + b"\x01" * 32
        + b"\x00\x00\x00\x20"
        + b"\x02" * 32
        + b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x01\x02"
        b"\x00\x00\x00\x10" + b"\x03" * 16
    )


def test_a_request_passes_once() -> None:
    gate = Gate()
    request = gate.signed()
    assert gate.check(request) == "OK"
    assert gate.check(request) == "REPLAYED"
    gate.ticks.at += OLDEST
    assert gate.check(request) == "REPLAYED"
    gate.ticks.at += 1
    # Now it may be forgotten, as it is too old to be taken.
    assert gate.check(request) == "REQUEST_STALE"
    assert gate.check(gate.signed()) == "OK"


def test_dates_that_are_far_off() -> None:
    gate = Gate()
    gate.ticks.at += 10 * OLDEST
    assert gate.check(gate.signed(-OLDEST)) == "OK"
    assert gate.check(gate.signed(-OLDEST - 1)) == "REQUEST_STALE"
    assert gate.check(gate.signed(AHEAD)) == "OK"
    assert gate.check(gate.signed(AHEAD + 1)) == "REQUEST_STALE"


def test_a_restart_opens_no_window() -> None:
    gate = Gate()
    before = gate.signed()
    assert gate.check(before) == "OK"
    gate.ticks.at += 1
    gate.begin()
    assert gate.check(before) == "REQUEST_STALE"
    assert gate.check(gate.signed()) == "OK"


def test_the_machine_s_clock_set_back_opens_no_window() -> None:
    gate, machine = Gate(), Ticks()
    gate.signatures = RequestSignatures(RequestClock(machine, lambda: gate.ticks.at / 1000), 100)
    request = gate.signed()
    assert gate.check(request) == "OK"
    gate.ticks.at += OLDEST + 1
    assert gate.check(gate.signed()) == "OK"
    machine.at -= 10 * OLDEST
    assert gate.check(request) == "REQUEST_STALE"


def test_what_was_changed_on_the_way() -> None:
    gate = Gate()
    request, metadata = gate.signed()
    other = received(projects_pb2.GetProjectRequest(project_id="other"))
    assert gate.check((other, metadata)) == "SIGNATURE_INVALID"
    assert gate.check((request, metadata), "/tacit.v1.ProjectsService/GetProject") == (
        "SIGNATURE_INVALID"
    )
    for place in range(3):
        key, value = metadata[place]
        changed = (
            f"{int(value) + 1}" if isinstance(value, str) else bytes([value[0] ^ 1]) + value[1:]
        )
        altered = [*metadata[:place], (key, changed), *metadata[place + 1 :]]
        assert gate.check((request, altered)) == "SIGNATURE_INVALID"
        assert gate.check((request, metadata[:place] + metadata[place + 1 :])) == (
            "SIGNATURE_INVALID"
        )
        assert gate.check((request, [*metadata, metadata[place]])) == "SIGNATURE_INVALID"
    # None of that used the request up.
    assert gate.check((request, metadata)) == "OK"


@pytest.mark.parametrize(
    ("text", "nonce"),
    [
        ("{}", b"short"),
        ("{}", bytes(17)),
        ("-{}", bytes(16)),
        ("0000000{}", bytes(16)),
        (" {}", bytes(16)),
        ("{}\N{ARABIC-INDIC DIGIT ONE}", bytes(16)),
        ("", bytes(16)),
    ],
)
def test_metadata_that_cannot_be_read(text: str, nonce: bytes) -> None:
    """Refused however well they are signed for."""
    gate = Gate()
    request, _ = gate.signed()
    written = text.format(gate.ticks.at)
    dated = abs(int(written)) if written else 0
    statement = statements.request(METHOD, request.digest, b"", dated, nonce)
    metadata: Metadata = [
        (REQUEST_TIME_KEY, written),
        (REQUEST_NONCE_KEY, nonce),
        (REQUEST_SIGNATURE_KEY, gate.key.sign(statement)),
    ]
    gate.ticks.at = dated
    gate.begin()
    assert gate.check((request, metadata)) == "SIGNATURE_INVALID"


def test_a_message_that_cannot_be_read() -> None:
    read = receiving(projects_pb2.GetProjectRequest.FromString)
    message = projects_pb2.GetProjectRequest(project_id="p")
    assert read(message.SerializeToString()).parsed() == message
    torn = read(b"\xff")
    assert (torn.digest, torn.size) == (sha256(b"\xff").digest(), 1)
    with pytest.raises(TacitError, match="cannot be read"):
        torn.parsed()
    zero = read(projects_pb2.GetProjectRequest(project_id="\0").SerializeToString())
    with pytest.raises(TacitError, match="'project_id' is no text"):
        zero.parsed()


def test_members_do_not_sign_for_each_other_and_are_remembered_apart() -> None:
    gate = Gate()
    request = gate.signed()
    gate.member = member("two", Ed25519PrivateKey.generate())
    assert gate.check(request) == "SIGNATURE_INVALID"
    gate.member = member("two", gate.key)
    assert gate.check(request) == "OK"
    gate.member = member("one", gate.key)
    assert gate.check(request) == "OK"


def test_memory_is_bounded_for_each_member() -> None:
    gate = Gate()
    gate.begin(most=3)
    assert [gate.check(gate.signed()) for _ in range(5)] == ["OK"] * 3 + ["RATE_LIMITED"] * 2
    own, gate.member = gate.member, member("two", gate.key)
    assert gate.check(gate.signed()) == "OK"
    gate.member = own
    gate.ticks.at += OLDEST + 1
    assert gate.check(gate.signed()) == "OK"


def test_node_s_clock_follows_the_coordinator_s() -> None:
    elapsed = Ticks(7)
    clock = CoordinatorClock(elapsed)
    clock.set(5_000_000)
    elapsed.at += 3
    assert clock() == 5_003_000


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except CallError as error:
        return error.reason
    except grpc.RpcError as error:
        return CallError(error).reason
    return "OK"


def test_over_the_wire(members: Members) -> None:
    """With the certificate of one member and the key of another, unsigned, and sent twice."""
    north, south = members.north, members.south
    raw: Any = raw_channel(members, north)
    body = projects_pb2.ListProjectsRequest().SerializeToString()

    def call(metadata: Any) -> str:
        return outcome(lambda: raw.unary_unary(METHOD)(body, timeout=20, metadata=metadata))

    with raw:
        assert call(()) == "SIGNATURE_INVALID"
        by_south = RequestSigner(south.signing_key, milliseconds).sign(METHOD, body, b"")
        assert call(by_south) == "SIGNATURE_INVALID"
        old = RequestSigner(north.signing_key, lambda: milliseconds() - OLDEST - 1000)
        assert call(old.sign(METHOD, body, b"")) == "REQUEST_STALE"
        signed = RequestSigner(north.signing_key, milliseconds).sign(METHOD, body, b"")
        assert [call(signed), call(signed)] == ["OK", "REPLAYED"]


def raw_channel(members: Members, node: Node) -> grpc.Channel:
    address = members.coalition.serving.address
    return open_channel(address, node.authority, node.certificate, node.tls_key)
