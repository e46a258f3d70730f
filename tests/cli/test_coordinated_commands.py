"""Commands of nodes that speak with a coordinator, in this process over a real line."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tacit.coordinator.log import configure_log
from tacit.node.home import find_home
from tacit.node.store.base import open_store
from world import PASSPHRASE, World, fill, make_world, person, record

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
    change = "UPDATE agreement_versions SET agreement_hash = {} WHERE project_id <> ?"
    north.execute("CREATE TABLE kept AS SELECT project_id, agreement_hash FROM agreement_versions")
    north.execute(change.format("zeroblob(32)"), north.project)
    ran = tacit("node", "sync", "--json")
    assert ran.code == 9
    (failure,) = ran.document["failures"]
    assert (failure["name"], failure["code"]) == ("Broken", "UNSIGNED_AGREEMENT")
    assert failure["message"].startswith("The coordinator goes by an agreement that this node did")
    assert failure["exit_code"] == 9
    assert [done["project"] for done in ran.document["projects"]] == [north.project]
    told = tacit("node", "sync", "--lang", "ko")
    assert told.code == 9
    assert "Broken: 코디네이터가 이 노드가 서명하지 않은 협약을" in told.err
    assert "Sound" in told.out
    kept = "(SELECT agreement_hash FROM kept WHERE kept.project_id = agreement_versions.project_id)"
    north.execute(change.format(kept), north.project)
    north.execute("DROP TABLE kept")
    assert tacit("node", "sync", "--json").document["failures"] == []


HEADER = "record_id,name,birth_date,sex,purposes,consent_expires\n"


def row(number: int, purposes: str = "", expires: str = "") -> str:
    """Write a line of a file to check, on one invented person."""
    who = person(number)
    return f"L-{number},{who['name']},{who['birth_date']},{who['sex']},{purposes},{expires}\n"


def test_check_leaves_out_rows_whose_own_consent_does_not_cover_it(
    north: North, served: tuple[World, str], tacit: Tacit, tmp_path: Path
) -> None:
    south = str(served[0].path / "South")
    assert tacit("node", "sync", TACIT_HOME=south).code == 0
    home = {"TACIT_HOME": str(north.home), "TACIT_PROJECT": north.project}
    # 1-10 are South's. 1 and 2 were given for counting only, 3 has run out, 11 says nothing.
    lines = [row(1, "count"), row(2, "none"), row(3, expires="2001-01-01"), "L-11,,,,,\n"]
    lines += [row(n, "check", "2999-01-01") for n in (4, 5)] + [row(n) for n in (6, 7, 21)]
    file, answers = tmp_path / "list.csv", tmp_path / "answers.csv"
    file.write_text(HEADER + "".join(lines), "utf-8")
    document = tacit("check", file, "-o", answers, "--json", **home).document
    assert (document["asked"], document["held"]) == (5, 4)
    assert document["withheld"] == {
        "consent does not cover checks": 2,
        "consent expired": 1,
        "nothing to compare": 1,
    }
    assert document["budget_left"] == 100 - 5
    rows = list(csv.DictReader(io.StringIO(answers.read_text("utf-8-sig"))))
    assert [(r["record"], r["member"], r["not_asked"]) for r in rows] == [
        ("L-1", "", "consent does not cover checks"),
        ("L-2", "", "consent does not cover checks"),
        ("L-3", "", "consent expired"),
        ("L-11", "", "nothing to compare"),
        *((f"L-{n}", "South", "") for n in (4, 5, 6, 7)),
        ("L-21", "", ""),
    ]
    told = tacit("check", file, "--lang", "ko").out
    assert "5건 조회" in told
    assert "조회하지 않음, 동의에 확인 목적 없음: 2건." in told
    # Four are too few, and the reason why there are not more is told.
    file.write_text(HEADER + "".join(lines[:-1]), "utf-8")
    refused = tacit("check", file)
    assert refused.code == 8
    assert "Not asked about, consent expired: 1." in refused.err
