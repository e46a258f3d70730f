"""A greeted connection to the coordinator: stubs, deadlines, retries, and the handshake."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from types import TracebackType
from typing import Protocol, Self, TypeVar

import grpc
from google.protobuf.message import Message

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import CAPABILITIES, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from tacit.node.client.answers import check_answer
from tacit.node.client.channel import Credentials, open_channel
from tacit.node.client.errors import translated
from tacit.node.client.retry import RetryPolicy, retrying
from tacit.node.client.signed_channel import CoordinatorClock, RequestSigner, SignedChannel
from tacit.v1 import membership_pb2 as membership
from tacit.v1.checks_pb2_grpc import ChecksServiceStub
from tacit.v1.claims_pb2_grpc import ClaimsServiceStub
from tacit.v1.counts_pb2_grpc import CountsServiceStub
from tacit.v1.decisions_pb2_grpc import DecisionsServiceStub
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub
from tacit.v1.ledger_pb2_grpc import LedgerServiceStub
from tacit.v1.membership_pb2_grpc import MembershipServiceStub
from tacit.v1.projects_pb2_grpc import ProjectsServiceStub
from tacit.v1.receipts_pb2_grpc import ReceiptsServiceStub
from tacit.v1.runs_pb2_grpc import RunsServiceStub

SHORT = 20.0
"""Deadline of a call that only looks something up, seconds."""

LONG = 300.0
"""Deadline of a call during which the coordinator reads or writes a whole upload, seconds."""

CLOCK_TOLERANCE = 120.0
"""Difference between the two clocks, seconds, above which the node warns."""

_Request_contra = TypeVar("_Request_contra", contravariant=True)
_Response_co = TypeVar("_Response_co", covariant=True)
_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class Method(Protocol[_Request_contra, _Response_co]):
    """A stub's method: unary answers with a message, streaming with an iterator of them."""

    def __call__(self, request: _Request_contra, /, timeout: float | None = None) -> _Response_co:
        """Make the call."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, as whom, and how patiently."""

    address: str
    credentials: Credentials
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the handshake told.

    Attributes:
        member_id: who the coordinator takes this node for.
        member_name: the same by name.
        protocol: the coordinator's protocol version.
        software: the coordinator's software version.
        capabilities: what the coordinator can do.
        ledger_key: Ed25519 public key of the ledger, 32 bytes.
        clock_skew: coordinator's clock minus this machine's, seconds.
    """

    member_id: str
    member_name: str
    protocol: int
    software: str
    capabilities: tuple[str, ...]
    ledger_key: bytes
    clock_skew: float

    @property
    def clock_is_off(self) -> bool:
        """Whether one of the two clocks is wrong by more than the tolerance."""
        return abs(self.clock_skew) > CLOCK_TOLERANCE


class Session:
    """A connection on which the handshake succeeded. Use it as a context manager.

    Args:
        target: whom to call.
        protocol: what this node speaks; other values are for tests of the refusal.

    Raises:
        TacitError: UNAVAILABLE, UNTRUSTED, UNAUTHENTICATED or VERSION_UNSUPPORTED.
    """

    def __init__(self, target: Target, protocol: int = PROTOCOL_VERSION) -> None:
        self.address = target.address
        self.policy = target.policy
        self._clock = target.clock
        self._requests = CoordinatorClock()
        self._channel = _signed(target, self._requests)
        self.membership = MembershipServiceStub(self._channel)
        self.projects = ProjectsServiceStub(self._channel)
        self.encodings = EncodingsServiceStub(self._channel)
        self.runs = RunsServiceStub(self._channel)
        self.checks = ChecksServiceStub(self._channel)
        self.counts = CountsServiceStub(self._channel)
        self.claims = ClaimsServiceStub(self._channel)
        self.decisions = DecisionsServiceStub(self._channel)
        self.ledger = LedgerServiceStub(self._channel)
        self.receipts = ReceiptsServiceStub(self._channel)
        try:
            self.greeting = self._greet(protocol)
        except BaseException:
            self.close()
            raise

    def once(
        self, method: Method[_Request, _Response], request: _Request, timeout: float = SHORT
    ) -> _Response:
        """Make a call that must not be repeated without looking first."""
        with self._translated():
            answer = method(request, timeout=timeout)
        if isinstance(answer, Message):
            check_answer(answer)
        return answer

    def ask(
        self, method: Method[_Request, _Response], request: _Request, timeout: float = SHORT
    ) -> _Response:
        """Make a call that may be repeated, and repeat it while the coordinator is away."""
        return retrying(self.policy, lambda: self.once(method, request, timeout))

    def stream(
        self,
        method: Method[_Request, Iterator[_Response]],
        request: _Request,
        timeout: float = LONG,
    ) -> Iterator[_Response]:
        """Read a stream of answers; its errors are translated, and nothing is repeated."""
        with self._translated():
            answers = method(request, timeout=timeout)
            try:
                for answer in answers:
                    if isinstance(answer, Message):
                        check_answer(answer)
                    yield answer
            finally:
                if isinstance(answers, grpc.Call):
                    answers.cancel()

    def close(self) -> None:
        """Close the connection; doing so twice is harmless."""
        self._channel.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated(self.address):
                yield
        except TacitError as error:
            now = error.params.get("now")
            if error.code is Code.REQUEST_STALE and isinstance(now, int):
                # This machine slept, or the coordinator began anew: the next attempt is dated right.
                self._requests.set(now)
            raise

    def _greet(self, protocol: int) -> Greeting:
        request = membership.HandshakeRequest(
            protocol_version=protocol,
            software_version=software_version(),
            capabilities=CAPABILITIES,
        )
        answer = self.ask(self.membership.Handshake, request)
        self._requests.set(answer.request_time)
        # The coordinator refuses nodes that are too old; a node refuses what is too old for it.
        if answer.protocol_version < OLDEST_PROTOCOL_VERSION:
            raise TacitError(
                Code.VERSION_UNSUPPORTED,
                oldest=answer.oldest_protocol_version,
                newest=answer.protocol_version,
                node=PROTOCOL_VERSION,
            )
        return Greeting(
            member_id=answer.you.member_id,
            member_name=answer.you.name,
            protocol=answer.protocol_version,
            software=answer.software_version,
            capabilities=tuple(answer.capabilities),
            ledger_key=answer.ledger_key,
            clock_skew=answer.server_time - self._clock(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _signed(target: Target, clock: CoordinatorClock) -> grpc.Channel:
    channel, key = open_channel(target.address, target.credentials), target.credentials.signing
    return channel if key is None else SignedChannel(channel, RequestSigner(key, clock))


def software_version() -> str:
    """Give this software's version."""
    return version("tacit")
