"""The whole story: separate processes, real TLS, real stores, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tacit.cli.files import read_table

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the demo's processes are signalled"),
    # Some thirty processes one after the other; other tests may have the machine meanwhile.
    pytest.mark.timeout(900),
]


def ours(folder: Path) -> list[psutil.Process]:
    """Give the processes whose settings name a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in value for value in process.environ().values()):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return [process for process in found if process.pid != os.getpid()]


def gone(folder: Path) -> bool:
    until = time.monotonic() + 30
    while ours(folder) and time.monotonic() < until:
        time.sleep(0.2)
    return not ours(folder)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("demo") / "results"
    words = ["demo", "--out", str(folder), "--records", "300", "--seed", "7", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "tacit.cli.main", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stderr == ""
    return folder, json.loads(done.stdout)


def test_it_finds_what_is_true(played: tuple[Path, Any]) -> None:
    scores = played[1]["scores"]
    assert scores["pairs"]["precision"] >= 0.9
    assert scores["pairs"]["recall"] >= 0.9
    assert scores["check_holders"]["f1"] >= 0.9
    assert scores["check_objections"]["f1"] >= 0.9
    assert scores["check_objections"]["true"] > 0


def test_counts_are_suppressed_below_the_minimum(played: tuple[Path, Any]) -> None:
    count = played[1]["count"]
    tables = [table["rows"] for table in count["tables"]]
    values = [
        row["count"] for rows in [count["overlap"], count["members"], *tables] for row in rows
    ]
    assert count["minimum_cell"] == 10
    assert None in values
    assert all(value is None or value == 0 or value >= 10 for value in values)
    assert {len(row["members"]) for row in count["overlap"]} == {1, 2, 3}


def test_the_contested_case_is_ordered_by_the_ledger(played: tuple[Path, Any]) -> None:
    claims = played[1]["claims"]
    (group,) = claims["groups"]
    assert group["claims"][0]["member"] == "Petition group"
    assert [claim["order"] for claim in group["claims"]] == sorted(
        claim["order"] for claim in group["claims"]
    )
    assert len(claims["tree_root"]) == 64


def test_report_needs_no_network_and_speaks_both_languages(played: tuple[Path, Any]) -> None:
    page = (played[0] / "report.html").read_text("utf-8")
    references = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert [r for r in references if not r.startswith("#")] == []
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "<script" not in page
    assert "<svg" in page
    assert "공개하기 전에" in page
    assert "Before publication" in page
    assert (played[0] / "overlap.svg").read_text("utf-8").startswith("<svg")


def test_nothing_is_left(played: tuple[Path, Any]) -> None:
    folder = played[0]
    assert gone(folder)
    assert not (folder / "work").exists()
    assert sorted(path.name for path in folder.iterdir()) == [
        ".tacit-demo",
        "coalition",
        "log",
        "overlap.svg",
        "report.html",
    ]


def test_logs_hold_no_name(played: tuple[Path, Any]) -> None:
    folder = played[0]
    mapping = tomllib.loads((folder / "coalition/archive/mapping.toml").read_text("utf-8"))
    column = next(name for name, role in mapping["columns"].items() if role == "name")
    (register,) = (folder / "coalition/archive").glob("register.*")
    names = set(read_table(register)[column])
    text = "".join(path.read_text("utf-8") for path in (folder / "log").iterdir())
    assert len(names) > 200
    assert [name for name in names if len(name) > 3 and name in text] == []


# A shell's background job, such as a test run may be, hands on that Ctrl-C is to be ignored.
HEEDFUL = """
import signal
from tacit.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_demo_ends_its_processes_and_can_be_run_again(
    tmp_path: Path, number: int, code: int
) -> None:
    folder = tmp_path / "results"
    words = ["demo", "--out", str(folder), "--records", "200"]
    with subprocess.Popen(
        [sys.executable, "-c", HEEDFUL, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        until = time.monotonic() + 120
        while not list((folder / "work").glob("*.invitation")) and time.monotonic() < until:
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(60) == code
    assert gone(folder)
    assert not (folder / "work").exists()
    assert (folder / ".tacit-demo").exists()


def test_a_folder_of_somebody_elses_is_left_alone(
    tacit: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    ran = tacit("demo", "--out", tmp_path, "--json")
    assert ran.code == 2
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "years of work"
