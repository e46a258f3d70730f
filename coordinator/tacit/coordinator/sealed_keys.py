"""Relaying the linkage key: ciphertext from the project's creator to each member."""

from hashlib import sha256

from tacit.coordinator.backend import Backend
from tacit.coordinator.policy import Call
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.projects import SealedKey, add_sealed_key, find_sealed_key
from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import projects_pb2

_LONGEST_CIPHERTEXT = 1024


def put_sealed_keys(
    backend: Backend, call: Call, request: projects_pb2.PutSealedKeysRequest
) -> None:
    """Check and keep sealed keys; the first for a member and epoch stays.

    A creator who repeats a call seals anew, which gives other ciphertexts of the same key.

    Raises:
        TacitError: MALFORMED or SIGNATURE_INVALID; then none of them is kept.
    """
    _check(call, request)
    now = backend.now()
    with backend.store.write() as connection:
        new = [
            SealedKey(
                request.epoch, key.recipient_id, call.member.id, key.ciphertext, key.signature
            )
            for key in request.keys
            if not find_sealed_key(connection, call.project.id, request.epoch, key.recipient_id)
        ]
        if not new:
            return
        for key in new:
            add_sealed_key(connection, call.project.id, key, now)
        backend.ledger.append(
            connection,
            "keys",
            now,
            project=call.project.id,
            epoch=request.epoch,
            sender=call.member.id,
            sealed={key.recipient_id: sha256(key.ciphertext).hexdigest() for key in new},
        )


def _check(call: Call, request: projects_pb2.PutSealedKeysRequest) -> None:
    if request.epoch != call.agreement.epoch:
        raise _malformed("'epoch' is not the agreement's.")
    recipients = [key.recipient_id for key in request.keys]
    if len(set(recipients)) != len(recipients):
        raise _malformed("'keys' names a recipient twice.")
    for key in request.keys:
        if call.agreement.party(key.recipient_id) is None:
            raise _malformed("'keys' names a recipient who is not a party.")
        if not 0 < len(key.ciphertext) <= _LONGEST_CIPHERTEXT:
            raise _malformed(f"'ciphertext' must have 1 to {_LONGEST_CIPHERTEXT} bytes.")
        statement = statements.sealed_key(
            call.project.agreement_hash, request.epoch, key.recipient_id, key.ciphertext
        )
        verify(call.member.signing_key, key.signature, statement)


def _malformed(problem: str) -> TacitError:
    return TacitError(Code.MALFORMED, problem=problem)
