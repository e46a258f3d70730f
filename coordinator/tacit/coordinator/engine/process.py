"""The engine that compares in worker processes of this machine.

Workers are spawned, never forked: gRPC's threads do not survive a fork. Each worker is given the
sets once, when it starts, and gives back bytes.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from tacit.coordinator.engine.protocol import Cancelled, OnDone
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.link import Task, compare
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel

_ATTEMPTS = 3
_POLL_SECONDS = 0.5


class ProcessEngine:
    """Compares on several cores.

    Args:
        workers: how many processes; the number of cores by default.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or os.cpu_count() or 1

    def run(
        self,
        tasks: Sequence[Task],
        sets: Sequence[EncodedSet],
        model: ScoreModel,
        on_done: OnDone,
        cancelled: Cancelled,
    ) -> None:
        """Compare every task; see `Engine.run`.

        A pool whose worker was killed from outside is replaced, three times at most; tasks that
        had come back by then are not compared again.
        """
        left = deque(tasks)
        for _ in range(_ATTEMPTS):
            try:
                self._attempt(left, sets, model, on_done, cancelled)
            except BrokenProcessPool:
                continue
            return
        raise TacitError(Code.INTERNAL, "worker processes of the run kept dying")

    def _attempt(
        self,
        left: deque[Task],
        sets: Sequence[EncodedSet],
        model: ScoreModel,
        on_done: OnDone,
        cancelled: Cancelled,
    ) -> None:
        pool = ProcessPoolExecutor(
            min(self._workers, max(1, len(left))),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(tuple(sets), model),
        )
        running: dict[Future[bytes], Task] = {}
        try:
            while (left or running) and not cancelled():
                while left and len(running) < 2 * self._workers:
                    # Taken off `left` only once submitted: a broken pool refuses here too.
                    running[pool.submit(_compare, left[0])] = left[0]
                    left.popleft()
                finished, _ = wait(running, _POLL_SECONDS, FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    on_done(running.pop(future), result)
        except BrokenProcessPool:
            left.extendleft(reversed(running.values()))
            raise
        finally:
            pool.shutdown(cancel_futures=True)


_sets: Sequence[EncodedSet] = ()
_model: ScoreModel | None = None


def _start_worker(sets: Sequence[EncodedSet], model: ScoreModel) -> None:
    global _sets, _model
    _sets, _model = sets, model
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A worker holds both ends of its own queue and would outlive a killed coordinator for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _compare(task: Task) -> bytes:
    if _model is None:  # pragma: no cover
        raise RuntimeError("worker not started")
    return compare(task, _sets, _model).to_bytes()
