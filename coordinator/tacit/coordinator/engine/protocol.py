"""What an engine is: something that compares tasks and hands each result back once."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from tacit.linkage.link import Task
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel

OnDone: TypeAlias = Callable[[Task, bytes], None]
Cancelled: TypeAlias = Callable[[], bool]


class Engine(Protocol):
    """Compares the tasks of a run, in any order."""

    def run(
        self,
        tasks: Sequence[Task],
        sets: Sequence[EncodedSet],
        model: ScoreModel,
        on_done: OnDone,
        cancelled: Cancelled,
    ) -> None:
        """Compare every task once; return early, without error, once `cancelled()` is true.

        Args:
            tasks: what to compare.
            sets: the encoded records that the tasks index.
            model: the score model.
            on_done: called in the caller's thread with each finished task and its
                `Candidates.to_bytes()`; what it raises ends the run.
            cancelled: asked between tasks.

        Raises:
            TacitError: INTERNAL where a worker process keeps dying.
        """
        ...  # pragma: no cover
