"""Reasons and decisions as an officer meets them on the command line."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tacit.coordinator.log import configure_log
from world import OPTIONS, PASSPHRASE, World, fill, make_world, record

Tacit: TypeAlias = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # The coordinator runs in this process: its log is not to mix with what commands say.
    configure_log(io.StringIO())
    world = make_world(tmp_path_factory.mktemp("deciding"))
    members = ("North", "South", "West")
    for member in members:
        fill(world.join(member), [record(member, number) for number in range(1, 9)])
    fill(world.nodes["West"], [record("West", 1)])
    project = world.agree("Reasons", *members, options=replace(OPTIONS, reasons=True))
    for _ in range(2):
        world.link(project, *members)
    for store in world.nodes.values():
        store.close()
    yield world
    world.close()


@pytest.fixture
def at(served: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    return lambda member: monkeypatch.setenv("TACIT_HOME", str(served.path / member))


def test_reasons_and_decisions(at: Callable[[str], None], tacit: Tacit, tmp_path: Path) -> None:
    at("North")
    shown = tacit("results", "--record", "North-004", "--json").document
    (group,) = shown["groups"]
    assert {other["reasons"]["name"] for other in group["others"]} == {"agreed"}
    told = tacit("results", "--record", "North-004").out
    assert "agree: name" in told
    assert "%" in told
    assert "Decided" not in told
    number = group["group_id"]
    refused = tacit("decide", "different", number)
    assert refused.code == 2
    assert "--member: South, West" in refused.err
    said = tacit("decide", "different", number, "--member", "West", "--json").document
    assert (said["record_id"], said["member"], said["contested"]) == ("North-004", "West", False)
    told = tacit("results", "--record", "North-004", "--lang", "ko").out
    assert "다른 사람" in told
    assert "같음: 이름" in told
    target = tmp_path / "out.csv"
    assert tacit("results", "--record", "North-004", "-o", target).code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [(row["member"], row["decided"]) for row in rows] == [
        ("South", ""),
        ("West", "different"),
    ]
    at("West")
    assert tacit("node", "sync").code == 0
    listed = tacit("decisions", "--json").document["decisions"]
    assert [(d["record_id"], d["member"], d["yours"]) for d in listed] == [
        ("West-004", "North", False)
    ]
    contrary = tacit("decide", "same", number, "--member", "North")
    assert "North says the contrary" in contrary.out
    assert "no, the other says the contrary" in tacit("decisions").out
    at("North")
    undone = tacit("decide", "undecided", "--entry", said["entry"], "--lang", "ko")
    assert "철회했습니다" in undone.out
    assert tacit("decide", "same").code == 2
    assert tacit("decide", "same", number, "--entry", 1).code == 2
    assert tacit("decide", "maybe", number).code == 2
    assert tacit("decide", "same", "--entry", said["entry"]).code == 9
