"""Bring what the coordinator found for this member into the node's store."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import is_transient
from tacit.node.client.session import Session
from tacit.node.context import BoundProject
from tacit.node.reasons import send_sketches
from tacit.node.store.base import Store
from tacit.node.store.checks import StoredNotice, list_notices, put_notices
from tacit.node.store.results import (
    StoredGroup,
    StoredGroupDecision,
    StoredGroupLink,
    StoredGroupRecord,
    StoredRun,
    drop_claims,
    drop_groups,
    get_run,
    put_groups,
    put_run,
)
from tacit.node.times import now_ms
from tacit.v1 import checks_pb2 as checks
from tacit.v1 import encodings_pb2 as encodings
from tacit.v1 import runs_pb2 as runs

Progress = Callable[[int], None]
"""Is told how many match groups are here."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run.

    Attributes:
        state: "queued", "comparing", "solving", "done", "failed" or "cancelled".
        pairs_done: pairs compared so far.
        pairs_total: pairs to compare.
        threshold: match probability from which a pair matches; 0 before it is known.
        group_count: match groups that hold a record of this member's, once the run is done.
        estimated_precision: what the mixture model expects at the threshold, without truth.
        estimated_recall: the same of recall.
        failure: reason code of a failed run, else empty.
        resumptions: how often the coordinator took the run up again after a restart.
    """

    run_id: str
    state: str
    pairs_done: int
    pairs_total: int
    created_at: int
    ended_at: int
    threshold: float
    group_count: int
    estimated_precision: float
    estimated_recall: float
    failure: str
    resumptions: int

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {"done", "failed", "cancelled"}


def run_view(run: runs.Run) -> RunView:
    """Read a run as it came over the wire."""
    return RunView(
        run_id=run.run_id,
        state=_word(runs.RunState.Name(run.state), "RUN_STATE_"),
        pairs_done=run.pairs_done,
        pairs_total=run.pairs_total,
        created_at=run.created_at,
        ended_at=run.ended_at,
        threshold=run.threshold,
        group_count=run.group_count,
        estimated_precision=run.estimated_precision,
        estimated_recall=run.estimated_recall,
        failure=run.failure,
        resumptions=run.resumptions,
    )


def newest_done_run(session: Session, project: BoundProject) -> RunView | None:
    """Give the project's newest finished run, or None."""
    request = runs.ListRunsRequest(project_id=project.id)
    found = session.ask(session.runs.ListRuns, request).runs
    done = [
        run_view(run)
        for run in found
        if run.state == runs.RUN_STATE_DONE and run.agreement_hash == project.agreement_hash
    ]
    return max(done, key=lambda run: (run.created_at, run.run_id), default=None)


def fetch_results(
    session: Session, store: Store, project: BoundProject, run: RunView, progress: Progress
) -> StoredRun:
    """Fetch a finished run's match groups, going on where an earlier attempt ended.

    Returns:
        The run as stored, with `fetched_at` set.

    Raises:
        TacitError: UNAVAILABLE once patience ends; what came stays.
    """
    stored = _stored_run(store, project, run)
    waits = session.policy.waits()
    while stored.fetched_at is None:
        before = stored.after_group_id
        try:
            stored = _fetch_some(session, store, project, stored, progress)
        except TacitError as error:
            if not is_transient(error):
                raise
            stored = _stored_run(store, project, run)
            if stored.after_group_id > before:
                waits = session.policy.waits()
            wait = next(waits, None)
            if wait is None:
                raise
            session.policy.sleep(wait)
    return _look_again(session, store, project, stored)


def _look_again(
    session: Session, store: Store, project: BoundProject, stored: StoredRun
) -> StoredRun:
    """Send what reasons are made from, and fetch what others added to the groups since."""
    # Sketches of a run are made with the key of its time; the next one's would agree in nothing.
    today = stored.created_at >= project.epoch_started_at
    just_sent = project.agreement.reasons and stored.sketched_at is None and today
    if just_sent:
        send_sketches(session, store, project, stored.run_id)
        stored = replace(stored, sketched_at=now_ms())
        with store.write() as connection:
            put_run(connection, stored)
    request = runs.GetRunRequest(project_id=project.id, run_id=stored.run_id)
    revision = session.ask(session.runs.GetRun, request).run.revision
    if revision == int(stored.revision) and not (just_sent and revision):
        return stored
    wanted = _results_request(project, stored.run_id, 0)
    groups: list[StoredGroup] = []
    for answer in session.stream(session.runs.GetResults, wanted):
        project.require_own(answer.agreement_hash)
        groups += [_group(stored.run_id, group) for group in answer.groups]
    stored = replace(stored, revision=str(revision))
    # In one step: until then the groups as they were stay to be seen.
    with store.write() as connection:
        drop_groups(connection, stored.run_id)
        # What was claimed of records that are gone goes too; the rest can be fetched again.
        drop_claims(connection, stored.run_id)
        put_groups(connection, groups)
        put_run(connection, stored)
    return stored


