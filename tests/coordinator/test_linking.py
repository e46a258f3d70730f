"""Run, results, count, check and claims over each database."""

import pytest

from coalition import CallError, Members, project_in_force
from linking import SCHEMA_TEXT, Register, Seat, answers, encode, person, seen, truth
from tacit.v1 import runs_pb2


def test_the_whole_story_over_each_database(members: Members) -> None:
    nodes = (members.north, members.south, members.east)
    project = project_in_force(
        nodes, schema=SCHEMA_TEXT, threshold_permille=600, minimum_cell=3, check_budget=20
    )
    spans = (range(20), range(10, 30), range(15, 35))
    registers = [Register(node, span) for node, span in zip(nodes, spans, strict=True)]
    for register in registers:
        register.upload(project)
    seat = Seat(members.south, project)
    run = seat.link()
    assert run.state == runs_pb2.RUN_STATE_DONE
    own = {group for group in truth(registers) if any(name == "South" for name, _ in group)}
    groups = seat.results(run.run_id)
    assert seen(groups, registers) == own
    assert run.group_count == len(own) == 20
    assert seat.count(run.run_id) == seat.count(run.run_id)
    assert seat.count(run.run_id).distinct.count == 35
    batch = encode([person(entity) for entity in (5, 17, 1000, 1001, 1002)])
    assert [len(holders) for holders in answers(seat.check(batch))] == [1, 2, 0, 0, 0]
    north = Seat(members.north, project)
    assert [notice.records for notice in north.notices()] == [2]
    [message] = seat.claims(run.run_id)
    assert len(message.groups) == 20
    assert {claim.rank for group in message.groups for claim in group.claims} == {1, 2, 3}
    # The records of a replaced upload go, and the run's results with what went.
    registers[0].entities = range(15)
    registers[0].upload(project)
    left = [frozenset(item for item in g if item[0] != "북녘" or item[1] < 15) for g in own]
    assert seen(seat.results(run.run_id), registers) == {group for group in left if len(group) > 1}
    with pytest.raises(CallError) as failure:
        seat.check(encode([person(entity) for entity in range(16)]))
    assert failure.value.reason == "BUDGET_SPENT"
