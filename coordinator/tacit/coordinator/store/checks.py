"""Checks made, what they cost, and the notices of those whose records were found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select

from tacit.coordinator.store.tables import checks, notices


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was committed; never the records asked about. Time in milliseconds.

    Attributes:
        digest: SHA-256 over the records asked about.
        inputs_hash: SHA-256 over the uploads that were asked.
        threshold: least score of an answer; None where the question itself is to give it.
        run_id: the run that the threshold is of; None where there is none.
        spent: records counted against the budget, over all times it was asked of new uploads.
    """

    project_id: str
    member_id: str
    check_id: bytes
    epoch: int
    digest: bytes
    inputs_hash: bytes
    threshold: float | None
    run_id: str | None
    total: int
    spent: int
    asked_at: int
    ledger_index: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Tells a holder that records of its were found; time in milliseconds."""

    asker_id: str
    asked_at: int
    records: int
    ledger_index: int


def find_check(
    connection: Connection, project_id: str, member_id: str, check_id: bytes
) -> Check | None:
    """Find a member's check by the identifier that its node made."""
    query = select(checks).where(
        checks.c.project_id == project_id,
        checks.c.member_id == member_id,
        checks.c.check_id == check_id,
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Check(**row)


def put_check(connection: Connection, check: Check) -> None:
    """Enter a check, in place of the same one asked of earlier uploads.

    The notices of the earlier one stay: its answers were given.
    """
    values = asdict(check)
    if find_check(connection, check.project_id, check.member_id, check.check_id) is None:
        connection.execute(insert(checks).values(**values))
        return
    connection.execute(
        checks.update()
        .where(
            checks.c.project_id == check.project_id,
            checks.c.member_id == check.member_id,
            checks.c.check_id == check.check_id,
        )
        .values(**values)
    )


def spent(connection: Connection, project_id: str, member_id: str, epoch: int) -> int:
    """Sum up what a member's checks of an epoch have cost, in records."""
    query = select(func.coalesce(func.sum(checks.c.spent), 0)).where(
        checks.c.project_id == project_id,
        checks.c.member_id == member_id,
        checks.c.epoch == epoch,
    )
    return int(connection.execute(query).scalar_one())


def put_notices(connection: Connection, check: Check, found: Mapping[str, int]) -> None:
    """Write the notices of a check, records found by holder, in place of those it has.

    Args:
        connection: a `Store.write` transaction.
        check: the check, committed before.
        found: how many records were found, by holder; at least one each.
    """
    connection.execute(
        delete(notices).where(
            notices.c.project_id == check.project_id,
            notices.c.asker_id == check.member_id,
            notices.c.check_id == check.check_id,
            notices.c.holder_id.in_(found),
        )
    )
    rows = [
        {
            "project_id": check.project_id,
            "asker_id": check.member_id,
            "check_id": check.check_id,
            "holder_id": holder,
            "asked_at": check.asked_at,
            "records": records,
            "ledger_index": check.ledger_index,
        }
        for holder, records in found.items()
    ]
    if rows:
        connection.execute(insert(notices), rows)


def notices_for(connection: Connection, project_id: str, holder_id: str) -> list[Notice]:
    """Give a member's notices, oldest first."""
    query = (
        select(notices.c.asker_id, notices.c.asked_at, notices.c.records, notices.c.ledger_index)
        .where(notices.c.project_id == project_id, notices.c.holder_id == holder_id)
        .order_by(notices.c.ledger_index, notices.c.asker_id)
    )
    return [Notice(**row) for row in connection.execute(query).mappings()]
