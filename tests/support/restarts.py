"""A coordinator in a process of its own that is killed at chosen points and started again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from coalition import CallError, Node

LAUNCHER = Path(__file__).with_name("crash.py")
_MODULES = ("tacit.coordinator.serve", "tacit.linkage.kernel")
_DEAD = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


class Nursery:
    """Starts coordinators from a process that has loaded all of their code already."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", str(LAUNCHER), "--nursery", *_MODULES],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
            )

    def start(self, points: Sequence[str], arguments: Sequence[str]) -> None:
        """Start a coordinator armed with these points; the one before must have ended."""
        assert self._process.stdin is not None
        order = json.dumps({"points": list(points), "arguments": list(arguments)})
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()

    def event(self) -> dict[str, Any]:
        """Wait until the coordinator is ready or has ended, and say which."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.log.read_text(encoding="utf-8")
        event: dict[str, Any] = json.loads(line)
        return event

    def close(self) -> None:
        """End the process; the coordinator must have ended."""
        self._process.communicate()


class Restarts:
    """Starts and restarts the coordinator of one home.

    Args:
        nursery: where coordinators come from.
        home: an initialised home whose configuration listens on free ports.
        nodes: are connected to each new process.
    """

    def __init__(self, nursery: Nursery, home: Path, nodes: Sequence[Node]) -> None:
        self.home = home
        self.kills = 0
        self._nursery = nursery
        self._nodes = nodes
        self._ready: dict[str, Any] | None = None

    def start(self, *points: str) -> bool:
        """Start armed with these points; false where it was killed before it served."""
        self._nursery.start(points, ["--home", str(self.home), "--json"])
        event = self._nursery.event()
        if event["event"] != "ready":
            self._count(event)
            return False
        self._ready = event
        for node in self._nodes:
            node.connect(event["address"])
        return True

    def dies(self, call: Callable[[], Any] | None = None) -> None:
        """Make a call that the coordinator does not survive, or wait for its death."""
        if call is not None:
            assert refused(call)
        if self._ready is not None:
            self._count(self._nursery.event())

    def stop(self) -> None:
        """End the coordinator if it still serves."""
        for node in self._nodes:
            node.close()
        if self._ready is not None:
            os.kill(self._ready["pid"], signal.SIGTERM)
            assert self._nursery.event() == {"event": "ended", "code": 0}
            self._ready = None

    def _count(self, event: dict[str, Any]) -> None:
        assert event == {"event": "ended", "code": -signal.SIGKILL}
        self._ready = None
        self.kills += 1


def refused(call: Callable[[], Any]) -> bool:
    """Say whether a call failed because nobody answered any more."""
    try:
        call()
    except (CallError, grpc.RpcError) as error:
        cause: Any = error.__cause__ if isinstance(error, CallError) else error
        return cause.code() in _DEAD
    return False


@contextmanager
def nursery(log: Path) -> Iterator[Nursery]:
    """Keep a nursery as long as the block lasts."""
    kept = Nursery(log)
    try:
        yield kept
    finally:
        kept.close()
