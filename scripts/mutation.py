"""Take out one check of the coordinator after the other; a test must fail each time.

    python scripts/mutation.py [--only WORD,WORD] [--jobs N] [--list]

The tests are run once as they are, since tests that fail anyway notice nothing; this also shows
which of them reach which function. Then each mutant has a process of its own, where the tests run
that reach its function, up to the first that fails. Who survives is printed, and the exit code is
1, unless it stands among those known to change nothing.
"""

import argparse
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import pytest  # noqa: E402 (loaded once, before any process of a mutant)

import coalition  # noqa: E402, F401
import mutants  # noqa: E402
from mutants import Mutant, mutants_of, probes_of  # noqa: E402
from mutation_targets import EQUAL, TARGETS, Target  # noqa: E402

_SECONDS = 240
_GRACE = 20
_REACHED = "reached.json"
_SAID = "said"
_SHOWN = 3000
_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-k", "not postgresql")


class _Only:
    """Lets pytest run some of the tests that it finds, in the order in which it finds them."""

    def __init__(self, tests: frozenset[str]) -> None:
        self._tests = tests

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not self._tests or item.nodeid in self._tests]


@dataclass(slots=True)
class Run:
    """Tests in a process of their own, over changed functions.

    Attributes:
        changes: what is changed.
        files: where the tests are.
        only: the tests; empty means all.
        seconds: one that takes longer hangs, which is failing too.
        begun: when, by the monotonic clock.
        child: the process.
        folder: what it writes.
    """

    changes: Sequence[Mutant]
    files: tuple[str, ...]
    only: frozenset[str] = frozenset()
    seconds: float = _SECONDS
    begun: float = 0.0
    child: int = 0
    folder: str = ""

    def begin(self) -> None:
        """Start the process."""
        self.folder, self.begun = tempfile.mkdtemp(prefix="mutant-"), time.monotonic()
        self.child = os.fork()
        if self.child:
            return
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        said = os.open(Path(self.folder, _SAID), os.O_WRONLY | os.O_CREAT)
        for stream in (1, 2):
            os.dup2(said, stream)
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(change.applied())
            named = {test.partition("::")[0] for test in self.only}
            files = [file for file in self.files if not named or file in named]
            arguments = [*files, f"--basetemp={self.folder}/tests", *_OPTIONS]
            code = pytest.main(arguments, plugins=[_Only(self.only)])
        told = {name: sorted(tests) for name, tests in mutants.REACHED.items()}
        Path(self.folder, _REACHED).write_text(json.dumps(told), "utf-8")
        os._exit(int(code))

    def ended(self) -> "End | None":
        """Say how it ended; None as long as it runs."""
        ended, status = os.waitpid(self.child, os.WNOHANG)
        seconds = time.monotonic() - self.begun
        if not ended and seconds < self.seconds:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.child, signal.SIGKILL)
        if not ended:
            os.waitpid(self.child, 0)
        passed = bool(ended) and os.waitstatus_to_exitcode(status) == 0
        reached = json.loads(Path(self.folder, _REACHED).read_text("utf-8")) if passed else {}
        said = Path(self.folder, _SAID).read_text("utf-8", "replace")
        shutil.rmtree(self.folder, ignore_errors=True)
        by_name = {name: frozenset(tests) for name, tests in reached.items()}
        return End(self, passed, seconds, by_name, said[-_SHOWN:])


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended: whether all tests passed, which reached which function, what it said."""

    run: Run
    passed: bool
    seconds: float
    reached: dict[str, frozenset[str]]
    said: str


def ends(runs: Iterable[Run], jobs: int) -> Iterator[End]:
    """Run all, so many at a time."""
    waiting, under_way = iter(runs), list[Run]()
    while True:
        for run in itertools.islice(waiting, jobs - len(under_way)):
            run.begin()
            under_way.append(run)
        if not under_way:
            return
        time.sleep(0.02)
        for run in tuple(under_way):
            end = run.ended()
            if end is not None:
                under_way.remove(run)
                yield end


def reaching(targets: Sequence[Target], jobs: int) -> dict[tuple[str, ...], End]:
    """Run each target's tests as they are, which must pass, and see which functions they reach."""
    modules: dict[tuple[str, ...], list[str]] = {}
    for target in targets:
        modules.setdefault(target.tests, []).append(target.name)
    runs = [
        Run([probe for name in names for probe in probes_of(name)], files)
        for files, names in modules.items()
    ]
    found = {}
    for end in ends(runs, jobs):
        if not end.passed:
            sys.exit(f"{end.said}\nthese fail without any mutant: {' '.join(end.run.files)}")
        found[end.run.files] = end
    return found


def runs_of(target: Target, whole: End, jobs: int) -> list[Run]:
    """Give the runs of a target's mutants, each of the tests that reach its function.

    Tests that do not pass without the others are not parted from them.
    """
    made = [mutant for mutant in mutants_of(target.name) if mutant.name not in EQUAL]
    tests = {m.function: whole.reached.get(f"{m.module}.{m.function}", frozenset()) for m in made}
    alone = ends(
        [Run([], target.tests, only) for only in sorted(set(tests.values()), key=sorted) if only],
        jobs,
    )
    seconds = {end.run.only: end.seconds for end in alone if end.passed}
    return [
        Run([m], target.tests, only, 3 * seconds[only] + _GRACE)
        if (only := tests[m.function]) in seconds
        else Run([m], target.tests, frozenset(), 3 * whole.seconds + _GRACE)
        for m in made
    ]


def survivors(target: Target, whole: End, jobs: int) -> int:
    """Run all mutants of a target and print what came of it; gives how many survive."""
    begun, known = time.monotonic(), [m.name for m in mutants_of(target.name) if m.name in EQUAL]
    runs = runs_of(target, whole, jobs)
    alive = [end.run.changes[0] for end in ends(runs, jobs) if end.passed]
    sys.stdout.writelines(f"survives: {mutant}\n" for mutant in alive)
    sys.stdout.write(
        f"{target.module}: {len(runs) + len(known)} mutants, {len(runs) - len(alive)} noticed, "
        f"{len(known)} known to change nothing, {len(alive)} survive, "
        f"{time.monotonic() - begun:.0f} s\n"
    )
    sys.stdout.flush()
    return len(alive)


def main() -> int:
    """Run all of them; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="modules whose name holds one of these words")
    parser.add_argument("--list", action="store_true", help="name the mutants and run nothing")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at one time")
    options = parser.parse_args()
    os.chdir(ROOT)
    words = options.only.split(",")
    targets = [target for target in TARGETS if any(word in target.module for word in words)]
    names = [mutant.name for target in targets for mutant in mutants_of(target.name)]
    if options.list:
        sys.stdout.writelines(f"{name}\n" for name in names)
        return 0
    if not options.only and not set(EQUAL) <= set(names):
        sys.exit(f"there are no such mutants any more: {sorted(set(EQUAL) - set(names))}")
    found = reaching(targets, options.jobs)
    lived = [survivors(target, found[target.tests], options.jobs) for target in targets]
    return 1 if any(lived) else 0


if __name__ == "__main__":
    sys.exit(main())
