"""A database whose connection is reset in the middle of a statement, as by a network or a kill."""

import contextlib
import gc
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import make_url, select

from tacit.coordinator.store.engine import Store, open_store
from tacit.coordinator.store.ledger import add_entry
from tacit.coordinator.store.tables import ledger_entries
from tacit.linkage.errors import Code, TacitError


class Line:
    """A TCP line to a server's Unix socket that resets who sends a certain word."""

    def __init__(self, target: str) -> None:
        self.word = b""
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._target)
                for work in (self._out, self._back):
                    thread = threading.Thread(target=work, args=(near, far))
                    self._threads.append(thread)
                    thread.start()

    def _out(self, near: socket.socket, far: socket.socket) -> None:
        with far, contextlib.suppress(OSError):
            while data := near.recv(65536):
                if self.word and self.word in data:
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    near.close()
                    break
                far.sendall(data)
            far.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _back(near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                near.sendall(data)
        near.close()


@pytest.fixture(scope="module")
def line(new_postgresql: Callable[[], str]) -> Iterator[tuple[Line, Store]]:
    url = make_url(new_postgresql())
    held = Line(f"{url.query['host']}/.s.PGSQL.5432")
    store = open_store(f"postgresql://{url.username}@127.0.0.1:{held.port}/{url.database}")
    yield held, store
    held.word = b""
    store.close()
    held.close()
    gc.collect()


# pg8000 leaves the socket of a connection that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("word", [b"ledger_entries", b"commit"])
def test_a_reset_connection_is_a_database_that_is_away(
    line: tuple[Line, Store], word: bytes
) -> None:
    held, store = line
    held.word = word
    with pytest.raises(TacitError) as failure, store.write() as connection:
        add_entry(connection, word, bytes(32))
    assert failure.value.code is Code.STORE_FAILED
    held.word = b""
    # The next one is served by a connection of its own, and nothing was done by half.
    with store.read() as connection:
        assert connection.execute(select(ledger_entries.c.entry)).scalars().all() == []
    del failure
    gc.collect()
