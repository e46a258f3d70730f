"""Keeping the promise of every agreement: encodings and results go after the days agreed on.

With an agreement's last day all of them go; those of an epoch that is over, or of a member that has
left, go within seconds, and each member has a receipt once none of its own is left.

Each batch that is erased has its entry in the ledger, in the same transaction. A member whose
upload has gone holds nothing any more here; its node uploads anew when it next synchronises.
"""

import threading
import time
from collections.abc import Callable, Sequence

import grpc
from sqlalchemy import Connection

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.destruction import give_receipts
from tacit.coordinator.documents import agreement_of
from tacit.coordinator.ended_consents import erase_ended_consents
from tacit.coordinator.epochs import end_epoch
from tacit.coordinator.log import describe, log
from tacit.coordinator.proposals import drop_lapsed
from tacit.coordinator.store.epochs import is_open, owed
from tacit.coordinator.store.projects import read_project
from tacit.coordinator.store.retention import (
    Erased,
    Kept,
    Limits,
    all_projects,
    erase,
    find_expired,
)
from tacit.linkage.agreement_versions import has_expired
from tacit.linkage.errors import TacitError

UNFINISHED_DAYS = 30
"""An upload that was not finished so many days after it began is given up."""

BATCH_RECORDS = 100_000
"""Records of finished uploads in one transaction, so that members' calls come in between."""

_DAY = 24 * 60 * 60 * 1000
_EVERY_SECONDS = 3600.0
_LOOK_SECONDS = 1.0
_RETRY_SECONDS = 60.0
_JOIN_SECONDS = 60.0


def component(backend: Backend) -> Component:
    """Make the worker that erases; it serves no calls."""
    return Component(_no_service, RetentionWorker(backend))


def erase_expired(backend: Backend, most: int = BATCH_RECORDS) -> int:
    """Erase whatever any project has kept for longer than its agreement says.

    Args:
        backend: the coordinator; its clock says what is too old.
        most: records of finished uploads in one batch.

    Returns:
        How many batches there were, each with its ledger entry.

    Raises:
        TacitError: STORE_FAILED; what is left is found again the next time.
    """
    drop_lapsed(backend, backend.now())
    with backend.store.read() as connection:
        projects = all_projects(connection)
    for project in projects:
        _end_expired(backend, project)
    ended = erase_ended_consents(backend, projects, most)
    return ended + _erase(backend, projects, most)


def erase_ended(backend: Backend, most: int = BATCH_RECORDS) -> int:
    """Erase what was made with keys that are over, or by members who have left; give receipts.

    Returns:
        How many batches there were.

    Raises:
        TacitError: STORE_FAILED; what is left is found again the next time.
    """
    with backend.store.read() as connection:
        concerned = {item.project_id for item in owed(connection)}
        if not concerned:
            return 0
        projects = [p for p in all_projects(connection) if p.project_id in concerned]
    return _erase(backend, projects, most)


def _erase(backend: Backend, projects: Sequence[Kept], most: int) -> int:
    batches = 0
    for project in projects:
        while not backend.stopping.is_set() and _erase_batch(backend, project, most):
            batches += 1
    # A receipt says that nothing is left, so the write-ahead log comes first.
    backend.store.settle()
    give_receipts(backend)
    return batches


def _end_expired(backend: Backend, project: Kept) -> None:
    """End the last epoch of an agreement that holds no longer."""
    now = backend.now()
    if not has_expired(agreement_of(project.agreement), now):
        return
    with backend.store.write() as connection:
        found = read_project(connection, project.project_id)
        expired = found is not None and has_expired(agreement_of(found.agreement), now)
        if found is not None and expired and is_open(connection, found.id, found.epoch):
            end_epoch(connection, found, now, results=True)


def _erase_batch(backend: Backend, project: Kept, most: int) -> bool:
    now, agreement = backend.now(), agreement_of(project.agreement)
    days = agreement.retention_days
    limits = Limits(now - days * _DAY, now - min(days, UNFINISHED_DAYS) * _DAY)
    if has_expired(agreement, now):
        limits = Limits(now + 1, now + 1)
    with backend.store.read() as connection:
        # Writers take turns: mostly there is nothing to take one for.
        if not find_expired(connection, project.project_id, limits):
            return False
    with backend.store.write() as connection:
        expired = find_expired(connection, project.project_id, limits)
        if not expired:
            return False
        erased = erase(connection, project.project_id, expired, limits, most)
        _enter(backend, connection, project, erased, now)
    log().info(
        "erased",
        project=project.project_id,
        uploads=erased.uploads,
        records=erased.records,
        runs=erased.runs,
        notices=erased.notices,
        decisions=erased.decisions,
    )
    return True


def _enter(
    backend: Backend, connection: Connection, project: Kept, erased: Erased, now: int
) -> None:
    backend.ledger.append(
        connection,
        "erasure",
        now,
        project=project.project_id,
        agreement=project.agreement_hash.hex(),
        uploads=erased.uploads,
        records=erased.records,
        runs=erased.runs,
        notices=erased.notices,
        decisions=erased.decisions,
    )


class RetentionWorker:
    """Erases what is expired at the start and once an hour, and at once what must go at once.

    Args:
        backend: the coordinator.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._thread = threading.Thread(target=self._loop, name="tacit-retention", daemon=True)

    def start(self) -> None:
        """Erase what expired while the coordinator was away, then go on."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand; `Backend.stopping` is set before."""
        self._thread.join(_JOIN_SECONDS)

    def alive(self) -> bool:
        """Say whether what expires will be erased."""
        return self._thread.is_alive()

    def _loop(self) -> None:
        due = 0.0
        while not self._backend.stopping.is_set():
            if time.monotonic() >= due:
                due = time.monotonic() + self._step()
            self._backend.stopping.wait(self._look())

    def _step(self) -> float:
        """Erase what is expired; gives the seconds until the next time."""
        return self._do(erase_expired, _EVERY_SECONDS)

    def _look(self) -> float:
        """Erase what must go at once; gives the seconds until the next time."""
        return self._do(erase_ended, _LOOK_SECONDS)

    def _do(self, erasing: Callable[[Backend], int], every: float) -> float:
        try:
            erasing(self._backend)
        except TacitError as error:
            log().warning("erasure_waits", reason=error.code.value, detail=error.detail)
            return _RETRY_SECONDS
        except Exception as error:  # noqa: BLE001 (the next hour must come)
            log().error("erasure_broke", **describe(error))
        return every


def _no_service(server: grpc.Server) -> None:
    del server
