"""Bringing a database's tables up to date; the migrations travel in the wheel."""

import io
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tacit.linkage.errors import Code, TacitError

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Run the migrations that this database has not seen, within the caller's transaction.

    Raises:
        TacitError: STORE_FAILED, the database was written by newer software.
    """
    config = _config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise TacitError(Code.STORE_FAILED, problem="it was written by newer software.")
    command.upgrade(config, "head")


def _config(connection: Connection) -> Config:
    # Alembic interpolates its options, and prints: neither may meet an odd path or our stdout.
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
