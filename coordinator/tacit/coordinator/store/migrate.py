"""Bringing a database's tables up to date; the migrations travel in the wheel."""

import io
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from tacit.linkage.errors import Code, TacitError

NEWEST = "0008"
"""The last migration: a database that has it needs none, and so does not need Alembic either."""

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))


def migrate(connection: Connection, revision: str = NEWEST) -> None:
    """Run the migrations that this database has not seen, within the caller's transaction.

    Args:
        connection: the database.
        revision: the migration to stop at; an earlier one only to load what is as old.

    Raises:
        TacitError: STORE_FAILED, the database or `revision` is of newer software.
    """
    if current_revision(connection) != revision:
        _upgrade(connection, revision)


def current_revision(connection: Connection) -> str | None:
    """Give the last migration that a database has seen, or None where it has no tables."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def known_revisions() -> frozenset[str]:
    """Name every migration that this software has."""
    return frozenset(path.name.split("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def _upgrade(connection: Connection, revision: str) -> None:
    # Half of what opening a database costs; most databases are opened far more often than migrated.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    # Alembic interpolates its options, and prints: neither may meet an odd path or our stdout.
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if {revision, current_revision(connection)} - known_revisions() - {None}:
        raise TacitError(Code.STORE_FAILED, problem="it was written by newer software.")
    command.upgrade(config, revision)
