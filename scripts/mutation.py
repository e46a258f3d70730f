"""Take out one check of the coordinator after the other; a test must fail each time.

    python scripts/mutation.py [--only WORD] [--jobs N] [--list]

The tests are run once as they are, since tests that fail anyway notice nothing. Then each mutant
runs in a process of its own, which ends at the first test that fails. Who survives is printed, and
the exit code is 1, unless it stands among those known to change nothing.
"""

import argparse
import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import pytest  # noqa: E402 (loaded once, before any process of a mutant)

import coalition  # noqa: E402, F401
from mutants import Mutant, mutants_of  # noqa: E402

_SECONDS = 240
_GRACE = 20
_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-k", "not postgresql")
_AREA = "tests/coordinator"
_RUNS = "tests/coordinator_runs"
_FOUND = "tests/fuzz/test_fuzz_found.py"
_BETWEEN = f"{_AREA}/test_between.py"
_VERSIONS = (_BETWEEN, f"{_AREA}/test_agreement_versions.py", f"{_AREA}/test_epochs.py")


@dataclass(frozen=True, slots=True)
class Target:
    """A module and the tests that hold its checks."""

    module: str
    tests: tuple[str, ...]


TARGETS = (
    Target("signatures", (f"{_AREA}/test_request_signatures.py",)),
    Target("request_signatures", (f"{_AREA}/test_request_signatures.py",)),
    Target("request_values", (_FOUND,)),
    Target("rate_limits", (f"{_AREA}/test_limits.py",)),
    Target("seats", (f"{_AREA}/test_discretion.py",)),
    Target("guard", (f"{_AREA}/test_limits.py", f"{_AREA}/test_slow_clients.py")),
    Target("open_call", (f"{_AREA}/test_open_call.py", f"{_AREA}/test_slow_clients.py")),
    Target("open_calls", (f"{_AREA}/test_standing.py",)),
    Target("authority", (f"{_AREA}/test_enrolment.py", f"{_AREA}/test_standing.py")),
    Target("invitations", (f"{_AREA}/test_enrolment.py", f"{_AREA}/test_standing.py")),
    Target("services.version", (f"{_AREA}/test_enrolment.py",)),
    Target("services.enrolment", (f"{_AREA}/test_enrolment.py", f"{_AREA}/test_standing.py")),
    Target("services.membership", (f"{_AREA}/test_standing.py", f"{_AREA}/test_enrolment.py")),
    Target("revocations", (f"{_AREA}/test_standing.py",)),
    Target("services.ledger", (f"{_AREA}/test_cosigning.py",)),
    Target("cosigning", (f"{_AREA}/test_cosigning.py",)),
    Target("ledger", (f"{_RUNS}/test_claims.py", f"{_AREA}/test_ledger_tree.py")),
    Target("agreements", (f"{_AREA}/test_projects.py",)),
    Target("sealed_keys", (f"{_AREA}/test_projects.py", *_VERSIONS)),
    Target("versions", (f"{_AREA}/test_projects.py", *_VERSIONS)),
    Target("proposals", _VERSIONS),
    Target("epochs", (*_VERSIONS, f"{_AREA}/test_linking.py")),
    Target("destruction", (f"{_AREA}/test_epochs.py",)),
    Target("services.projects", (f"{_AREA}/test_projects.py",)),
    Target("record_rules", (f"{_AREA}/test_uploads.py", f"{_AREA}/test_changed_uploads.py")),
    Target("uploads", (f"{_AREA}/test_uploads.py", f"{_AREA}/test_changed_uploads.py", *_VERSIONS)),
    Target("services.encodings", (f"{_AREA}/test_uploads.py",)),
    Target("withdrawing", (f"{_AREA}/test_withdrawal.py",)),
    Target("services.receipts", (f"{_AREA}/test_withdrawal.py",)),
    Target("services.runs", (_BETWEEN, f"{_RUNS}/test_run_life.py", f"{_RUNS}/test_results.py")),
    Target("results", (f"{_RUNS}/test_results.py", f"{_RUNS}/test_decisions.py")),
    Target("sketches", (f"{_RUNS}/test_sketches.py",)),
    Target(
        "checking",
        (
            _BETWEEN,
            f"{_RUNS}/test_checks.py",
        ),
    ),
    Target("answering", (f"{_RUNS}/test_checks.py",)),
    Target("decisions", (f"{_RUNS}/test_decisions.py",)),
    Target(
        "services.decisions",
        (
            _BETWEEN,
            f"{_RUNS}/test_decisions.py",
        ),
    ),
    Target("counting", (f"{_RUNS}/test_counts.py",)),
    Target("services.counts", (f"{_RUNS}/test_counts.py",)),
    Target("claims", (f"{_RUNS}/test_claims.py",)),
    Target("services.claims", (f"{_RUNS}/test_claims.py",)),
)
# Mutants that change nothing that anybody could see, and why.
EQUAL: dict[str, str] = {
    "tacit.coordinator.open_calls._refusal: without 'if error.code is Code.STORE_FAILED'": (
        "a database that is away fails where the transaction opens, before anybody is looked up"
    ),
}


