"""Memory and processor time of a process and its children, from /proc; Linux only, else nothing."""

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY = 0.25


class Meter:
    """Watches a process and its children. Use it as a context manager.

    Args:
        pid: of the process.

    Attributes:
        peak: most memory of all of them at one time, bytes, shared pages counted once each.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._seconds: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def processor(self) -> float:
        """Give the processor time so far, seconds, of all processes seen."""
        self._look()
        return sum(self._seconds.values())

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        total = 0
        for pid in _family(self._pid):
            with contextlib.suppress(OSError, ValueError, IndexError):
                total += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
                words = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
                ticks = int(words[11]) + int(words[12])
                self._seconds[pid] = ticks / os.sysconf("SC_CLK_TCK")
        self.peak = max(self.peak, total * os.sysconf("SC_PAGE_SIZE"))


def _family(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                found += _family(int(child))
    return found
