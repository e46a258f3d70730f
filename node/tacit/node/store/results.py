"""What linkage gave back: runs, their match groups, claims and published counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from tacit.node.store.rows import every, one, put, put_all
from tacit.node.store.tables import (
    claim_groups,
    group_decisions,
    group_links,
    group_records,
    releases,
    runs,
)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run.

    Attributes:
        state: name of the RunState without its prefix, lower case: "done".
        after_group_id: greatest group id that is stored; the stream goes on after it.
        fetched_at: when all groups were here, or None.
        revision: the coordinator's number for what the groups here hold besides.
        sketched_at: when this node sent its sketches for reasons, or None.
    """

    run_id: str
    project_id: str
    state: str
    created_at: int
    ended_at: int | None = None
    threshold: float | None = None
    group_count: int | None = None
    estimated_precision: float | None = None
    estimated_recall: float | None = None
    after_group_id: int = 0
    fetched_at: int | None = None
    revision: str = "0"
    sketched_at: int | None = None


@dataclass(frozen=True, slots=True)
class StoredGroupRecord:
    """One record of a match group.

    Attributes:
        position: place in the group, from 0; links refer to it.
        publication: "allowed", "objected" or empty.
    """

    run_id: str
    group_id: int
    position: int
    member: str
    token: bytes
    yours: bool
    publication: str


@dataclass(frozen=True, slots=True)
class StoredGroupLink:
    """A matched pair of a group, by position.

    Attributes:
        fields: verdicts on the schema's features in order, space-separated; empty if unknown.
    """

    run_id: str
    group_id: int
    left: int
    right: int
    score: float
    fields: str = ""


@dataclass(frozen=True, slots=True)
class StoredGroupDecision:
    """What this member (`yours`) or the other decided about a pair of a group, by position."""

    run_id: str
    group_id: int
    left: int
    right: int
    yours: bool
    same: bool


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A match group that holds a record of this node's."""

    group_id: int
    records: tuple[StoredGroupRecord, ...]
    links: tuple[StoredGroupLink, ...]
    decisions: tuple[StoredGroupDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredClaims:
    """A group's claims, opened and verified; `document` is JSON."""

    run_id: str
    group_id: int
    document: str
    fetched_at: int


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A published count; `document` is JSON."""

    project_id: str
    ledger_index: int
    run_id: str
    document: str
    fetched_at: int


def put_run(connection: Connection, run: StoredRun) -> None:
    """Keep a run's state."""
    put(connection, runs, run)


def get_run(connection: Connection, run_id: str) -> StoredRun | None:
    """Give a run, or None."""
    return one(connection, select(runs).where(runs.c.run_id == run_id), StoredRun)


def list_runs(connection: Connection, project_id: str) -> Sequence[StoredRun]:
    """Give a project's runs, newest first."""
    query = select(runs).where(runs.c.project_id == project_id).order_by(runs.c.created_at.desc())
    return every(connection, query, StoredRun)


def put_groups(connection: Connection, groups: Iterable[StoredGroup]) -> None:
    """Keep match groups."""
    kept = list(groups)
    put_all(connection, group_records, [record for group in kept for record in group.records])
    put_all(connection, group_links, [link for group in kept for link in group.links])
    put_all(connection, group_decisions, [item for group in kept for item in group.decisions])


def drop_groups(connection: Connection, run_id: str) -> None:
    """Forget a run's groups, before what the coordinator has of them now is kept."""
    for table in (group_decisions, group_links, group_records):
        connection.execute(delete(table).where(table.c.run_id == run_id))


def drop_claims(connection: Connection, run_id: str) -> None:
    """Forget the opened claims of a run's groups."""
    connection.execute(delete(claim_groups).where(claim_groups.c.run_id == run_id))


def list_groups(connection: Connection, run_id: str) -> Sequence[StoredGroup]:
    """Give a run's groups, by id."""
    of_run = group_records.c.run_id == run_id
    by_place = (
        select(group_records)
        .where(of_run)
        .order_by(group_records.c.group_id, group_records.c.position)
    )
    by_pair = (
        select(group_links)
        .where(group_links.c.run_id == run_id)
        .order_by(group_links.c.group_id, group_links.c.left, group_links.c.right)
    )
    members: dict[int, list[StoredGroupRecord]] = {}
    for record in every(connection, by_place, StoredGroupRecord):
        members.setdefault(record.group_id, []).append(record)
    links: dict[int, list[StoredGroupLink]] = {}
    for link in every(connection, by_pair, StoredGroupLink):
        links.setdefault(link.group_id, []).append(link)
    decided: dict[int, list[StoredGroupDecision]] = {}
    by_decider = (
        select(group_decisions)
        .where(group_decisions.c.run_id == run_id)
        .order_by(*group_decisions.primary_key.columns)
    )
    for item in every(connection, by_decider, StoredGroupDecision):
        decided.setdefault(item.group_id, []).append(item)
    return [
        StoredGroup(
            group_id,
            tuple(found),
            tuple(links.get(group_id, ())),
            tuple(decided.get(group_id, ())),
        )
        for group_id, found in members.items()
    ]


def put_claims(connection: Connection, claims: Iterable[StoredClaims]) -> None:
    """Keep opened claims."""
    put_all(connection, claim_groups, claims)


def list_claims(connection: Connection, run_id: str) -> Mapping[int, StoredClaims]:
    """Give a run's opened claims, by group id."""
    query = select(claim_groups).where(claim_groups.c.run_id == run_id)
    return {claims.group_id: claims for claims in every(connection, query, StoredClaims)}


def put_release(connection: Connection, release: StoredRelease) -> None:
    """Keep a published count."""
    put(connection, releases, release)


def list_releases(connection: Connection, project_id: str) -> Sequence[StoredRelease]:
    """Give a project's published counts, newest first."""
    query = (
        select(releases)
        .where(releases.c.project_id == project_id)
        .order_by(releases.c.ledger_index.desc())
    )
    return every(connection, query, StoredRelease)
