"""The imports of the past, of which the last can be undone."""

import datetime as dt
from dataclasses import replace

from tacit.linkage.errors import Code, TacitError
from tacit.node.store.base import Store
from tacit.node.store.imports import StoredImport, end_import, last_import, list_imports
from tacit.node.store.records import restore_previous
from tacit.node.times import milliseconds


def undo_last_import(store: Store, now: dt.datetime) -> StoredImport:
    """Put the register back to what it was before the last import.

    Raises:
        TacitError: NOT_FOUND; nothing was imported, or the last import is undone already.
    """
    with store.write() as connection:
        last = last_import(connection)
        if last is None or last.undone_at is not None:
            raise TacitError(Code.NOT_FOUND, what="import to undo; only the last one can be")
        restore_previous(connection)
        undone = replace(last, undone_at=milliseconds(now))
        end_import(connection, undone)
        return undone


def import_history(store: Store) -> tuple[StoredImport, ...]:
    """Give all imports, newest first."""
    with store.read() as connection:
        return tuple(list_imports(connection))
