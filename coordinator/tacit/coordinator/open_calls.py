"""Calls in hand, ended where their caller's access ends, or where it keeps everybody waiting."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from sqlalchemy import Connection

from tacit.coordinator.admission import Shown, recognise
from tacit.coordinator.log import log
from tacit.coordinator.open_call import OpenCall, Patience
from tacit.coordinator.store.engine import Store
from tacit.linkage.errors import Code, TacitError

_LOOK_SECONDS = 0.5
_LOOKS_LEFT = 2
# On a slow line the reason needs its time.
_LOOKS_TOLD = 6


class OpenCalls:
    """Looks after all calls in hand, twice a second, while there are any.

    A call whose caller may go on no longer, or lets the coordinator wait for longer than it has
    patience, ends with the reason: at its next message or tick, or at once while it waits for a
    message. What has none of these is cut off a second later, without a reason, and so is at once
    who takes no answer: gRPC tells nothing to a caller that does not read.

    Args:
        store: where members stand.
        now: the clock, milliseconds.
        most: calls at one time.
    """

    def __init__(self, store: Store, now: Callable[[], int], most: int) -> None:
        self._store = store
        self._now = now
        self._readers = ThreadPoolExecutor(most, thread_name_prefix="read")
        self._open: set[OpenCall] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="open-calls", daemon=True)

    def enter(self, context: grpc.ServicerContext, patience: Patience) -> OpenCall:
        """Look after a call until it ends."""
        entered = OpenCall(context, patience, self._readers)
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
        """Look no more; no call is in hand."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        self._readers.shutdown()

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
            self._cut(calls)
            try:
                self._look(calls)
            except TacitError as error:
                # Where the database is out of reach no call gets anything from it either.
                log().warning("members cannot be looked up", code=error.code)

    def _cut(self, calls: list[OpenCall]) -> None:
        at = time.monotonic()
        for found in calls:
            waits = found.keeps_waiting(at)
            if waits:
                found.reason = found.reason or TacitError(Code.TOO_SLOW)
            if found.reason is None:
                continue
            found.looks += 1
            found.told = found.end_wait() or found.told
            left = _LOOKS_TOLD if found.told else _LOOKS_LEFT
            if found.looks >= left or (waits and not found.told):
                found.context.cancel()

    def _look(self, calls: list[OpenCall]) -> None:
        rest = [
            (found, Shown(found.call.fingerprint, found.call.ends_at))
            for found in calls
            if found.reason is None and found.call is not None
        ]
        if not rest:
            return
        at = self._now()
        with self._store.read() as connection:
            reasons = {one: _refusal(connection, one, at) for one in {shown for _, shown in rest}}
        for found, shown in rest:
            if reasons[shown] is not None and found.call is not None:
                found.reason = reasons[shown]
                found.call.ended.set()


def _refusal(connection: Connection, shown: Shown, at: int) -> TacitError | None:
    try:
        recognise(connection, shown, at)
    except TacitError as error:
        if error.code is Code.STORE_FAILED:
            raise
        return error
    return None
