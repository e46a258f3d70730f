"""A telephone line to a coordinator: a TCP proxy that a test can cut, and move to another port."""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

_BLOCK = 4096


@dataclass
class Line:
    """Forwards one port of loopback; `cuts` are byte counts after which connections break.

    Each number in `cuts` is used once: the connection that has carried so many bytes from the
    client to the server is broken off in both directions, without a goodbye. `tap` hears every
    block, of both directions, before it goes on.
    """

    target: int = 0
    cuts: list[int] = field(default_factory=list)
    broken: int = 0
    connections: int = 0
    tap: Callable[[bytes], object] = len

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening and break every connection."""
        # Closing alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break every connection."""
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for pair, counted in (((client, server), True), ((server, client), False)):
                threading.Thread(target=self._carry, args=(*pair, counted), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while block := source.recv(_BLOCK):
                carried += len(block)
                self.tap(block)
                if counted and self._is_cut(carried):
                    break
                sink.sendall(block)
        with self._lock:
            self._open -= {source, sink}
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _is_cut(self, carried: int) -> bool:
        with self._lock:
            if not self.cuts or carried < self.cuts[0]:
                return False
            self.cuts.pop(0)
            self.broken += 1
            return True
