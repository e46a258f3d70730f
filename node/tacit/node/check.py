"""Ask whether records are documented elsewhere, and whether anybody objects to publication."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeAlias

from tacit.linkage import statements
from tacit.linkage.agreement import Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import CHUNK_RECORDS
from tacit.linkage.schema import parse_schema
from tacit.node.check_rows import CheckRow, Withheld, count_withheld
from tacit.node.client.retry import RetryPolicy, retrying
from tacit.node.client.session import LONG, Session
from tacit.node.context import BoundProject, connect, signed_project
from tacit.node.encode_register import encode_columns
from tacit.node.ledger_proofs import refresh_head
from tacit.node.store.base import Store
from tacit.node.store.checks import (
    StoredAnswer,
    StoredCheck,
    list_answers,
    put_answers,
    put_check,
    unanswered_check,
)
from tacit.node.times import now_ms
from tacit.v1 import checks_pb2 as checks

Progress = Callable[[int, int], None]
"""Is told how many records are answered, of how many."""


@dataclass(frozen=True, slots=True)
class Query:
    """A row as it is asked about: its place in the file, its label, its encoding."""

    row: int
    label: str
    clk: bytes
    presence: int


_Batch: TypeAlias = tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class HolderView:
    """Another member that documents the record, by name where the agreement allows names."""

    member: str
    objects: bool
    score: float


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """What is known of one record asked about.

    Attributes:
        row: position in the file, from 0.
        label: the row's own identifier in its file.
        asked: whether it was asked about.
        withheld: why not, or None.
        holders: who documents it, best score first.
        objected: whether any of them objects to publication.
    """

    row: int
    label: str
    asked: bool
    withheld: Withheld | None
    holders: tuple[HolderView, ...]
    objected: bool


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The answer to a check.

    Attributes:
        check_id: hexadecimal; the ledger names the check by it.
        source: name of the file that was checked.
        rows: every row, in the file's order.
        asked: how many of them were asked about.
        withheld: how many were not, by reason.
        held: how many of them another member documents.
        objected: how many of them somebody objects to.
        threshold: least score of a record that counts as the same; a match probability, but for a
            check of too few records to learn one from.
        budget_left: records this member may still ask about.
        ledger_index: entry of this check in the ledger.
    """

    project_id: str
    check_id: str
    source: str
    rows: tuple[CheckedRow, ...]
    asked: int
    withheld: Mapping[Withheld, int]
    held: int
    objected: int
    threshold: float
    budget_left: int
    ledger_index: int


def check(
    store: Store,
    project: str | None,
    rows: Sequence[CheckRow],
    progress: Progress,
    *,
    source: str = "",
    policy: RetryPolicy | None = None,
) -> CheckReport:
    """Ask about records; what was asked is compared at the coordinator and forgotten there.

    A check that was cut off and is made again with the same rows is the same check: the budget
    and the ledger count it once.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        rows: what to ask about.
        progress: is told how many records are answered, of how many.
        source: name of the file, to find the check again.
        policy: how patiently to wait for a coordinator that is away.

    Raises:
        TacitError: PURPOSE_NOT_AGREED, BATCH_TOO_SMALL, BATCH_TOO_LARGE, BUDGET_SPENT,
            KEY_MISSING, BAD_INPUT, or what the connection raises.
    """
    bound = signed_project(store, project)
    batch = _batch(bound, rows)
    pending = _pending(store, bound, batch, source)
    with connect(store, policy) as session:
        answered, found = retrying(
            session.policy, lambda: _ask(session, bound, pending, batch, progress)
        )
        with store.write() as connection:
            put_answers(connection, found)
            put_check(connection, answered)
        refresh_head(session, store)
    with store.read() as connection:
        answers = list_answers(connection, answered.check_id)
    return _report(answered, rows, batch, answers)


def _batch(project: BoundProject, rows: Sequence[CheckRow]) -> _Batch:
    agreement = project.agreement
    if Purpose.CHECK not in agreement.purposes:
        raise TacitError(Code.PURPOSE_NOT_AGREED, purpose=Purpose.CHECK.value)
    if len(rows) > agreement.check_maximum_batch:
        raise TacitError(Code.BATCH_TOO_LARGE, maximum=agreement.check_maximum_batch)
    schema, key = parse_schema(agreement.schema), project.key()
    columns = {source: [row.fields.get(source, "") for row in rows] for source in schema.sources}
    encoded = encode_columns(schema, project, key, columns, lambda _done, _total: None)
    queries = tuple(
        Query(place, row.label, encoded.clk_bytes(place), int(encoded.presence[place]))
        for place, row in enumerate(rows)
        if row.withheld is None and encoded.presence[place]
    )
    if len({(query.clk, query.presence) for query in queries}) < agreement.check_minimum_batch:
        raise TacitError(Code.BATCH_TOO_SMALL, minimum=agreement.check_minimum_batch)
    return queries