@dataclass(slots=True)
class Run:
    """A target's tests in a process of their own, with a mutant or, to begin with, as they are.

    Attributes:
        name: of the mutant.
        mutant: what is changed; None changes nothing.
        tests: the files.
        seconds: one that takes longer hangs, which is failing too.
        begun: when, by the monotonic clock.
        child: the process.
        folder: what it writes.
    """

    name: str
    mutant: Mutant | None
    tests: tuple[str, ...]
    seconds: float
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
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        with self.mutant.applied() if self.mutant else nullcontext():
            code = pytest.main([*self.tests, f"--basetemp={self.folder}/tests", *_OPTIONS])
        os._exit(int(code))

    def passed(self) -> bool | None:
        """Say whether all tests passed; None as long as they run."""
        ended, status = os.waitpid(self.child, os.WNOHANG)
        if not ended and time.monotonic() < self.begun + self.seconds:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.child, signal.SIGKILL)
        if not ended:
            os.waitpid(self.child, 0)
        shutil.rmtree(self.folder, ignore_errors=True)
        return bool(ended) and os.waitstatus_to_exitcode(status) == 0


def results(runs: Iterable[Run], jobs: int) -> Iterator[tuple[Run, bool, float]]:
    """Run all, so many at a time; gives whether each passed, and after how many seconds."""
    waiting, under_way = iter(runs), list[Run]()
    while True:
        for run in itertools.islice(waiting, jobs - len(under_way)):
            run.begin()
            under_way.append(run)
        if not under_way:
            return
        time.sleep(0.02)
        for run in tuple(under_way):
            passed = run.passed()
            if passed is not None:
                under_way.remove(run)
                yield run, passed, time.monotonic() - run.begun


def patience(tests: set[tuple[str, ...]], jobs: int) -> dict[tuple[str, ...], float]:
    """Run the tests as they are, which must pass; gives how long each may take with a mutant."""
    taken = {}
    for run, passed, seconds in results([Run("", None, t, _SECONDS) for t in sorted(tests)], jobs):
        if not passed:
            sys.exit(f"without any mutant, these fail: {' '.join(run.tests)}")
        taken[run.tests] = 3 * seconds + _GRACE
    return taken


def chosen(only: str) -> dict[str, list[tuple[str, Mutant, tuple[str, ...]]]]:
    """Give the mutants of all modules whose name holds a word, by module, with name and tests."""
    return {
        target.module: [
            (f"{mutant.module}.{mutant.function}: {mutant.what}", mutant, target.tests)
            for mutant in mutants_of(f"tacit.coordinator.{target.module}")
        ]
        for target in TARGETS
        if only in target.module
    }


def main() -> int:
    """Run all of them; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="modules whose name holds this word")
    parser.add_argument("--list", action="store_true", help="name the mutants and run nothing")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at one time")
    options = parser.parse_args()
    os.chdir(ROOT)
    found = chosen(options.only)
    if options.list:
        sys.stdout.writelines(f"{name}\n" for made in found.values() for name, _, _ in made)
        return 0
    allowed = patience({tests for made in found.values() for _, _, tests in made}, options.jobs)
    lived = 0
    for module, made in found.items():
        begun = time.monotonic()
        runs = [Run(n, m, t, allowed[t]) for n, m, t in made if n not in EQUAL]
        alive = [run.mutant for run, passed, _ in results(runs, options.jobs) if passed]
        sys.stdout.writelines(f"survives: {mutant}\n" for mutant in alive)
        sys.stdout.write(
            f"{module}: {len(made)} mutants, {len(runs) - len(alive)} noticed, "
            f"{len(made) - len(runs)} known to change nothing, {len(alive)} survive, "
            f"{time.monotonic() - begun:.0f} s\n"
        )
        sys.stdout.flush()
        lived += len(alive)
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
