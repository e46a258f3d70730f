"""Sketches of matched records at rest."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from tacit.coordinator.store.groups import join_current
from tacit.coordinator.store.tables import group_records, records, sketches


@dataclass(frozen=True, slots=True)
class Sketch:
    """A record's sketch: which record of a run's groups, and its parts."""

    run_id: str
    group_id: int
    place: int
    parts: bytes


def own_places(
    connection: Connection, run_id: str, member_id: str, group_ids: Collection[int], day: int
) -> dict[tuple[int, bytes], int]:
    """Give the places of a member's records in groups, as of `day`, by group and token."""
    query = (
        select(group_records.c.group_id, records.c.token, group_records.c.place)
        .select_from(join_current(group_records, day))
        .where(
            group_records.c.run_id == run_id,
            group_records.c.member_id == member_id,
            group_records.c.group_id.in_(group_ids),
        )
    )
    return {(row.group_id, row.token): row.place for row in connection.execute(query)}


def add_sketches(connection: Connection, run_id: str, made: Collection[Sketch]) -> None:
    """Keep sketches of one run; where a record has one already, that stays."""
    known = sketches_of(connection, run_id, {sketch.group_id for sketch in made})
    new = {
        (sketch.group_id, sketch.place): sketch
        for sketch in made
        if sketch.place not in known[sketch.group_id]
    }
    if new:
        connection.execute(insert(sketches), [asdict(sketch) for sketch in new.values()])


def sketches_of(
    connection: Connection, run_id: str, group_ids: Collection[int]
) -> Mapping[int, Mapping[int, bytes]]:
    """Give the sketches of groups, by group and place."""
    query = select(sketches).where(sketches.c.run_id == run_id, sketches.c.group_id.in_(group_ids))
    found: dict[int, dict[int, bytes]] = {group_id: {} for group_id in group_ids}
    for row in connection.execute(query):
        found[row.group_id][row.place] = row.parts
    return found


def others_sketched(connection: Connection, run_id: str, member_id: str) -> list[tuple[int, int]]:
    """Give the sketches that others sent of records in a member's groups: group and place."""
    own = select(group_records.c.group_id).where(
        group_records.c.run_id == run_id, group_records.c.member_id == member_id
    )
    held = group_records.join(
        sketches,
        (group_records.c.run_id == sketches.c.run_id)
        & (group_records.c.group_id == sketches.c.group_id)
        & (group_records.c.place == sketches.c.place),
    )
    query = (
        select(sketches.c.group_id, sketches.c.place)
        .select_from(held)
        .where(
            sketches.c.run_id == run_id,
            group_records.c.member_id != member_id,
            sketches.c.group_id.in_(own),
        )
        .order_by(sketches.c.group_id, sketches.c.place)
    )
    return [(row.group_id, row.place) for row in connection.execute(query)]
