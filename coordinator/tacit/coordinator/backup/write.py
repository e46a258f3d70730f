"""Making a backup: one moment of the database, and every file that the home needs beside it."""

import base64
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select

from tacit.coordinator.backend import milliseconds
from tacit.coordinator.backup.container import BackupWriter
from tacit.coordinator.backup.rows import encode, read_batches, reflect
from tacit.coordinator.backup.verify import FORMAT, Summary, verify_backup
from tacit.coordinator.home import Home
from tacit.coordinator.ledger import Ledger
from tacit.coordinator.store.migrate import current_revision
from tacit.coordinator.store.tables import metadata

Advance = Callable[[int, int], None]


def back_up(
    home: Home,
    path: Path,
    passphrase: str | None,
    key_passphrase: str | None = None,
    advance: Advance = lambda _done, _total: None,
) -> Summary:
    """Write a backup, beside a running coordinator too, then read it back and verify it.

    Args:
        home: of the coordinator.
        path: the new file.
        passphrase: encrypts the backup; None leaves it in the clear, readable by its owner only.
        key_passphrase: of the coordinator's private keys at rest, if they have one. They stay
            under it in the backup; it is asked for to see that they can be opened.
        advance: told rows done and rows in all.

    Raises:
        TacitError: EXISTS, WRONG_PASSPHRASE, STORE_FAILED, or BAD_INPUT (the place cannot be
            written, or the ledger does not verify, which is said at once rather than at the
            restoring). No file is left then.
    """
    key = home.read_ledger_key(key_passphrase)
    home.read_authority(key_passphrase)
    store = home.open_store()
    try:
        # Signed before, so that the heads in the backup include one over what it holds at least.
        Ledger(store, key).head(milliseconds())
        with store.read() as connection, BackupWriter(path, passphrase) as writer:
            writer.line(encode(_head(home, connection, key.public_key().public_bytes_raw())))
            written = _write_rows(connection, writer, advance)
            writer.line(encode({"end": written}))
            writer.finish()
    finally:
        store.close()
    try:
        return verify_backup(path, passphrase, key_passphrase)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _head(home: Home, connection: Connection, ledger_key: bytes) -> dict[str, object]:
    files = home.kept_files().items()
    return {
        "format": FORMAT,
        "software": version("tacit"),
        "revision": current_revision(connection),
        "created": milliseconds(),
        "ledger_key": ledger_key.hex(),
        "files": {name: base64.b64encode(content).decode() for name, content in files},
    }


def _write_rows(connection: Connection, writer: BackupWriter, advance: Advance) -> dict[str, int]:
    # Others may have tables of their own in the same PostgreSQL database.
    ours = metadata.tables.keys() & set(inspect(connection).get_table_names())
    tables = reflect(connection, ours)
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    }
    done, total = 0, sum(counts.values())
    for table in tables:
        columns = [column.name for column in table.columns]
        writer.line(encode({"table": table.name, "columns": columns}))
        for rows in read_batches(connection, table):
            writer.line(encode({"rows": rows}))
            done += len(rows)
            advance(done, total)
    return counts
