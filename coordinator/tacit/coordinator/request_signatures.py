"""Whether a request was made by its member: for this RPC, with these bytes, now, and only once.

TLS says who is at the other end of a connection. The signature says that the member's own key
made the request, so that a stolen TLS key, or whatever stands where TLS ends, makes none, changes
none and repeats none.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from google.protobuf.message import DecodeError

from tacit.coordinator.request_clock import RequestClock
from tacit.coordinator.request_values import check_values
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.members import Member
from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import (
    NONCE_BYTES,
    REQUEST_NONCE_KEY,
    REQUEST_SIGNATURE_KEY,
    REQUEST_TIME_KEY,
)

OLDEST = 300_000
"""How old a request may be when it arrives, milliseconds: the slowest line takes less."""

AHEAD = 10_000
"""How far ahead of the coordinator's clock a request may be dated, milliseconds."""

MOST_REMEMBERED = 20_000
"""Requests of one member that are remembered at one time."""

_LONGEST_TIME = 15


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came off the wire.

    Attributes:
        message: the same, parsed; None where it cannot be.
        digest: SHA-256 of its bytes.
        size: how many there were.
    """

    message: Any = field(repr=False)
    digest: bytes
    size: int

    def parsed(self) -> Any:
        """Give the message.

        Raises:
            TacitError: MALFORMED, it is not one of this RPC, or holds what no database can.
        """
        if self.message is None:
            raise TacitError(Code.MALFORMED, problem="the message cannot be read.")
        check_values(self.message)
        return self.message


def receiving(parse: Callable[[bytes], Any]) -> Callable[[bytes], Received]:
    """Make a deserialiser that keeps what the bytes were, as parsing loses it."""

    def receive(data: bytes) -> Received:
        try:
            message = parse(data)
        except DecodeError:
            message = None
        return Received(message, sha256(data).digest(), len(data))

    return receive


@dataclass(frozen=True, slots=True)
class _Signed:
    dated: int
    nonce: bytes
    signature: bytes


@dataclass(slots=True)
class _Remembered:
    nonces: set[bytes] = field(default_factory=set)
    order: deque[tuple[int, bytes]] = field(default_factory=deque)

    def forget(self, before: int) -> None:
        """Forget what is too old to be taken again; what came later may be kept for longer."""
        while self.order and self.order[0][0] < before:
            self.nonces.discard(self.order.popleft()[1])


class RequestSignatures:
    """Holds requests against their signatures, and remembers them as long as they could be repeated.

    What is remembered is in memory alone. A request that is dated before this process began is
    refused, so nothing that an earlier process let in comes in again.

    Args:
        clock: by which requests are dated.
        most: requests of one member to remember at one time.
    """

    def __init__(self, clock: RequestClock, most: int = MOST_REMEMBERED) -> None:
        self.clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._members: dict[str, _Remembered] = {}
        self._swept = 0

    def check(
        self,
        method: str,
        member: Member,
        received: Received,
        metadata: Iterable[tuple[str, str | bytes]],
    ) -> None:
        """Let a request pass if its member made it, now, and it has not passed before.

        Raises:
            TacitError: SIGNATURE_INVALID; REQUEST_STALE, with the clock as `now`; REPLAYED;
                RATE_LIMITED, the member's requests are too many to remember.
        """
        signed = _read(metadata)
        bound = getattr(received.message, "agreement_hash", b"")
        statement = statements.request(method, received.digest, bound, signed.dated, signed.nonce)
        verify(member.signing_key, signed.signature, statement)
        now = self.clock()
        if not max(now - OLDEST, self.clock.started) <= signed.dated <= now + AHEAD:
            raise TacitError(Code.REQUEST_STALE, now=now)
        self._remember(member.id, signed, now)

    def _remember(self, member_id: str, signed: _Signed, now: int) -> None:
        with self._lock:
            self._sweep(now)
            known = self._members.setdefault(member_id, _Remembered())
            known.forget(now - OLDEST)
            if signed.nonce in known.nonces:
                raise TacitError(Code.REPLAYED)
            if len(known.nonces) >= self._most:
                raise TacitError(Code.RATE_LIMITED, "too many to remember", seconds=1)
            known.nonces.add(signed.nonce)
            known.order.append((signed.dated, signed.nonce))

    def _sweep(self, now: int) -> None:
        """Forget, now and then, what members sent who have long been silent."""
        if now - self._swept < OLDEST:
            return
        self._swept = now
        for member_id, known in list(self._members.items()):
            known.forget(now - OLDEST)
            if not known.nonces:
                del self._members[member_id]


def _read(metadata: Iterable[tuple[str, str | bytes]]) -> _Signed:
    found: dict[str, str | bytes] = {}
    for key, value in metadata:
        if key in found and key in {REQUEST_TIME_KEY, REQUEST_NONCE_KEY, REQUEST_SIGNATURE_KEY}:
            raise TacitError(Code.SIGNATURE_INVALID, "a request that is signed twice")
        found[key] = value
    dated, nonce = found.get(REQUEST_TIME_KEY), found.get(REQUEST_NONCE_KEY)
    signature = found.get(REQUEST_SIGNATURE_KEY)
    if not isinstance(nonce, bytes) or not isinstance(signature, bytes):
        raise TacitError(Code.SIGNATURE_INVALID, "a request without a signature")
    if len(nonce) != NONCE_BYTES or not _is_time(dated):
        raise TacitError(Code.SIGNATURE_INVALID, "a request whose signature cannot be read")
    return _Signed(int(str(dated)), nonce, signature)


def _is_time(text: object) -> bool:
    return (
        isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIME
    )
