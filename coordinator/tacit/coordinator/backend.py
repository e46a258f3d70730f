"""What every service of the coordinator works with, and what a part of the coordinator is."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import grpc

from tacit.coordinator.authority import Authority
from tacit.coordinator.ledger import Ledger
from tacit.coordinator.limits import Limits
from tacit.coordinator.request_clock import RequestClock
from tacit.coordinator.store.engine import Store

_DAY = 24 * 60 * 60 * 1000


def milliseconds() -> int:
    """Give the time as the coordinator records it: milliseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1_000_000


def day_of(time: int) -> int:
    """Give the day, UTC, of a time in milliseconds, as days since 1970-01-01."""
    return time // _DAY


@dataclass(frozen=True, slots=True)
class Backend:
    """What services share.

    Attributes:
        store: the database.
        ledger: the append-only record; entries go in within the transaction of what they record.
        authority: certificates of the coalition.
        engine: how runs compare; a name of `tacit.coordinator.engine.names`.
        confirmations: how many members must confirm a newcomer.
        now: the clock, in milliseconds.
        request_clock: the clock by which requests are dated; it began with this process.
        limits: how much one caller may have.
        stopping: set when the coordinator is about to stop; long streams and workers heed it.
    """

    store: Store
    ledger: Ledger
    authority: Authority
    engine: str = "auto"
    confirmations: int = 0
    now: Callable[[], int] = milliseconds
    request_clock: RequestClock = field(default_factory=lambda: RequestClock(milliseconds))
    limits: Limits = field(default_factory=Limits)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def day(self) -> int:
        """Today, UTC, in days since 1970-01-01: what the ends of consents are held against."""
        return day_of(self.now())


class Worker(Protocol):
    """Something that works beside the services, in threads of its own."""

    def start(self) -> None:
        """Take up work, also what an earlier process left unfinished."""

    def stop(self) -> None:
        """Finish or put down what is in hand; called once, `Backend.stopping` is set before."""

    def alive(self) -> bool:
        """Say truthfully whether work is being done; health is answered from this."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the coordinator.

    Attributes:
        register: adds the part's services to a gRPC server.
        worker: runs beside them, or None.
    """

    register: Callable[[grpc.Server], None]
    worker: Worker | None = None
