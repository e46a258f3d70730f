"""A bad line between one node and the coordinator: a TCP proxy that drops connections.

Every connection is dropped with the same probability, and again so for each further megabyte that
it carries, in one of five ways drawn from a seeded generator:

    refused      closed at once, before anything went through
    outward      broken off after some bytes from the node, as likely within a stream as before it
    inward       broken off after some bytes from the coordinator
    unanswered   what the node sends arrives, but from some byte on no answer does; then broken off
    later        broken off after some time, also while nobody says anything
"""

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

WAYS = ("refused", "outward", "inward", "unanswered", "later")
MEGABYTE = 1 << 20
_BLOCK = 16 * 1024
_SMALL, _LARGE = 1.5, 4.5  # powers of ten of the byte at which a connection breaks
_SOON, _LATE = 0.05, 10.0  # seconds


@dataclass(slots=True)
class Traffic:
    """What went over one line or several.

    Attributes:
        connections: made by the node.
        dropped: of these, how many in which way; a connection ends before its time only once.
        outward: bytes from the node.
        inward: bytes to the node.
    """

    connections: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    outward: int = 0
    inward: int = 0

    def add(self, other: "Traffic") -> None:
        """Add another line's."""
        self.connections += other.connections
        self.dropped.update(other.dropped)
        self.outward += other.outward
        self.inward += other.inward


class BadLine:
    """Forwards one port of loopback, badly.

    Args:
        target: gives the port to forward to.
        drop: probability of dropping a connection.
        seed: decides which, how and when.
    """

    def __init__(self, target: Callable[[], int], drop: float, seed: str) -> None:
        self.traffic = Traffic()
        self._target = target
        self._drop = drop
        self._random = Random(seed)
        self._lock = threading.Lock()
        self._open: set[_Connection] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening and break every connection; these count as closed, not as dropped."""
        # Closing alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            connection.end()

    def fate(self) -> str:
        """Draw how a connection, or its next megabyte, is to end; empty for well."""
        with self._lock:
            return self._random.choice(WAYS) if self._random.random() < self._drop else ""

    def draw(self, least: float, most: float) -> float:
        """Draw a number."""
        with self._lock:
            return self._random.uniform(least, most)

    def note(self, way: str) -> None:
        """Count a drop."""
        with self._lock:
            self.traffic.dropped[way] += 1

    def carried(self, size: int, *, outward: bool) -> None:
        """Count bytes."""
        with self._lock:
            if outward:
                self.traffic.outward += size
            else:
                self.traffic.inward += size

    def gone(self, connection: "_Connection") -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.traffic.connections += 1
            way = self.fate()
            if way == "refused":
                self.note(way)
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target()), 10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            connection = _Connection(self, client, server, way)
            with self._lock:
                self._open.add(connection)
            connection.start()


class _Connection:
    """One connection, and where it is to break."""

    def __init__(
        self, line: BadLine, client: socket.socket, server: socket.socket, way: str
    ) -> None:
        self._line = line
        self._client, self._server = client, server
        self._guard = threading.Lock()
        self._ended = False
        self._carried = {True: 0, False: 0}
        self._mute = False
        self._next = MEGABYTE
        self._way = ""
        self._at = 0
        self._doom(way)

    def start(self) -> None:
        for outward in (True, False):
            threading.Thread(target=self._carry, args=(outward,), daemon=True).start()

    def end(self, way: str = "") -> None:
        """Break both ends off, the first time with a note of why."""
        with self._guard:
            if self._ended:
                return
            self._ended = True
        if way:
            self._line.note(way)
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._line.gone(self)

    def _doom(self, way: str) -> None:
        """Take a fate; without one the connection lives until its next megabyte."""
        if way in {"later", "refused"}:
            wait = threading.Timer(self._line.draw(_SOON, _LATE), self.end, ("later",))
            wait.daemon = True
            wait.start()
        elif way:
            so_far = self._carried[way != "inward"]
            self._way, self._at = way, so_far + round(10 ** self._line.draw(_SMALL, _LARGE))

    def _carry(self, outward: bool) -> None:
        ends = (self._client, self._server) if outward else (self._server, self._client)
        with contextlib.suppress(OSError):
            while block := ends[0].recv(_BLOCK):
                self._line.carried(len(block), outward=outward)
                if self._breaks(len(block), outward=outward):
                    return
                if not (self._mute and not outward):
                    ends[1].sendall(block)
        self.end()

    def _breaks(self, size: int, *, outward: bool) -> bool:
        """Count a block, and break off where that is due."""
        with self._guard:
            self._carried[outward] += size
            carried, way = self._carried[outward], self._way
            renewed = sum(self._carried.values()) >= self._next
            if renewed:
                self._next += MEGABYTE
        if way == ("outward" if outward else "inward") and carried >= self._at:
            self.end(way)
            return True
        if way == "unanswered" and outward and carried >= self._at and not self._mute:
            # The request goes on to the coordinator; what it answers does not come back.
            self._mute = True
            threading.Thread(target=self._fall_silent, daemon=True).start()
        if renewed and not way:
            self._doom(self._line.fate())
        return False

    def _fall_silent(self) -> None:
        time.sleep(self._line.draw(0.2, 1.0))
        self.end("unanswered")
