"""Relaying the linkage key: ciphertext from whoever made it to each other member."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.policy import Call
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.members import Member
from tacit.coordinator.store.projects import (
    Project,
    SealedKey,
    add_sealed_key,
    find_sealed_key,
    read_project,
)
from tacit.coordinator.store.versions import CURRENT, PROPOSED, find_version
from tacit.linkage import statements
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import projects_pb2

_LONGEST_CIPHERTEXT = 1024
Request = projects_pb2.PutSealedKeysRequest | projects_pb2.StartEpochRequest


def put_sealed_keys(
    backend: Backend, call: Call, request: projects_pb2.PutSealedKeysRequest
) -> None:
    """Check and keep the key of a version's first epoch; the first for a member and epoch stays.

    A proposer who repeats a call seals anew, which gives other ciphertexts of the same key.

    Raises:
        TacitError: MALFORMED or SIGNATURE_INVALID, then none of them is kept; AGREEMENT_STALE, the
            version was dropped or replaced meanwhile.
    """
    now = backend.now()
    with backend.store.write() as connection:
        agreement, epoch = _version(connection, call, request.agreement_hash)
        if request.epoch != agreement.epoch or request.epoch != epoch:
            raise _malformed("'epoch' is not the agreement's.")
        keys = check_keys(call.member, agreement, request.agreement_hash, request)
        keep_keys(backend, connection, call.project.id, keys, now)


def get_sealed_key(connection: Connection, call: Call, agreement_hash: bytes) -> SealedKey:
    """Give the key that is sealed to the caller, of the epoch in use or of the proposed version.

    Raises:
        TacitError: KEY_MISSING; AGREEMENT_STALE, as above.
    """
    _, epoch = _version(connection, call, agreement_hash)
    key = find_sealed_key(connection, call.project.id, epoch, call.member.id)
    if key is None:
        raise TacitError(Code.KEY_MISSING)
    return key


def check_keys(
    sender: Member, agreement: Agreement, agreement_hash: bytes, request: Request
) -> list[SealedKey]:
    """Hold sealed keys against the agreement and their sender's signatures.

    Raises:
        TacitError: MALFORMED or SIGNATURE_INVALID.
    """
    recipients = [key.recipient_id for key in request.keys]
    if len(set(recipients)) != len(recipients):
        raise _malformed("'keys' names a recipient twice.")
    for key in request.keys:
        if agreement.party(key.recipient_id) is None:
            raise _malformed("'keys' names a recipient who is not a party.")
        if not 0 < len(key.ciphertext) <= _LONGEST_CIPHERTEXT:
            raise _malformed(f"'ciphertext' must have 1 to {_LONGEST_CIPHERTEXT} bytes.")
        statement = statements.sealed_key(
            agreement_hash, request.epoch, key.recipient_id, key.ciphertext
        )
        verify(sender.signing_key, key.signature, statement)
    return [
        SealedKey(request.epoch, key.recipient_id, sender.id, key.ciphertext, key.signature)
        for key in request.keys
    ]


def keep_keys(
    backend: Backend,
    connection: Connection,
    project_id: str,
    keys: Sequence[SealedKey],
    now: int,
) -> None:
    """Keep those keys that there are none of yet, and enter them in the ledger."""
    new = [
        key
        for key in keys
        if not find_sealed_key(connection, project_id, key.epoch, key.recipient_id)
    ]
    if not new:
        return
    for key in new:
        add_sealed_key(connection, project_id, key, now)
    backend.ledger.append(
        connection,
        "keys",
        now,
        project=project_id,
        epoch=new[0].epoch,
        sender=new[0].sender_id,
        sealed={key.recipient_id: sha256(key.ciphertext).hexdigest() for key in new},
    )


def _version(connection: Connection, call: Call, agreement_hash: bytes) -> tuple[Agreement, int]:
    """Give the version with a hash, and the epoch that its keys are of now."""
    version = find_version(connection, agreement_hash)
    if version is None or version.state not in {CURRENT, PROPOSED}:
        raise TacitError(Code.AGREEMENT_STALE)
    if version.state == PROPOSED:
        return version.terms, version.terms.epoch
    project: Project = read_project(connection, call.project.id) or call.project
    return version.terms, project.epoch


def _malformed(problem: str) -> TacitError:
    return TacitError(Code.MALFORMED, problem=problem)
