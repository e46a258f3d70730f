"""What stands before every service: one way in, and one way out for every error."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import grpc

from tacit.coordinator.admission import Gate
from tacit.coordinator.backend import Backend
from tacit.coordinator.guard import Guard, Means, abort
from tacit.coordinator.metrics import Metrics
from tacit.coordinator.open_calls import OpenCalls
from tacit.coordinator.rate_limits import RateLimits
from tacit.coordinator.request_signatures import Received, RequestSignatures, receiving
from tacit.coordinator.seats import Seats

# gRPC's class is generic in its stubs only.
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_HEALTH = "/grpc.health.v1.Health/"


class Interceptor(grpc.ServerInterceptor):
    """Admits calls by limits and policy, and turns errors into status and trailing metadata.

    Args:
        backend: where members and projects are looked up, the clocks, the limits.
        metrics: counts calls.
        most: calls at one time.
    """

    def __init__(self, backend: Backend, metrics: Metrics, most: int) -> None:
        limits = backend.limits
        self._means = Means(
            Gate(backend.store, RequestSignatures(backend.request_clock), backend.now),
            limits,
            metrics,
            Seats(limits.calls_at_once),
            RateLimits(limits),
            OpenCalls(backend.store, backend.now, most),
        )

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
        if handler is None:
            return None
        return _wrap(handler, Guard(self._means, method, method.startswith(_HEALTH)))


def _wrap(handler: _Handler, guard: Guard) -> _Handler:
    """Give a handler that reads a stream, whatever the RPC: on the wire they are the same.

    gRPC would wait for the one message of another kind without end, in a thread, before anybody
    else could look after the call.
    """
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

    def unary(requests: Iterator[Received], context: grpc.ServicerContext) -> Any:
        started = guard.began(context)
        try:
            enrolling = guard.enrolling(context)
            opened = guard.open(requests, context)
            response = inner(opened.messages if streams else opened.first, context)
            guard.enrolled(enrolling)
            opened.entered.wait()
        except Exception as error:  # noqa: BLE001 (the one way out)
            told = guard.fail(context, started, error)
        else:
            guard.done(context, started)
            return response
        return abort(context, told)

    def stream(requests: Iterator[Received], context: grpc.ServicerContext) -> Iterator[Any]:
        started = guard.began(context)
        try:
            opened = guard.open(requests, context)
            answers = inner(opened.messages if streams else opened.first, context)
            yield from opened.entered.answers(answers)
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

    parse = receiving(handler.request_deserializer or bytes)
    if handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler(stream, parse, handler.response_serializer)
    return grpc.stream_unary_rpc_method_handler(unary, parse, handler.response_serializer)
