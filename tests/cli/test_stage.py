"""Processes of the demo end with it, however it ends."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tacit.cli.demo import processes
from tacit.cli.demo.processes import Stage
from tacit.linkage.errors import Code, TacitError

SLEEPER = "import json,sys,time; print(json.dumps({'ready': 1}), flush=True); time.sleep(600)"
STUBBORN = (
    "import signal,subprocess,sys,time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('{}', flush=True); time.sleep(600)"
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stage run `python -c WORDS` in place of `tacit WORDS`."""

    original = subprocess.Popen

    def popen(command: list[str], **settings: Any) -> Any:
        return original([sys.executable, "-c", command[3]], **settings)

    monkeypatch.setattr(subprocess, "Popen", popen)


def descendants() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_answers_and_errors_of_real_commands(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        assert stage.run("a", ["errors"], {})["exit_codes"][0]["exit_code"] == 0
        with pytest.raises(TacitError) as caught:
            stage.run("a", ["schema", "validate", str(tmp_path / "none.json")], {})
    assert caught.value.code is Code.INTERNAL
    assert "no such file" in caught.value.detail


@pytest.mark.parametrize("text", [SLEEPER, STUBBORN])
def test_nothing_is_left(
    tmp_path: Path, script: None, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 1)
    before = descendants()

    def interrupted() -> None:
        with Stage(tmp_path) as stage:
            stage.serve("sleeper", [text], {}, tmp_path / "ready.json")
            assert descendants() - before
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    until = time.monotonic() + 30
    while descendants() - before and time.monotonic() < until:
        time.sleep(0.05)
    assert descendants() - before == set()


def test_process_that_ends_at_once_is_said(tmp_path: Path, script: None) -> None:
    with Stage(tmp_path) as stage, pytest.raises(TacitError) as caught:
        stage.serve("short", ["raise SystemExit(3)"], {}, tmp_path / "ready.json")
    assert "short did not come up" in caught.value.detail


def test_closed_stage_starts_nothing(tmp_path: Path, script: None) -> None:
    with Stage(tmp_path) as stage:
        pass
    with pytest.raises(TacitError) as caught:
        stage.run("late", ["print('{}')"], {})
    assert caught.value.code is Code.INTERRUPTED
