"""Erasing single records of a member, and every trace of them by token or position."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, and_, delete, or_, select, update

from tacit.coordinator.store.runs import LIVE
from tacit.coordinator.store.tables import (
    commitments,
    decisions,
    delta_records,
    group_links,
    group_records,
    records,
    run_constraints,
    run_inputs,
    runs,
    sketches,
    uploads,
)
from tacit.coordinator.store.uploads import drop_upload

# Parameters of one statement, far from what PostgreSQL and SQLite take.
_BATCH = 500

BLANK = b""
"""What stands in place of a withdrawn record's token, beside its commitment."""


def erase_tokens(
    connection: Connection, project_id: str, member_id: str, tokens: Collection[bytes]
) -> None:
    """Erase records from all of a member's uploads in a project, with all that knows them.

    Unfinished uploads that hold one of them are given up. Commitments stay, without the tokens,
    so that proofs of other records keep holding.

    Args:
        connection: a `Store.write` transaction.
        project_id: the project.
        member_id: whose records they are.
        tokens: at most a thousand.
    """
    own = (uploads.c.project_id == project_id, uploads.c.member_id == member_id)
    ids = connection.scalars(select(uploads.c.id).where(*own, uploads.c.finished)).all()
    unfinished = connection.scalars(select(uploads.c.id).where(*own, ~uploads.c.finished)).all()
    _give_up(connection, unfinished, tokens)
    for upload_id in ids:
        of_upload = records.c.upload_id == upload_id
        connection.execute(delete(records).where(of_upload, records.c.token.in_(tokens)))
        committed = (commitments.c.upload_id == upload_id, commitments.c.token.in_(tokens))
        places = connection.scalars(select(commitments.c.position).where(*committed)).all()
        if places:
            _forget_places(connection, upload_id, member_id, places)
            connection.execute(update(commitments).where(*committed).values(token=BLANK))
            more = uploads.c.withdrawn + len(places)
            connection.execute(
                update(uploads).where(uploads.c.id == upload_id).values(withdrawn=more)
            )
    connection.execute(
        delete(decisions).where(
            decisions.c.project_id == project_id,
            or_(
                and_(decisions.c.member_id == member_id, decisions.c.token.in_(tokens)),
                and_(decisions.c.other_id == member_id, decisions.c.other_token.in_(tokens)),
            ),
        )
    )


def _give_up(connection: Connection, upload_ids: Sequence[str], tokens: Collection[bytes]) -> None:
    for upload_id in upload_ids:
        for table in (records, delta_records):
            held = select(table.c.position).where(
                table.c.upload_id == upload_id, table.c.token.in_(tokens)
            )
            if connection.execute(held).first() is not None:
                drop_upload(connection, upload_id)
                break


def _forget_places(
    connection: Connection, upload_id: str, member_id: str, places: Sequence[int]
) -> None:
    """Take records, by their positions, out of all groups, and what runs know of them."""
    inputs = select(run_inputs.c.run_id, run_inputs.c.ordinal).where(
        run_inputs.c.upload_id == upload_id
    )
    for run_id, ordinal in connection.execute(inputs).all():
        for start in range(0, len(places), _BATCH):
            some = places[start : start + _BATCH]
            _forget_in_groups(connection, run_id, upload_id, member_id, some)
            known = run_constraints.c
            connection.execute(
                delete(run_constraints).where(
                    known.run_id == run_id,
                    or_(
                        and_(known.left_set == ordinal, known.left.in_(some)),
                        and_(known.right_set == ordinal, known.right.in_(some)),
                    ),
                )
            )


def _forget_in_groups(
    connection: Connection, run_id: str, upload_id: str, member_id: str, places: Sequence[int]
) -> None:
    own = (
        group_records.c.run_id == run_id,
        group_records.c.member_id == member_id,
        group_records.c.upload_id == upload_id,
        group_records.c.position.in_(places),
    )
    for group_id, place in connection.execute(
        select(group_records.c.group_id, group_records.c.place).where(*own)
    ).all():
        links, sketched = group_links.c, sketches.c
        connection.execute(
            delete(group_links).where(
                links.run_id == run_id,
                links.group_id == group_id,
                or_(links.left == place, links.right == place),
            )
        )
        connection.execute(
            delete(sketches).where(
                sketched.run_id == run_id, sketched.group_id == group_id, sketched.place == place
            )
        )
    connection.execute(delete(group_records).where(*own))


def live_runs_of(connection: Connection, project_id: str) -> list[str]:
    """Give the project's runs under way one of whose inputs has shrunk since, newest first."""
    query = (
        select(runs.c.id, runs.c.created_at)
        .join(run_inputs, run_inputs.c.run_id == runs.c.id)
        .join(uploads, uploads.c.id == run_inputs.c.upload_id)
        .where(
            runs.c.project_id == project_id,
            runs.c.state.in_(LIVE),
            uploads.c.withdrawn != run_inputs.c.withdrawn,
        )
        .distinct()
        .order_by(runs.c.created_at.desc(), runs.c.id)
    )
    return list(connection.scalars(query))


def withdrawn_counts(connection: Connection, upload_ids: Collection[str]) -> Mapping[str, int]:
    """Count what was withdrawn from uploads, by upload."""
    query = select(uploads.c.id, uploads.c.withdrawn).where(uploads.c.id.in_(upload_ids))
    return {row.id: row.withdrawn for row in connection.execute(query)}


def withdrawn_places(
    connection: Connection, upload_id: str, places: Collection[int]
) -> frozenset[int]:
    """Give those of an upload's positions whose records were withdrawn."""
    found: set[int] = set()
    wanted = sorted(places)
    for start in range(0, len(wanted), _BATCH):
        query = select(commitments.c.position).where(
            commitments.c.upload_id == upload_id,
            commitments.c.position.in_(wanted[start : start + _BATCH]),
            commitments.c.token == BLANK,
        )
        found.update(connection.scalars(query))
    return frozenset(found)
