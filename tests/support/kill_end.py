"""The end of a loop before its time: at once, and nothing of it goes on."""

import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import psutil

import postgresql

_PATIENCE = 5.0


def end_on_signals(folder: Path, report: Callable[[], str]) -> None:
    """End this process at SIGTERM or Ctrl-C, with every process and file that it made.

    An exception in the main thread would not do. It may come between any two steps: in the middle
    of an answer of the database, whose connection then waits for the rest of it without end; while
    a server is being started that nobody knows of yet; or while its pipe has no reader.

    Args:
        folder: where the loop's files are.
        report: what is said at the end.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        _kill_descendants()
        postgresql.close_all()
        shutil.rmtree(folder, ignore_errors=True)
        os.write(1, report().encode())
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _kill_descendants() -> None:
    """Kill what this process made. Who makes more of it stands still before."""
    this = psutil.Process()
    for child in this.children():
        _unless_gone(child.suspend)
    family = this.children(recursive=True)
    for process in family:
        _unless_gone(process.kill)
    psutil.wait_procs(family, timeout=_PATIENCE)


def _unless_gone(act: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        act()
