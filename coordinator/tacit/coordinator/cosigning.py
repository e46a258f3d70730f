"""Members' signatures over heads: what shows two members that they are shown one history."""

from tacit.coordinator.backend import Backend
from tacit.coordinator.policy import Call
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.cosignatures import Cosignature, put_cosignature
from tacit.coordinator.store.ledger import find_head
from tacit.linkage import statements
from tacit.linkage.entry_rules import LATEST
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import ledger_pb2


def cosign(backend: Backend, call: Call, request: ledger_pb2.CosignTreeHeadRequest) -> None:
    """Keep the caller's signature over a head that this ledger has signed.

    Signing the same head again moves the time on: it says that the member still sees it so.

    Raises:
        TacitError: MALFORMED, there is no such time; SIGNATURE_INVALID, it is another head that
            the member signed than this ledger has.
    """
    if not 0 <= request.cosigned_at <= LATEST:
        raise TacitError(Code.MALFORMED, problem="'cosigned_at' is out of range.")
    with backend.store.read() as connection:
        head = find_head(connection, request.tree_size)
    if head is None:
        raise TacitError(Code.SIGNATURE_INVALID, "no head of this size was signed")
    statement = statements.cosigned_head(
        backend.ledger.public_key,
        statements.tree_head(head.size, head.timestamp, head.root),
        call.member.id,
        request.cosigned_at,
    )
    verify(call.member.signing_key, request.signature, statement)
    made = Cosignature(head.size, call.member.id, request.cosigned_at, request.signature)
    with backend.store.write() as connection:
        put_cosignature(connection, made)
