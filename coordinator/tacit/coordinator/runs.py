"""The thread that brings runs to their end, one after the other."""

import threading

from tacit.coordinator.backend import Backend
from tacit.coordinator.changes import Changes
from tacit.coordinator.documents import agreement_of
from tacit.coordinator.execution import Manner, Stopped, execute
from tacit.coordinator.log import describe, log
from tacit.coordinator.store import runs
from tacit.coordinator.store.projects import project_agreement
from tacit.linkage.errors import Code, TacitError

MAX_RESUMPTIONS = 100
"""A run that was taken up so often brings the coordinator down; it has failed."""

MAX_STORE_FAILURES = 10
_IDLE_SECONDS = 30.0
_JOIN_SECONDS = 60.0


class RunWorker:
    """Takes up what is queued or was interrupted, also by a kill, and executes it.

    Args:
        backend: the coordinator.
        changes: told of each committed change.
        manner: how runs are compared.
    """

    def __init__(self, backend: Backend, changes: Changes, manner: Manner) -> None:
        self._backend = backend
        self._changes = changes
        self._manner = manner
        self._work = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="tacit-runs", daemon=True)
        self._store_failures = 0

    def start(self) -> None:
        """Take up work, also what an earlier process left unfinished."""
        self._thread.start()

    def stop(self) -> None:
        """Put down what is in hand at the next task; `Backend.stopping` is set before."""
        self._work.set()
        self._thread.join(_JOIN_SECONDS)

    def alive(self) -> bool:
        """Say whether runs are being taken up."""
        return self._thread.is_alive()

    def wake(self) -> None:
        """Say that a run was queued."""
        self._work.set()

    def _loop(self) -> None:
        while not self._backend.stopping.is_set():
            self._work.clear()
            if not self._step():
                self._work.wait(_IDLE_SECONDS)

    def _step(self) -> bool:
        """Work on the oldest run that has not ended; false where there is nothing to do now."""
        try:
            with self._backend.store.read() as connection:
                run = runs.next_live(connection)
            if run is not None:
                self._work_on(run)
        except TacitError as error:
            # Without the database nothing can be done, not even noting that the run has failed.
            log().warning("run_waits", reason=error.code.value, detail=error.detail)
            return False
        self._store_failures = 0
        return run is not None

    def _work_on(self, run: runs.Run) -> None:
        log().info("run_taken_up", run=run.id, state=run.state, resumptions=run.resumptions)
        try:
            if run.resumptions >= MAX_RESUMPTIONS:
                raise TacitError(Code.INTERNAL, "taken up too often")  # noqa: TRY301
            with self._backend.store.read() as connection:
                document = project_agreement(connection, run.project_id)
            execute(
                self._backend,
                run,
                agreement_of(document),
                self._manner,
                lambda: self._changes.announce(run.id),
            )
        except Stopped:
            log().info("run_put_down", run=run.id)
        except TacitError as error:
            self._store_failures += error.code is Code.STORE_FAILED
            if error.code is Code.STORE_FAILED and self._store_failures < MAX_STORE_FAILURES:
                raise
            self._fail(run, error.code, error.detail)
        except Exception as error:  # noqa: BLE001 (a stuck run would be worse than any reason)
            log().error("run_broke", run=run.id, **describe(error))
            self._fail(run, Code.INTERNAL, type(error).__name__)
        else:
            log().info("run_done", run=run.id)

    def _fail(self, run: runs.Run, code: Code, detail: str) -> None:
        log().error("run_failed", run=run.id, reason=code.value, detail=detail)
        with self._backend.store.write() as connection:
            runs.end(
                connection,
                run.id,
                runs.FAILED,
                self._backend.now(),
                run.generation,
                failure=code.value,
            )
        self._changes.announce(run.id)
