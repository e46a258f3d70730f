"""The nodes' processes: who takes the steps."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import coalition_node

Hand: TypeAlias = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Takes a step of a node's, named, with what it needs."""

_NODE = Path(coalition_node.__file__)


class Hands:
    """A process for each node, started when it is first needed. Use it as a context manager."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def take(self, step: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Let the node `given["slug"]` take a step.

        Raises:
            RuntimeError: it failed for good, or its process ended.
        """
        process = self._process(given["slug"])
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([step, given]) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        told: dict[str, Any] = json.loads(answer) if answer else {"fault": "its process ended"}
        if "fault" in told:
            raise RuntimeError(f"{given['slug']}: {step}: {told['fault']}")
        return told

    def end(self) -> None:
        """End all processes; the next steps start new ones."""
        with self._lock:
            ended, self._processes = list(self._processes.values()), {}
        for process in ended:
            process.communicate()

    def _process(self, slug: str) -> subprocess.Popen[str]:
        with self._lock:
            if slug not in self._processes:
                self._processes[slug] = subprocess.Popen(
                    [sys.executable, str(_NODE)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            return self._processes[slug]