def _pending(store: Store, project: BoundProject, batch: _Batch, source: str) -> StoredCheck:
    digest = sha256(b"tacit check v1" + project.agreement_hash)
    for query in batch:
        digest.update(query.clk + query.presence.to_bytes(8, "big"))
    with store.write() as connection:
        known = unanswered_check(connection, project.id, digest.digest())
        if known is not None:
            return known
        made = StoredCheck(
            secrets.token_bytes(16), project.id, source, digest.digest(), len(batch), now_ms()
        )
        put_check(connection, made)
    return made


def _ask(
    session: Session,
    project: BoundProject,
    pending: StoredCheck,
    batch: _Batch,
    progress: Progress,
) -> tuple[StoredCheck, list[StoredAnswer]]:
    last = checks.RunCheckResponse()
    found: list[StoredAnswer] = []
    answered = 0
    requests = _requests(project, pending, batch)
    for last in session.stream(session.checks.RunCheck, requests, LONG):
        project.require_own(last.agreement_hash)
        if any(item.query != place for place, item in enumerate(last.answers, answered)):
            raise TacitError(
                Code.BAD_ANSWER, problem="it is to other records than were asked about."
            )
        answered += len(last.answers)
        found += [
            _answer(pending, batch[item.query], holder)
            for item in last.answers
            for holder in item.holders
        ]
        progress(last.done, last.total)
    if answered != pending.total:
        raise TacitError(Code.BAD_ANSWER, problem="it is to other records than were asked about.")
    done = replace(
        pending,
        answered_at=now_ms(),
        threshold=last.threshold,
        budget_left=last.budget_left,
        ledger_index=last.ledger_index,
    )
    return done, found


def _answer(pending: StoredCheck, query: Query, holder: checks.Holder) -> StoredAnswer:
    return StoredAnswer(
        pending.check_id, query.row, holder.member, query.label, holder.objects, holder.score
    )


def _requests(
    project: BoundProject, pending: StoredCheck, batch: _Batch
) -> Iterator[checks.RunCheckRequest]:
    digest = statements.check_batch((query.clk, query.presence) for query in batch)
    for start in range(0, len(batch), CHUNK_RECORDS):
        yield checks.RunCheckRequest(
            project_id=project.id,
            agreement_hash=project.agreement_hash,
            check_id=pending.check_id,
            total=pending.total,
            digest=digest,
            queries=[
                checks.CheckQuery(clk=query.clk, presence=query.presence)
                for query in batch[start : start + CHUNK_RECORDS]
            ],
        )


def _report(
    answered: StoredCheck,
    rows: Sequence[CheckRow],
    batch: _Batch,
    answers: Sequence[StoredAnswer],
) -> CheckReport:
    asked = {query.row for query in batch}
    holders: dict[int, list[HolderView]] = {}
    for answer in answers:
        holder = HolderView(answer.member, answer.objects, answer.score)
        holders.setdefault(answer.query, []).append(holder)
    shown = tuple(
        CheckedRow(
            row=place,
            label=row.label,
            asked=place in asked,
            withheld=None if place in asked else row.withheld or Withheld.EMPTY,
            holders=tuple(
                sorted(holders.get(place, ()), key=lambda found: (-found.score, found.member))
            ),
            objected=any(found.objects for found in holders.get(place, ())),
        )
        for place, row in enumerate(rows)
    )
    return CheckReport(
        project_id=answered.project_id,
        check_id=answered.check_id.hex(),
        source=answered.source,
        rows=shown,
        asked=len(asked),
        withheld=count_withheld(row.withheld for row in shown),
        held=sum(bool(row.holders) for row in shown),
        objected=sum(row.objected for row in shown),
        threshold=answered.threshold or 0.0,
        budget_left=answered.budget_left or 0,
        ledger_index=answered.ledger_index or 0,
    )
