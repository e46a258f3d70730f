"""Claims: their order, and proofs that an outsider can verify."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from coalition import CallError, Members, Node
from linking import Register, Seat
from tacit.linkage import merkle, statements
from tacit.v1 import claims_pb2, ledger_pb2


def verify(claim: claims_pb2.Claim, head: ledger_pb2.TreeHead, node: Node) -> None:
    """Verify a claim from the commitment up to the coordinator's signature."""
    entry = json.loads(claim.entry.entry)
    assert entry["type"] == "upload"
    assert entry["records"] == claim.upload_size
    assert entry["time"] == claim.recorded_at
    assert merkle.verify_inclusion(
        merkle.leaf_hash(claim.claim_commitment),
        claim.upload_position,
        claim.upload_size,
        list(claim.upload_path),
        bytes.fromhex(entry["root"]),
    )
    assert merkle.verify_inclusion(
        merkle.leaf_hash(claim.entry.entry),
        claim.entry.leaf_index,
        head.tree_size,
        list(claim.entry.path),
        head.root_hash,
    )
    Ed25519PublicKey.from_public_bytes(node.ledger_key).verify(
        head.signature, statements.tree_head(head.tree_size, head.timestamp, head.root_hash)
    )


def by_entity(
    messages: list[claims_pb2.GetClaimsResponse], register: Register
) -> dict[int, list[claims_pb2.Claim]]:
    """Gather claims by the entity that the caller's own record stands for."""
    found = {}
    for message in messages:
        for group in message.groups:
            [own] = [claim for claim in group.claims if claim.yours]
            found[register.entity(own.token)] = list(group.claims)
    return found


def test_every_claim_is_proved(linked: Any) -> None:
    table, run_id = linked
    registers = {register.node.member.name: register for register in table.registers}
    messages = table.seats[1].claims(run_id)
    assert messages
    for message in messages:
        assert message.head == messages[0].head
        for group in message.groups:
            for claim in group.claims:
                verify(claim, message.head, table.seats[1].node)
                register = registers[claim.member]
                entity = register.entity(claim.token)
                assert claim.claim_commitment == register.commitment(entity)
                assert claim.unchanged
                assert claim.yours == (claim.member == "South")


def test_order_is_that_of_the_uploads(linked: Any) -> None:
    table, run_id = linked
    found = by_entity(table.seats[0].claims(run_id), table.registers[0])
    assert set(found) == set(range(30, 60))
    for entity, claims in found.items():
        # North uploaded first, then South, then East.
        expected = ["North", "South", "East"] if entity >= 50 else ["North", "South"]
        assert [claim.member for claim in claims] == expected
        assert [claim.rank for claim in claims] == list(range(1, len(claims) + 1))
        indices = [claim.entry.leaf_index for claim in claims]
        assert indices == sorted(indices)


def test_groups_can_be_chosen(linked: Any) -> None:
    table, run_id = linked
    groups = [group.group_id for group in table.seats[0].results(run_id)]
    [message] = table.seats[0].claims(run_id, groups[3:5])
    assert [group.group_id for group in message.groups] == groups[3:5]


def test_groups_of_others_do_not_exist(linked: Any) -> None:
    table, run_id = linked
    north = {group.group_id for group in table.seats[0].results(run_id)}
    other = [g.group_id for g in table.seats[2].results(run_id) if g.group_id not in north]
    for number in (other[0], 10**12):
        with pytest.raises(CallError) as failure:
            table.seats[0].claims(run_id, [number])
        assert failure.value.reason == "NOT_FOUND"


def test_claim_keeps_its_first_place_when_uploaded_again(project: Any, members: Members) -> None:
    agreed = project()
    north, south = Register(members.north, range(3)), Register(members.south, range(10))
    north.upload(agreed)
    south.upload(agreed)
    north.entities = range(10)
    north.claims[1] = {"documented_on": "1999-01-01", "forum": "", "petition": "", "consent": ""}
    first = north.commitment(2)
    north.upload(agreed)
    seat = Seat(members.north, agreed)
    run_id = seat.link().run_id
    messages = seat.claims(run_id)
    for message in messages:
        for group in message.groups:
            for claim in group.claims:
                verify(claim, message.head, members.north)
    found = by_entity(messages, north)
    # 0..2 were North's before South came; 3..9 came with North's second upload only.
    for entity in range(10):
        order = ["North", "South"] if entity < 3 else ["South", "North"]
        assert [claim.member for claim in found[entity]] == order
    assert found[2][0].claim_commitment == first
    assert found[2][0].unchanged
    assert not found[1][0].unchanged
    assert found[1][0].claim_commitment != north.commitment(1)


def test_records_without_consent_to_attribution_take_no_part(
    project: Any, members: Members
) -> None:
    agreed = project()
    north = Register(members.north, range(5), {0: {"purposes": ["check"]}})
    south = Register(members.south, range(5), {1: {"purposes": ["check", "count"]}})
    north.upload(agreed)
    south.upload(agreed)
    seat = Seat(members.north, agreed)
    found = by_entity(seat.claims(seat.link().run_id), north)
    assert set(found) == {2, 3, 4}


def test_claims_need_the_purpose(project: Any, members: Members) -> None:
    agreed = project(purposes=("check", "count"))
    purposes = {e: {"purposes": ["check", "count"]} for e in range(5)}
    for node in (members.north, members.south):
        Register(node, range(5), purposes).upload(agreed)
    seat = Seat(members.north, agreed)
    with pytest.raises(CallError) as failure:
        seat.claims(seat.link().run_id)
    assert failure.value.reason == "PURPOSE_NOT_AGREED"
