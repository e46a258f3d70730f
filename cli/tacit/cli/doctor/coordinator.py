"""Examining a coordinator: its home, keys, database, ledger, and whether it can be reached."""

import datetime as dt
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tacit.cli.doctor.database import look_at_database, look_at_ledger
from tacit.cli.doctor.network import look_at_address
from tacit.cli.doctor.places import (
    Clock,
    Limits,
    look_at_certificate,
    look_at_disk,
    look_at_home,
    now_utc,
)
from tacit.cli.doctor.troubles import Finding, Trouble, refused
from tacit.cli.probe import ask_health
from tacit.coordinator.home import AUTHORITY_CERTIFICATE, AUTHORITY_KEY, CONFIG, LEDGER_KEY, Home
from tacit.coordinator.invitations import EVERYWHERE
from tacit.coordinator.store.engine import Store, connect_store
from tacit.coordinator.store.figures import count_ending
from tacit.linkage.errors import Code, TacitError

_NOT_REACHED = frozenset({Trouble.NAME_UNKNOWN, Trouble.PORT_CLOSED, Trouble.NO_ANSWER})
_SECRET_FILES = (CONFIG, AUTHORITY_KEY, LEDGER_KEY, "coordinator.sqlite3")


def examine_coordinator(
    home: Home, passphrase: str | None, limits: Limits, clock: Clock = now_utc
) -> Iterator[Finding]:
    """Look at everything that can be looked at; what a trouble hides is left out.

    Args:
        home: of a coordinator, running or not.
        passphrase: of its private keys, if they have one.
        limits: what counts as too little.
        clock: the time by this machine.
    """
    yield from look_at_home(home.path, [home.path / name for name in _SECRET_FILES])
    yield look_at_disk(home.path, limits)
    keys = list(_look_at_keys(home, passphrase))
    yield from keys or [Finding("keys")]
    if not (home.path / AUTHORITY_CERTIFICATE).is_file():
        return
    authority = home.authority_certificate()
    least = dt.timedelta(days=limits.authority_days)
    yield look_at_certificate(authority, "authority's", clock(), least)
    yield from _look_at_store(home, None if keys else passphrase, not keys, limits, clock)
    yield from _look_at_ports(home, limits, clock)


def _look_at_keys(home: Home, passphrase: str | None) -> Iterator[Finding]:
    for name in (AUTHORITY_CERTIFICATE, AUTHORITY_KEY, LEDGER_KEY):
        if not (home.path / name).is_file():
            yield Finding("keys", Trouble.KEY_MISSING, {"file": name})
            return
    name = AUTHORITY_KEY
    try:
        authority = home.read_authority(passphrase)
        name = LEDGER_KEY
        home.read_ledger_key(passphrase)
    except TacitError:
        yield Finding("keys", Trouble.KEY_PASSPHRASE_WRONG, {"file": name})
        return
    encoding = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    certified = authority.certificate.public_key().public_bytes(*encoding)
    if authority.key.public_key().public_bytes(*encoding) != certified:
        yield Finding("keys", Trouble.KEY_MISMATCH, {"file": AUTHORITY_KEY})


def _look_at_store(
    home: Home, passphrase: str | None, keys: bool, limits: Limits, clock: Clock
) -> Iterator[Finding]:
    if not home.config.database and not home.database_file.is_file():
        # Opening it would make an empty one.
        yield Finding("database", Trouble.DATABASE_UNREACHABLE)
        return
    try:
        store = connect_store(home.database_url)
    except TacitError:
        yield Finding("database", Trouble.DATABASE_UNREACHABLE)
        return
    with closing(store):
        found = look_at_database(store, limits)
        yield found
        if found.trouble is not None:
            return
        public = home.read_ledger_key(passphrase).public_key().public_bytes_raw() if keys else None
        yield from look_at_ledger(store, public, clock(), limits)
        yield _look_at_members(store, limits, clock())


def _look_at_members(store: Store, limits: Limits, now: dt.datetime) -> Finding:
    with store.read() as connection:
        number = count_ending(connection, now.timestamp(), limits.share)
    if number:
        return Finding("members", Trouble.MEMBERS_END_SOON, {"n": number})
    return Finding("members")


def _look_at_ports(home: Home, limits: Limits, clock: Clock) -> Iterator[Finding]:
    try:
        with home.locked():
            yield Finding("service", Trouble.NOT_SERVING)
            taken = [finding for finding in _taken(home) if finding is not None]
            yield from taken or [Finding("ports")]
    except TacitError as error:
        if error.code is not Code.STORE_BUSY:
            yield refused("service", error)
            return
        yield from _look_at_service(home, limits, clock)
    yield from _look_at_addresses(home)


def _look_at_service(home: Home, limits: Limits, clock: Clock) -> Iterator[Finding]:
    """A coordinator of this home runs: does it work, and is it what nodes find at its address?"""
    serving, authority = home.read_serving(), home.authority_certificate()
    if serving is None:
        yield Finding("service", Trouble.UNWELL)
        return
    try:
        ask_health(authority, serving.enrol_address, limits.patience)
    except TacitError:
        yield Finding("service", Trouble.UNWELL)
    else:
        yield Finding("service")
    for address in filter(None, (home.config.address, home.config.enrol_address)):
        found = look_at_address(address, authority, clock(), limits)
        if found.trouble in _NOT_REACHED:
            # Behind NAT, that may be so and members reach it all the same.
            found = Finding("network", Trouble.ADDRESS_UNREACHED, {"address": address})
        yield found


def _taken(home: Home) -> Sequence[Finding | None]:
    return [
        _try_port(key, address)
        for key, address in (
            ("listen", home.config.listen),
            ("enrol_listen", home.config.enrol_listen),
        )
    ]


def _try_port(key: str, address: str) -> Finding | None:
    host, _, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("" if bare == "*" else bare, int(port)))
            trial.listen()
        except OSError:
            return Finding("ports", Trouble.PORT_TAKEN, {"address": address, "key": key})
    return None


def _look_at_addresses(home: Home) -> Iterator[Finding]:
    config = home.config
    for key, listen, address in (
        ("address", config.listen, config.address),
        ("enrol_address", config.enrol_listen, config.enrol_address),
    ):
        if listen.rpartition(":")[0] in EVERYWHERE and not address:
            yield Finding("address", Trouble.ADDRESS_MISSING, {"key": key})
