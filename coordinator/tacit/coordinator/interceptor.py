"""What stands before every service: admission, and one way out for every error."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import grpc

from tacit.coordinator.admission import Gate, admit
from tacit.coordinator.backend import Backend
from tacit.coordinator.log import describe, log
from tacit.coordinator.metrics import Metrics
from tacit.coordinator.open_calls import OpenCall, OpenCalls
from tacit.coordinator.policy import Call, attach
from tacit.coordinator.request_signatures import Received, RequestSignatures, receiving
from tacit.coordinator.seats import Seats
from tacit.linkage.canonical import Json, canonical
from tacit.linkage.errors import Code, TacitError

# gRPC's class is generic in its stubs only.
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
CALLS_PER_MEMBER = 16
# Health is for anyone, and its watchers are served without a thread each only if left unwrapped.
_HEALTH = "/grpc.health.v1.Health/"


@dataclass(frozen=True, slots=True)
class _Means:
    gate: Gate
    metrics: Metrics
    seats: Seats
    calls: OpenCalls


class Interceptor(grpc.ServerInterceptor):
    """Admits calls by the policy, and turns errors into status and trailing metadata.

    Args:
        backend: where members and projects are looked up, the clocks.
        metrics: counts calls.
    """

    def __init__(self, backend: Backend, metrics: Metrics) -> None:
        calls = OpenCalls(backend.store, backend.now)
        gate = Gate(backend.store, RequestSignatures(backend.request_clock), backend.now)
        self._means = _Means(gate, metrics, Seats(CALLS_PER_MEMBER), calls)

    @property
    def calls(self) -> OpenCalls:
        """The calls in hand; whoever serves starts and stops looking after them."""
        return self._means.calls

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler of any RPC, whatever its kind."""
        handler = continuation(handler_call_details)
        method = str(handler_call_details.method)
        if handler is None or method.startswith(_HEALTH):
            return handler
        return _wrap(handler, _Guard(self._means, method))


class _Guard:
    def __init__(self, means: _Means, method: str) -> None:
        self._means = means
        self._metrics = means.metrics
        self._method = method

    def began(self, context: grpc.ServicerContext) -> float:
        """Count a call that has begun, and give the time on the monotonic clock."""
        self._metrics.began()
        if not context.add_callback(self._metrics.left):
            self._metrics.left()
        return time.monotonic()

    def first(
        self, request: Any, context: grpc.ServicerContext, streams: bool
    ) -> tuple[Any, OpenCall | None]:
        """Admit the call on its first message; gives the whole request, and who looks after it."""
        if not streams:
            return request.message, self._admit(request, context)
        received = next(request, None)
        if received is None:
            raise TacitError(Code.MALFORMED, problem="the stream holds no message.")
        entered = self._admit(received, context)
        messages = (item.message for item in itertools.chain([received], request))
        return entered.guarded(messages) if entered else messages, entered

    def _admit(self, received: Received, context: grpc.ServicerContext) -> OpenCall | None:
        call = admit(self._means.gate, self._method, received, context)
        attach(context, call)
        if call.caller is None:
            return None
        self._means.seats.take(call.caller.id, context)
        return self._means.calls.enter(call, context)

    def done(self, context: grpc.ServicerContext, started: float, code: str = "OK") -> None:
        """Log and count that a call has ended."""
        call = getattr(context, "tacit_call", None)
        caller = call.caller.id if isinstance(call, Call) and call.caller else None
        seconds = time.monotonic() - started
        took = round(seconds * 1000)
        log().info("call", method=self._method, member=caller, code=code, milliseconds=took)
        self._metrics.ended(self._method, code, seconds)

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


def _wrap(handler: _Handler, guard: _Guard) -> _Handler:
    inner = next(
        behaviour
        for behaviour in (
            handler.unary_unary,
            handler.unary_stream,
            handler.stream_unary,
            handler.stream_stream,
        )
        if behaviour is not None
    )
    streams = bool(handler.request_streaming)

    def unary(request: Any, context: grpc.ServicerContext) -> Any:
        started = guard.began(context)
        try:
            whole, _ = guard.first(request, context, streams)
            response = inner(whole, context)
        except Exception as error:  # noqa: BLE001 (the one way out)
            told = guard.fail(context, started, error)
        else:
            guard.done(context, started)
            return response
        abort(context, told)

    def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        started = guard.began(context)
        try:
            whole, entered = guard.first(request, context, streams)
            answers = inner(whole, context)
            yield from entered.guarded(answers) if entered else answers
        except GeneratorExit:
            # The caller has left, so gRPC asks for no more answers.
            guard.done(context, started, "CANCELLED")
            raise
        except Exception as error:  # noqa: BLE001 (the one way out)
            told = guard.fail(context, started, error)
        else:
            guard.done(context, started)
            return
        abort(context, told)

    return _rebuild(handler, stream if handler.response_streaming else unary)


def _rebuild(handler: _Handler, behaviour: Any) -> _Handler:
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    make = kinds[bool(handler.request_streaming), bool(handler.response_streaming)]
    parse = receiving(handler.request_deserializer or bytes)
    return make(behaviour, parse, handler.response_serializer)


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
