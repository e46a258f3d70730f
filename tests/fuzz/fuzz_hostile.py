"""A coordinator that answers nodes with whatever it likes: real answers, changed.

A channel records what a real coordinator says; later another one answers from that record in this
process, with messages altered, damaged, left out, doubled, or errors in their place. It holds the
ledger key, as a malicious coordinator does, so its heads are signed whatever they say.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Self

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fuzz_messages import altered, made, mangled, rpcs
from fuzz_values import REAL, TEXTS, coin, octets, pick, whole
from tacit.linkage import statements
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code
from tacit.linkage.merkle import leaf_hash
from tacit.v1 import ledger_pb2

MOST_CALLS = 150
"""Calls after which a node is taken to go on for ever."""

_METHODS = rpcs()
Record = dict[str, list[list[bytes]]]


class EndlessError(Exception):
    """A node asks and asks."""


class HostileError(grpc.RpcError, grpc.Call):
    """Any failure that gRPC can report."""

    def __init__(self, status: grpc.StatusCode, details: str, trailing: Any) -> None:
        self._status, self._details, self._trailing = status, details, trailing

    def code(self) -> grpc.StatusCode:
        return self._status

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Any:
        return self._trailing

    def initial_metadata(self) -> Any:
        return ()

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> float:
        return 0.0

    def cancel(self) -> bool:
        return True

    def add_callback(self, callback: Any) -> bool:
        return False


class _Channel(grpc.Channel):
    """What all kinds of calls have in common."""

    def _make(self, path: str, serialise: Any, parse: Any, answers: bool) -> Any:
        raise NotImplementedError

    def unary_unary(self, method: str, *rest: Any, **more: Any) -> Any:
        return self._make(method, *_two(rest, more), answers=False)

    def stream_unary(self, method: str, *rest: Any, **more: Any) -> Any:
        return self._make(method, *_two(rest, more), answers=False)

    def unary_stream(self, method: str, *rest: Any, **more: Any) -> Any:
        return self._make(method, *_two(rest, more), answers=True)

    def stream_stream(self, method: str, *rest: Any, **more: Any) -> Any:
        return self._make(method, *_two(rest, more), answers=True)

    def subscribe(self, callback: Any, try_to_connect: bool = False) -> None:
        """Tell nothing."""

    def unsubscribe(self, callback: Any) -> None:
        """Tell no more."""

    def close(self) -> None:
        """Close nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        return None


def _two(rest: tuple[Any, ...], more: dict[str, Any]) -> tuple[Any, Any]:
    given = [*rest, None, None]
    serialise = more.get("request_serializer", given[0])
    return serialise, more.get("response_deserializer", given[1])


class Recording(_Channel):
    """Passes calls on and keeps what is answered.

    Args:
        channel: to the real coordinator.
        record: by RPC, the answers to each call.
    """

    def __init__(self, channel: grpc.Channel, record: Record) -> None:
        self._channel, self._record = channel, record

    def close(self) -> None:
        """Close the real channel."""
        self._channel.close()

    def _make(self, path: str, serialise: Any, parse: Any, answers: bool) -> Any:
        method = _METHODS[path]
        kinds = ("unary", "stream")
        kind = f"{kinds[method.client_streaming]}_{kinds[method.server_streaming]}"

        def call(request: Any, *rest: Any, **more: Any) -> Any:
            kept: list[bytes] = []
            self._record[path].append(kept)

            def keep(data: bytes) -> Any:
                kept.append(data)
                return parse(data)

            real = getattr(self._channel, kind)(path, serialise, keep)
            return real(request, *rest, **more)

        return call


