"""The growing tree against the plain definition of RFC 6962."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coalition import Coalition
from tacit.coordinator.ledger import Ledger
from tacit.linkage import merkle, statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.merkle_tree import MerkleTree

LEAVES = [merkle.leaf_hash(bytes([i])) for i in range(130)]


@st.composite
def grown(draw: st.DrawFn) -> tuple[MerkleTree, int]:
    """Grow a tree by any steps."""
    steps = draw(st.lists(st.integers(0, 40), max_size=6))
    tree, size = MerkleTree(), 0
    for step in steps:
        stop = min(size + step, len(LEAVES))
        tree.extend(LEAVES[size:stop])
        size = stop
    return tree, size


@settings(deadline=None)
@given(grown(), st.data())
def test_same_hashes_and_proofs_as_the_definition(
    made: tuple[MerkleTree, int], data: st.DataObject
) -> None:
    tree, size = made
    part = data.draw(st.integers(0, size))
    assert tree.root(part) == merkle.root(LEAVES[:part])
    assert tree.consistency_path(part, size) == merkle.consistency_path(part, LEAVES[:size])
    if part:
        index = data.draw(st.integers(0, part - 1))
        path = tree.inclusion_path(index, part)
        assert path == merkle.inclusion_path(index, LEAVES[:part])


@pytest.mark.parametrize("size", [-1, 4])
def test_trees_that_there_are_not(size: int) -> None:
    tree = MerkleTree()
    tree.extend(LEAVES[:3])
    with pytest.raises(IndexError):
        tree.root(size)
    with pytest.raises(IndexError):
        tree.inclusion_path(size, 3)
    with pytest.raises(IndexError):
        tree.consistency_path(size, 3)


def test_entries_and_heads_survive_a_restart(alone: Coalition) -> None:
    store = alone.coordinator._backend.store
    key = alone.home.read_ledger_key(None)
    ledger = Ledger(store, key)
    empty = ledger.head(5)
    assert (empty.size, empty.root) == (0, merkle.root([]))
    entries = []
    for number in range(5):
        with store.write() as connection:
            assert ledger.append(connection, "test", number, value="값") == number
        entries.append(f'{{"time":{number},"type":"test","value":"값"}}'.encode())
    head = ledger.head(7)
    key.public_key().verify(head.signature, statements.tree_head(5, 7, head.root))
    assert head.root == merkle.root([merkle.leaf_hash(entry) for entry in entries])
    later = Ledger(store, key)
    assert later.head(99) == head
    for number, entry in enumerate(entries):
        proof = later.prove(number, head)
        assert proof.entry == entry
        assert merkle.verify_inclusion(merkle.leaf_hash(entry), number, 5, proof.path, head.root)
    for index, tree in ((5, head), (0, empty), (-1, head)):
        with pytest.raises(TacitError) as failure:
            later.prove(index, tree)
        assert failure.value.code is Code.NOT_FOUND


def test_an_act_that_fails_leaves_no_entry(alone: Coalition) -> None:
    backend = alone.coordinator._backend

    def fail() -> None:
        with backend.store.write() as connection:
            backend.ledger.append(connection, "test", 0)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert backend.ledger.head(0).size == 0
