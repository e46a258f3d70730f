"""Opening the coordinator's database: SQLite by default, PostgreSQL by URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tacit.coordinator.store.migrate import migrate
from tacit.linkage.errors import Code, TacitError

_WRITE = "tacit_write"
_BUSY_SECONDS = 30
_SETTLE_SECONDS = 1
_SOCKET_SECONDS = 120
_POSTGRESQL_PORT = 5432
_WRITER_LOCK = int.from_bytes(b"tacit-wr", "big", signed=True)


@dataclass(frozen=True, slots=True)
class Store:
    """A migrated database. Every statement runs in `read` or `write`.

    Attributes:
        engine: the connection pool.
        file: the SQLite file, or None on a server.
        inode: the file's identity when it was opened, to notice that it was taken away.
    """

    engine: Engine
    file: Path | None = None
    inode: tuple[int, int] | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give one consistent view of the database.

        Raises:
            TacitError: STORE_FAILED, the database cannot be reached or read.
        """
        with self._connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                )
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that is durable once the block has been left.

        Writers take turns, on PostgreSQL as on SQLite, so that what a writer has read stays true
        until it has written.

        Raises:
            TacitError: STORE_FAILED, the database cannot be reached or written.
        """
        with self._connect() as plain:
            connection = plain.execution_options(**{_WRITE: True})
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    lock = text("SELECT pg_advisory_xact_lock(:key)")
                    connection.execute(lock, {"key": _WRITER_LOCK})
                yield connection

    def ping(self) -> bool:
        """Say whether the database can be reached now."""
        try:
            with self.read() as connection:
                connection.execute(text("SELECT count(*) FROM members"))
        except TacitError:
            return False
        return True

    def settle(self) -> None:
        """Take what was erased out of SQLite's write-ahead log too, as far as no reader needs it.

        Raises:
            TacitError: STORE_FAILED.
        """
        if self.file is None:
            return
        # Not through SQLAlchemy's connections: they begin a transaction, a checkpoint takes none.
        try:
            uri = f"{self.file.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(uri, timeout=_SETTLE_SECONDS, uri=True)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        # SQLite itself goes on writing to a file that was moved or deleted, and so loses it all.
        if self.file is not None and _identity(self.file) != self.inode:
            raise TacitError(Code.STORE_FAILED, problem="the database file is gone.")
        try:
            connection = self.engine.connect()
        # pg8000 lets the socket's own errors through where a server goes away at the first byte.
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise _failed(error) from error
        with _translated(), connection:
            yield connection


def open_store(url: str) -> Store:
    """Open the database at `url` and bring its tables up to date.

    Args:
        url: `sqlite:////path/file`, `postgresql://user:password@host/name` or
            `postgresql://user@/name?host=/directory/of/socket`.

    Raises:
        TacitError: USAGE, the URL names neither; STORE_FAILED, it cannot be opened.
    """
    store = connect_store(url)
    try:
        with store.write() as connection:
            migrate(connection)
    except BaseException:
        store.close()
        raise
    return store


def connect_store(url: str) -> Store:
    """Open the database at `url` and leave its tables as they are.

    Args:
        url: as `open_store` takes it.

    Raises:
        TacitError: USAGE, the URL names neither; STORE_FAILED, it cannot be opened.
    """
    parsed = _parse(url)
    try:
        engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    except OSError as error:
        raise _failed(error) from error
    if parsed.get_backend_name() != "sqlite":
        return Store(engine)
    file = Path(str(parsed.database))
    return Store(engine, file, _identity(file))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise TacitError(Code.USAGE, problem="The database URL cannot be read.") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.get_backend_name() == "postgresql":
        return _local_socket(parsed.set(drivername="postgresql+pg8000"))
    raise TacitError(Code.USAGE, problem="The database must be SQLite (a file) or PostgreSQL.")


def _local_socket(url: URL) -> URL:
    """Let `?host=/directory` mean a Unix socket, as PostgreSQL's own URLs have it."""
    folder = url.query.get("host")
    if not isinstance(folder, str) or not folder.startswith("/"):
        return url
    name = f"{folder}/.s.PGSQL.{url.port or _POSTGRESQL_PORT}"
    return url.difference_update_query(["host"]).update_query_dict({"unix_sock": name})


def _sqlite(url: URL) -> Engine:
    # The file is made here because SQLite would make it readable to others.
    Path(str(url.database)).touch(mode=0o600)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS}, max_overflow=64
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: it would leave reads outside of them.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A read that turns into a write fails when another writer came between; so writers say so.
    writes = bool(connection.get_execution_options().get(_WRITE))
    connection.exec_driver_sql(f"PRAGMA query_only={int(not writes)}")
    connection.exec_driver_sql(f"BEGIN {'IMMEDIATE' if writes else 'DEFERRED'}")


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        max_overflow=20,
        connect_args={"application_name": "tacit-coordinator", "timeout": _SOCKET_SECONDS},
    )
    event.listen(engine, "handle_error", _notice_reset)
    return engine


def _notice_reset(context: ExceptionContext) -> Exception | None:
    """Take a reset connection for one that is gone: pg8000 lets the first byte's error through."""
    error = context.original_exception
    if not isinstance(error, OSError):
        return None
    context.is_disconnect = True
    return InterfaceError(None, None, error, connection_invalidated=True)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _translated() -> Iterator[None]:
    """Turn a database that fails into an error of the catalogue, without what it may quote."""
    try:
        yield
    except DBAPIError as error:
        if not _is_gone(error):
            raise
        raise _failed(error) from error


def _is_gone(error: DBAPIError) -> bool:
    # pg8000 knows no kinds of its own: PostgreSQL's SQLSTATE classes tell connections, resources,
    # an operator's intervention and system errors from mistakes in a statement.
    said = error.orig.args[0] if error.orig is not None and error.orig.args else None
    state = str(said.get("C", "")) if isinstance(said, dict) else ""
    kind = type(error.orig).__name__
    return (
        error.connection_invalidated
        or kind in {"OperationalError", "InterfaceError"}
        or state[:2] in {"08", "53", "57", "58"}
    )


def _failed(error: Exception) -> TacitError:
    kind = type(getattr(error, "orig", error)).__name__
    return TacitError(Code.STORE_FAILED, kind, problem="the database cannot be used now.")
