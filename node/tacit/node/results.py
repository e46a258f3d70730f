"""What linkage found, beside the member's own records: from the store alone, without network."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tacit.linkage.agreement import parse_agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.context import find_project, refuse_over
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredToken, get_tokens
from tacit.node.store.records import StoredRecord, get_records
from tacit.node.store.results import (
    StoredGroup,
    StoredGroupLink,
    StoredGroupRecord,
    StoredRun,
    list_groups,
    list_runs,
)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One of this member's records in a match group.

    Attributes:
        record_id: the organisation's own identifier.
        token: what stands for it in the project, hexadecimal.
        raw: column of the imported file to value; empty where the register no longer holds it.
        in_register: whether the register still holds it.
        publication: "allowed", "objected" or empty, as the register has it now.
    """

    record_id: str
    token: str
    raw: Mapping[str, str]
    in_register: bool
    publication: str


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """Another member's record in a match group.

    Attributes:
        member: its name, or "member N" where the agreement does not disclose names.
        score: of the best link to a record of this member's; None where the two are in one group
            only through a third record.
        objects: whether that member objects to publication.
        publication: "allowed", "objected" or empty.
        place: which of that member's records in the group it is, from 0.
        reasons: feature to "agreed", "partly", "not" or "missing", of the best link to a record
            of this member's; empty where the agreement does not let it be known, or the other
            member's node has not synchronised since the run.
        decided: "same", "different" or empty: what this member decided about the two.
        decided_there: what the other member decided.
    """

    member: str
    score: float | None
    objects: bool
    publication: str
    place: int = 0
    reasons: Mapping[str, str] = field(default_factory=dict)
    decided: str = ""
    decided_there: str = ""


@dataclass(frozen=True, slots=True)
class LinkView:
    """A matched pair of a group, by who holds its records; `reasons` as in `OtherRecord`."""

    left: str
    right: str
    score: float
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match group that holds a record of this member's.

    Attributes:
        group_id: the group's number in its run.
        own: this member's records, as a rule one.
        others: the records of other members, best score first.
        links: every matched pair in the group.
        objected: whether anybody in the group, this member included, objects to publication.
    """

    group_id: int
    own: tuple[OwnRecord, ...]
    others: tuple[OtherRecord, ...]
    links: tuple[LinkView, ...]
    objected: bool


@dataclass(frozen=True, slots=True)
class Results:
    """The match groups of a project's newest fetched run."""

    project_id: str
    run: StoredRun
    matches: tuple[MatchView, ...]


def results(store: Store, project: str | None = None, record_id: str | None = None) -> Results:
    """Show each match beside the member's own record.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        record_id: only groups that hold this record of the register.

    Raises:
        TacitError: NOT_FOUND where no run was fetched or there is no such record; USAGE;
            AGREEMENT_EXPIRED or NOT_NAMED where the project is over.
    """
    stored = find_project(store, project)
    refuse_over(stored)
    project_id = stored.project_id
    with store.read() as connection:
        run = newest_fetched(list_runs(connection, project_id))
        groups = list_groups(connection, run.run_id)
        tokens = {token.token: token for token in get_tokens(connection, project_id).values()}
        if record_id is not None:
            groups = groups_of(groups, tokens, record_id)
        wanted = [
            tokens[record.token].record_id
            for group in groups
            for record in group.records
            if record.yours and record.token in tokens
        ]
        register = get_records(connection, wanted)
    schema = parse_schema(parse_agreement(stored.agreement).schema)
    features = [feature.identifier for feature in schema.features]
    matches = tuple(match_view(group, tokens, register, features) for group in groups)
    return Results(project_id, run, matches)


def newest_fetched(runs: Iterable[StoredRun]) -> StoredRun:
    """Give the newest run whose groups are all in the store.

    Raises:
        TacitError: NOT_FOUND.
    """
    for run in sorted(runs, key=lambda run: (run.created_at, run.run_id), reverse=True):
        if run.fetched_at is not None:
            return run
    raise TacitError(Code.NOT_FOUND, what="finished run; `tacit link` starts one")


