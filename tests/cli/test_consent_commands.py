"""`tacit node withdraw`, `reinstate`, `receipts` and what sync, import and status say of consent."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tacit.coordinator.log import configure_log
from world import PASSPHRASE, World, make_world, record

Tacit = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    # The coordinator runs in this process: its log is not to mix with what commands say.
    configure_log(io.StringIO())
    world = make_world(tmp_path_factory.mktemp("consent"))
    for member in ("North", "South"):
        world.join(member)
    project = world.agree("Gangneung", "North", "South")
    for store in world.nodes.values():
        store.close()
    yield world, project
    world.close()


def write_register(path: Path, numbers: range, left_out: int | None = None) -> Path:
    file = path / f"register-{left_out}.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["record_id", "name", "birth_date", "sex"])
        for number in numbers:
            if number != left_out:
                writer.writerow([f"N-{number}", *record("North", number).fields.values()])
    return file


def test_a_family_takes_back_its_consent(
    served: tuple[World, str],
    tacit: Tacit,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    world, project = served
    monkeypatch.setenv("TACIT_HOME", str(world.path / "North"))
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    assert tacit("node", "import", write_register(tmp_path, range(8))).code == 0
    assert "There are no receipts yet." in tacit("node", "receipts").out
    [synced] = tacit("node", "sync", "--json").document["projects"]
    assert (synced["upload"]["travelled"], synced["upload"]["withdrawn"]) == (8, 0)

    for words in ([], ["--record", "N-9", "--yes"], ["00" * 16, "--yes"], ["--record", "N-1"]):
        assert tacit("node", "withdraw", *words).code != 0
    # A typing error in one of two withdraws neither.
    assert tacit("node", "withdraw", "--record", "N-1", "--record", "N-9", "--yes").code != 0
    [synced] = tacit("node", "sync", "--json").document["projects"]
    assert (synced["upload"]["records"], synced["upload"]["travelled"]) == (8, 0)

    done = tacit("node", "withdraw", "--record", "N-1", "--yes", "--json").document
    assert (done["records"], done["encodings"], done["waiting"]) == (["N-1"], 1, 0)
    [receipt] = done["receipts"]
    assert json.loads(receipt["entry"])["records"] == 1
    listed = tacit("node", "receipts", project, "--json").document
    assert listed["complete"]
    assert [item["ledger_index"] for item in listed["receipts"]] == [receipt["ledger_index"]]
    assert "기록 철회" in tacit("node", "receipts", "--lang", "ko").out

    world.stop()
    away = tacit("node", "withdraw", "--record", "N-2", "--yes", "--lang", "ko")
    assert away.code == 0
    assert "철회 1건이 코디네이터를 기다립니다" in away.err
    assert "1 withdrawals wait" in tacit("node", "status").err
    assert tacit("node", "receipts", "--json").document["complete"] is False
    world.start()
    synced_again = tacit("node", "sync")
    assert "has erased 1 withdrawn records" in " ".join(synced_again.out.split())
    assert "1 withdrawals wait" not in tacit("node", "status").err

    # The file without N-3 and with both withdrawn ones: N-3 goes, they stay out.
    shorter = write_register(tmp_path, range(8), left_out=3)
    report = tacit("node", "import", shorter, "--replace", "--json").document
    assert report["withdrawn"] == 1
    [synced] = tacit("node", "sync", "--json").document["projects"]
    upload = synced["upload"]
    assert (upload["records"], upload["withdrawn"], upload["travelled"]) == (5, 1, 0)
    assert tacit("node", "undo").code == 0
    [synced] = tacit("node", "sync", "--json").document["projects"]
    assert (synced["upload"]["records"], synced["upload"]["travelled"]) == (6, 1)

    assert tacit("node", "reinstate", "N-5").code != 0
    assert "N-1 may go in again" in tacit("node", "reinstate", "N-1").out
    [synced] = tacit("node", "sync", "--json").document["projects"]
    assert (synced["upload"]["records"], synced["upload"]["travelled"]) == (7, 1)
    assert tacit("ledger", "verify", "--json").document["sound"]
