"""Calls in hand, ended where their caller's access ends: revoked, replaced or out of date."""

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from sqlalchemy import Connection

from tacit.coordinator.admission import Shown, recognise
from tacit.coordinator.log import log
from tacit.coordinator.policy import Call
from tacit.coordinator.store.engine import Store
from tacit.linkage.errors import Code, TacitError

_LOOK_SECONDS = 0.5
_LOOKS_LEFT = 2


@dataclass(slots=True, eq=False)
class OpenCall:
    """One call in hand.

    Attributes:
        call: what the interceptor found out about it.
        context: gRPC's context.
        reason: why the caller may go on no longer; None while it may.
        looks: how often it was found open since.
    """

    call: Call
    context: grpc.ServicerContext = field(repr=False)
    reason: TacitError | None = None
    looks: int = 0

    def check(self) -> None:
        """Let the call go on only while its caller may.

        Raises:
            TacitError: REVOKED, UNAUTHENTICATED or CERTIFICATE_EXPIRED.
        """
        if self.reason is not None:
            raise self.reason

    def guarded(self, messages: Iterator[Any]) -> Iterator[Any]:
        """Give the messages of a stream as long as the caller may go on."""
        try:
            for message in messages:
                self.check()
                yield message
            self.check()
        finally:
            if isinstance(messages, Generator):
                messages.close()


class OpenCalls:
    """Looks after all calls in hand, twice a second, while there are any.

    A stream ends with the reason at its next message or tick. What has neither, such as one that
    waits for its caller, is cut off a second later.

    Args:
        store: where members stand.
        now: the clock, milliseconds.
    """

    def __init__(self, store: Store, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._open: set[OpenCall] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="open-calls", daemon=True)

    def enter(self, call: Call, context: grpc.ServicerContext) -> OpenCall:
        """Look after a call until it ends."""
        entered = OpenCall(call, context)
        with self._changed:
            self._open.add(entered)
            self._changed.notify()
        if not context.add_callback(lambda: self._leave(entered)):
            self._leave(entered)
        return entered

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def alive(self) -> bool:
        """Say whether calls are being looked after."""
        return self._thread.is_alive()

    def _leave(self, entered: OpenCall) -> None:
        with self._changed:
            self._open.discard(entered)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or bool(self._open))
                self._changed.wait_for(lambda: self._stopped, _LOOK_SECONDS)
                if self._stopped:
                    return
                calls = list(self._open)
            try:
                self._look(calls)
            except TacitError as error:
                # Where the database is out of reach no call gets anything from it either.
                log().warning("members cannot be looked up", code=error.code)

    def _look(self, calls: list[OpenCall]) -> None:
        for found in calls:
            if found.reason is not None:
                found.looks += 1
                if found.looks >= _LOOKS_LEFT:
                    found.context.cancel()
        rest = [found for found in calls if found.reason is None]
        if not rest:
            return
        at = self._now()
        shown = {Shown(found.call.fingerprint, found.call.ends_at) for found in rest}
        with self._store.read() as connection:
            reasons = {one: _refusal(connection, one, at) for one in shown}
        for found in rest:
            found.reason = reasons[Shown(found.call.fingerprint, found.call.ends_at)]
            if found.reason is not None:
                found.call.ended.set()


def _refusal(connection: Connection, shown: Shown, at: int) -> TacitError | None:
    try:
        recognise(connection, shown, at)
    except TacitError as error:
        if error.code is Code.STORE_FAILED:
            raise
        return error
    return None
