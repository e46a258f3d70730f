"""Receipts that what was made with an old linkage key is gone, on both sides.

A member's encodings of an epoch that is over are erased in batches; once none is left, the member
has a receipt. That a member's own node has destroyed its key is the member's signed word.
"""

from tacit.coordinator.backend import Backend
from tacit.coordinator.policy import Call
from tacit.coordinator.receipts import give, given
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.epochs import has_ended, is_gone, owed, set_destroyed
from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.receipt_file import SignedReceipt

_KEY = "key_destruction"
_MOST_EPOCHS = 2**31


def give_receipts(backend: Backend) -> int:
    """Give each member the receipt for encodings of which none is left; says how many."""
    with backend.store.read() as connection:
        if not any(is_gone(connection, item) for item in owed(connection)):
            return 0
    now, done = backend.now(), 0
    with backend.store.write() as connection:
        for item in owed(connection):
            if is_gone(connection, item):
                receipt = give(
                    backend,
                    connection,
                    "destruction",
                    item.member_id,
                    item.project_id,
                    now,
                    epoch=item.epoch,
                    records=item.records,
                )
                set_destroyed(connection, item, receipt.index)
                done += 1
    return done


def report_destroyed(backend: Backend, call: Call, epoch: int, signature: bytes) -> SignedReceipt:
    """Enter that the caller's node has destroyed its key of an epoch; twice is once.

    Raises:
        TacitError: SIGNATURE_INVALID; EPOCH_RUNNING, the epoch is not over for the caller.
    """
    if epoch >= _MOST_EPOCHS:
        raise TacitError(Code.MALFORMED, problem="'epoch' is out of range.")
    statement = statements.destroyed_key(call.project.id, epoch)
    verify(call.member.signing_key, signature, statement)
    whose, said = (call.member.id, call.project.id), signature.hex()
    with backend.store.write() as connection:
        if not has_ended(connection, call.project.id, call.member.id, epoch):
            raise TacitError(Code.EPOCH_RUNNING, epoch=epoch)
        known = given(backend, connection, _KEY, *whose, epoch=epoch, signature=said)
        if known is not None:
            return known
        now = backend.now()
        return give(backend, connection, _KEY, *whose, now, epoch=epoch, signature=said)
