"""`tacit ledger` as members, the coordinator's keeper and outsiders use it."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tacit.coordinator.log import configure_log
from tacit.linkage.ledger_copy import FORMAT
from tacit.node.sync import sync
from world import PASSPHRASE, World, fill, make_world, record

Tacit = Callable[..., Any]


@dataclass(frozen=True)
class Settled:
    """A coalition of two that linked, with its nodes closed."""

    world: World
    entries: int

    def home(self, member: str) -> list[object]:
        return ["--home", self.world.path / member]


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    configure_log(io.StringIO())
    world = make_world(tmp_path_factory.mktemp("settled"))
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(4)])
    world.link(world.agree("Victims", "North", "South"), "North", "South")
    size = sync(world.nodes["North"]).ledger_size
    for store in world.nodes.values():
        store.close()
    yield Settled(world, size)
    world.close()


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)


def test_a_sound_ledger_verifies_live_from_files_and_against_paper(
    settled: Settled, tacit: Tacit, tmp_path: Path
) -> None:
    kept = tacit("ledger", "head", *settled.home("North"), "--json").document
    assert kept["size"] == settled.entries
    assert kept["agreeing"] == ["South"]
    offline = tacit("ledger", "head", "--offline", *settled.home("North"), "--json").document
    assert offline["paper"] == kept["paper"]

    live = tacit("ledger", "verify", *settled.home("South"), "--head", kept["paper"], "--json")
    assert live.code == 0, live.err
    (found,) = live.document["ledgers"]
    assert (found["entries"], found["findings"]) == (settled.entries, [])
    # 2 enrolments, 1 agreement, 2 signatures, in force, 1 sealing, 2 uploads, 1 run.
    assert found["types"]["enrolment"] == 2
    assert sum(found["types"].values()) == settled.entries == 10
    # South remembers its signature, its upload and the run.
    assert found["receipts"] == 3

    files = [tmp_path / "north.json", tmp_path / "keeper.json"]
    assert tacit("ledger", "export", files[0], *settled.home("North")).code == 0
    keeper = ["--coordinator", settled.world.home.path]
    assert tacit("ledger", "export", files[1], *keeper).code == 0
    assert tacit("ledger", "export", files[1], *keeper).code == 5
    given = [word for file in files for word in ("--file", file)]
    # Anybody may do this: there is no node, no passphrase and no network.
    ran = tacit("ledger", "verify", *given, "--head", kept["paper"].lower(), TACIT_HOME="/none")
    assert ran.code == 0, ran.out
    assert "Everything verifies." in ran.out
    assert kept["paper"] in ran.out
    compared = tacit("ledger", "verify", *given, "--compare", *settled.home("South"), "--json")
    assert compared.document["sound"] is True
    assert tacit("ledger", "head", "--file", files[0], "--json").document["paper"] == kept["paper"]


def test_a_changed_file_is_found_with_exit_code_9(
    settled: Settled, tacit: Tacit, tmp_path: Path
) -> None:
    sound, changed = tmp_path / "sound.json", tmp_path / "changed.json"
    tacit("ledger", "export", sound, *settled.home("North"))
    document = json.loads(sound.read_text("utf-8"))
    document["entries"][0] = document["entries"][0].replace("North", "Nord")
    changed.write_text(json.dumps(document), "utf-8")
    ran = tacit("ledger", "verify", "--file", changed, "--json")
    assert ran.code == 9
    assert ran.document["sound"] is False
    assert "head root" in {item["kind"] for item in ran.document["ledgers"][0]["findings"]}
    ran = tacit("ledger", "verify", "--file", sound, "--file", changed, "--lang", "ko")
    assert ran.code == 9
    assert "두 사본이 0번 항목부터 다릅니다" in ran.out
    assert "다른 회원에게 알리십시오" in ran.err
    ran = tacit(
        "ledger", "verify", "--file", changed, "--compare", *settled.home("South"), "--json"
    )
    assert "seen head" in {item["kind"] for item in ran.document["ledgers"][0]["findings"]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--head", "9 2026-01-01 AAAA"], 2, "eleven groups of four"),
        (["--compare"], 2, "--compare needs --file."),
        (["--file", "missing.json"], 4, "missing.json"),
    ],
)
def test_what_cannot_be_read_is_refused(
    tacit: Tacit, words: list[str], code: int, said: str
) -> None:
    ran = tacit("ledger", "verify", *words)
    assert ran.code == code
    assert said in ran.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"format": FORMAT, "ledger_key": "00"}),
        "[" * 100_000,
        json.dumps({"format": FORMAT, "ledger_key": "00" * 32, "copied_at": 10**30}),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tacit: Tacit, tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, "utf-8")
    ran = tacit("ledger", "verify", "--file", file)
    assert ran.code == 3
    assert "other.json" in ran.err


def test_a_digit_misread_from_paper_is_noticed(settled: Settled, tacit: Tacit) -> None:
    paper = tacit("ledger", "head", *settled.home("North"), "--json").document["paper"]
    size, day, code = paper.split()
    wrong = ("1" if code[0] == "0" else "0") + code[1:]
    ran = tacit("ledger", "verify", *settled.home("North"), "--head", f"{size} {day} {wrong}")
    assert ran.code == 2
    assert "not copied right" in ran.err
