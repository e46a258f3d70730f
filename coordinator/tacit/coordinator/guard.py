"""What happens to one call before, around and after its service."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc

from tacit.coordinator.admission import Gate, admit, certificate_shown
from tacit.coordinator.limits import Limits
from tacit.coordinator.log import describe, log
from tacit.coordinator.metrics import Metrics
from tacit.coordinator.open_call import OpenCall, Patience
from tacit.coordinator.open_calls import OpenCalls
from tacit.coordinator.policy import RULES, Call, Caller, attach
from tacit.coordinator.rate_limits import RateLimits, address_of
from tacit.coordinator.request_signatures import Received
from tacit.coordinator.seats import Seats
from tacit.linkage.canonical import Json, canonical
from tacit.linkage.errors import Code, TacitError

_MEGABYTE = 1024 * 1024
_OPEN = "tacit_open_call"


@dataclass(frozen=True, slots=True)
class Means:
    """What guards share.

    Attributes:
        gate: what calls are held against.
        limits: how much a caller may have.
        metrics: counts calls.
        seats: calls in hand by caller.
        rates: calls in a minute by caller.
        calls: looks after the calls in hand.
    """

    gate: Gate
    limits: Limits
    metrics: Metrics
    seats: Seats
    rates: RateLimits
    calls: OpenCalls


@dataclass(frozen=True, slots=True)
class Opened:
    """A call that was let in.

    Attributes:
        entered: looks after it.
        first: its first message.
        messages: all of them, the first one included.
    """

    entered: OpenCall
    first: Any
    messages: Iterator[Any]


class Guard:
    """Stands before one RPC.

    Args:
        means: what guards share.
        method: full name of the RPC.
        probe: it asks for health: no rule of the policy, no line in the log.
    """

    def __init__(self, means: Means, method: str, probe: bool) -> None:
        self._means = means
        self._method = method
        self._probe = probe
        rule = RULES.get(method)
        self._anonymous = probe or (rule is not None and rule.caller is Caller.ANYONE)

    def began(self, context: grpc.ServicerContext) -> float:
        """Count a call that has begun, and give the time on the monotonic clock."""
        metrics = self._means.metrics
        metrics.began()
        if not context.add_callback(metrics.left):
            metrics.left()
        return time.monotonic()

    def open(self, requests: Iterator[Received], context: grpc.ServicerContext) -> Opened:
        """Let a call in by limits, certificate, signature and policy, in this order.

        Nothing of a request is read before its caller has a seat, and no longer than it has
        patience.

        Raises:
            TacitError: whatever the caller lacks, or has had enough of.
        """
        means = self._means
        shown = certificate_shown(context)
        caller = shown.fingerprint.hex() if shown else address_of(context.peer())
        means.rates.call(caller, self._method)
        means.seats.take(caller, context)
        entered = means.calls.enter(context, self._patience())
        setattr(context, _OPEN, entered)
        received = entered.first(requests)
        if not self._probe:
            metadata = context.invocation_metadata() or ()
            call = admit(means.gate, self._method, received, shown, metadata)
            attach(context, call)
            if call.caller is not None:
                entered.call = call
        return Opened(entered, received.parsed(), entered.rest(received, requests))

    def enrolling(self, context: grpc.ServicerContext) -> str | None:
        """Count an attempt to enrol; gives its address, or None where the call is another.

        Raises:
            TacitError: RATE_LIMITED.
        """
        if self._probe or not self._anonymous:
            return None
        address = address_of(context.peer())
        self._means.rates.enrolment(address)
        return address

    def enrolled(self, address: str | None) -> None:
        """Take back the count of an attempt that succeeded."""
        if address is not None:
            self._means.rates.enrolled(address)

    def done(self, context: grpc.ServicerContext, started: float, code: str = "OK") -> None:
        """Log and count that a call has ended."""
        entered = getattr(context, _OPEN, None)
        if code == "CANCELLED" and isinstance(entered, OpenCall) and entered.reason is not None:
            code = entered.reason.code.value
        if self._probe:
            return
        call = getattr(context, "tacit_call", None)
        caller = call.caller.id if isinstance(call, Call) and call.caller else None
        seconds = time.monotonic() - started
        took = round(seconds * 1000)
        log().info("call", method=self._method, member=caller, code=code, milliseconds=took)
        self._means.metrics.ended(self._method, code, seconds)

    def fail(
        self, context: grpc.ServicerContext, started: float, error: Exception
    ) -> TacitError | None:
        """Log why a call failed and give what the caller is told; None if it has left."""
        if isinstance(error, TacitError):
            self.done(context, started, error.code.value)
            if error.detail:
                log().info("refused", method=self._method, code=error.code, detail=error.detail)
            return error
        if isinstance(error, grpc.RpcError) or not context.is_active():
            self.done(context, started, "CANCELLED")
            return None
        log().error("unforeseen", method=self._method, **describe(error))
        self.done(context, started, Code.INTERNAL.value)
        return TacitError(Code.INTERNAL)

    def _patience(self) -> Patience:
        limits = self._means.limits
        return Patience(
            limits.anonymous_seconds if self._anonymous else limits.silence_seconds,
            limits.bytes_per_second,
            limits.stream_messages,
            limits.stream_megabytes * _MEGABYTE,
        )


def abort(context: grpc.ServicerContext, error: TacitError | None) -> NoReturn:
    """End a call with an error of the catalogue: status, sentence and trailing metadata.

    Raises:
        Exception: always, by which gRPC ends the call.
    """
    if error is None:
        context.abort(grpc.StatusCode.CANCELLED, "")
    params = {key: _plain(value) for key, value in error.params.items()}
    context.set_trailing_metadata(
        (("tacit-reason", error.code.value), ("tacit-params-bin", canonical(params)))
    )
    context.abort(grpc.StatusCode[error.entry.status], error.sentence())


def _plain(value: object) -> Json:
    return value if isinstance(value, bool | int | str) else str(value)
