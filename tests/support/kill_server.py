"""A coordinator in a process that is killed and started again, over SQLite or PostgreSQL."""

import multiprocessing
import os
import signal
import socket
import sys
import time
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from postgresql import Server as PostgreSQL
from tacit.coordinator.config import Config
from tacit.coordinator.home import Serving, init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.log import configure_log
from tacit.coordinator.serve import serve
from tacit.linkage.errors import Code, TacitError

# Children come from a process that has loaded everything and done nothing.
# What a coordinator ends with where its database cannot be used.
AWAY = TacitError(Code.STORE_FAILED).entry.exit_code
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["kill_server", "kill_node", "tacit.linkage.kernel"])


def load() -> None:
    """Start the process that children come from; its modules are found where this one is."""
    before = os.environ.get("PYTHONPATH")
    here = str(Path(__file__).parent)
    os.environ["PYTHONPATH"] = here if before is None else f"{here}{os.pathsep}{before}"
    forkserver.ensure_running()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


def be_coordinator(home: Path, log: Path, pipe: Connection, passphrase: str | None) -> None:
    """Serve until killed."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    configure_log()

    def ready(serving: Serving) -> None:
        pipe.send(serving.pid)

    try:
        serve(home, ready, passphrase)
    except TacitError as error:
        sys.exit(error.entry.exit_code)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


class Server:
    """A coordinator of one home, always on the same ports."""

    def __init__(self, store: str, path: Path, passphrase: str | None = None) -> None:
        self.passphrase = passphrase
        load()
        self.postgresql = PostgreSQL() if store == "postgresql" else None
        listen, enrol = (f"127.0.0.1:{free_port()}" for _ in range(2))
        database = "" if self.postgresql is None else self.postgresql.new()
        self.home = init_home(
            path, Config("Coalition", listen, enrol, database=database), passphrase
        )
        self.log = path.with_suffix(".log")
        self.ledger_key = self.home.read_ledger_key(passphrase).public_key().public_bytes_raw()
        self.authority = self.home.authority_certificate().public_bytes(Encoding.DER)
        self._process = CONTEXT.Process()
        self._pipe: Connection | None = None

    def invite(self, name: str) -> str:
        """Make an invitation, beside the running coordinator."""
        return invite(self.home, name)

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        self._pipe, far = CONTEXT.Pipe()
        self._process = CONTEXT.Process(
            target=be_coordinator,
            args=(self.home.path, self.log, far, self.passphrase),
            daemon=True,
        )
        self._process.start()
        far.close()

    def ready(self, patience: float) -> None:
        """Wait until it serves; where its database is not there yet it is started again.

        Raises:
            AssertionError: it does not come up.
        """
        until = time.monotonic() + patience
        while True:
            assert self._pipe is not None
            assert self._pipe.poll(max(0.0, until - time.monotonic())), self._last_words()
            try:
                self._pipe.recv()
            except EOFError:
                self._process.join()
                assert self.postgresql is not None, self._last_words()
                assert self._process.exitcode == AWAY, self._last_words()
                time.sleep(0.2)
                self.start()
            else:
                return

    def kill(self) -> None:
        """End it as a power cut ends a process."""
        self._process.kill()
        self._process.join()
        ended = self._process.exitcode
        waits = self.postgresql is not None and ended == AWAY
        assert waits or ended == -signal.SIGKILL, self._last_words()

    def unforeseen(self) -> list[str]:
        """Give what its log says of errors that nobody foresaw."""
        log = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in log if "unforeseen" in line or "_broke" in line]

    def close(self) -> None:
        """End it and the database."""
        if self._process.is_alive():
            self.kill()
        if self.postgresql is not None:
            self.postgresql.close()

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8")[-3000:] if self.log.exists() else ""
