"""SQLCipher through SQLAlchemy."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

_PRAGMAS = (
    "temp_store = MEMORY",
    "secure_delete = ON",
    "foreign_keys = ON",
    "journal_mode = WAL",
    "synchronous = FULL",
    "trusted_schema = OFF",
)


def connect(path: Path, key: bytes) -> Any:
    """Open a DBAPI connection; the write-ahead log is encrypted like the database itself.

    Raises:
        dbapi2.DatabaseError: the key does not open the file, or it is damaged.
    """
    connection = dbapi2.connect(
        str(path), check_same_thread=False, isolation_level=None, timeout=30
    )
    try:
        # It would write to stderr what it is asked to open.
        connection.execute("PRAGMA cipher_log_level = NONE")
        # A raw key: no PBKDF2, as the passphrase was stretched by scrypt already.
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def make_engine(path: Path, key: bytes) -> Engine:
    """Give an engine over one encrypted file; transactions begin as IMMEDIATE when asked to."""
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: connect(path, key),
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=4,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("tacit_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
