"""The ledger's head as this node has it, to be shown and kept."""

from dataclasses import dataclass

from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import connect, load_member
from tacit.node.cosigning import agree_on_head
from tacit.node.store.base import Store
from tacit.node.store.ledger import StoredTreeHead, last_tree_head


@dataclass(frozen=True, slots=True)
class SeenHead:
    """The largest head that this node has verified.

    Attributes:
        ledger_key: under which it is signed, 32 bytes.
        head: the head.
        agreeing: names of the other members whose last cosigned head is part of this history;
            empty where nobody was asked.
    """

    ledger_key: bytes
    head: StoredTreeHead
    agreeing: tuple[str, ...] = ()


def newest_head(store: Store, policy: RetryPolicy | None = None) -> SeenHead:
    """Ask for the newest head, compare it with what others cosigned, and cosign it.

    Raises:
        TacitError: PROOF_INVALID, LEDGER_FORKED, or what the connection raises.
    """
    member = load_member(store)
    with connect(store, policy) as session:
        heads = agree_on_head(session, store, member)
    return SeenHead(member.identity.ledger_key, _last(store), heads.agreeing)


def kept_head(store: Store) -> SeenHead:
    """Give the largest head seen so far, without asking anybody.

    Raises:
        TacitError: NOT_ENROLLED; NOT_FOUND, none was seen yet.
    """
    return SeenHead(load_member(store).identity.ledger_key, _last(store))


def _last(store: Store) -> StoredTreeHead:
    with store.read() as connection:
        head = last_tree_head(connection)
    if head is None:
        raise TacitError(Code.NOT_FOUND, what="tree head")
    return head
