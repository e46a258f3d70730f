"""Commands of nodes that speak with a coordinator, in this process over a real line."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tacit.coordinator.log import configure_log
from tacit.node.home import find_home
from tacit.node.store.base import open_store
from world import PASSPHRASE, World, fill, make_world, record

Tacit = Callable[..., Any]


@dataclass(frozen=True)
class North:
    """A member's node, closed, so that commands can open it."""

    home: Path
    project: str

    def execute(self, statement: str, *values: object) -> None:
        """Change the store behind the commands' back."""
        with open_store(find_home(self.home), PASSPHRASE) as store, store.write() as connection:
            connection.exec_driver_sql(statement, values)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    # The coordinator runs in this process: its log is not to mix with what commands say.
    configure_log(io.StringIO())
    world = make_world(tmp_path_factory.mktemp("coordinated"))
    for member in ("North", "South"):
        world.join(member)
    fill(world.nodes["South"], [record("South", number) for number in range(1, 11)])
    world.agree("Broken", "North", "South")
    project = world.agree("Sound", "North", "South")
    for store in world.nodes.values():
        store.close()
    yield world, project
    world.close()


@pytest.fixture
def north(served: tuple[World, str], monkeypatch: pytest.MonkeyPatch) -> North:
    world, project = served
    monkeypatch.setenv("TACIT_HOME", str(world.path / "North"))
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    return North(world.path / "North", project)


def test_sync_does_the_rest_and_exits_with_the_code_of_what_failed(
    north: North, tacit: Tacit
) -> None:
    assert tacit("node", "sync", "--json").code == 0
    change = "UPDATE projects SET agreement_hash = {} WHERE project_id <> ?"
    north.execute("CREATE TABLE kept AS SELECT project_id, agreement_hash FROM projects")
    north.execute(change.format("zeroblob(32)"), north.project)
    ran = tacit("node", "sync", "--json")
    assert ran.code == 9
    (failure,) = ran.document["failures"]
    assert (failure["name"], failure["code"]) == ("Broken", "SIGNATURE_INVALID")
    assert (failure["message"], failure["exit_code"]) == ("A signature does not verify.", 9)
    assert [done["project"] for done in ran.document["projects"]] == [north.project]
    told = tacit("node", "sync", "--lang", "ko")
    assert told.code == 9
    assert "Broken: 서명이 검증되지 않습니다." in told.err
    assert "Sound" in told.out
    kept = "(SELECT agreement_hash FROM kept WHERE kept.project_id = projects.project_id)"
    north.execute(change.format(kept), north.project)
    north.execute("DROP TABLE kept")
    assert tacit("node", "sync", "--json").document["failures"] == []
