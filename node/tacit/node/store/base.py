"""A node's store: one encrypted file, one process at a time."""

import contextlib
import secrets
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from tacit.linkage.errors import Code, TacitError
from tacit.node.home import Home, prepare_home, touch_private, write_private
from tacit.node.store import wrapping
from tacit.node.store.cipher import make_engine
from tacit.node.store.lock import ProcessLock
from tacit.node.store.versions import bring_up_to_date


class Store:
    """An open store. Use it as a context manager, or close it.

    Made by `create_store` and `open_store`. Safe to share between threads; each `read` or `write`
    takes a connection of its own.
    """

    def __init__(self, home: Home, key: bytes, lock: ProcessLock) -> None:
        self.home = home
        self._lock = lock
        self._engine = make_engine(home.store, key)
        self._writer = self._engine.execution_options(tacit_writing=True)
        try:
            with self.write() as connection:
                bring_up_to_date(connection)
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the store.

        Raises:
            TacitError: STORE_FAILED; the file is damaged, or the disk fails.
        """
        with _reported(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection inside one transaction: all of it happens, or none.

        Raises:
            TacitError: STORE_FAILED; the file is damaged, or the disk is full or fails.
        """
        with _reported(), self._writer.begin() as connection:
            yield connection

    def fold_log(self) -> None:
        """Write the log into the file and empty it, so that what was erased is in neither.

        Raises:
            TacitError: STORE_FAILED.
        """
        with _reported(), self._engine.connect() as connection:
            autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
            autocommit.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def close(self) -> None:
        """Close the file and let other processes in; doing so twice is harmless."""
        self._engine.dispose()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def create_store(home: Home, passphrase: str, cost: int = wrapping.DEFAULT_COST) -> Store:
    """Make a new, empty store and open it.

    Args:
        home: where; the directory is made if need be.
        passphrase: what will open it.
        cost: binary logarithm of scrypt's N.

    Raises:
        TacitError: EXISTS, USAGE (empty passphrase), STORE_BUSY or STORE_FAILED.
    """
    prepare_home(home)
    with contextlib.ExitStack() as stack:
        lock = stack.enter_context(ProcessLock(home.lock))
        if home.exists:
            raise TacitError(Code.EXISTS, what=f"The store in {home.path}")
        key = secrets.token_bytes(wrapping.KEY_BYTES)
        wrapped = wrapping.wrap(key, passphrase, cost)
        # Without key.json nobody could ever open these: left by a creation that was cut off.
        for leftover in home.path.glob("store.db*"):
            leftover.unlink()
        touch_private(home.store)
        store = stack.enter_context(Store(home, key, lock))
        write_private(home.key, wrapped.encode())
        stack.pop_all()
        return store


def open_store(home: Home, passphrase: str) -> Store:
    """Open a store, bringing an older one up to date.

    Raises:
        TacitError: NOT_FOUND, WRONG_PASSPHRASE, STORE_BUSY or STORE_FAILED; none of them
            changes anything.
    """
    _require(home)
    prepare_home(home)
    with contextlib.ExitStack() as stack:
        lock = stack.enter_context(ProcessLock(home.lock))
        key = wrapping.unwrap(wrapping.parse_wrapped(home.key.read_bytes()), passphrase)
        if not home.store.is_file():
            raise TacitError(Code.STORE_FAILED, problem="store.db is missing")
        store = Store(home, key, lock)
        stack.pop_all()
        return store


def change_passphrase(home: Home, old: str, new: str, cost: int = wrapping.DEFAULT_COST) -> None:
    """Wrap the database key under a new passphrase, in one step.

    The database key itself stays, so an old copy of key.json still opens with the old passphrase.

    Raises:
        TacitError: NOT_FOUND, WRONG_PASSPHRASE, USAGE (empty passphrase), STORE_BUSY or
            STORE_FAILED; none of them changes anything.
    """
    _require(home)
    with ProcessLock(home.lock):
        key = wrapping.unwrap(wrapping.parse_wrapped(home.key.read_bytes()), old)
        write_private(home.key, wrapping.wrap(key, new, cost).encode())


def _require(home: Home) -> None:
    if not home.exists:
        raise TacitError(Code.NOT_FOUND, what=f"node store in {home.path}")


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Turn what the database reports into a sentence without statement or values."""
    try:
        yield
    except (DBAPIError, dbapi2.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        raise TacitError(
            Code.STORE_FAILED, type(original).__name__, problem=_explain(str(original))
        ) from None


def _explain(message: str) -> str:
    if "not a database" in message or "malformed" in message:
        return "store.db is damaged, or it belongs to another key.json"
    if "full" in message:
        return "the disk is full"
    if "locked" in message:
        return "another process keeps it locked"
    if "readonly" in message or "unable to open" in message:
        return "store.db cannot be opened for writing"
    return "the database refused; nothing was changed"
