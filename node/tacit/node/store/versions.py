"""The store's version and the steps from each version to the next."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from tacit.linkage.errors import Code, TacitError
from tacit.node.store.tables import (
    agreement_versions,
    destroyed_keys,
    duplicate_marks,
    duplicate_searches,
    group_decisions,
    metadata,
    pins,
    receipts,
    sent_records,
    withdrawals,
    withdrawn_records,
)

Step = Callable[[Connection], None]


def _add_duplicates(connection: Connection) -> None:
    duplicate_marks.create(connection)
    duplicate_searches.create(connection)


def _add_findings(connection: Connection) -> None:
    """Make room for reasons and decisions beside match groups."""
    for change in (
        "runs ADD COLUMN revision TEXT DEFAULT '0' NOT NULL",
        "runs ADD COLUMN sketched_at BIGINT",
        "group_links ADD COLUMN fields TEXT DEFAULT '' NOT NULL",
    ):
        connection.exec_driver_sql(f"ALTER TABLE {change}")
    group_decisions.create(connection)


def _add_pins(connection: Connection) -> None:
    pins.create(connection)


def _add_versions(connection: Connection) -> None:
    """Make room for versions of agreements and for epochs; each project has one version so far."""
    agreement_versions.create(connection)
    destroyed_keys.create(connection)
    for change in (
        "projects ADD COLUMN epoch INTEGER DEFAULT 1 NOT NULL",
        "projects ADD COLUMN epoch_ends_at BIGINT DEFAULT 0 NOT NULL",
        "projects ADD COLUMN proposal_hash BLOB",
        "projects ADD COLUMN gone TEXT DEFAULT '' NOT NULL",
        "projects ADD COLUMN over TEXT DEFAULT '' NOT NULL",
        "linkage_keys ADD COLUMN agreement_hash BLOB DEFAULT x'' NOT NULL",
    ):
        connection.exec_driver_sql(f"ALTER TABLE {change}")
    connection.exec_driver_sql(
        "UPDATE linkage_keys SET agreement_hash = (SELECT agreement_hash FROM projects"
        " WHERE projects.project_id = linkage_keys.project_id)"
    )
    connection.exec_driver_sql(
        "INSERT INTO agreement_versions SELECT project_id, agreement_hash, 1, agreement, signed_at,"
        " CASE WHEN in_force THEN updated_at END, (SELECT confirmed_at FROM linkage_keys"
        " WHERE linkage_keys.project_id = projects.project_id) FROM projects"
    )
    connection.exec_driver_sql("ALTER TABLE linkage_keys DROP COLUMN confirmed_at")


def _add_consent(connection: Connection) -> None:
    """Make room for withdrawals, their receipts, and uploads of what has changed."""
    for table in (receipts, withdrawn_records, withdrawals, sent_records):
        table.create(connection)
    for change in (
        "uploads ADD COLUMN base_upload_id TEXT DEFAULT '' NOT NULL",
        "uploads ADD COLUMN travelling INTEGER",
        "upload_records ADD COLUMN hash BLOB",
    ):
        connection.exec_driver_sql(f"ALTER TABLE {change}")


# Step n brings a store of version n to version n + 1. A new store is made as it is today.
STEPS: Mapping[int, Step] = {
    1: _add_duplicates,
    2: _add_findings,
    3: _add_pins,
    4: _add_versions,
    5: _add_consent,
}
VERSION = 6


def bring_up_to_date(
    connection: Connection, version: int = VERSION, steps: Mapping[int, Step] = STEPS
) -> None:
    """Create the tables of a new store, or take an older one to today's version.

    It all happens in the caller's transaction, user_version included.

    Raises:
        TacitError: STORE_FAILED; a later version of Tacit wrote the store.
    """
    found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if found == version:
        return
    if found > version:
        problem = f"it has version {found}, this Tacit knows {version}; install the later Tacit"
        raise TacitError(Code.STORE_FAILED, problem=problem)
    if found == 0:
        metadata.create_all(connection)
    else:
        for number in range(found, version):
            steps[number](connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {version}")
