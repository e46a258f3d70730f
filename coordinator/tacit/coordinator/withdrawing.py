"""Withdrawing records: everything of them goes at once, and runs under way begin anew."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.decisions import constraints_for
from tacit.coordinator.policy import Call
from tacit.coordinator.receipts import give, given
from tacit.coordinator.signatures import verify
from tacit.coordinator.store import runs
from tacit.coordinator.store.decisions import newest_entry, put_constraints
from tacit.coordinator.store.withdrawals import erase_tokens, live_runs_of, withdrawn_counts
from tacit.linkage import merkle, statements
from tacit.linkage.canonical import Json
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import TOKEN_BYTES
from tacit.linkage.receipt_file import SignedReceipt
from tacit.v1 import encodings_pb2

MAX_TOKENS = 1000
"""Most records in one withdrawal."""

_SALT_BYTES = 32
_KIND = "withdrawal"


def withdraw(
    backend: Backend, call: Call, request: encodings_pb2.WithdrawRecordsRequest
) -> SignedReceipt:
    """Erase records of the caller's, enter it in the ledger and give a receipt.

    Erasing, entry and receipt are one transaction. Asked again, also because the answer was lost,
    it gives the receipt that was given before.

    Raises:
        TacitError: MALFORMED or SIGNATURE_INVALID.
    """
    tokens = list(request.tokens)
    _check(tokens, request.salt)
    committed = [statements.withdrawn_record(request.salt, token) for token in tokens]
    root = merkle.root([merkle.leaf_hash(item) for item in committed])
    member_id, project_id = call.member.id, call.project.id
    statement = statements.withdrawal(project_id, root, len(tokens))
    verify(call.member.signing_key, request.signature, statement)
    said: dict[str, Json] = {
        "records": len(tokens),
        "root": root.hex(),
        "signature": request.signature.hex(),
    }
    with backend.store.write() as connection:
        erase_tokens(connection, project_id, member_id, tokens)
        _begin_runs_anew(backend, connection, call)
        receipt = given(backend, connection, _KIND, member_id, project_id, **said)
        if receipt is None:
            now = backend.now()
            receipt = give(backend, connection, _KIND, member_id, project_id, now, **said)
    backend.store.settle()
    return receipt


def _check(tokens: Sequence[bytes], salt: bytes) -> None:
    if not 0 < len(tokens) <= MAX_TOKENS:
        raise _malformed(f"a withdrawal names 1 to {MAX_TOKENS} records.")
    if any(len(token) != TOKEN_BYTES for token in tokens):
        raise _malformed(f"a record's token has {TOKEN_BYTES} bytes.")
    if any(before >= after for before, after in pairwise(tokens)):
        raise _malformed("'tokens' must ascend, each once.")
    if len(salt) != _SALT_BYTES:
        raise _malformed(f"'salt' must have {_SALT_BYTES} bytes.")


def _begin_runs_anew(backend: Backend, connection: Connection, call: Call) -> None:
    """Let runs under way forget what they read: of several over the same uploads, the newest."""
    agreement_hash, project_id = call.project.agreement_hash, call.project.id
    newest = newest_entry(connection, project_id)
    for run_id in live_runs_of(connection, project_id):
        inputs = _inputs_now(connection, run_id)
        digest = runs.inputs_hash(agreement_hash, inputs, newest)
        if runs.find_by_inputs(connection, project_id, digest) is not None:
            runs.end(connection, run_id, runs.CANCELLED, backend.now())
            continue
        known = constraints_for(connection, project_id, inputs, call.agreement)
        runs.begin_anew(connection, run_id, inputs, digest)
        put_constraints(connection, run_id, known)


def _inputs_now(connection: Connection, run_id: str) -> list[runs.Input]:
    before = runs.inputs(connection, run_id)
    withdrawn = withdrawn_counts(connection, [item.upload_id for item in before])
    return [replace(item, withdrawn=withdrawn[item.upload_id]) for item in before]


def _malformed(problem: str) -> TacitError:
    return TacitError(Code.MALFORMED, problem=problem)
