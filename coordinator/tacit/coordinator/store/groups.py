"""Match groups at rest, and what their members' present consent leaves of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Join,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    insert,
    or_,
    select,
)

from tacit.coordinator.store.sets import in_time
from tacit.coordinator.store.tables import (
    commitments,
    group_links,
    group_records,
    groups,
    records,
    uploads,
)

# Parameters in one statement; PostgreSQL and SQLite take 32,766 at most.
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """A record of a group: where it lies, and whose it is."""

    upload_id: str
    position: int
    member_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """A matched pair of a group, by places, with its score rounded to two decimals."""

    left: int
    right: int
    score: float


@dataclass(frozen=True, slots=True)
class Solved:
    """A match group as solving found it."""

    group_id: int
    places: Sequence[Place]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Held:
    """A group's record as its member's current upload has it: consent is what it is now."""

    group_id: int
    place: int
    member_id: str
    token: bytes
    publication: int
    purposes: Sequence[str]
    claim_commitment: bytes
    sealed_claim: bytes


def add_groups(connection: Connection, run_id: str, solved: Sequence[Solved]) -> None:
    """Write the groups of a run."""
    for start in range(0, len(solved), _BATCH):
        part = solved[start : start + _BATCH]
        connection.execute(
            insert(groups), [{"run_id": run_id, "group_id": group.group_id} for group in part]
        )
        connection.execute(insert(group_records), _place_rows(run_id, part))
        links = _link_rows(run_id, part)
        # Records that are known to be one person need not resemble each other. No rows at all
        # would be taken for one row of defaults.
        if links:
            connection.execute(insert(group_links), links)


def _place_rows(run_id: str, solved: Sequence[Solved]) -> list[dict[str, object]]:
    return [
        {
            "run_id": run_id,
            "group_id": group.group_id,
            "place": place,
            "upload_id": item.upload_id,
            "position": item.position,
            "member_id": item.member_id,
        }
        for group in solved
        for place, item in enumerate(group.places)
    ]


def _link_rows(run_id: str, solved: Sequence[Solved]) -> list[dict[str, object]]:
    return [
        {
            "run_id": run_id,
            "group_id": group.group_id,
            "left": link.left,
            "right": link.right,
            "score": link.score,
        }
        for group in solved
        for link in group.links
    ]


def group_ids_of(
    connection: Connection, run_id: str, member_id: str, after: int, limit: int
) -> list[int]:
    """Give the groups that hold a record of this member, in order, from after `after` on."""
    query = (
        select(group_records.c.group_id)
        .where(
            group_records.c.run_id == run_id,
            group_records.c.member_id == member_id,
            group_records.c.group_id > after,
        )
        .distinct()
        .order_by(group_records.c.group_id)
        .limit(limit)
    )
    return list(connection.scalars(query))


def count_groups_shown(
    connection: Connection, run_id: str, member_id: str, purposes: Collection[str], day: int
) -> int:
    """Count the groups that hold a record of this member and one of another.

    Only records count whose consent covers one of `purposes` now, which is on `day`.
    """
    own, other = group_records.alias("own"), group_records.alias("other")
    theirs = records.alias("theirs")
    # A group's first other record mostly answers, so that few of them are ever looked at.
    shared = (
        exists()
        .select_from(join_current(other, day, theirs))
        .where(
            other.c.run_id == own.c.run_id,
            other.c.group_id == own.c.group_id,
            other.c.member_id != own.c.member_id,
            _covers(theirs, purposes),
        )
        .correlate(own)
    )
    query = (
        select(func.count(own.c.group_id.distinct()))
        .select_from(join_current(own, day))
        .where(
            own.c.run_id == run_id,
            own.c.member_id == member_id,
            _covers(records, purposes),
            shared,
        )
    )
    return int(connection.execute(query).scalar_one())


def _covers(held: FromClause, purposes: Collection[str]) -> ColumnElement[bool]:
    text = cast(held.c.purposes, Text)
    return or_(false(), *(text.contains(f'"{purpose}"') for purpose in purposes))


def join_current(pinned: FromClause, day: int, held: FromClause = records) -> Join:
    """Join rows that name a record by upload and position to that record as it is now.

    That is the record with the same token in the same member's current upload. Commitments
    outlive the records of replaced uploads, so an old run can still be read. Records whose consent
    had ended before `day`, in days since 1970-01-01, are left out.

    Args:
        pinned: the rows.
        day: today.
        held: the table of records, or an alias of it where the query has another.
    """
    origin = uploads.alias("origin")
    current = uploads.alias("current")
    known = commitments.alias("known")
    by_position = and_(
        known.c.upload_id == pinned.c.upload_id, known.c.position == pinned.c.position
    )
    same_member = and_(
        current.c.project_id == origin.c.project_id,
        current.c.member_id == origin.c.member_id,
        current.c.finished,
        ~current.c.superseded,
    )
    same_token = and_(
        held.c.upload_id == current.c.id, held.c.token == known.c.token, in_time(day, held)
    )
    return (
        pinned.join(known, by_position)
        .join(origin, origin.c.id == pinned.c.upload_id)
        .join(current, same_member)
        .join(held, same_token)
    )


def held_records(
    connection: Connection, run_id: str, group_ids: Collection[int], day: int
) -> dict[int, list[Held]]:
    """Give the records of groups, by group and place, as their members' current uploads have them.

    A record that its member no longer uploads is left out: consent is that of `day`, today.
    """
    query = (
        select(
            group_records.c.group_id,
            group_records.c.place,
            group_records.c.member_id,
            records.c.token,
            records.c.publication,
            records.c.purposes,
            records.c.claim_commitment,
            records.c.sealed_claim,
        )
        .select_from(join_current(group_records, day))
        .where(group_records.c.run_id == run_id, group_records.c.group_id.in_(group_ids))
        .order_by(group_records.c.group_id, group_records.c.place)
    )
    found: dict[int, list[Held]] = {group_id: [] for group_id in group_ids}
    for row in connection.execute(query).mappings():
        held = Held(**row)
        found[held.group_id].append(held)
    return found


def links_of(
    connection: Connection, run_id: str, group_ids: Collection[int]
) -> dict[int, list[Link]]:
    """Give the links of groups, by group."""
    columns = (group_links.c.group_id, group_links.c.left, group_links.c.right, group_links.c.score)
    query = (
        select(*columns)
        .where(group_links.c.run_id == run_id, group_links.c.group_id.in_(group_ids))
        .order_by(group_links.c.group_id, group_links.c.left, group_links.c.right)
    )
    found: dict[int, list[Link]] = {group_id: [] for group_id in group_ids}
    for group_id, left, right, score in connection.execute(query):
        found[group_id].append(Link(left, right, score))
    return found
