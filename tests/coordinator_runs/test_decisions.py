"""Known links and non-links: told to both members, and followed by later runs."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from coalition import CallError, Members, Project
from linking import Register, Seat, encode, person
from tacit.coordinator.decisions import possible
from tacit.coordinator.store.decisions import RunConstraint
from tacit.coordinator.store.ledger import read_entry
from tacit.coordinator.store.tables import decisions
from tacit.v1 import decisions_pb2, runs_pb2

SAME, DIFFERENT = runs_pb2.JUDGEMENT_SAME, runs_pb2.JUDGEMENT_DIFFERENT
UNDECIDED = runs_pb2.JUDGEMENT_UNDECIDED


class Desk(Seat):
    """A member's place with what an officer does there."""

    def decide(
        self, run_id: str, register: Register, entity: int, judgement: Any, **changes: Any
    ) -> decisions_pb2.Decision:
        """Decide about the one other record in the group of an entity."""
        token = register.token(entity)
        [group] = [g for g in self.results(run_id) if any(r.token == token for r in g.records)]
        other = next(record for record in group.records if not record.yours)
        values = {
            **self.names,
            "run_id": run_id,
            "group_id": group.group_id,
            "token": token,
            "member": other.member,
            "judgement": judgement,
            **changes,
        }
        request = decisions_pb2.DecideRequest(**values)
        return self.node.stubs.decisions.Decide(request).decision

    def change(self, entry: int, judgement: Any) -> decisions_pb2.Decision:
        request = decisions_pb2.ChangeDecisionRequest(
            **self.names, ledger_index=entry, judgement=judgement
        )
        return self.node.stubs.decisions.ChangeDecision(request).decision

    def decisions(self) -> list[decisions_pb2.Decision]:
        request = decisions_pb2.ListDecisionsRequest(project_id=self.project.id)
        return list(self.node.stubs.decisions.ListDecisions(request).decisions)

    def entities(self, register: Register) -> set[int]:
        """Link anew and give the entities of this member that match."""
        groups = self.results(self.link().run_id)
        return {register.entity(r.token) for group in groups for r in group.records if r.yours}


@pytest.fixture
def pair(project: Any, members: Members) -> tuple[Desk, Desk, Register, Register]:
    """North has 0..9, South 5..14: 5..9 match."""
    agreed: Project = project()
    north, south = Register(members.north, range(10)), Register(members.south, range(5, 15))
    for register in (north, south):
        register.upload(agreed)
    return Desk(members.north, agreed), Desk(members.south, agreed), north, south


Pair = tuple[Desk, Desk, Register, Register]


def test_a_known_non_link_parts_a_group_and_taking_it_back_joins_it_again(pair: Pair) -> None:
    north, south, own, other = pair
    first = north.link()
    made = north.decide(first.run_id, own, 7, DIFFERENT)
    assert (made.token, made.member, made.yours) == (own.token(7), "South", True)
    assert (made.judgement, made.contested) == (DIFFERENT, False)
    # The run that was decided upon stays as it is; the next one follows.
    assert len(north.results(first.run_id)) == 5
    assert north.entities(own) == {5, 6, 8, 9}
    assert south.entities(other) == {5, 6, 8, 9}
    taken_back = north.change(made.ledger_index, UNDECIDED)
    assert north.decisions() == south.decisions() == []
    assert not any(group.decisions for group in north.results(first.run_id))
    last = north.link()
    assert len(north.results(last.run_id)) == 5
    assert last.run_id != first.run_id
    assert north.start().run_id == last.run_id
    with pytest.raises(CallError) as failure:
        north.change(made.ledger_index, SAME)
    assert failure.value.reason == "MALFORMED"
    north.change(taken_back.ledger_index, DIFFERENT)
    assert north.entities(own) == {5, 6, 8, 9}


def test_a_known_link_alone_makes_a_group(pair: Pair, members: Members) -> None:
    north, south, own, other = pair
    north.decide(north.link().run_id, own, 7, SAME)
    # South's next record of this person resembles nobody's, and nothing else matches either.
    unlike = {7: {"clk": encode([person(999)]).clk_bytes(0)}}
    again = Register(members.south, (7, *range(100, 109)), unlike, _tokens=other._tokens)
    again.upload(south.project)
    [group] = north.results(north.link().run_id)
    assert [own.entity(r.token) for r in group.records if r.yours] == [7]
    assert not group.links


def test_the_other_member_is_told(pair: Pair) -> None:
    north, south, own, other = pair
    run_id = north.link().run_id
    before = south.get(run_id).revision
    assert before == 0
    made = north.decide(run_id, own, 6, SAME)
    assert south.get(run_id).revision not in {0, before}
    [told] = south.decisions()
    assert (told.token, told.member, told.yours) == (other.token(6), "North", False)
    assert (told.judgement, told.ledger_index) == (SAME, made.ledger_index)
    decided = [group.decisions for group in south.results(run_id) if group.decisions]
    assert [[(d.left, d.right, d.yours, d.judgement) for d in found] for found in decided] == [
        [(0, 1, False, SAME)]
    ]
    assert Desk(pair[0].node, pair[0].project).decisions() == [
        decisions_pb2.Decision(
            ledger_index=made.ledger_index,
            token=own.token(6),
            member="South",
            yours=True,
            judgement=SAME,
            decided_at=made.decided_at,
        )
    ]


