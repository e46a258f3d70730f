"""Calling the coordinator's handlers in this process, as gRPC would, thousands of times a second.

Interceptor and services are the real ones, and they are handed what gRPC hands them; only the
network between is left out. What goes over the network is `fuzz_wire`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc

from tacit.coordinator.server import Coordinator
from tacit.coordinator.services.enrolment import component as enrolment

Metadata = Sequence[tuple[str, str | bytes]]
_STATUS_BYTES = 8 * 1024
"""Most bytes of status and trailing metadata that a node's gRPC takes; beyond, reasons are lost."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes:
        status: name of gRPC's status.
        reason: code of the catalogue, or empty.
        told: sentence and parameters, as the caller sees them.
        broke: what went wrong that must not, or empty.
        answers: messages, serialised.
    """

    status: str
    reason: str = ""
    told: str = ""
    broke: str = ""
    answers: tuple[bytes, ...] = ()


class _AbortedError(Exception):
    """What gRPC raises in a handler that aborts its call."""


class _UnreadableError(grpc.RpcError):
    """What gRPC raises in a stream whose next message cannot be read."""


class Context(grpc.ServicerContext):
    """One call's context.

    Args:
        certificate: the caller's, PEM; empty for none.
        metadata: as sent.
        clock: gives what is left of the deadline, seconds.
    """

    def __init__(self, certificate: bytes, metadata: Metadata) -> None:
        self._certificate = certificate
        self._metadata = tuple(metadata)
        self.trailing: Metadata = ()
        self.status = grpc.StatusCode.OK
        self.details = ""
        self.callbacks: list[Callable[[], None]] = []
        self.active = True

    def abort(self, code: grpc.StatusCode, details: str) -> Any:
        self.status, self.details = code, details
        details.encode()
        raise _AbortedError

    def abort_with_status(self, status: Any) -> Any:
        self.trailing = status.trailing_metadata
        self.abort(status.code, status.details)

    def auth_context(self) -> Any:
        return {"x509_pem_cert": [self._certificate]} if self._certificate else {}

    def invocation_metadata(self) -> Any:
        return self._metadata

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        self.trailing = trailing_metadata

    def add_callback(self, callback: Callable[[], None]) -> bool:
        self.callbacks.append(callback)
        return self.active

    def end(self) -> None:
        """Tell whoever waits for the call's end."""
        self.active = False
        for callback in self.callbacks:
            callback()

    def cancel(self) -> bool:
        self.active = False
        return True

    def is_active(self) -> bool:
        return self.active

    def time_remaining(self) -> float:
        return 20.0

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"

    def peer_identities(self) -> Any:
        return None

    def peer_identity_key(self) -> Any:
        return None

    def send_initial_metadata(self, initial_metadata: Any) -> None:
        return None

    def set_code(self, code: Any) -> None:
        self.status = code

    def set_details(self, details: str) -> None:
        self.details = details


class Handlers:
    """Everything that a coordinator serves, behind its own interceptor.

    Args:
        coordinator: started or not.
    """

    def __init__(self, coordinator: Coordinator) -> None:
        self._found: dict[str, Any] = {}
        self._interceptor = coordinator._interceptor
        for part in coordinator._components:
            part.register(self)  # type: ignore[arg-type]
        enrolment(coordinator._backend).register(self)  # type: ignore[arg-type]

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        """Take generated code's word; the handlers themselves come next."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Keep a service's handlers."""
        for name, handler in handlers.items():
            self._found[f"/{service}/{name}"] = handler

    def call(
        self, path: str, messages: Iterable[bytes], certificate: bytes, metadata: Metadata = ()
    ) -> Outcome:
        """Make one call and read all of its answers."""
        context = Context(certificate, metadata)
        details = _Details(path, tuple(metadata))
        try:
            handler = self._interceptor.intercept_service(
                lambda found: self._found.get(found.method), details
            )
            if handler is None:
                return Outcome("UNIMPLEMENTED")
            return _outcome(context, _drive(handler, messages, context))
        except _AbortedError:
            return _outcome(context, ())
        except _UnreadableError:
            return Outcome(
                "INTERNAL", broke="gRPC itself answers INTERNAL to an unreadable message"
            )
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            return Outcome("UNKNOWN", broke=_where(error))
        finally:
            context.end()


@dataclass(frozen=True, slots=True)
class _Details(grpc.HandlerCallDetails):
    method: str
    invocation_metadata: Any


def _drive(handler: Any, messages: Iterable[bytes], context: Context) -> tuple[bytes, ...]:
    requests = _requests(handler, messages)
    behaviour = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )
    try:
        answers = behaviour(requests if handler.request_streaming else next(requests), context)
    except StopIteration:
        return ()
    serialise = handler.response_serializer or bytes
    if not handler.response_streaming:
        return (serialise(answers),)
    return tuple(serialise(answer) for answer in answers)


def _requests(handler: Any, messages: Iterable[bytes]) -> Iterator[Any]:
    for message in messages:
        if handler.request_deserializer is None:
            yield message
            continue
        try:
            request = handler.request_deserializer(message)
        except Exception as error:
            raise _UnreadableError from error
        yield request


def _outcome(context: Context, answers: tuple[bytes, ...]) -> Outcome:
    trailing = dict(context.trailing or ())
    told = f"{context.details} {trailing.get('tacit-params-bin', b'')!r}"
    reason = str(trailing.get("tacit-reason", ""))
    broke = ""
    if context.status in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}:
        broke = f"{context.status.name} {reason}"
    elif not reason and context.status not in {grpc.StatusCode.OK, grpc.StatusCode.CANCELLED}:
        broke = f"{context.status.name} without a reason of the catalogue"
    elif len(told) > _STATUS_BYTES:
        broke = f"an answer of {len(told)} bytes, which loses its reason on the way"
    return Outcome(context.status.name, reason, told, broke, answers)


def _where(error: BaseException) -> str:
    trace, last = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        last = f"{code.co_filename}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {last}"
