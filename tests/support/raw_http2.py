"""A client that speaks HTTP/2 by hand, as slowly and as rudely as a test wants."""

import socket
import ssl
import struct
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from coalition import Node
from tacit.linkage.protocol import SERVER_NAME

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS = 0, 1, 3, 4
_END_STREAM, _END_HEADERS = 1, 4
_WINDOW_SETTING = 4
STREAM = 1


@dataclass
class Wire:
    """One TLS connection with one call on it.

    Args:
        address: host:port.
        node: whose authority to trust, and whose certificate to show.
        folder: where the keys may lie, as TLS reads them from files only.
        anonymous: show no certificate.
        window: bytes that the server may send; 0 is a reader that reads nothing.
    """

    address: str
    node: Node
    folder: Path
    anonymous: bool = False
    window: int = 65_535
    _socket: ssl.SSLSocket = field(init=False, repr=False)
    _headers: bytes = b""

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        raw = socket.create_connection((host, int(port)), 10)
        self._socket = self._context().wrap_socket(raw, server_hostname=SERVER_NAME)
        setting = struct.pack(">HI", _WINDOW_SETTING, self.window)
        self._socket.sendall(_PREFACE + _frame(_SETTINGS, 0, setting, 0))

    def begin(self, path: str, metadata: tuple[tuple[str, str], ...] = ()) -> None:
        """Send the headers of a call."""
        headers = (
            (":method", "POST"),
            (":scheme", "https"),
            (":path", path),
            (":authority", SERVER_NAME),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            *metadata,
        )
        block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in headers)
        self._socket.sendall(_frame(_HEADERS, _END_HEADERS, block))

    def send(self, data: bytes, end: bool = False) -> None:
        """Send some bytes of the call's messages."""
        self._socket.sendall(_frame(_DATA, _END_STREAM if end else 0, data))

    def ended(self, seconds: float) -> str:
        """Wait until the server ends the call: "ended" or "closed"; else "open"."""
        self._socket.settimeout(seconds)
        try:
            while True:
                head = self._read(9)
                kind, flags = head[3], head[4]
                payload = self._read(int.from_bytes(head[:3], "big"))
                if kind == _HEADERS:
                    self._headers += payload
                if kind == _RESET:
                    return "ended"
                if kind in {_DATA, _HEADERS} and flags & _END_STREAM:
                    return "ended"
        except TimeoutError:
            return "open"
        except (OSError, EOFError):
            return "closed"

    def says(self, word: str) -> bool:
        """Say whether a word stands in the headers that came; gRPC writes them without Huffman."""
        return word.encode() in self._headers

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            block = self._socket.recv(count - len(found))
            if not block:
                raise EOFError
            found += block
        return found

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.node.authority.decode())
        context.set_alpn_protocols(["h2"])
        if not self.anonymous:
            key = self.node.tls_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            pair = self.folder / f"{self.node.id}.pem"
            pair.write_bytes(self.node.certificate + key)
            context.load_cert_chain(pair)
        return context


def message(body: bytes) -> bytes:
    """Frame a message as gRPC does."""
    return b"\x00" + len(body).to_bytes(4, "big") + body


def _frame(kind: int, flags: int, payload: bytes, stream: int = STREAM) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _text(text: str) -> bytes:
    # Literal, without Huffman code; all are shorter than what one byte of length can say.
    return bytes([len(text)]) + text.encode()
