"""One call in hand: what it may still do, and how long its caller keeps it waiting."""

import contextlib
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Executor, Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

import grpc

from tacit.coordinator.policy import Call
from tacit.coordinator.request_signatures import Received
from tacit.linkage.errors import Code, TacitError


@dataclass(frozen=True, slots=True)
class Patience:
    """What a call bears from its caller.

    Attributes:
        silence: seconds to wait for a message, or for room to write one.
        rate: least bytes a second of a stream of requests, once it was waited for so long.
        messages: most messages of a stream of requests.
        size: most bytes of a stream of requests.
    """

    silence: float
    rate: int
    messages: int
    size: int


@dataclass(slots=True, eq=False)
class OpenCall:
    """One call in hand.

    Attributes:
        context: gRPC's context.
        patience: what it bears.
        readers: where messages are waited for. gRPC lets nobody end such a wait, and an error
            of the catalogue goes out only from the thread that serves the call.
        call: what the policy found out about it; None until it has.
        reason: why it may go on no longer; None while it may.
        looks: how often it was found open since.
        told: whether the reason is on its way to the caller.
    """

    context: grpc.ServicerContext = field(repr=False)
    patience: Patience
    readers: Executor = field(repr=False)
    call: Call | None = None
    reason: TacitError | None = None
    looks: int = 0
    told: bool = False
    _since: float | None = None
    _coming: "Future[Received | None] | None" = None
    _waited: float = 0.0
    _messages: int = 0
    _bytes: int = 0

    def check(self) -> None:
        """Let the call go on only while its caller may.

        Raises:
            TacitError: REVOKED, UNAUTHENTICATED, CERTIFICATE_EXPIRED or TOO_SLOW.
        """
        if self.reason is not None:
            raise self.reason

    def keeps_waiting(self, at: float) -> bool:
        """Say whether the caller has kept the call waiting for too long, on the monotonic clock."""
        since = self._since
        return since is not None and at - since > self.patience.silence

    def end_wait(self) -> bool:
        """End the wait for a message, so that the caller is told the reason.

        Returns:
            Whether the call waited for one.
        """
        coming = self._coming
        if coming is None or self.reason is None:
            return False
        # One that has come in this moment is refused by `check`.
        with contextlib.suppress(InvalidStateError):
            coming.set_exception(self.reason)
        return True

    def wait(self) -> None:
        """Begin to wait for the caller."""
        self._since = time.monotonic()

    def first(self, messages: Iterator[Received]) -> Received:
        """Read the message that a call begins with.

        Raises:
            TacitError: MALFORMED, there is none.
        """
        received = self._next(messages)
        if received is None:
            raise TacitError(Code.MALFORMED, problem="the stream holds no message.")
        return received

    def rest(self, first: Received, messages: Iterator[Received]) -> Iterator[Any]:
        """Give the first message and all others as long as the caller may go on.

        Raises:
            TacitError: MALFORMED, there are too many or they cannot be read; TOO_SLOW, they come
                too slowly; or whatever ended the caller's access.
        """
        received: Received | None = first
        while received is not None:
            self._count(received)
            self.check()
            yield received.parsed()
            received = self._next(messages)
        self.check()

    def answers(self, messages: Iterator[Any]) -> Iterator[Any]:
        """Give a stream of answers as long as the caller takes them, and may."""
        try:
            for message in messages:
                self.check()
                self.wait()
                yield message
                self._since = None
            self.check()
        finally:
            if isinstance(messages, Generator):
                messages.close()
        self.wait()

    def _next(self, messages: Iterator[Received]) -> Received | None:
        began = time.monotonic()
        coming: Future[Received | None] = Future()
        self._since, self._coming = began, coming
        try:
            self.readers.submit(_read, messages, coming)
            return coming.result()
        finally:
            self._since = self._coming = None
            self._waited += time.monotonic() - began

    def _count(self, received: Received) -> None:
        self._messages += 1
        self._bytes += received.size
        if self._messages > self.patience.messages or self._bytes > self.patience.size:
            raise TacitError(Code.MALFORMED, problem="the stream is longer than is taken.")
        patient = self._waited <= self.patience.silence
        if not patient and self._bytes < self._waited * self.patience.rate:
            raise TacitError(Code.TOO_SLOW)


def _read(messages: Iterator[Received], coming: "Future[Received | None]") -> None:
    """Wait for a message; it comes to nobody where the wait has been ended."""
    with contextlib.suppress(InvalidStateError):
        try:
            received = next(messages, None)
        except Exception as error:  # noqa: BLE001 (it is raised where the message is wanted)
            coming.set_exception(error)
        else:
            coming.set_result(received)
