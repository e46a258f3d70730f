"""Examining a coordinator's database and the ledger in it, without changing either."""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from tacit.cli.doctor.places import Limits
from tacit.cli.doctor.troubles import Finding, Trouble
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.migrate import NEWEST, current_revision, known_revisions
from tacit.coordinator.store.tables import ledger_entries, tree_heads
from tacit.linkage import statements
from tacit.linkage.errors import TacitError
from tacit.linkage.merkle import leaf_hash
from tacit.linkage.merkle_tree import MerkleTree

_BATCH = 1000


def look_at_database(store: Store, limits: Limits) -> Finding:
    """Can it be reached and written, is it whole, and of which version is it?"""
    if store.file is not None:
        found = _look_at_file(store, limits)
        if found is not None:
            return found
    try:
        with store.read() as connection:
            revision = current_revision(connection)
    except (TacitError, DBAPIError):
        return Finding("database", Trouble.DATABASE_UNREACHABLE)
    if revision == NEWEST:
        return Finding("database")
    if revision is not None and revision not in known_revisions():
        return Finding("database", Trouble.DATABASE_NEWER, {"found": revision})
    params = {"found": revision or "-", "wanted": NEWEST}
    return Finding("database", Trouble.MIGRATIONS_PENDING, params)


def look_at_ledger(
    store: Store, key: bytes | None, now: dt.datetime, limits: Limits
) -> Iterator[Finding]:
    """Does every entry verify, is every head signed by our key, and is the clock beyond them?

    Args:
        store: a database of this version.
        key: Ed25519 public key of the ledger, or None where it cannot be opened.
        now: the time by this machine.
        limits: how far the clock may lag behind.
    """
    with store.read() as connection:
        problem = _ledger_problem(connection, key)
        newest = 0 if problem else _last_time(connection)
    if problem:
        yield Finding("ledger", Trouble.LEDGER_BROKEN, {"problem": problem})
        return
    yield Finding("ledger")
    behind = newest / 1000 - now.timestamp()
    if behind > limits.seconds:
        yield Finding("clock", Trouble.CLOCK_BEHIND_LEDGER, {"seconds": round(behind)})
    else:
        yield Finding("clock")


def _look_at_file(store: Store, limits: Limits) -> Finding | None:
    uri = f"{store.file.absolute().as_uri()}?mode=rw" if store.file else ""
    try:
        with closing(sqlite3.connect(uri, timeout=limits.patience, uri=True)) as connection:
            rows = connection.execute("PRAGMA integrity_check").fetchall()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            seconds = round(limits.patience, 1)
            return Finding("database", Trouble.DATABASE_LOCKED, {"seconds": seconds})
        return Finding("database", Trouble.DATABASE_UNREACHABLE)
    except sqlite3.DatabaseError:
        return Finding("database", Trouble.DATABASE_DAMAGED)
    return None if rows == [("ok",)] else Finding("database", Trouble.DATABASE_DAMAGED)


def _ledger_problem(connection: Connection, key: bytes | None) -> str:
    """Give what is wrong with the ledger, or nothing."""
    tree = MerkleTree()
    table = ledger_entries.c
    query = select(table.index, table.entry, table.leaf_hash).order_by(table.index)
    with connection.execution_options(yield_per=_BATCH).execute(query) as rows:
        for index, entry, leaf in rows:
            if index != len(tree) or leaf != leaf_hash(entry):
                return f"its ledger does not verify at entry {len(tree)}"
            tree.extend([leaf])
    heads = tree_heads.c
    for size, timestamp, root, signature in connection.execute(
        select(heads.size, heads.timestamp, heads.root, heads.signature)
    ):
        if size > len(tree) or tree.root(size) != root:
            return f"its ledger is not what was signed at {size} entries"
        if key is not None and not _signed(key, size, timestamp, root, signature):
            return f"its ledger's head of {size} entries bears no valid signature"
    return ""


def _last_time(connection: Connection) -> int:
    """Give the time of the newest entry, milliseconds since 1970; 0 where there is none."""
    table = ledger_entries.c
    query = select(table.entry).order_by(table.index.desc()).limit(1)
    entry = connection.execute(query).scalar_one_or_none()
    return 0 if entry is None else int(json.loads(entry)["time"])


def _signed(key: bytes, size: int, timestamp: int, root: bytes, signature: bytes) -> bool:
    try:
        statement = statements.tree_head(size, timestamp, root)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except InvalidSignature:
        return False
    return True
