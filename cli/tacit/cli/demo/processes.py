"""Run the documented commands as separate processes, and leave none behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from tacit.linkage.errors import Code, TacitError

PATIENCE_SECONDS = 120
GRACE_SECONDS = 8
AT_ONCE = 3  # processes: they wait for each other and for disks much of the time
_LANGUAGE_SETTINGS = ("TACIT_LANG", "TACIT_PROJECT", "TACIT_PASSPHRASE_FILE", "TACIT_HOME")

T = TypeVar("T")


class Stage:
    """Where the processes of a demo run. Use it as a context manager.

    Args:
        log: folder for what the processes write to standard error.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._running: set[subprocess.Popen[bytes]] = set()
        self._guard = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, name: str, words: Sequence[str], settings: Mapping[str, str]) -> Any:
        """Run `tacit WORDS --json` to its end and give the document it answers with.

        Raises:
            TacitError: the code that the command ended with, as it said it.
        """
        process = self._start(name, [*words, "--json"], settings, subprocess.PIPE)
        try:
            answer, _ = process.communicate()
        finally:
            self._forget(process)
        try:
            document = json.loads(answer)
        except ValueError as error:
            problem = f"`tacit {' '.join(words[:2])}` gave no answer; see {self._file(name)}"
            raise TacitError(Code.INTERNAL, problem) from error
        if process.returncode:
            raise _failure(name, words, document)
        return document

    def serve(
        self, name: str, words: Sequence[str], settings: Mapping[str, str], ready: Path
    ) -> Any:
        """Start a process that stays, and wait for the document by which it says it is ready.

        Args:
            name: of its log.
            words: of the command, with --json.
            settings: environment variables.
            ready: file for its standard output.

        Raises:
            TacitError: INTERNAL; it ended, or was not ready within two minutes.
        """
        with ready.open("wb") as output:
            process = self._start(name, words, settings, output)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and process.poll() is None:
            with suppress(ValueError):
                return json.loads(ready.read_bytes())
            time.sleep(0.1)
        raise TacitError(Code.INTERNAL, f"{name} did not come up; see {self._file(name)}")

    def at_once(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """Do several things that run processes at once, and give their answers in order.

        Where one fails, or this process is told to stop, the processes of the others are ended
        instead of waited for.
        """
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            return [future.result() for future in [pool.submit(job) for job in jobs]]
        except BaseException:
            self.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End every process, first kindly, then not."""
        with self._guard:
            self._closed = True
            running = list(self._running)
        for process in running:
            _signal(process, signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
                process.wait()
            self._forget(process)

    def _start(
        self, name: str, words: Sequence[str], settings: Mapping[str, str], stdout: int | IO[bytes]
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tacit.cli.main", *words]
        kept = {key: value for key, value in os.environ.items() if key not in _LANGUAGE_SETTINGS}
        with self._guard, self._file(name).open("ab") as log:
            if self._closed:
                raise TacitError(Code.INTERRUPTED)
            # A session of its own: Ctrl-C reaches this process alone, which then ends the others.
            process = subprocess.Popen(  # noqa: S603 (our own command, no shell)
                command,
                env={**kept, **settings},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=log,
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        with self._guard:
            self._running.discard(process)

    def _file(self, name: str) -> Path:
        return self._log / f"{name}.log"


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        else:
            process.terminate()


def _failure(name: str, words: Sequence[str], document: Any) -> TacitError:
    told = document.get("error", {}) if isinstance(document, dict) else {}
    detail = f"{name}: tacit {' '.join(words[:2])}: {told.get('message', '')}"
    return TacitError(Code.INTERNAL, detail)
