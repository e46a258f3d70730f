"""A person whom the register holds twice goes into a project once, and suspicions are reported."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tacit.node.duplicates import settle
from tacit.node.sync import UploadReport, sync
from world import World, fill, make_world, person, record


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.close()


def upload(world: World, member: str, project: str) -> UploadReport:
    (found,) = sync(world.nodes[member], project).projects
    assert found.upload is not None
    return found.upload


def test_one_record_of_a_person_is_uploaded_once_people_say_so(world: World) -> None:
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(1, 21)])
    north = world.nodes["North"]
    # The same person as North-001, recorded again with less.
    fields = {**person(1), "sex": ""}
    fill(north, [record("North", 90, fields=fields, documented_on="2001-01-01")])
    project = world.agree("Victims", "North", "South")
    first = upload(world, "North", project)
    assert (first.records, first.held_twice, first.suspected) == (21, 0, 1)
    settle(north, "North-001", "North-090", same=True)
    second = upload(world, "North", project)
    assert (second.records, second.held_twice, second.suspected) == (20, 1, 0)
    assert (second.sent, upload(world, "North", project).sent) == (True, False)
