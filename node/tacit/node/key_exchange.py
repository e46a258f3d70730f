"""How the linkage key gets from the member who made it to every other member.

The first key of a version is made by who wrote the version. Those of later epochs are made by
whichever node finds first that one is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.seal import Envelope, new_linkage_key, open_key, seal_key
from tacit.node.shown_project import ShownProject, ShownVersion
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredKey, get_linkage_key, put_linkage_key
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects


@dataclass(frozen=True, slots=True)
class Lock:
    """What a linkage key belongs to, and who may have made it.

    Attributes:
        agreement: the version under which it is sealed.
        epoch: counts the project's linkage keys.
        maker_id: who made it; empty where that is not told.
        keyed: members for whom it was sealed.
    """

    project_id: str
    agreement: Agreement
    epoch: int
    maker_id: str
    keyed: frozenset[str]


def lock_of(shown: ShownProject, version: ShownVersion) -> Lock:
    """Say which key a version shown needs today; a proposal needs its first."""
    agreement = version.agreement
    epoch = shown.epoch if version is shown.current else agreement.epoch
    maker = version.maker_id if epoch == agreement.epoch else ""
    return Lock(shown.message.project_id, agreement, epoch, maker, version.keyed)


def exchange_key(session: Session, store: Store, member: Member, lock: Lock) -> bool:
    """Make, send or fetch a linkage key, whichever is this node's part.

    The agreement must be one that this node has signed. All of it may be done again: what an
    earlier attempt did is left as it is.

    Returns:
        Whether this node holds the key now.

    Raises:
        TacitError: SIGNATURE_INVALID where the sealed key is not what the agreement's member
            sealed to this node; KEY_LOST where this node made a key and its store no longer holds
            it.
    """
    held, own = _held(store, lock), member.member_id
    made_here = held is not None and held.maker_id == own
    if own not in lock.keyed and (lock.maker_id == own or made_here):
        _send_missing(session, store, member, lock, held)
        return True
    # Two nodes may have made the next key at the same time; the other's was sealed to this one.
    if held is not None and not made_here:
        return True
    others = {party.member_id for party in lock.agreement.members} - {own}
    if own not in lock.keyed and lock.keyed >= others:
        # It was sealed to all but one, who made it.
        raise TacitError(Code.KEY_LOST)
    return _fetch(session, store, member, lock)


def make_next_key(store: Store, member: Member, lock: Lock) -> Sequence[projects.SealedKey]:
    """Make the linkage key of an epoch that is to begin, keep it, and seal it to every other.

    Asked again it gives the same key, sealed anew.
    """
    held = _held(store, lock)
    key = held.key if held and held.maker_id == member.member_id else _make(store, member, lock)
    others = [party for party in lock.agreement.members if party.member_id != member.member_id]
    return [_seal(member, lock, key, party) for party in others]


def _send_missing(
    session: Session, store: Store, member: Member, lock: Lock, held: StoredKey | None
) -> None:
    if held is None and lock.keyed - {member.member_id}:
        # Others hold a key that this store has lost: a second one would split the project.
        raise TacitError(Code.KEY_LOST)
    key = held.key if held else _make(store, member, lock)
    sealed = [
        _seal(member, lock, key, party)
        for party in lock.agreement.members
        if party.member_id not in {member.member_id, *lock.keyed}
    ]
    if sealed:
        request = projects.PutSealedKeysRequest(
            project_id=lock.project_id,
            agreement_hash=lock.agreement.hash,
            epoch=lock.epoch,
            keys=sealed,
        )
        session.ask(session.projects.PutSealedKeys, request)


def _held(store: Store, lock: Lock) -> StoredKey | None:
    with store.read() as connection:
        return get_linkage_key(connection, lock.project_id, lock.epoch, lock.agreement.hash)


def _make(store: Store, member: Member, lock: Lock) -> bytes:
    key = new_linkage_key()
    _keep(store, member.member_id, lock, key)
    return key


def _seal(member: Member, lock: Lock, key: bytes, party: Party) -> projects.SealedKey:
    envelope = _envelope(lock, member.member_id, party.member_id)
    ciphertext, signature = seal_key(
        key, envelope, bytes.fromhex(party.sealing_key), member.keys.signing
    )
    return projects.SealedKey(
        recipient_id=party.member_id, ciphertext=ciphertext, signature=signature
    )


def _fetch(session: Session, store: Store, member: Member, lock: Lock) -> bool:
    request = projects.GetSealedKeyRequest(
        project_id=lock.project_id, agreement_hash=lock.agreement.hash
    )
    try:
        answer = session.ask(session.projects.GetSealedKey, request)
    except TacitError as error:
        if error.code in (Code.KEY_MISSING, Code.NOT_FOUND):
            return False
        raise
    sender = lock.agreement.party(answer.sender_id)
    if sender is None or answer.epoch != lock.epoch:
        detail = "the sealed key comes from no member of the agreement, or of another epoch"
        raise TacitError(Code.SIGNATURE_INVALID, detail)
    key = open_key(
        answer.key.ciphertext,
        answer.key.signature,
        _envelope(lock, sender.member_id, member.member_id),
        bytes.fromhex(sender.signing_key),
        member.keys.sealing,
    )
    _keep(store, sender.member_id, lock, key)
    return True


def _keep(store: Store, maker_id: str, lock: Lock, key: bytes) -> None:
    stored = StoredKey(lock.project_id, lock.epoch, key, maker_id, now_ms(), lock.agreement.hash)
    with store.write() as connection:
        put_linkage_key(connection, stored)


def _envelope(lock: Lock, sender: str, recipient: str) -> Envelope:
    return Envelope(lock.project_id, lock.agreement.hash, lock.epoch, sender, recipient)
