"""What must hold however a message was wrong: no trace of content, no change of a store, no leak."""

import io
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psutil
from sqlalchemy import Connection, Engine, MetaData, event, select

from fuzz_values import TRACES

BAD_LINES = ('"event": "unforeseen"', "metrics_broke", '"event": "library"')
_CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "TRUNCATE")


def gist_of(line: str) -> str:
    """Say what a line of the log is about, without what differs each time."""
    try:
        event = json.loads(line)
    except ValueError:
        return line[:300]
    event.pop("timestamp", None)
    frames = event.pop("frames", [""])
    return f"{json.dumps(event, ensure_ascii=False)[:300]} {frames[-1]}"


def trace_in(said: str) -> str:
    """Give the trace of made-up content that a text holds, or nothing."""
    return next((trace for trace in TRACES if trace in said), "")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be.

    Attributes:
        surface: where.
        seed: makes the same case again.
        what: in words; equal findings are told once.
    """

    surface: str
    seed: str
    what: str


@dataclass
class Tally:
    """Counts what was tried and keeps what was found."""

    cases: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    def found(self, surface: str, seed: object, what: str) -> None:
        """Keep a finding, the first of its kind."""
        if (surface, what) not in self.findings:
            self.findings[surface, what] = Finding(surface, str(seed), what)

    @property
    def total(self) -> int:
        """How many cases there were."""
        return self.cases.total()


class WatchedLog(io.StringIO):
    """A log that is read as it is written, and not kept beyond what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = 0
        self.wrong: list[str] = []

    def write(self, said: str, /) -> int:
        """Look at some lines."""
        self.lines += 1
        if trace_in(said) or any(mark in said for mark in BAD_LINES):
            self.wrong.append(said)
        return len(said)

    def take_wrong(self) -> list[str]:
        """Give what is wrong since the last time."""
        found, self.wrong = self.wrong, []
        return found


class Writes:
    """Knows which transactions of this thread changed something in a database."""

    def __init__(self, engine: Engine) -> None:
        self._thread = threading.get_ident()
        self._pending: set[str] = set()
        self.committed: list[str] = []
        event.listen(engine, "after_cursor_execute", self._executed)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._rollback)

    def take(self) -> list[str]:
        """Give the tables changed since the last time, in order of the alphabet."""
        found, self.committed = self.committed, []
        return found

    def _executed(  # noqa: PLR0917 (SQLAlchemy's own)
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        words = statement.split(maxsplit=3)
        mine = threading.get_ident() == self._thread and words[0].upper() in _CHANGES
        if mine and cursor.rowcount:
            self._pending.add(words[2] if words[1].upper() in {"INTO", "FROM"} else words[1])

    def _commit(self, connection: Connection) -> None:
        if threading.get_ident() == self._thread:
            self.committed += sorted(self._pending)
            self._pending.clear()

    def _rollback(self, connection: Connection) -> None:
        if threading.get_ident() == self._thread:
            self._pending.clear()


def digest_of(connection: Connection) -> bytes:
    """Hash every row of every table."""
    metadata = MetaData()
    metadata.reflect(connection)
    digest = sha256()
    for table in metadata.sorted_tables:
        rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        digest.update(f"{table.name} {len(rows)}\n".encode())
        for row in rows:
            digest.update(row.encode("utf-8", "surrogatepass"))
    return digest.digest()


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process holds: megabytes of memory, open files, threads; and when, in seconds."""

    at: float
    megabytes: float
    files: int
    threads: int


class Resources:
    """Samples what this process holds."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.samples: list[Sample] = []

    def sample(self) -> Sample:
        """Look once more."""
        with self._process.oneshot():
            taken = Sample(
                time.monotonic(),
                round(self._process.memory_info().rss / 2**20, 1),
                self._process.num_fds(),
                self._process.num_threads(),
            )
        self.samples.append(taken)
        return taken

    def growth(self) -> tuple[float, int, int]:
        """Give how much more is held at the end than after the first fifth of the samples."""
        early = self.samples[len(self.samples) // 5]
        late = self.samples[-1]
        return (
            round(late.megabytes - early.megabytes, 1),
            late.files - early.files,
            late.threads - early.threads,
        )
