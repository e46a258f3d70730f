"""Engines: the same bytes from each, and no worker that outlives its coordinator."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from linking import SCHEMA_TEXT, encode, person
from tacit.coordinator.engine.choose import PROCESS_PAIRS, choose_engine
from tacit.coordinator.engine.process import ProcessEngine
from tacit.coordinator.engine.protocol import Engine
from tacit.coordinator.engine.serial import SerialEngine
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.link import Task, plan
from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import parse_schema
from tacit.linkage.score import ScoreModel

MODEL = ScoreModel.from_schema(parse_schema(SCHEMA_TEXT))


@pytest.fixture(scope="module")
def sets() -> list[EncodedSet]:
    return [encode([person(e) for e in span]) for span in (range(40), range(20, 60), range(30, 90))]


def tasks_of(sets: list[EncodedSet]) -> tuple[Task, ...]:
    return plan([len(item) for item in sets], block=16)


def outcome(engine: Engine, sets: list[EncodedSet]) -> dict[Task, bytes]:
    found: dict[Task, bytes] = {}

    def keep(task: Task, result: bytes) -> None:
        assert task not in found
        assert threading.current_thread() is threading.main_thread()
        found[task] = result

    engine.run(tasks_of(sets), sets, MODEL, keep, lambda: False)
    return found


def workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]


def test_engines_give_the_same_bytes_even_if_a_worker_is_killed(sets: list[EncodedSet]) -> None:
    expected = outcome(SerialEngine(), sets)
    assert set(expected) == set(tasks_of(sets))
    killed = threading.Event()

    def assassin() -> None:
        while not killed.is_set():
            for worker in workers()[:1]:
                worker.kill()
                killed.set()
            time.sleep(0.01)

    thread = threading.Thread(target=assassin)
    thread.start()
    try:
        assert outcome(ProcessEngine(1), sets) == expected
    finally:
        killed.set()
        thread.join()
    assert workers() == []


@pytest.mark.parametrize("engine", [SerialEngine(), ProcessEngine(1)])
def test_cancelled_engine_returns_early(engine: Engine, sets: list[EncodedSet]) -> None:
    done: list[Task] = []
    engine.run(
        tasks_of(sets), sets, MODEL, lambda task, _: done.append(task), lambda: len(done) >= 1
    )
    assert 1 <= len(done) < len(tasks_of(sets))


def test_error_of_the_caller_ends_the_run(sets: list[EncodedSet]) -> None:
    def fail(_task: Task, _result: bytes) -> None:
        raise TacitError(Code.STORE_FAILED)

    with pytest.raises(TacitError):
        SerialEngine().run(tasks_of(sets), sets, MODEL, fail, lambda: False)


_PARENT = """
if __name__ == "__main__":
    import sys
    sys.path[:0] = {path!r}
    from linking import encode, person
    from test_engines import MODEL, tasks_of
    from tacit.coordinator.engine.process import ProcessEngine

    def wait(task, result):
        print("comparing", flush=True)
        sys.stdin.read()

    sets = [encode([person(e) for e in range(40)])] * 2
    ProcessEngine(1).run(tasks_of(sets), sets, MODEL, wait, lambda: False)
"""


def test_workers_end_with_a_killed_coordinator(tmp_path: Path) -> None:
    here = Path(__file__).parent
    script = tmp_path / "parent.py"
    script.write_text(_PARENT.format(path=[str(here), str(here.parent / "support")]))
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"comparing\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert children
        os.kill(parent.pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while any(map(runs_still, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert not any(map(runs_still, children))


def runs_still(process: psutil.Process) -> bool:
    """A zombie does not: nobody may be there to collect it."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_engine_is_chosen_by_name_and_size() -> None:
    assert isinstance(choose_engine("auto", PROCESS_PAIRS - 1, 4), SerialEngine)
    assert isinstance(choose_engine("auto", PROCESS_PAIRS, 4), ProcessEngine)
    assert isinstance(choose_engine("auto", PROCESS_PAIRS, 1), SerialEngine)
    assert isinstance(choose_engine("serial", PROCESS_PAIRS, 4), SerialEngine)
    assert isinstance(choose_engine("process", 1, 4), ProcessEngine)
    with pytest.raises(TacitError) as failure:
        choose_engine("quantum", 1)
    assert failure.value.code is Code.USAGE
