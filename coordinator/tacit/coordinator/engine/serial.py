"""The engine that compares in the calling thread."""

from collections.abc import Sequence

from tacit.coordinator.engine.protocol import Cancelled, OnDone
from tacit.linkage.link import Task, compare
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel


class SerialEngine:
    """Compares one task after the other, in order, without any other process."""

    def run(
        self,
        tasks: Sequence[Task],
        sets: Sequence[EncodedSet],
        model: ScoreModel,
        on_done: OnDone,
        cancelled: Cancelled,
    ) -> None:
        """Compare every task; see `Engine.run`."""
        for task in tasks:
            if cancelled():
                return
            on_done(task, compare(task, sets, model).to_bytes())
