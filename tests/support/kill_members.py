"""Members' processes, seen from the process that kills them: what their stores promised to keep."""

import contextlib
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kill_node import Orders, work
from kill_promises import Promises
from kill_server import CONTEXT
from tacit.node.home import find_home
from tacit.node.store.base import create_store
from world import COST, PASSPHRASE


class Member:
    """One member: its process, and what its own store has acknowledged.

    Attributes:
        losses: what its store, or the coordinator towards it, did not keep.
    """

    def __init__(
        self, name: str, home: Path, names: Sequence[str], invitation: str, promises: Promises
    ) -> None:
        self.name, self.losses = name, list[str]()
        self._home, self._invitation, self._promises = home, invitation, promises
        self._others = tuple(other for other in names if other != name)
        create_store(find_home(home), PASSPHRASE, COST).close()
        self._register: dict[str, tuple[str, ...]] = {}
        self._importing: dict[str, tuple[str, ...]] | None = None
        self._epochs: dict[str, int] = {}
        self._heads: list[tuple[int, bytes]] = []
        self._settled = threading.Event()
        self._process = CONTEXT.Process()
        self._pipe: Connection | None = None
        self._reader: threading.Thread | None = None

    def start(self, seed: int) -> None:
        """Let it work."""
        orders = Orders(
            self._home,
            self.name,
            self._others,
            self._invitation,
            seed,
            self._home.with_suffix(".log"),
        )
        self._pipe, far = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=work, args=(orders, far), daemon=True)
        self._process.start()
        far.close()
        self._reader = threading.Thread(target=self._read, args=(self._pipe,), daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """End it as a power cut ends a process, and read what it still said."""
        if self._process.pid is None:
            return
        ended = self._process.exitcode
        self._process.kill()
        self._process.join()
        if self._reader is not None:
            self._reader.join(30)
        if ended not in {None, 0}:
            self.losses.append(f"{self.name} ended by itself: {self._last_words()}")

    def see(self) -> None:
        """Notice where it has ended by itself."""
        if self._process.exitcode not in {None, 0, -signal.SIGKILL}:
            self.losses.append(f"{self.name} ended by itself: {self._last_words()}")

    def settle(self, patience: float) -> bool:
        """Let it end what it began; false where it cannot."""
        assert self._pipe is not None
        with contextlib.suppress(OSError):
            self._pipe.send("settle")
        until = time.monotonic() + patience
        while not self._settled.wait(0.2):
            if time.monotonic() > until or self._process.exitcode is not None:
                return self._settled.is_set()
        return True

    def _read(self, pipe: Connection) -> None:
        while True:
            try:
                event = pipe.recv()
            except (EOFError, OSError):
                return
            try:
                self._take(event)
            except Exception as error:  # noqa: BLE001 (a thread's error would be lost)
                self.losses.append(f"{self.name}: {event[:2]} cannot be read: {error!r}")

    def _take(self, event: tuple[Any, ...]) -> None:
        match event:
            case ("opened", found):
                self._compare(found)
            case ("importing", wanted):
                self._importing = wanted
            case ("imported",):
                assert self._importing is not None
                self._register, self._importing = self._importing, None
                self._promises.counts["node: import"] += 1
            case ("settled", found):
                self._compare(found)
                self._settled.set()
            case _:
                self._promises.take(self.name, event)

    def _compare(self, found: dict[str, Any]) -> None:
        """Hold a store that was opened again against what it acknowledged."""
        self._promises.counts["node: store opened"] += 1
        if found["register"] not in (self._register, self._importing):
            self.losses.append(f"{self.name}: its store has lost an import")
        self._register, self._importing = found["register"], None
        for project, epoch in self._epochs.items():
            if found["epochs"].get(project, 0) < epoch:
                self.losses.append(f"{self.name}: its store has lost a linkage key")
        self._epochs = found["epochs"]
        if not set(self._heads) <= set(found["heads"]):
            self.losses.append(f"{self.name}: its store has lost a head")
        self._heads = found["heads"]

    def _last_words(self) -> str:
        log = self._home.with_suffix(".log")
        return log.read_text(encoding="utf-8")[-3000:] if log.exists() else ""
