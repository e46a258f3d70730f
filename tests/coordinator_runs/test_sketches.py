"""Reasons for matches: told to the two members alone, and only where the agreement allows it."""

from collections.abc import Sequence
from typing import Any

import pytest

from coalition import CallError, Members
from linking import KEY, Register, Seat, person, schema
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.reasons import reason_key, sketch_bytes, sketches
from tacit.v1 import runs_pb2

AGREED, NOT, MISSING = (
    runs_pb2.FIELD_VERDICT_AGREED,
    runs_pb2.FIELD_VERDICT_NOT,
    runs_pb2.FIELD_VERDICT_MISSING,
)


def put(seat: Seat, run_id: str, sent: Sequence[runs_pb2.Sketch]) -> None:
    request = runs_pb2.PutSketchesRequest(**seat.names, run_id=run_id, sketches=sent)
    seat.node.stubs.runs.PutSketches(request)


def sketched(seat: Seat, register: Register, run_id: str, **changes: str) -> list[runs_pb2.Sketch]:
    """Sketch every record of the member's groups, as its register has the person."""
    own = [(g.group_id, r.token) for g in seat.results(run_id) for r in g.records if r.yours]
    people = [{**person(register.entity(token)), **changes} for _, token in own]
    columns = {name: [item[name] for item in people] for name in ("name", "born", "place")}
    keys = [reason_key(KEY, "linking", 1, run_id, group) for group, _ in own]
    made = sketches(schema(), normalise_columns(schema(), columns), keys, [t for _, t in own])
    return [
        runs_pb2.Sketch(group_id=group, token=token, parts=parts)
        for (group, token), parts in zip(own, made, strict=True)
    ]


@pytest.fixture
def three(project: Any, members: Members) -> tuple[list[Seat], list[Register], str]:
    """North, South and East all have 0..4; nobody sent sketches yet."""
    agreed = project(reasons=True)
    nodes = [members.north, members.south, members.east]
    registers = [Register(node, range(5)) for node in nodes]
    for register in registers:
        register.upload(agreed)
    seats = [Seat(node, agreed) for node in nodes]
    return seats, registers, seats[0].link().run_id


Three = tuple[list[Seat], list[Register], str]


def fields(seat: Seat, run_id: str) -> set[tuple[tuple[bool, bool], tuple[int, ...]]]:
    """Give for each link whether its ends are the caller's, and the verdicts."""
    return {
        (
            (group.records[link.left].yours, group.records[link.right].yours),
            tuple(link.fields),
        )
        for group in seat.results(run_id)
        for link in group.links
    }


def test_reasons_come_once_both_members_sent_sketches(three: Three) -> None:
    (north, south, east), (own, other, _), run_id = three
    put(north, run_id, sketched(north, own, run_id))
    assert {found for _, found in fields(north, run_id)} == {()}
    assert north.get(run_id).revision == 0
    put(south, run_id, sketched(south, other, run_id, born="", place="qqqq"))
    assert north.get(run_id).revision != 0
    told = (AGREED, MISSING, NOT)
    by_ends = {told if found else () for ends, found in fields(north, run_id) if any(ends)}
    assert by_ends == {told, ()}
    assert {found for _, found in fields(south, run_id)} == {told, ()}
    # East is in every group, sees the link of the other two, and is told nothing of it.
    assert {found for _, found in fields(east, run_id)} == {()}


def test_what_came_first_stays(three: Three) -> None:
    (north, south, _), (own, other, _), run_id = three
    put(north, run_id, sketched(north, own, run_id))
    put(south, run_id, sketched(south, other, run_id))
    before = fields(north, run_id)
    guess = sketched(north, own, run_id, place="guess")
    put(north, run_id, [*guess, *guess])
    assert fields(north, run_id) == before


def test_sketches_of_others_records_and_of_none_change_nothing(three: Three) -> None:
    (north, south, _), (own, other, _), run_id = three
    put(south, run_id, sketched(south, other, run_id))
    own_sketch, *_ = sketched(north, own, run_id)
    for changed in (
        runs_pb2.Sketch(group_id=1, token=own_sketch.token, parts=own_sketch.parts),
        runs_pb2.Sketch(group_id=own_sketch.group_id, token=other.token(0), parts=own_sketch.parts),
    ):
        put(north, run_id, [changed])
    assert {found for _, found in fields(north, run_id)} == {()}


def test_malformed_sketches_are_refused(three: Three) -> None:
    (north, *_), (own, *_), run_id = three
    sketch, *_ = sketched(north, own, run_id)
    number, right = sketch.group_id, sketch.parts
    wrong = ((number, b""), (number, right[:-1]), (number, right + b"\0"), (2**63, right))
    for group_id, parts in wrong:
        changed = runs_pb2.Sketch(group_id=group_id, token=sketch.token, parts=parts)
        with pytest.raises(CallError) as failure:
            put(north, run_id, [changed])
        assert failure.value.reason == "MALFORMED"
    assert len(sketch.parts) == sketch_bytes(schema())
    with pytest.raises(CallError) as failure:
        put(north, run_id, [sketch] * 1001)
    assert failure.value.reason == "MALFORMED"


def test_no_reasons_without_agreement(project: Any, members: Members) -> None:
    agreed = project()
    own = Register(members.north, range(3))
    for register in (own, Register(members.south, range(3))):
        register.upload(agreed)
    seat = Seat(members.north, agreed)
    run_id = seat.link().run_id
    with pytest.raises(CallError) as failure:
        put(seat, run_id, sketched(seat, own, run_id))
    assert failure.value.reason == "PURPOSE_NOT_AGREED"
