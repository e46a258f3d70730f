"""How the linkage key gets from the member who made it to every other member."""

from collections.abc import Sequence

from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.seal import Envelope, new_linkage_key, open_key, seal_key
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredKey, get_linkage_key, put_linkage_key
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects


def exchange_key(
    session: Session,
    store: Store,
    member: Member,
    project: projects.Project,
    agreement: Agreement,
) -> bool:
    """Make, send or fetch a project's linkage key, whichever is this node's part.

    The agreement must be one that this node has signed. All of it may be done again: what an
    earlier attempt did is left as it is.

    Returns:
        Whether this node holds the key now.

    Raises:
        TacitError: SIGNATURE_INVALID where the sealed key is not what the agreement's member
            sealed to this node; KEY_LOST where this node made a key and its store no longer holds
            it.
    """
    with store.read() as connection:
        held = get_linkage_key(connection, project.project_id, agreement.epoch, agreement.hash)
    if project.creator_id == member.member_id:
        key = held.key if held else _make(store, member, project, agreement)
        missing = [
            party
            for party in agreement.members
            if party.member_id not in {member.member_id, *project.keyed_member_ids}
        ]
        if missing:
            sealed = [_seal(member, project, agreement, key, party) for party in missing]
            _put(session, project, agreement, sealed)
        return True
    return held is not None or _fetch(session, store, member, project, agreement)


def _make(store: Store, member: Member, project: projects.Project, agreement: Agreement) -> bytes:
    if set(project.keyed_member_ids) - {member.member_id}:
        # Others hold a key that this store has lost: a second one would split the project.
        raise TacitError(Code.KEY_LOST)
    key = new_linkage_key()
    _keep(store, member.member_id, project, agreement, key)
    return key


def _seal(
    member: Member, project: projects.Project, agreement: Agreement, key: bytes, party: Party
) -> projects.SealedKey:
    envelope = _envelope(project, agreement, member.member_id, party.member_id)
    ciphertext, signature = seal_key(
        key, envelope, bytes.fromhex(party.sealing_key), member.keys.signing
    )
    return projects.SealedKey(
        recipient_id=party.member_id, ciphertext=ciphertext, signature=signature
    )


def _put(
    session: Session,
    project: projects.Project,
    agreement: Agreement,
    sealed: Sequence[projects.SealedKey],
) -> None:
    request = projects.PutSealedKeysRequest(
        project_id=project.project_id,
        agreement_hash=agreement.hash,
        epoch=agreement.epoch,
        keys=sealed,
    )
    session.ask(session.projects.PutSealedKeys, request)


def _fetch(
    session: Session,
    store: Store,
    member: Member,
    project: projects.Project,
    agreement: Agreement,
) -> bool:
    request = projects.GetSealedKeyRequest(
        project_id=project.project_id, agreement_hash=agreement.hash
    )
    try:
        answer = session.ask(session.projects.GetSealedKey, request)
    except TacitError as error:
        if error.code in (Code.KEY_MISSING, Code.NOT_FOUND):
            return False
        raise
    sender = agreement.party(answer.sender_id)
    if sender is None or answer.epoch != agreement.epoch:
        detail = "the sealed key comes from no member of the agreement, or of another epoch"
        raise TacitError(Code.SIGNATURE_INVALID, detail)
    key = open_key(
        answer.key.ciphertext,
        answer.key.signature,
        _envelope(project, agreement, sender.member_id, member.member_id),
        bytes.fromhex(sender.signing_key),
        member.keys.sealing,
    )
    _keep(store, sender.member_id, project, agreement, key)
    return True


def _keep(
    store: Store, maker_id: str, project: projects.Project, agreement: Agreement, key: bytes
) -> None:
    stored = StoredKey(project.project_id, agreement.epoch, key, maker_id, now_ms(), agreement.hash)
    with store.write() as connection:
        put_linkage_key(connection, stored)


def _envelope(
    project: projects.Project, agreement: Agreement, sender: str, recipient: str
) -> Envelope:
    return Envelope(project.project_id, agreement.hash, agreement.epoch, sender, recipient)
