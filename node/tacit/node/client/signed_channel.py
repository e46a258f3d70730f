"""Requests signed by the member's own key, each attempt anew.

What is signed is the bytes as they are sent; so messages are serialised here and not by gRPC,
whose interceptors see them before they are bytes.
"""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Self

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.linkage import statements
from tacit.linkage.protocol import (
    NONCE_BYTES,
    REQUEST_NONCE_KEY,
    REQUEST_SIGNATURE_KEY,
    REQUEST_TIME_KEY,
)

_Metadata = tuple[tuple[str, str | bytes], ...]


class CoordinatorClock:
    """The coordinator's clock as this node knows it, milliseconds.

    Laptops' clocks are wrong, and are set right in mid-session; requests are dated by the clock
    that judges them.

    Args:
        elapsed: seconds on a clock that only goes forward.
    """

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._ahead = 0
        self._lock = threading.Lock()

    def set(self, milliseconds: int) -> None:
        """Take the coordinator's word for the time of this moment."""
        with self._lock:
            self._ahead = milliseconds - int(self._elapsed() * 1000)

    def __call__(self) -> int:
        """Give the coordinator's time."""
        with self._lock:
            return max(0, self._ahead + int(self._elapsed() * 1000))


class RequestSigner:
    """Signs requests with a member's key.

    Args:
        key: the member's signing key.
        clock: the coordinator's, milliseconds.
    """

    def __init__(self, key: Ed25519PrivateKey, clock: Callable[[], int]) -> None:
        self._key = key
        self._clock = clock

    def sign(self, method: str, body: bytes, agreement_hash: bytes) -> _Metadata:
        """Give the metadata that go with a request; different ones each time."""
        dated, nonce = self._clock(), secrets.token_bytes(NONCE_BYTES)
        body_hash = sha256(body).digest()
        statement = statements.request(method, body_hash, agreement_hash, dated, nonce)
        return (
            (REQUEST_TIME_KEY, str(dated)),
            (REQUEST_NONCE_KEY, nonce),
            (REQUEST_SIGNATURE_KEY, self._key.sign(statement)),
        )


class SignedChannel(grpc.Channel):
    """A channel whose every call is signed; of a stream of requests, its first message.

    Args:
        channel: what the calls go over; closed with this one.
        signer: signs them.
    """

    def __init__(self, channel: grpc.Channel, signer: RequestSigner) -> None:
        self._channel = channel
        self._signer = signer

    def unary_unary(
        self, method: str, request_serializer: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Make calls of one message that are answered with one."""
        return self._signed(method, request_serializer, self._channel.unary_unary, rest, more)

    def unary_stream(
        self, method: str, request_serializer: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Make calls of one message that are answered with a stream."""
        return self._signed(method, request_serializer, self._channel.unary_stream, rest, more)

    def stream_unary(
        self, method: str, request_serializer: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Make calls of a stream that are answered with one message."""
        return self._streamed(method, request_serializer, self._channel.stream_unary, rest, more)

    def stream_stream(
        self, method: str, request_serializer: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Make calls of a stream that are answered with a stream."""
        return self._streamed(method, request_serializer, self._channel.stream_stream, rest, more)

    def subscribe(self, callback: Callable[[Any], None], try_to_connect: bool = False) -> None:
        """Tell of the connection's state."""
        self._channel.subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Callable[[Any], None]) -> None:
        """Tell no more."""
        self._channel.unsubscribe(callback)

    def close(self) -> None:
        """Close the channel below."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _signed(
        self, method: str, serialise: Any, make: Callable[..., Any], rest: Any, more: Any
    ) -> "_Signing":
        def prepare(request: Any) -> tuple[bytes, _Metadata]:
            body = _bytes_of(request, serialise)
            return body, self._signer.sign(method, body, _agreement(request))

        return _Signing(make(method, None, *rest, **more), prepare)

    def _streamed(
        self, method: str, serialise: Any, make: Callable[..., Any], rest: Any, more: Any
    ) -> "_Signing":
        def prepare(requests: Iterator[Any]) -> tuple[Iterator[bytes], _Metadata]:
            requests = iter(requests)
            first = next(requests, None)
            if first is None:
                return iter(()), ()
            body = _bytes_of(first, serialise)
            bodies = itertools.chain(
                [body], (_bytes_of(request, serialise) for request in requests)
            )
            return bodies, self._signer.sign(method, body, _agreement(first))

        return _Signing(make(method, None, *rest, **more), prepare)


class _Signing:
    """Any multi-callable; signs at each call."""

    def __init__(self, inner: Any, prepare: Callable[[Any], tuple[Any, _Metadata]]) -> None:
        self._inner = inner
        self._prepare = prepare

    def __call__(self, request: Any, timeout: float | None = None, **more: Any) -> Any:
        return self._call(self._inner, request, timeout, more)

    def with_call(self, request: Any, timeout: float | None = None, **more: Any) -> Any:
        return self._call(self._inner.with_call, request, timeout, more)

    def future(self, request: Any, timeout: float | None = None, **more: Any) -> Any:
        return self._call(self._inner.future, request, timeout, more)

    def _call(
        self, call: Callable[..., Any], request: Any, timeout: float | None, more: dict[str, Any]
    ) -> Any:
        sent, signed = self._prepare(request)
        metadata = (*(more.pop("metadata", None) or ()), *signed)
        return call(sent, timeout=timeout, metadata=metadata, **more)


def _bytes_of(request: Any, serialise: Callable[[Any], bytes] | None) -> bytes:
    body: bytes = request if serialise is None else serialise(request)
    return body


def _agreement(request: Any) -> bytes:
    named: bytes = getattr(request, "agreement_hash", b"")
    return named