def groups_of(
    groups: Sequence[StoredGroup], tokens: Mapping[bytes, StoredToken], record_id: str
) -> Sequence[StoredGroup]:
    """Give the groups that hold one record of the register.

    Raises:
        TacitError: NOT_FOUND where the register never held such a record in this project.
    """
    own = {token.token for token in tokens.values() if token.record_id == record_id}
    if not own:
        raise TacitError(Code.NOT_FOUND, what="record in this project")
    return [
        group
        for group in groups
        if any(record.yours and record.token in own for record in group.records)
    ]


def match_view(
    group: StoredGroup,
    tokens: Mapping[bytes, StoredToken],
    register: Mapping[str, StoredRecord],
    features: Sequence[str],
) -> MatchView:
    """Show one group; `tokens` by token, `register` by record id, `features` of the schema."""
    own = tuple(
        _own(record.token, tokens.get(record.token), register)
        for record in group.records
        if record.yours
    )
    others = tuple(
        sorted(
            (_other(group, record, features) for record in group.records if not record.yours),
            key=lambda other: (-(other.score or 0.0), other.member),
        )
    )
    names = {record.position: record.member for record in group.records}
    links = tuple(
        LinkView(names[link.left], names[link.right], link.score, _reasons(link, features))
        for link in group.links
    )
    objected = any(other.objects for other in others) or any(
        record.publication == "objected" for record in own
    )
    return MatchView(group.group_id, own, others, links, objected)


def export_rows(shown: Results) -> list[dict[str, str]]:
    """Give one row for each pair of an own and another member's record, for tables and files."""
    return [
        {
            "group": str(match.group_id),
            "record_id": own.record_id,
            "member": other.member,
            "score": "" if other.score is None else f"{other.score:.2f}",
            "objects": "yes" if other.objects else "no",
            "publication": other.publication,
            "own_publication": own.publication,
            "reasons": "; ".join(f"{name}: {verdict}" for name, verdict in other.reasons.items()),
            "decided": other.decided,
            "decided_there": other.decided_there,
        }
        for match in shown.matches
        for own in match.own
        for other in match.others
    ]


def _own(
    token: bytes, known: StoredToken | None, register: Mapping[str, StoredRecord]
) -> OwnRecord:
    record_id = known.record_id if known else ""
    record = register.get(record_id)
    return OwnRecord(
        record_id=record_id,
        token=token.hex(),
        raw=dict(record.raw) if record else {},
        in_register=record is not None,
        publication=record.publication if record else "",
    )


def _other(group: StoredGroup, record: StoredGroupRecord, features: Sequence[str]) -> OtherRecord:
    link = _best_link(group, record.position)
    before = [one for one in group.records if one.position < record.position]
    return OtherRecord(
        member=record.member,
        score=link.score if link else None,
        objects=record.publication == "objected",
        publication=record.publication,
        place=sum(one.member == record.member for one in before),
        reasons=_reasons(link, features) if link else {},
        decided=_decided(group, record.position, yours=True),
        decided_there=_decided(group, record.position, yours=False),
    )


def _reasons(link: StoredGroupLink, features: Sequence[str]) -> Mapping[str, str]:
    verdicts = link.fields.split()
    # Verdicts that fit no feature say nothing.
    return dict(zip(features, verdicts, strict=True)) if len(verdicts) == len(features) else {}


def _decided(group: StoredGroup, position: int, *, yours: bool) -> str:
    said = {
        item.same
        for item in group.decisions
        if item.yours == yours and position in {item.left, item.right}
    }
    if len(said) != 1:
        return ""
    return "same" if said.pop() else "different"


def _best_link(group: StoredGroup, position: int) -> StoredGroupLink | None:
    own = {record.position for record in group.records if record.yours}
    links = [
        link
        for link in group.links
        if (link.left == position and link.right in own)
        or (link.right == position and link.left in own)
    ]
    return max(links, key=lambda link: link.score, default=None)
