"""Answers to a committed check: who holds which of the records asked about."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.checking import Found, Question
from tacit.coordinator.documents import schema_of
from tacit.coordinator.epochs import require_same
from tacit.coordinator.execution import agreed_precision
from tacit.coordinator.store import checks, runs
from tacit.coordinator.store.sets import UploadSet
from tacit.coordinator.store.withdrawals import withdrawn_places
from tacit.linkage.agreement import Agreement
from tacit.linkage.calibration import Calibration
from tacit.linkage.expectation import NO_MATCH
from tacit.linkage.link import compare, plan, settle, weigh
from tacit.linkage.look_up import look_up
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel

UNPROVEN_THRESHOLD = 0.7
"""Least score of an answer where nothing compared so far tells matches from look-alikes.

It is of scores as they were compared then, as there is no probability to be had.

Low rather than high: a holder who objects and is not found cannot be made up for.
"""

_MAX_PAIRS = 2_000_000_000


class Answering:
    """Answers a committed check, one holder after the other.

    Args:
        backend: the coordinator.
        question: the committed check.
        queries: its batch.
        agreement: of the project.
    """

    def __init__(
        self, backend: Backend, question: Question, queries: EncodedSet, agreement: Agreement
    ) -> None:
        self._backend = backend
        self._question = question
        self._queries = queries
        self._model = ScoreModel.from_schema(schema_of(agreement.schema))
        self._agreement_hash = agreement.hash
        self.threshold = question.check.threshold or 0.0
        self._calibration: Calibration | None = None
        self._precision = agreed_precision(agreement)
        self.answers: list[list[Found]] = [[] for _ in range(len(queries))]

    def steps(self) -> Iterator[int]:
        """Compare with each holder's records; gives how many holders are done after each.

        When it ends, `answers` and `threshold` are set and the holders' notices are written.

        Raises:
            TacitError: AGREEMENT_STALE or EPOCH_ENDED, version or epoch is another one meanwhile.
        """
        holders, sets = self._question.holders, self._question.sets
        check = self._question.check
        self._find_scale([item.encoded for item in sets])
        for done, (holder, held) in enumerate(zip(holders, sets, strict=True), start=1):
            self._ask(holder.member_id, held)
            yield done
        with self._backend.store.write() as connection:
            # An answer under a version or epoch that is over is not given.
            require_same(connection, check.project_id, self._agreement_hash, check.epoch)
            self._leave_out_withdrawn(connection)
            checks.put_notices(connection, check, self._found_by_holder())

    def _find_scale(self, others: Sequence[EncodedSet]) -> None:
        """Take what the last run learnt of scores, or learn it from this check."""
        check = self._question.check
        if check.threshold is not None and check.run_id is not None:
            with self._backend.store.read() as connection:
                kept = runs.calibration(connection, check.run_id)
            if kept is not None:
                self._calibration = Calibration.from_bytes(kept, self._model)
                return
        self.threshold, self._calibration = find_scale(
            self._queries, others, self._model, check.threshold, self._precision
        )

    def _ask(self, member_id: str, held: UploadSet) -> None:
        found = look_up(
            self._queries, [held.encoded], self._model, self.threshold, self._calibration
        )
        for query, matches in enumerate(found):
            self.answers[query].extend(
                Found(
                    member_id,
                    int(held.positions[record]),
                    bool(held.objects[record]),
                    round(score, 2),
                )
                for _, record, score in matches
            )

    def _leave_out_withdrawn(self, connection: Connection) -> None:
        """Take out of the answers what was withdrawn while they were being found."""
        for holder in self._question.holders:
            places = {
                item.position
                for answer in self.answers
                for item in answer
                if item.member_id == holder.member_id
            }
            gone = withdrawn_places(connection, holder.upload_id, places)
            if gone:
                self.answers = [
                    [
                        item
                        for item in answer
                        if item.member_id != holder.member_id or item.position not in gone
                    ]
                    for answer in self.answers
                ]

    def _found_by_holder(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for answer in self.answers:
            for item in answer:
                found[item.member_id] = found.get(item.member_id, 0) + 1
        return found


def find_scale(
    queries: EncodedSet,
    others: Sequence[EncodedSet],
    model: ScoreModel,
    threshold: float | None,
    precision: float | None = None,
) -> tuple[float, Calibration | None]:
    """Find what scores mean without a run to take it from, as a run over all of them would.

    Returns:
        The threshold and the calibration; `UNPROVEN_THRESHOLD` and none where nothing tells
        matches from look-alikes and no threshold is given.
    """
    sets = [queries, *others]
    sizes = [len(item) for item in sets]
    tasks = plan(sizes)
    if sum((task.stop - task.start) * sizes[task.right] for task in tasks) > _MAX_PAIRS:
        tasks = tuple(task for task in tasks if task.left == 0)
    candidates = [compare(task, sets, model) for task in tasks]
    weighed = weigh(tasks, candidates, [item.presence for item in sets], model)
    found = settle(weighed, threshold, precision)
    if threshold is None and found.threshold >= NO_MATCH:
        return UNPROVEN_THRESHOLD, None
    return found.threshold, weighed.estimate.calibration
