"""Erasing what other members' records gave, when its time is over here too."""

from sqlalchemy import Connection, Select, delete, select

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
    _erase_runs(
        connection,
        select(runs.c.run_id).where(runs.c.project_id == project_id, runs.c.ended_at < before),
    )
    asked = select(checks.c.check_id).where(
        checks.c.project_id == project_id, checks.c.asked_at < before
    )
    connection.execute(delete(check_answers).where(check_answers.c.check_id.in_(asked)))


def erase_all_results(connection: Connection, project_id: str) -> None:
    """Erase all of a project's results, as the agreement under which they were found is over.

    What stays is what stays of older ones; see `erase_results`.
    """
    _erase_runs(connection, select(runs.c.run_id).where(runs.c.project_id == project_id))
    asked = select(checks.c.check_id).where(checks.c.project_id == project_id)
    connection.execute(delete(check_answers).where(check_answers.c.check_id.in_(asked)))


def _erase_runs(connection: Connection, ended: Select[tuple[str]]) -> None:
    for table in (group_decisions, group_links, group_records, claim_groups, runs):
        connection.execute(delete(table).where(table.c.run_id.in_(ended)))
