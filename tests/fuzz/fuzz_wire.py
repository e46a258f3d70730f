"""What reaches the coordinator over a real network: gRPC over TLS, and what is neither.

Messages are those of `fuzz_rpc`, sent as the bytes they are. Beneath them, connections that begin
well and go on with anything: TLS records, HTTP/2 frames, headers, floods, silence.
"""

import random
import socket
import ssl
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from coalition import CallError, Node, open_channel
from fuzz_calls import Metadata, Outcome
from fuzz_oracle import Tally
from fuzz_rpc import RpcFuzz
from fuzz_values import MARK, coin, damaged, octets, pick, text
from fuzz_world import World, printable
from tacit.linkage.protocol import REQUEST_NONCE_KEY, REQUEST_TIME_KEY

_TIMEOUT = 20.0
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_SETTINGS = struct.pack(">I", 0)[1:] + b"\x04\x00" + bytes(4)
_SILENCE = 0.02
_BY_GRPC = frozenset({"UNIMPLEMENTED", "CANCELLED", "RESOURCE_EXHAUSTED"})


class WireFuzz:
    """Fuzzes a coordinator over the network.

    Args:
        world: a coalition.
        tally: counts, and keeps what is found.
        source: makes messages and judges answers.
    """

    def __init__(self, world: World, tally: Tally, source: RpcFuzz) -> None:
        self._world, self._tally, self._source = world, tally, source
        serving = world.coalition.serving
        authority = world.nodes[0].authority
        self._channels = {
            node.id: open_channel(serving.address, authority, node.certificate, node.tls_key)
            for node in world.nodes
        }
        self._enrolling = open_channel(serving.enrol_address, authority)
        self._ports = [_port(serving.address), _port(serving.enrol_address)]
        self._contexts = [_plain_context(world.nodes[0]), _known_context(world.nodes[0])]

    def close(self) -> None:
        """Close every connection."""
        for channel in (*self._channels.values(), self._enrolling):
            channel.close()

    def case(self, rng: random.Random, seed: object) -> None:
        """Make a call, or a connection that is none."""
        if coin(rng, 10):
            self.connection(rng, seed)
        else:
            self.call(rng, seed)

    def call(self, rng: random.Random, seed: object) -> None:
        """Make a call as the other fuzzers do, but over TLS."""
        made = self._source.make(rng)
        channel = self._enrolling if "Enrol" in made.path else self._channels.get(made.member)
        if channel is None:
            channel = self._enrolling
        metadata = made.metadata if not coin(rng, 8) else (*made.metadata, *_any_metadata(rng))
        outcome = _over(channel, made.path, made.messages, metadata)
        self._source.judge(made, outcome, seed, "wire")

    def connection(self, rng: random.Random, seed: object) -> None:
        """Connect, and say anything."""
        self._tally.cases["wire connections"] += 1
        port, context = pick(rng, self._ports), pick(rng, [*self._contexts, None])
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as plain:
                plain.settimeout(2)
                if context is None:
                    _say(plain, _tls_noise(rng))
                    return
                with context.wrap_socket(plain, server_hostname="tacit-coordinator") as secure:
                    _say(secure, _http2_noise(rng))
        except (OSError, ValueError):
            self._tally.ends["connection ended"] += 1
        for line in self._world.log.take_wrong():
            self._tally.found("wire connections", seed, f"the log says {line[:300]}")

    def served(self) -> bool:
        """Say whether a member who does everything right is served, over a new connection."""
        node = self._world.nodes[1]
        node.connect(self._world.coalition.serving.address)
        try:
            node.hello()
        except CallError as error:
            return error.reason == "RATE_LIMITED"
        return True


def _over(
    channel: grpc.Channel, path: str, messages: Iterator[bytes], metadata: Metadata
) -> Outcome:
    stub: Any = channel.stream_stream(path)
    try:
        answers = tuple(stub(messages, timeout=_TIMEOUT, metadata=tuple(metadata)))
    except grpc.RpcError as error:
        failed: Any = error
        trailing = dict(failed.trailing_metadata() or ())
        reason, told = str(trailing.get("tacit-reason", "")), f"{failed.details()} {trailing}"
        status = failed.code()
        # gRPC itself refuses metadata that are too large, RPCs that are not on this port, and for
        # a while (REFUSED_STREAM) new calls on a connection that it is behind with.
        known = reason or status.name in _BY_GRPC
        known = known or any(words in failed.details() for words in ("metadata", "error code 7"))
        broke = "" if known and reason != "INTERNAL" else f"{status.name} {failed.details()[:100]}"
        return Outcome(status.name, reason, told, broke)
    except ValueError:
        # The client's own gRPC refuses to send such metadata.
        return Outcome("NOT SENT")
    return Outcome("OK", answers=answers)


def _any_metadata(rng: random.Random) -> Metadata:
    names = ("x", "x-bin", REQUEST_TIME_KEY, REQUEST_NONCE_KEY, "user-agent", MARK.lower())
    found: list[tuple[str, str | bytes]] = []
    for _ in range(pick(rng, (1, 1, 3, 40))):
        name = pick(rng, names)
        value = octets(rng) if name.endswith("-bin") else printable(text(rng))
        found.append((name, value[: pick(rng, (10, 300, 9000))]))
    return found


def _say(connection: Any, parts: list[bytes]) -> None:
    for part in parts:
        connection.sendall(part)
    connection.settimeout(_SILENCE)
    connection.recv(4096)


def _tls_noise(rng: random.Random) -> list[bytes]:
    hello = b"\x16\x03\x01" + struct.pack(">H", 200) + b"\x01\x00\x00\xc4\x03\x03" + bytes(194)
    whole = pick(rng, (hello, _PREFACE, b"GET / HTTP/1.1\r\n\r\n", rng.randbytes(300), b""))
    return [damaged(rng, whole) if coin(rng, 2) else whole, MARK.encode() * pick(rng, (0, 1, 900))]


def _http2_noise(rng: random.Random) -> list[bytes]:
    parts = [_PREFACE if not coin(rng, 6) else damaged(rng, _PREFACE)]
    if not coin(rng, 6):
        parts.append(_SETTINGS)
    parts += [_frame(rng) for _ in range(pick(rng, (0, 1, 3, 20, 200)))]
    return parts


def _frame(rng: random.Random) -> bytes:
    """Make a frame of any kind: headers that do not decode, streams that were never opened."""
    kind, flags = rng.randrange(12), rng.randrange(256)
    content = pick(rng, (b"", MARK.encode(), rng.randbytes(30), b"\x00" * 8, b"\x82\x87\x84" * 9))
    length = len(content) if not coin(rng, 5) else pick(rng, (0, 2**24 - 1, 16385, 5))
    stream = pick(rng, (0, 1, 3, 2, 2**31 - 1, rng.randrange(2**31)))
    return (
        struct.pack(">I", length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + content
    )


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _plain_context(node: Node) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=node.authority.decode())
    context.check_hostname = False
    context.set_alpn_protocols(["h2"])
    return context


def _known_context(node: Node) -> ssl.SSLContext:
    context = _plain_context(node)
    key = node.tls_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "identity.pem"
        file.write_bytes(node.certificate + key)
        context.load_cert_chain(file)
    return context
