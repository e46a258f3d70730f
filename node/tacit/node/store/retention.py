"""Erasing what other members' records gave, when its time is over here too."""

from sqlalchemy import Connection, delete, select

from tacit.node.store.tables import (
    check_answers,
    checks,
    claim_groups,
    group_decisions,
    group_links,
    group_records,
    runs,
)


def erase_results(connection: Connection, project_id: str, before: int) -> None:
    """Erase a project's results that are older than the agreement lets anybody keep them.

    That is runs with their match groups and claims, and answers to checks. What this member made
    or what was published stays: checks as such, notices, counts.

    Args:
        connection: a `Store.write` transaction.
        project_id: the project.
        before: milliseconds; runs that ended and checks that were asked earlier.
    """
    ended = select(runs.c.run_id).where(runs.c.project_id == project_id, runs.c.ended_at < before)
    for table in (group_decisions, group_links, group_records, claim_groups, runs):
        connection.execute(delete(table).where(table.c.run_id.in_(ended)))
    asked = select(checks.c.check_id).where(
        checks.c.project_id == project_id, checks.c.asked_at < before
    )
    connection.execute(delete(check_answers).where(check_answers.c.check_id.in_(asked)))