def test_two_members_who_disagree_bind_nobody(pair: Pair) -> None:
    north, south, own, other = pair
    run_id = north.link().run_id
    made = south.decide(run_id, other, 7, SAME)
    assert north.decide(run_id, own, 7, DIFFERENT).contested
    assert {d.contested for d in north.decisions()} == {True}
    assert north.entities(own) == {5, 6, 7, 8, 9}
    south.change(made.ledger_index, DIFFERENT)
    assert {d.contested for d in south.decisions()} == {False}
    assert north.entities(own) == {5, 6, 8, 9}


def test_decisions_outlive_an_upload_and_go_with_the_record(pair: Pair, members: Members) -> None:
    north, south, own, other = pair
    run_id = north.link().run_id
    north.decide(run_id, own, 7, DIFFERENT)
    south.decide(run_id, other, 8, DIFFERENT)
    other.entities = range(4, 15)
    other.upload(north.project)
    assert north.entities(own) == {4, 5, 6, 9}
    # South no longer documents 7: what was known of it is forgotten.
    other.entities = [entity for entity in range(4, 15) if entity != 7]
    other.upload(north.project)
    assert [d.token for d in north.decisions()] == [own.token(8)]
    with members.coalition.coordinator._backend.store.read() as connection:
        kept = connection.execute(
            decisions.select().where(decisions.c.project_id == north.project.id)
        ).all()
    assert [row.token for row in kept] == [other.token(8)]


def test_a_decision_is_entered_in_the_ledger_as_a_commitment(pair: Pair, members: Members) -> None:
    north, _, own, other = pair
    made = north.decide(north.link().run_id, own, 7, DIFFERENT)
    with members.coalition.coordinator._backend.store.read() as connection:
        entry = json.loads(read_entry(connection, made.ledger_index) or b"")
    assert set(entry) == {"type", "time", "project", "agreement", "member", "commitment"}
    assert (entry["type"], entry["member"]) == ("decision", north.node.id)
    assert len(bytes.fromhex(entry["commitment"])) == 32
    for token in (own.token(7), other.token(7)):
        assert token.hex() not in json.dumps(entry)


def test_nobody_decides_about_what_it_does_not_see(pair: Pair, members: Members) -> None:
    north, south, own, other = pair
    run_id = north.link().run_id
    for changes in (
        {"token": other.token(7)},
        {"token": bytes(16)},
        {"member": "East"},
        {"member": "North"},
        {"place": 1},
        {"group_id": 1},
    ):
        with pytest.raises(CallError) as failure:
            north.decide(run_id, own, 7, DIFFERENT, **changes)
        assert failure.value.reason == "NOT_FOUND", changes
    made = north.decide(run_id, own, 7, DIFFERENT)
    with pytest.raises(CallError) as failure:
        south.change(made.ledger_index, SAME)
    assert failure.value.reason == "MALFORMED"
    with pytest.raises(CallError) as failure:
        north.decide(run_id, own, 7, runs_pb2.JUDGEMENT_UNSPECIFIED)
    assert failure.value.reason == "MALFORMED"
    assert Desk(members.east, north.project).decisions() == []
    token = own.token(8)
    [group] = [g for g in north.results(run_id) if any(r.token == token for r in g.records)]
    other.changes = {8: {"purposes": ["count"]}}
    other.upload(north.project)
    hidden = decisions_pb2.DecideRequest(
        **north.names,
        run_id=run_id,
        group_id=group.group_id,
        token=token,
        member="South",
        judgement=SAME,
    )
    with pytest.raises(CallError) as failure:
        north.node.stubs.decisions.Decide(hidden)
    assert failure.value.reason == "NOT_FOUND"


def test_what_a_member_must_not_see_it_is_not_told(pair: Pair) -> None:
    north, south, own, other = pair
    north.decide(north.link().run_id, own, 7, SAME)
    other.changes = {7: {"purposes": ["count"]}}
    other.upload(north.project)
    assert north.decisions() == south.decisions() == []


def test_a_register_that_may_repeat_persons_puts_several_in_a_group(
    project: Any, members: Members
) -> None:
    def groups(**changes: Any) -> list[int]:
        # Of two records that are alike each is the match with a probability of one half.
        agreed = project(threshold_permille=400, **changes)
        north, south = Register(members.north, range(6)), Register(members.south, range(6))
        twin = encode([person(3)])
        south.changes = {5: {"clk": twin.clk_bytes(0), "presence": int(twin.presence[0])}}
        for register in (north, south):
            register.upload(agreed)
        seat = Seat(members.north, agreed)
        return sorted(len(group.records) for group in seat.results(seat.link().run_id))

    assert groups() == [2, 2, 2, 2, 2]
    assert groups(repeating=(members.south.id,)) == [2, 2, 2, 2, 3]


A, B, C = (0, 1), (1, 1), (2, 1)


@pytest.mark.parametrize(
    ("known", "several", "kept"),
    [
        ({(A, B): True, (B, C): False}, (), [(A, B, True), (B, C, False)]),
        # A third decision that cannot hold beside the others is left out; non-links come first.
        ({(A, B): True, (B, C): True, (A, C): False}, (), [(A, B, True), (A, C, False)]),
        # Two records of one deduplicated register are never one person.
        ({(A, B): True, (A, (1, 2)): True}, (), [(A, B, True)]),
        ({(A, B): True, (A, (1, 2)): True}, (1,), [(A, B, True), (A, (1, 2), True)]),
        ({}, (), []),
    ],
)
def test_what_is_followed_is_possible(
    known: dict[Any, bool], several: Sequence[int], kept: list[Any]
) -> None:
    expected = [RunConstraint(a[0], a[1], b[0], b[1], same) for a, b, same in kept]
    assert possible(known, frozenset(several)) == expected