def _results_request(project: BoundProject, run_id: str, after: int) -> runs.GetResultsRequest:
    return runs.GetResultsRequest(
        project_id=project.id,
        agreement_hash=project.agreement_hash,
        run_id=run_id,
        after_group_id=after,
    )


def fetch_notices(session: Session, store: Store, project: BoundProject) -> int:
    """Fetch who asked about this member's records; returns how many notices are new."""
    request = checks.ListNoticesRequest(project_id=project.id)
    answer = session.ask(session.checks.ListNotices, request)
    with store.write() as connection:
        known = {notice.ledger_index for notice in list_notices(connection, project.id)}
        new = [
            StoredNotice(
                project.id,
                notice.ledger_index,
                notice.member,
                notice.asked_at,
                notice.records,
                now_ms(),
            )
            for notice in answer.notices
            if notice.ledger_index not in known
        ]
        put_notices(connection, new)
    return len(new)


def publication_word(publication: encodings.Publication.ValueType) -> str:
    """Give the register's word for what travels: "allowed", "objected" or empty."""
    if publication == encodings.PUBLICATION_UNSPECIFIED:
        return ""
    return _word(encodings.Publication.Name(publication), "PUBLICATION_")


def _stored_run(store: Store, project: BoundProject, run: RunView) -> StoredRun:
    with store.write() as connection:
        known = get_run(connection, run.run_id)
        stored = StoredRun(
            run_id=run.run_id,
            project_id=project.id,
            state=run.state,
            created_at=run.created_at,
            ended_at=run.ended_at,
            threshold=run.threshold,
            group_count=run.group_count,
            estimated_precision=run.estimated_precision,
            estimated_recall=run.estimated_recall,
            after_group_id=known.after_group_id if known else 0,
            fetched_at=known.fetched_at if known else None,
            revision=known.revision if known else "0",
            sketched_at=known.sketched_at if known else None,
        )
        put_run(connection, stored)
    return stored


def _fetch_some(
    session: Session, store: Store, project: BoundProject, stored: StoredRun, progress: Progress
) -> StoredRun:
    request = _results_request(project, stored.run_id, stored.after_group_id)
    fetched = 0
    for answer in session.stream(session.runs.GetResults, request):
        project.require_own(answer.agreement_hash)
        groups = [_group(stored.run_id, group) for group in answer.groups]
        if not groups:
            continue
        # Groups and the place to go on from are kept together or not at all.
        stored = replace(stored, after_group_id=max(group.group_id for group in groups))
        with store.write() as connection:
            put_groups(connection, groups)
            put_run(connection, stored)
        fetched += len(groups)
        progress(fetched)
    stored = replace(stored, fetched_at=now_ms())
    with store.write() as connection:
        put_run(connection, stored)
    return stored


def _group(run_id: str, group: runs.MatchGroup) -> StoredGroup:
    places = {place for item in group.links for place in (item.left, item.right)}
    places |= {place for item in group.decisions for place in (item.left, item.right)}
    if not places <= set(range(len(group.records))):
        problem = "a match names a record that is not in its group."
        raise TacitError(Code.BAD_ANSWER, problem=problem)
    records = tuple(
        StoredGroupRecord(
            run_id,
            group.group_id,
            position,
            record.member,
            record.token,
            record.yours,
            publication_word(record.publication),
        )
        for position, record in enumerate(group.records)
    )
    links = tuple(
        StoredGroupLink(
            run_id,
            group.group_id,
            link.left,
            link.right,
            link.score,
            " ".join(_word(runs.FieldVerdict.Name(v), "FIELD_VERDICT_") for v in link.fields),
        )
        for link in group.links
    )
    decisions = tuple(
        StoredGroupDecision(
            run_id,
            group.group_id,
            item.left,
            item.right,
            item.yours,
            item.judgement == runs.JUDGEMENT_SAME,
        )
        for item in group.decisions
    )
    return StoredGroup(group.group_id, records, links, decisions)


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()
