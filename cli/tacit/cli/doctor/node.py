"""Examining a node: its home, its store, its membership, and the way to its coordinator."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing

from cryptography import x509
from sqlcipher3 import dbapi2

from tacit.cli.doctor.network import look_at_address, proxy_variable
from tacit.cli.doctor.places import (
    Clock,
    Limits,
    lifetime,
    look_at_certificate,
    look_at_disk,
    look_at_home,
    now_utc,
)
from tacit.cli.doctor.projects import look_at_projects
from tacit.cli.doctor.troubles import Finding, Trouble, refused
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import connect
from tacit.node.home import Home
from tacit.node.store import wrapping
from tacit.node.store.base import Store, open_store
from tacit.node.store.cipher import connect as connect_store
from tacit.node.store.identity import Identity, get_identity
from tacit.node.store.lock import ProcessLock
from tacit.node.store.versions import VERSION

_STRANGER = frozenset({Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.REVOKED})


def examine_node(
    home: Home, passphrase: str, limits: Limits, clock: Clock = now_utc
) -> Iterator[Finding]:
    """Look at everything that can be looked at; what a trouble hides is left out.

    Args:
        home: of a node that exists.
        passphrase: of its store.
        limits: what counts as too little.
        clock: the time by this machine.
    """
    found = list(look_at_home(home.path, (home.key, home.store)))
    yield from found
    yield look_at_disk(home.path, limits)
    if any(finding.trouble is Trouble.HOME_UNWRITABLE for finding in found):
        return
    store = list(_look_at_store(home, passphrase))
    yield from store
    if any(finding.trouble not in {None, Trouble.STORE_OLDER} for finding in store):
        return
    try:
        opened = open_store(home, passphrase)
    except TacitError as error:
        yield refused("store", error)
        return
    with opened:
        yield from _look_at_membership(opened, limits, clock)


def _look_at_store(home: Home, passphrase: str) -> Iterator[Finding]:
    try:
        with ProcessLock(home.lock):
            key = wrapping.unwrap(wrapping.parse_wrapped(home.key.read_bytes()), passphrase)
            yield _read_through(home, key)
    except TacitError as error:
        known = {
            Code.STORE_BUSY: Trouble.STORE_LOCKED,
            Code.WRONG_PASSPHRASE: Trouble.PASSPHRASE_WRONG,
        }
        if error.code in known:
            yield Finding("store", known[error.code])
        else:
            yield refused("store", error)


def _read_through(home: Home, key: bytes) -> Finding:
    """Check every page of the store, and its version."""
    if not home.store.is_file():
        return Finding("store", Trouble.STORE_DAMAGED)
    try:
        with closing(connect_store(home.store, key)) as connection:
            pages = connection.execute("PRAGMA cipher_integrity_check").fetchall()
            rows = connection.execute("PRAGMA integrity_check").fetchall()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    except dbapi2.Error:
        return Finding("store", Trouble.STORE_DAMAGED)
    if pages or rows != [("ok",)]:
        return Finding("store", Trouble.STORE_DAMAGED)
    if version == VERSION:
        return Finding("store")
    trouble = Trouble.STORE_NEWER if version > VERSION else Trouble.STORE_OLDER
    return Finding("store", trouble, {"found": version, "known": VERSION})


def _look_at_membership(store: Store, limits: Limits, clock: Clock) -> Iterator[Finding]:
    with store.read() as connection:
        identity = get_identity(connection)
    if identity is None:
        yield Finding("membership", Trouble.NOT_ENROLLED)
        return
    yield Finding("membership")
    own = x509.load_der_x509_certificate(identity.certificate)
    authority = x509.load_der_x509_certificate(identity.authority)
    yield look_at_certificate(own, "node's", clock(), lifetime(own) * limits.share)
    least = dt.timedelta(days=limits.authority_days)
    yield look_at_certificate(authority, "authority's", clock(), least)
    yield from look_at_projects(store, clock)
    yield from _look_at_coordinator(store, identity, authority, limits, clock)


def _look_at_coordinator(
    store: Store, identity: Identity, authority: x509.Certificate, limits: Limits, clock: Clock
) -> Iterator[Finding]:
    variable = proxy_variable()
    try:
        with connect(store, RetryPolicy(patience=0.0)) as session:
            skew = session.greeting.clock_skew
    except TacitError as error:
        yield _why(
            error,
            address=identity.address,
            authority=authority,
            variable=variable,
            limits=limits,
            now=clock(),
        )
        return
    if variable:
        yield Finding("network", Trouble.PROXY_SET, {"variable": variable})
    else:
        yield Finding("network")
    if abs(skew) > limits.seconds:
        yield Finding("clock", Trouble.CLOCK_OFF, {"seconds": round(abs(skew))})
    else:
        yield Finding("clock")


def _why(
    error: TacitError,
    /,
    *,
    address: str,
    authority: x509.Certificate,
    variable: str,
    limits: Limits,
    now: dt.datetime,
) -> Finding:
    """Say why the coordinator could not be greeted."""
    if error.code in _STRANGER:
        return Finding("coordinator", Trouble.MEMBER_UNKNOWN, {"problem": error})
    if error.code is Code.VERSION_UNSUPPORTED:
        return Finding("coordinator", Trouble.VERSION_MISMATCH, {"problem": error})
    if error.code not in {Code.UNAVAILABLE, Code.CUT_OFF, Code.UNTRUSTED}:
        return refused("coordinator", error)
    found = look_at_address(address, authority, now, limits)
    if found.trouble is not None:
        return found
    if variable:
        host = address.rpartition(":")[0]
        return Finding("network", Trouble.PROXY_IN_THE_WAY, {"variable": variable, "host": host})
    return refused("coordinator", error)
