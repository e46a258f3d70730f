"""Say of a match that it is, or is not, the same person; and read what was said of own records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import BoundProject, connect, signed_project
from tacit.node.fetch import fetch_results, run_view
from tacit.node.results import newest_fetched
from tacit.node.store.base import Store
from tacit.node.store.projects import get_tokens
from tacit.node.store.results import StoredGroup, StoredGroupRecord, list_groups, list_runs
from tacit.v1 import decisions_pb2 as decisions
from tacit.v1 import runs_pb2 as runs

JUDGEMENTS: Mapping[str, runs.Judgement.ValueType] = {
    "same": runs.JUDGEMENT_SAME,
    "different": runs.JUDGEMENT_DIFFERENT,
    "undecided": runs.JUDGEMENT_UNDECIDED,
}
"""What can be said of two records, and what travels for it."""

_WORDS = {travels: word for word, travels in JUDGEMENTS.items()}


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided about a record of this member's and another.

    Attributes:
        entry: the ledger's entry that records it; by it a decision is changed.
        record_id: of this member's record; empty where the register never had it.
        member: who holds the other record.
        yours: whether this member decided, or the other.
        judgement: a key of `JUDGEMENTS`.
        decided_at: milliseconds.
        contested: whether the two members say the contrary; then no run follows either.
    """

    entry: int
    record_id: str
    member: str
    yours: bool
    judgement: str
    decided_at: int
    contested: bool


@dataclass(frozen=True, slots=True)
class About:
    """Which two records of the newest run's groups a decision is about.

    Attributes:
        group_id: the match group.
        member: who holds the other record; None where the group has one other record.
        record_id: of this member's record; None where the group has one.
        place: which of the other member's records in the group, from 1.
    """

    group_id: int
    member: str | None = None
    record_id: str | None = None
    place: int = 1


def decide(
    store: Store,
    project: str | None,
    about: About,
    judgement: str,
    policy: RetryPolicy | None = None,
) -> DecisionView:
    """Tell the coordinator, and through it the other member, what is known of two records.

    Later runs follow; the newest run's results stay as they are and show the decision.

    Raises:
        TacitError: NOT_FOUND, there is no such group, record or member in it; USAGE where more
            than one could be meant; or what the connection raises.
    """
    bound = signed_project(store, project)
    with store.read() as connection:
        run = newest_fetched(list_runs(connection, bound.id))
        groups = list_groups(connection, run.run_id)
        tokens = {t.token: t.record_id for t in get_tokens(connection, bound.id).values()}
    group = next((group for group in groups if group.group_id == about.group_id), None)
    if group is None:
        raise TacitError(Code.NOT_FOUND, what=f"match group {about.group_id} in the newest run")
    own, other = _own(group, about, tokens), _other(group, about)
    request = decisions.DecideRequest(
        project_id=bound.id,
        agreement_hash=bound.agreement_hash,
        run_id=run.run_id,
        group_id=group.group_id,
        token=own.token,
        member=other.member,
        place=about.place - 1,
        judgement=JUDGEMENTS[judgement],
    )
    with connect(store, policy) as session:
        made = session.ask(session.decisions.Decide, request).decision
        again = runs.GetRunRequest(project_id=bound.id, run_id=run.run_id)
        now = run_view(session.ask(session.runs.GetRun, again).run)
        fetch_results(session, store, bound, now, lambda _: None)
    return _view(made, tokens)


def change(
    store: Store,
    project: str | None,
    entry: int,
    judgement: str,
    policy: RetryPolicy | None = None,
) -> DecisionView:
    """Decide anew about a pair, by the ledger's entry of this member's earlier decision.

    Raises:
        TacitError: MALFORMED, this member has no such decision; or what the connection raises.
    """
    bound = signed_project(store, project)
    request = decisions.ChangeDecisionRequest(
        project_id=bound.id,
        agreement_hash=bound.agreement_hash,
        ledger_index=entry,
        judgement=JUDGEMENTS[judgement],
    )
    with connect(store, policy) as session:
        made = session.ask(session.decisions.ChangeDecision, request).decision
    return _view(made, _record_ids(store, bound))


def list_decisions(
    store: Store, project: str | None = None, policy: RetryPolicy | None = None
) -> tuple[DecisionView, ...]:
    """Give what was decided about this member's records, by it and by others, oldest first.

    Raises:
        TacitError: NOT_IN_FORCE, or what the connection raises.
    """
    bound = signed_project(store, project)
    request = decisions.ListDecisionsRequest(project_id=bound.id)
    with connect(store, policy) as session:
        found = session.ask(session.decisions.ListDecisions, request).decisions
    tokens = _record_ids(store, bound)
    return tuple(_view(item, tokens) for item in found)


def _record_ids(store: Store, project: BoundProject) -> Mapping[bytes, str]:
    with store.read() as connection:
        return {t.token: t.record_id for t in get_tokens(connection, project.id).values()}


def _own(group: StoredGroup, about: About, tokens: Mapping[bytes, str]) -> StoredGroupRecord:
    own = [record for record in group.records if record.yours]
    if about.record_id is not None:
        own = [record for record in own if tokens.get(record.token) == about.record_id]
    if len(own) > 1:
        problem = "The group holds several records of yours; name one with --record."
        raise TacitError(Code.USAGE, problem=problem)
    return _first(own, "record of yours in this match group")


def _other(group: StoredGroup, about: About) -> StoredGroupRecord:
    others = [record for record in group.records if not record.yours]
    if about.member is not None:
        others = [record for record in others if record.member == about.member]
    elif len(others) > 1:
        names = ", ".join(sorted({record.member for record in others}))
        problem = (
            f"The group holds several other records; name whose is meant with --member: {names}"
        )
        raise TacitError(Code.USAGE, problem=problem)
    return _first(others[about.place - 1 : about.place], "other record in this match group")


def _first(records: Sequence[StoredGroupRecord], what: str) -> StoredGroupRecord:
    if not records:
        raise TacitError(Code.NOT_FOUND, what=what)
    return records[0]


def _view(made: decisions.Decision, tokens: Mapping[bytes, str]) -> DecisionView:
    if made.judgement not in _WORDS:
        problem = "a decision is neither same nor different nor undecided."
        raise TacitError(Code.BAD_ANSWER, problem=problem)
    return DecisionView(
        entry=made.ledger_index,
        record_id=tokens.get(made.token, ""),
        member=made.member,
        yours=made.yours,
        judgement=_WORDS[made.judgement],
        decided_at=made.decided_at,
        contested=made.contested,
    )
