"""What runs find, and what each member sees of it."""

from typing import Any

import pytest

from coalition import CallError, Members
from linking import Register, Seat, seen, truth
from tacit.v1 import runs_pb2


def test_run_finds_the_shared_entities(linked: Any) -> None:
    table, run_id = linked
    expected = truth(table.registers)
    for seat, register in zip(table.seats, table.registers, strict=True):
        own = {g for g in expected if any(n == register.node.member.name for n, _ in g)}
        groups = seat.results(run_id)
        assert seen(groups, table.registers) == own
        assert seat.get(run_id).group_count == len(own)


def test_member_sees_only_groups_with_its_own_records(linked: Any) -> None:
    table, run_id = linked
    for seat in table.seats:
        for group in seat.results(run_id):
            assert sum(record.yours for record in group.records) == 1


def test_links_join_records_of_the_group_with_coarse_scores(linked: Any) -> None:
    table, run_id = linked
    for group in table.seats[1].results(run_id):
        assert group.links
        for link in group.links:
            assert link.left != link.right
            assert max(link.left, link.right) < len(group.records)
            assert 0.6 <= link.score <= 1
            assert round(link.score, 2) == link.score


def test_objection_to_publication_is_shown(linked: Any) -> None:
    table, run_id = linked
    groups = table.seats[0].results(run_id)
    objected = {
        table.registers[1].entity(record.token)
        for group in groups
        for record in group.records
        if record.publication == 2
    }
    assert objected == set(range(30, 35))


def test_results_resume_after_a_group(linked: Any) -> None:
    table, run_id = linked
    groups = table.seats[1].results(run_id)
    numbers = [group.group_id for group in groups]
    assert numbers == sorted(set(numbers))
    assert table.seats[1].results(run_id, after=numbers[9]) == groups[10:]
    assert table.seats[1].results(run_id, after=numbers[-1]) == []


def test_group_numbers_tell_nothing_of_how_many_there_are(linked: Any) -> None:
    table, run_id = linked
    numbers = [group.group_id for group in table.seats[1].results(run_id)]
    # Consecutive numbers would tell where other members' groups lie between.
    assert max(numbers) > 1000 * len(numbers)


def test_same_uploads_give_the_same_run(linked: Any) -> None:
    table, run_id = linked
    assert {seat.start().run_id for seat in table.seats} == {run_id}


def test_watching_a_finished_run_gives_its_end_at_once(linked: Any) -> None:
    table, run_id = linked
    [run] = table.seats[2].watch(run_id)
    assert run.state == runs_pb2.RUN_STATE_DONE
    assert run.pairs_done == run.pairs_total == 3 * 60 * 60


def test_watching_shows_each_state_and_ends(project: Any, members: Members) -> None:
    agreed = project()
    for node, entities in ((members.north, range(20)), (members.south, range(10, 30))):
        Register(node, entities).upload(agreed)
    seat = Seat(members.north, agreed)
    states = [run.state for run in seat.watch(seat.start().run_id)]
    assert states == sorted(states)
    assert states[-1] == runs_pb2.RUN_STATE_DONE


def test_fewer_than_two_members_with_records_cannot_link(project: Any, members: Members) -> None:
    agreed = project()
    Register(members.north, range(10)).upload(agreed)
    over = {entity: {"consent_expires": 1} for entity in range(10)}
    for entities in ((), range(10)):
        # South has nothing, and then nothing whose consent is not over.
        Register(members.south, entities, over).upload(agreed)
        with pytest.raises(CallError) as failure:
            Seat(members.north, agreed).start()
        assert failure.value.reason == "NOTHING_TO_LINK"


def test_new_upload_makes_a_new_run_and_leaves_the_old_one(project: Any, members: Members) -> None:
    agreed = project()
    north, south = Register(members.north, range(20)), Register(members.south, range(10, 30))
    north.upload(agreed)
    south.upload(agreed)
    seat = Seat(members.north, agreed)
    first = seat.link()
    south.entities = range(15, 30)
    south.upload(agreed)
    second = seat.link()
    assert second.run_id != first.run_id
    request = runs_pb2.ListRunsRequest(project_id=agreed.id)
    listed = members.south.stubs.runs.ListRuns(request).runs
    assert [run.run_id for run in listed] == [first.run_id, second.run_id]
    assert seen(seat.results(second.run_id), (north, south)) == truth((north, south))
    # What South no longer uploads is gone from the old run's results too.
    assert seen(seat.results(first.run_id), (north, south)) == truth((north, south))


def test_names_and_foreign_tokens_are_hidden_without_attribution(
    project: Any, members: Members
) -> None:
    agreed = project(disclose_members=False, purposes=("check", "count"))
    north, south = Register(members.north, range(10)), Register(members.south, range(5, 15))
    for register in (north, south):
        for entity in register.entities:
            register.changes = {**register.changes, entity: {"purposes": ["check", "count"]}}
        register.upload(agreed)
    order = [party.member_id for party in agreed.agreement.members]
    alias = f"member {order.index(members.south.id) + 1}"
    seat = Seat(members.north, agreed)
    groups = seat.results(seat.link().run_id)
    assert len(groups) == 5
    for group in groups:
        [own] = [record for record in group.records if record.yours]
        [other] = [record for record in group.records if not record.yours]
        assert own.member == "North"
        assert own.token
        assert other.member == alias
        assert other.token == b""


def test_records_show_only_where_consent_covers_it(project: Any, members: Members) -> None:
    agreed = project()
    south = Register(
        members.south,
        range(10),
        {0: {"purposes": ["count"]}, 1: {"purposes": ["check"]}},
    )
    north = Register(members.north, range(10), {3: {"purposes": ["count"]}})
    # Two see each other past a third who is not shown, and not past themselves.
    east = Register(members.east, (0, 3, 5), {5: {"purposes": ["count"]}})
    for register in (north, south, east):
        register.upload(agreed)
    seat = Seat(members.north, agreed)
    run = seat.link()
    groups = seat.results(run.run_id)
    assert run.group_count == len(groups) == 9
    by_entity = {}
    for group in groups:
        [own] = [record for record in group.records if record.yours]
        [other] = [record for record in group.records if not record.yours]
        by_entity[north.entity(own.token)] = other.token
    assert set(by_entity) == {0, 1, 2, 4, 5, 6, 7, 8, 9}
    assert by_entity[1] == b""
    assert by_entity[4] == south.token(4)


def test_consent_withdrawn_by_a_new_upload_counts_at_once(project: Any, members: Members) -> None:
    agreed = project()
    north, south = Register(members.north, range(10)), Register(members.south, range(10))
    north.upload(agreed)
    south.upload(agreed)
    seat = Seat(members.north, agreed)
    run_id = seat.link().run_id
    south.changes = {4: {"publication": 2}, 5: {"purposes": ["count"]}}
    south.upload(agreed)
    groups = seat.results(run_id)
    entities = {north.entity(r.token): group for group in groups for r in group.records if r.yours}
    assert set(entities) == set(range(10)) - {5}
    assert max(record.publication for record in entities[4].records) == 2


def test_results_wait_for_the_end_of_the_run(linked: Any, members: Members) -> None:
    table, run_id = linked
    with pytest.raises(CallError) as failure:
        Seat(members.outsider, table.project).results(run_id)
    assert failure.value.reason == "NOT_FOUND"
    with pytest.raises(CallError) as failure:
        table.seats[0].results("0" * 32)
    assert failure.value.reason == "NOT_FOUND"
