"""Making a coordinator again from a backup, in a place where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError

from tacit.coordinator.backup.rows import load, reflect
from tacit.coordinator.backup.verify import Head, Reading, Summary, damaged, verify_backup
from tacit.coordinator.config import parse_config, render_config
from tacit.coordinator.home import CONFIG, Home
from tacit.coordinator.keys import write_private_file
from tacit.coordinator.store.engine import Store, connect_store
from tacit.coordinator.store.migrate import migrate
from tacit.linkage.errors import Code, TacitError

Advance = Callable[[int, int], None]


def restore(
    path: Path,
    passphrase: str | None,
    home: Path,
    database: str = "",
    advance: Advance = lambda _done, _total: None,
) -> Summary:
    """Verify a backup, then make its coordinator in `home`; nothing that exists is touched.

    Args:
        path: the backup.
        passphrase: what it is encrypted under, or None.
        home: a directory that holds no coordinator; made if it is missing.
        database: URL of an empty PostgreSQL database; empty means SQLite in the home, whichever
            of the two the backup comes from.
        advance: told rows done and rows in all.

    Raises:
        TacitError: EXISTS (a coordinator, one of its files, or tables in the database),
            NOT_FOUND, WRONG_PASSPHRASE, BAD_INPUT (the backup is damaged or does not verify),
            USAGE or STORE_FAILED.
    """
    refuse_existing(home)
    summary = verify_backup(path, passphrase)
    reading = Reading(path, passphrase)
    head = reading.head
    config = replace(parse_config(head.files[CONFIG].decode(), CONFIG), database=database)
    made = Home(home.resolve(), config)
    refuse_existing(home, *head.files)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    with _new_database(made) as store:
        _fill(store, path, reading, summary, advance)
    for name in sorted(head.files.keys() - {CONFIG}):
        write_private_file(home / name, head.files[name])
    # Last, since its presence says that the home is complete.
    write_private_file(home / CONFIG, render_config(config).encode())
    return summary


def refuse_existing(home: Path, *names: str) -> None:
    """See that a home holds no coordinator, nor any of these files.

    Raises:
        TacitError: EXISTS.
    """
    if (home / CONFIG).exists():
        raise TacitError(Code.EXISTS, what=f"A coordinator in {home}")
    for file in (home / name for name in names):
        if file.exists():
            raise TacitError(Code.EXISTS, what=f"'{file}'")


@contextmanager
def _new_database(home: Home) -> Iterator[Store]:
    """Give an empty database; SQLite's gets its own name once the block has been left well."""
    if home.config.database:
        store = connect_store(home.config.database)
        try:
            yield store
        finally:
            store.close()
        return
    file = home.database_file
    refuse_existing(home.path, file.name)
    draft = file.with_name(file.name + ".new")
    for leftover in home.path.glob(draft.name + "*"):
        leftover.unlink()
    store = connect_store(f"sqlite:///{draft}")
    try:
        yield store
    finally:
        # The last connection takes the write-ahead log into the file.
        store.close()
    draft.replace(file)


def _fill(store: Store, path: Path, reading: Reading, summary: Summary, advance: Advance) -> None:
    """Load every row in one transaction, then bring the tables up to date."""
    total, done = sum(summary.rows.values()), 0
    try:
        with store.write() as connection:
            _make_tables(connection, reading.head)
            tables = {table.name: table for table in reflect(connection, summary.rows)}
            for part in reading.parts():
                load(connection, tables[part.table], part.columns, part.rows)
                done += len(part.rows)
                advance(done, total)
            if dict(reading.counted) != dict(summary.rows):
                raise damaged(path)
            migrate(connection)
    except SQLAlchemyError as error:
        problem = "the backup does not fit its own tables"
        raise TacitError(Code.STORE_FAILED, type(error).__name__, problem=problem) from error


def _make_tables(connection: Connection, head: Head) -> None:
    if inspect(connection).get_table_names():
        raise TacitError(Code.EXISTS, what="A table in this database")
    migrate(connection, head.revision)
