"""Inviting an organisation: one line of text that lets one node enrol once."""

import secrets
import time
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding

from tacit.coordinator.home import Home
from tacit.coordinator.store.members import (
    MEMBER,
    REVOKED,
    Invitation,
    add_invitation,
    member_by_name,
)
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import INVITATION_PREFIX

DEFAULT_TTL = 7 * 24 * 3600
_LONGEST_TTL = 90 * 24 * 3600
_LONGEST_NAME = 200
EVERYWHERE = {"0.0.0.0", "[::]", "*"}  # noqa: S104 (compared with, not bound)


def invite(home: Home, name: str, ttl: int = DEFAULT_TTL, *, renew: bool = False) -> str:
    """Make an invitation; works beside a running coordinator.

    Args:
        home: the coordinator's home.
        name: the organisation's name, by which members will know it.
        ttl: seconds until the invitation expires.
        renew: for a member whose certificate has ended; only the keys it has already can use it.

    Returns:
        One line of text, to be handed over by a channel that only the invited organisation reads.

    Raises:
        TacitError: USAGE; EXISTS, a member has this name; NOT_FOUND, none has it to renew.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise _usage(f"The name must be 1 to {_LONGEST_NAME} printable characters.")
    if not 1 <= ttl <= _LONGEST_TTL:
        raise _usage(f"An invitation lasts 1 to {_LONGEST_TTL} seconds.")
    address, enrol = _addresses(home)
    secret, now = secrets.token_bytes(32), time.time()
    authority = home.authority_certificate().public_bytes(Encoding.DER)
    made = int(now * 1000)
    _keep(home, Invitation(sha256(secret).digest(), name, made, made + ttl * 1000), renew=renew)
    document = canonical(
        {
            "address": address,
            "authority": b64encode(authority).decode(),
            "enrol": enrol,
            "expires": int(now) + ttl,
            "format": 1,
            "member": name,
            "secret": secret.hex(),
        }
    )
    return INVITATION_PREFIX + urlsafe_b64encode(document).decode().rstrip("=")


def _keep(home: Home, invitation: Invitation, *, renew: bool) -> None:
    store = home.open_store()
    try:
        with store.write() as connection:
            known = member_by_name(connection, invitation.name)
            standing = REVOKED if known is None else known.standing
            if standing != REVOKED and not renew:
                raise TacitError(Code.EXISTS, what=f"A member named '{invitation.name}'")
            if renew and standing != MEMBER:
                raise TacitError(Code.NOT_FOUND, what=f"member '{invitation.name}'")
            add_invitation(connection, invitation)
    finally:
        store.close()


def _addresses(home: Home) -> tuple[str, str]:
    serving, config = home.read_serving(), home.config
    main = serving.address if serving else None
    enrol = serving.enrol_address if serving else None
    return (
        config.address or _reachable(config.listen, main),
        config.enrol_address or _reachable(config.enrol_listen, enrol),
    )


def _reachable(listen: str, taken: str | None) -> str:
    host, _, port = listen.rpartition(":")
    if port == "0":
        if taken is None:
            raise _usage("The ports are not known until the coordinator has been started once.")
        listen = taken
    if host in EVERYWHERE:
        raise _usage(
            "Set 'address' and 'enrol_address' in coordinator.toml to what nodes can reach."
        )
    return listen


def _usage(problem: str) -> TacitError:
    return TacitError(Code.USAGE, problem=problem)
