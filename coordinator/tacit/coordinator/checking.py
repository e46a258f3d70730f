"""Checks: is a record documented elsewhere, and does anyone who documents it object?

A batch is committed, counted against the budget and entered in the ledger before anything is
compared. It is never written down; a node that was cut off sends it again under the same
identifier, and as long as nobody has uploaded anew that costs nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.epochs import require_same
from tacit.coordinator.execution import agreed_threshold
from tacit.coordinator.store import checks, runs
from tacit.coordinator.store.sets import UploadSet, any_allowed, load_set
from tacit.coordinator.store.uploads import current_uploads
from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.expectation import NO_MATCH
from tacit.linkage.records import EncodedSet, from_bytes
from tacit.linkage.schema import LinkageSchema

CHECK_ID_BYTES = 16

_PURPOSES = (Purpose.CHECK,)


@dataclass(frozen=True, slots=True)
class Query:
    """A record asked about: its CLK and its presence mask."""

    clk: bytes
    presence: int


@dataclass(frozen=True, slots=True)
class Announced:
    """What the first message of a check says, which is the one that the asker signed.

    Attributes:
        check_id: random, 16 bytes.
        total: number of records asked about.
        digest: of all of them, as `statements.check_batch` gives it.
    """

    check_id: bytes
    total: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, in which project.

    Attributes:
        member_id: the asker.
        project_id: the project.
        agreement: of the project.
        agreement_hash: its SHA-256.
        epoch: of the linkage key that the question is encoded with.
    """

    member_id: str
    project_id: str
    agreement: Agreement
    agreement_hash: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class Found:
    """A holder of a record asked about; the score is rounded to two decimals.

    `position` is the holder's record in its upload.
    """

    member_id: str
    position: int
    objects: bool
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A committed check, ready to be answered.

    Attributes:
        check: as it was committed.
        holders: the others' uploads that it is asked of.
        sets: their records that may be checked, in the same order.
        budget_left: records that the asker may still ask about in this epoch.
    """

    check: checks.Check
    holders: tuple[runs.Input, ...]
    sets: tuple[UploadSet, ...]
    budget_left: int


def gather_batch(
    announced: Announced, queries: Iterable[Query], agreement: Agreement
) -> list[Query]:
    """Read a batch off the wire, no further than it is allowed to go.

    Raises:
        TacitError: MALFORMED; DIGEST_MISMATCH, the queries are not those that were signed for;
            BATCH_TOO_SMALL, BATCH_TOO_LARGE by the agreement. Copies of one record count as one
            towards the smallest batch.
    """
    total = announced.total
    if len(announced.check_id) != CHECK_ID_BYTES:
        raise TacitError(Code.MALFORMED, problem="a check's identifier has 16 bytes.")
    if total > agreement.check_maximum_batch:
        raise TacitError(Code.BATCH_TOO_LARGE, maximum=agreement.check_maximum_batch)
    batch: list[Query] = []
    for query in queries:
        batch.append(query)
        if len(batch) > total:
            break
    if len(batch) != total:
        raise TacitError(Code.MALFORMED, problem="the batch is not as long as announced.")
    if batch_digest(batch) != announced.digest:
        raise TacitError(Code.DIGEST_MISMATCH, "the batch is not the one that was signed for")
    if len(set(batch)) < agreement.check_minimum_batch:
        raise TacitError(Code.BATCH_TOO_SMALL, minimum=agreement.check_minimum_batch)
    return batch


def encode_batch(batch: Sequence[Query], schema: LinkageSchema) -> EncodedSet:
    """Validate a batch against the schema and make it comparable.

    Raises:
        TacitError: MALFORMED.
    """
    size, features = schema.length // 8, len(schema.features)
    if any(len(query.clk) != size for query in batch):
        raise TacitError(Code.MALFORMED, problem="an encoding is not as long as the schema says.")
    if any(not 0 < query.presence < 1 << features for query in batch):
        raise TacitError(Code.MALFORMED, problem="a presence mask does not fit the schema.")
    return from_bytes([query.clk for query in batch], [query.presence for query in batch])


def batch_digest(batch: Sequence[Query]) -> bytes:
    """Name a batch, as its asker signed it."""
    return statements.check_batch((query.clk, query.presence) for query in batch)


def commit_check(
    backend: Backend, asker: Asker, check_id: bytes, batch: Sequence[Query]
) -> Question:
    """Commit a batch: budget, ledger entry and digest in one transaction.

    A check that was committed before, over the same uploads, is given again at no cost.

    Raises:
        TacitError: BUDGET_SPENT; NOTHING_TO_LINK, no other member has records that may be
            checked; MALFORMED, the identifier stands for another batch.
    """
    day = backend.day
    while True:
        with backend.store.read() as connection:
            holders = _holders(connection, asker, day)
            sets = tuple(load_set(connection, item.upload_id, _PURPOSES, day) for item in holders)
        with backend.store.write() as connection:
            require_same(connection, asker.project_id, asker.agreement_hash, asker.epoch)
            # What is charged for must be what is in memory, even if somebody uploaded meanwhile.
            if _holders(connection, asker, day) == holders:
                check = _commit(backend, connection, asker, check_id, batch, holders)
                return Question(check, holders, sets, _budget_left(connection, asker))


def _commit(  # noqa: PLR0917 (all of it is what is committed)
    backend: Backend,
    connection: Connection,
    asker: Asker,
    check_id: bytes,
    batch: Sequence[Query],
    holders: tuple[runs.Input, ...],
) -> checks.Check:
    known = checks.find_check(connection, asker.project_id, asker.member_id, check_id)
    # By the uploads alone: that a record was withdrawn from one makes no new question.
    uploads = [replace(item, withdrawn=0) for item in holders]
    digest, inputs_hash = batch_digest(batch), runs.inputs_hash(asker.agreement_hash, uploads)
    if known is not None and known.digest != digest:
        raise TacitError(Code.MALFORMED, problem="the identifier stands for another check.")
    if known is not None and (known.inputs_hash, known.epoch) == (inputs_hash, asker.epoch):
        return known
    left = _budget_left(connection, asker)
    if left < len(batch):
        raise TacitError(Code.BUDGET_SPENT, left=left, budget=asker.agreement.check_budget)
    threshold, run_id = _known_scale(connection, asker)
    now = backend.now()
    check = checks.Check(
        project_id=asker.project_id,
        member_id=asker.member_id,
        check_id=check_id,
        epoch=asker.epoch,
        digest=digest,
        inputs_hash=inputs_hash,
        threshold=threshold,
        run_id=run_id,
        total=len(batch),
        spent=len(batch) + (known.spent if known and known.epoch == asker.epoch else 0),
        asked_at=now,
        ledger_index=backend.ledger.append(
            connection,
            "check",
            now,
            project=asker.project_id,
            agreement=asker.agreement_hash.hex(),
            member=asker.member_id,
            check=check_id.hex(),
            records=len(batch),
        ),
    )
    checks.put_check(connection, check)
    return check


def _budget_left(connection: Connection, asker: Asker) -> int:
    spent = checks.spent(connection, asker.project_id, asker.member_id, asker.epoch)
    return asker.agreement.check_budget - spent


def _holders(connection: Connection, asker: Asker, day: int) -> tuple[runs.Input, ...]:
    holders = tuple(
        runs.Input(upload.id, upload.member_id, upload.withdrawn)
        for upload in current_uploads(connection, asker.project_id)
        if upload.member_id != asker.member_id
        and any_allowed(connection, upload.id, _PURPOSES, day)
    )
    if not holders:
        raise TacitError(Code.NOTHING_TO_LINK)
    return holders


def _known_scale(connection: Connection, asker: Asker) -> tuple[float | None, str | None]:
    """Give the threshold, and the run that learnt what scores mean; None where there is none."""
    agreed = agreed_threshold(asker.agreement)
    last = runs.last_done(connection, asker.project_id)
    # A run that matched nothing has found no threshold either.
    if last is None or (last.threshold or NO_MATCH) >= NO_MATCH:
        return agreed, None
    return agreed or last.threshold, last.id
