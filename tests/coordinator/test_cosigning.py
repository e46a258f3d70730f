"""Members read the ledger, cosign its heads and see what others cosigned; on both databases."""

import pytest

from coalition import CallError, Coalition, Members, Node
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.ledger_export import export_ledger
from tacit.linkage import merkle, statements
from tacit.linkage.ledger_audit import audit
from tacit.v1 import ledger_pb2

NOW = 1_750_000_000_000


def newest(node: Node) -> ledger_pb2.TreeHead:
    return node.stubs.ledger.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head


def cosigning(
    members: Members, node: Node, at: int = NOW, **changes: int
) -> ledger_pb2.CosignTreeHeadRequest:
    """Sign the newest head as a node would."""
    head = newest(node)
    signed = statements.tree_head(head.tree_size, head.timestamp, head.root_hash)
    key = members.coalition.home.read_ledger_key(None).public_key().public_bytes_raw()
    statement = statements.cosigned_head(key, signed, node.party.member_id, at)
    values = {"tree_size": head.tree_size, "cosigned_at": at, **changes}
    return ledger_pb2.CosignTreeHeadRequest(signature=node.signing_key.sign(statement), **values)


def listed(node: Node) -> dict[str, tuple[int, int]]:
    """Give the size and time of what each member cosigned last."""
    answer = node.stubs.ledger.ListCosignedHeads(ledger_pb2.ListCosignedHeadsRequest())
    return {
        item.member_id: (found.head.tree_size, item.cosigned_at)
        for found in answer.heads
        for item in found.cosignatures
    }


def test_a_cosigned_head_is_handed_to_the_others_once_per_member(members: Members) -> None:
    north, south = members.north, members.south
    size = newest(north).tree_size
    for node, at in ((north, NOW), (south, NOW), (north, NOW + 5), (north, NOW + 3)):
        node.stubs.ledger.CosignTreeHead(cosigning(members, node, at))
    # The latest word of each counts.
    expected = {north.party.member_id: (size, NOW + 5), south.party.member_id: (size, NOW)}
    assert listed(members.east) == expected
    answer = members.east.stubs.ledger.ListTreeHeads(
        ledger_pb2.ListTreeHeadsRequest(from_size=size)
    )
    (found,) = answer.heads
    assert {item.member_id for item in found.cosignatures} == set(expected)


def test_nobody_cosigns_for_another_or_another_head(members: Members) -> None:
    north, south = members.north, members.south
    cases = [
        (south, cosigning(members, north), "SIGNATURE_INVALID"),
        (north, cosigning(members, north, cosigned_at=NOW + 1), "SIGNATURE_INVALID"),
        (north, cosigning(members, north, tree_size=999), "SIGNATURE_INVALID"),
        (north, cosigning(members, north, tree_size=2**63), "MALFORMED"),
        (north, cosigning(members, north, cosigned_at=-1), "MALFORMED"),
        (north, cosigning(members, north, cosigned_at=10**16), "MALFORMED"),
    ]
    before = listed(north)
    for node, request, reason in cases:
        with pytest.raises(CallError) as caught:
            node.stubs.ledger.CosignTreeHead(request)
        assert caught.value.reason == reason
    assert listed(north) == before


def test_the_entries_that_are_read_give_the_root(members: Members) -> None:
    head = newest(members.north)
    ask = members.north.stubs.ledger.ListEntries
    every = ask(ledger_pb2.ListEntriesRequest(end=head.tree_size)).entries
    assert merkle.root([merkle.leaf_hash(entry) for entry in every]) == head.root_hash
    assert list(ask(ledger_pb2.ListEntriesRequest(start=1, end=3)).entries) == list(every[1:3])
    assert list(ask(ledger_pb2.ListEntriesRequest(start=3, end=3)).entries) == []
    with pytest.raises(CallError) as caught:
        ask(ledger_pb2.ListEntriesRequest(start=2**63, end=2**64 - 1))
    assert caught.value.reason == "MALFORMED"


def test_the_keepers_export_verifies(members: Members) -> None:
    home = members.coalition.home
    store = members.coalition.coordinator._backend.store
    copy = export_ledger(store, home.read_ledger_key(None), b"", milliseconds())
    found = audit(copy)
    assert found.findings == ()
    assert [item.member.name for item in found.witnesses] == ["북녘", "South", "East", "West"]


def test_long_answers_come_in_parts(alone: Coalition) -> None:
    node = alone.enrol("North")
    backend = alone.coordinator._backend
    with backend.store.write() as connection:
        for number in range(600):
            backend.ledger.append(connection, "test", NOW + number, filler="x" * 3000)
    ask = node.stubs.ledger.ListEntries
    first = ask(ledger_pb2.ListEntriesRequest(end=601)).entries
    # Entries have some 3,040 bytes each: 344 of them and the enrolment are 1 MiB.
    assert 300 < len(first) < 400
    rest = ask(ledger_pb2.ListEntriesRequest(start=len(first), end=601)).entries
    assert len(first) + len(rest) == 601