class Hostile(_Channel):
    """Answers from a record, wrongly.

    Args:
        rng: decides what.
        record: of a real coordinator.
        key: its ledger key.
        sent: is told every request, serialised.
    """

    def __init__(
        self,
        rng: random.Random,
        record: Record,
        key: Ed25519PrivateKey,
        sent: Callable[[bytes], None],
    ) -> None:
        self._rng, self._record, self._key, self._sent = rng, record, key, sent
        self._calls = 0
        # Most answers are as they were, so that the node comes to the one that is not.
        self._one_in = pick(rng, (1, 3, 6, 12))

    def _make(self, path: str, serialise: Any, parse: Any, answers: bool) -> Any:
        def call(request: Any, *_rest: Any, **_more: Any) -> Any:
            self._calls += 1
            if self._calls > MOST_CALLS:
                raise EndlessError(path)
            for item in request if _METHODS[path].client_streaming else [request]:
                self._sent(item if serialise is None else serialise(item))
            messages = self._answers(path)
            if answers:
                return (self._parsed(parse, data) for data in messages)
            if not messages:
                raise HostileError(grpc.StatusCode.UNKNOWN, "", ())
            return self._parsed(parse, messages[0])

        return call

    def _answers(self, path: str) -> list[bytes]:
        rng, known = self._rng, self._record.get(path, [])
        messages = list(pick(rng, known)) if known else []
        # Without a greeting nothing else is asked.
        if not coin(rng, self._one_in * (20 if path.endswith("/Handshake") else 1)):
            return messages or [made(rng, _METHODS[path].output_type, {}).SerializeToString()]
        kind = rng.randrange(8)
        if kind == 0:
            raise _failure(rng)
        if kind == 1 and messages:
            at = rng.randrange(len(messages))
            messages[at:at] = messages[: rng.randrange(3)]
        elif kind == 2 and messages:
            del messages[rng.randrange(len(messages))]
        return [self._changed(path, data) for data in messages or [b""]]

    def _changed(self, path: str, data: bytes) -> bytes:
        rng, descriptor = self._rng, _METHODS[path].output_type
        kind = rng.randrange(8)
        if kind == 0:
            return mangled(rng, data)
        message = made(rng, descriptor, {}) if kind == 1 else altered(rng, _read(path, data), {})
        if not coin(rng, 4):
            sign_heads(rng, message, self._key)
        return message.SerializeToString()

    def _parsed(self, parse: Any, data: bytes) -> Any:
        try:
            return parse(data)
        except Exception:  # noqa: BLE001 (gRPC makes an error of whatever a parser raises)
            status, text = grpc.StatusCode.INTERNAL, "Exception deserializing response!"
            raise HostileError(status, text, ()) from None


def _read(path: str, data: bytes) -> Any:
    from google.protobuf.message_factory import GetMessageClass  # noqa: PLC0415

    return GetMessageClass(_METHODS[path].output_type).FromString(data)


def _failure(rng: random.Random) -> HostileError:
    status = pick(rng, [item for item in grpc.StatusCode if item is not grpc.StatusCode.OK])
    reason = pick(rng, [code.value for code in Code]) if coin(rng, 2) else pick(rng, TEXTS)[:100]
    params: dict[str, Any] = {
        pick(
            rng, ("now", "committed", "what", "seconds", "problem", "where", "code", "self", "x")
        ): (pick(rng, TEXTS) if coin(rng, 2) else whole(rng, -(2**70), 2**70))
        for _ in range(rng.randrange(4))
    }
    raw = octets(rng) if coin(rng, 3) else repr(pick(rng, REAL)).encode()
    try:
        raw = canonical(params) if coin(rng, 2) else raw
    except UnicodeEncodeError:
        raw = b"{"
    trailing = (("tacit-reason", reason), ("tacit-params-bin", raw)) if not coin(rng, 4) else ()
    return HostileError(status, pick(rng, TEXTS)[:200], trailing)


def sign_heads(rng: random.Random, message: Any, key: Ed25519PrivateKey) -> None:
    """Sign every tree head in a message anew, some over a tree of the one entry shown."""
    entries = [item.entry for item in _parts(message, ledger_pb2.InclusionProof)]
    for head in _parts(message, ledger_pb2.TreeHead):
        if entries and coin(rng, 2):
            head.tree_size, head.root_hash = 1, leaf_hash(pick(rng, entries))
        try:
            statement = statements.tree_head(head.tree_size, head.timestamp, head.root_hash)
        except (OverflowError, ValueError):
            continue
        head.signature = key.sign(statement)


def _parts(message: Any, kind: type[Any]) -> Iterator[Any]:
    if isinstance(message, kind):
        yield message
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        for part in value if field.is_repeated else [value]:
            yield from _parts(part, kind)


def new_record() -> Record:
    """Make an empty record."""
    return defaultdict(list)
