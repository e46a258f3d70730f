"""Who recorded what first: claims in the order of the ledger, each with its proofs."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tacit.coordinator.backend import Backend
from tacit.coordinator.ledger import Proof
from tacit.coordinator.results import require_kept
from tacit.coordinator.store.claims import First, first_commitments, upload_commitments
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.groups import Held, group_ids_of, held_records
from tacit.coordinator.store.ledger import Head
from tacit.coordinator.store.sets import allows
from tacit.linkage.agreement import Purpose
from tacit.linkage.merkle import leaf_hash
from tacit.linkage.merkle_tree import MerkleTree

PAGE = 100
"""Groups read at one time."""

_CACHED_TREES = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """A record of a group with the proof of when the coordinator first held it.

    Attributes:
        held: the record as its member's current upload has it.
        first: where it stood first.
        path: audit path of its first commitment in that upload's tree.
        entry: the upload's place in the ledger.
        rank: 1 for the earliest entry of the group.
    """

    held: Held
    first: First
    path: tuple[bytes, ...]
    entry: Proof
    rank: int

    @property
    def unchanged(self) -> bool:
        """Whether the member claims what it claimed at first."""
        return self.held.claim_commitment == self.first.commitment


class UploadTrees:
    """Merkle trees of uploads; the last few are kept, since commitments never change.

    Args:
        store: the database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._trees: OrderedDict[str, MerkleTree] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, upload_id: str, position: int) -> tuple[bytes, ...]:
        """Give the audit path of a commitment in its upload's tree."""
        with self._lock:
            tree = self._trees.pop(upload_id, None) or self._build(upload_id)
            self._trees[upload_id] = tree
            if len(self._trees) > _CACHED_TREES:
                self._trees.popitem(last=False)
            return tuple(tree.inclusion_path(position, len(tree)))

    def _build(self, upload_id: str) -> MerkleTree:
        with self._store.read() as connection:
            leaves = [leaf_hash(item) for item in upload_commitments(connection, upload_id)]
        tree = MerkleTree()
        tree.extend(leaves)
        return tree


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who asks about which groups of which run; no numbers means all that are the caller's."""

    project_id: str
    run_id: str
    caller_id: str
    group_ids: frozenset[int] = frozenset()


class ClaimReader:
    """Reads claims against one signed head.

    Args:
        backend: the coordinator.
        trees: of uploads.
        head: every entry's proof holds against it.
    """

    def __init__(self, backend: Backend, trees: UploadTrees, head: Head) -> None:
        self._backend = backend
        self._trees = trees
        self._head = head
        self._entries: dict[int, Proof] = {}

    def groups(self, inquiry: Inquiry) -> Iterator[tuple[int, list[Claim]]]:
        """Give the caller's groups in order of number, each with its claims, earliest first.

        Only records whose present consent covers attribution take part; a group is left out
        where less than two of them, or none of the caller's, remain.
        """
        after = 0
        while True:
            with self._backend.store.read() as connection:
                numbers = group_ids_of(connection, inquiry.run_id, inquiry.caller_id, after, PAGE)
                if not numbers:
                    require_kept(connection, inquiry.run_id)
                    return
                after = numbers[-1]
                wanted = [n for n in numbers if not inquiry.group_ids or n in inquiry.group_ids]
                found = held_records(connection, inquiry.run_id, wanted, self._backend.day)
                groups = {number: _attributable(found[number]) for number in wanted}
                tokens = {held.token for group in groups.values() for held in group}
                firsts = first_commitments(connection, inquiry.project_id, tokens)
            for number, group in groups.items():
                owners = {held.member_id for held in group}
                if len(owners) > 1 and inquiry.caller_id in owners:
                    yield number, self._claims(group, firsts)

    def _claims(self, group: Sequence[Held], firsts: dict[tuple[str, bytes], First]) -> list[Claim]:
        dated = sorted(
            ((firsts[held.member_id, held.token], held) for held in group),
            key=lambda pair: (pair[0].ledger_index, pair[1].place),
        )
        ranks = {index: rank for rank, index in enumerate(_distinct(dated), start=1)}
        return [
            Claim(
                held,
                first,
                self._trees.path(first.upload_id, first.position),
                self._entry(first.ledger_index),
                ranks[first.ledger_index],
            )
            for first, held in dated
        ]

    def _entry(self, index: int) -> Proof:
        if index not in self._entries:
            self._entries[index] = self._backend.ledger.prove(index, self._head)
        return self._entries[index]


def _distinct(dated: Sequence[tuple[First, Held]]) -> list[int]:
    return list(dict.fromkeys(first.ledger_index for first, _ in dated))


def _attributable(group: Sequence[Held]) -> list[Held]:
    return [held for held in group if allows(held.purposes, (Purpose.ATTRIBUTE,))]
