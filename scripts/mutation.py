"""Take out one check of the coordinator after the other; a test must fail each time.

    python scripts/mutation.py [--only WORD] [--list]

Each mutant runs in a process of its own, which ends at the first test that fails. Who survives is
printed, and the exit code is 1, unless it stands among those known to change nothing.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import pytest  # noqa: E402 (loaded once, before any process of a mutant)

import coalition  # noqa: E402, F401
from mutants import Mutant, mutants_of  # noqa: E402

_SECONDS = 240
_AREA = "tests/coordinator"
_RUNS = "tests/coordinator_runs"


@dataclass(frozen=True, slots=True)
class Target:
    """A module and the tests that hold its checks."""

    module: str
    tests: tuple[str, ...]


TARGETS = (
    Target("request_signatures", (f"{_AREA}/test_request_signatures.py",)),
    Target("rate_limits", (f"{_AREA}/test_limits.py",)),
    Target("seats", (f"{_AREA}/test_discretion.py",)),
    Target("guard", (f"{_AREA}/test_limits.py", f"{_AREA}/test_slow_clients.py")),
    Target("open_call", (f"{_AREA}/test_open_call.py", f"{_AREA}/test_slow_clients.py")),
    Target("open_calls", (f"{_AREA}/test_standing.py",)),
    Target("services.enrolment", (f"{_AREA}/test_enrolment.py", f"{_AREA}/test_standing.py")),
    Target("services.membership", (f"{_AREA}/test_standing.py", f"{_AREA}/test_enrolment.py")),
    Target("services.ledger", (f"{_AREA}/test_cosigning.py", f"{_AREA}/test_uploads.py")),
    Target("cosigning", (f"{_AREA}/test_cosigning.py",)),
    Target("agreements", (f"{_AREA}/test_projects.py",)),
    Target("sealed_keys", (f"{_AREA}/test_projects.py",)),
    Target("record_rules", (f"{_AREA}/test_uploads.py",)),
    Target("uploads", (f"{_AREA}/test_uploads.py",)),
    Target("checking", (f"{_RUNS}/test_checks.py",)),
    Target("services.decisions", (f"{_RUNS}/test_decisions.py",)),
    Target("sketches", (f"{_RUNS}/test_sketches.py",)),
)
# Mutants that change nothing that anybody could see, and why.
EQUAL: dict[str, str] = {
    "tacit.coordinator.open_calls._refusal: without 'if error.code is Code.STORE_FAILED'": (
        "a database that is away fails where the transaction opens, before anybody is looked up"
    ),
}


def survives(mutant: Mutant, tests: Sequence[str]) -> bool:
    """Run tests over a mutant in a process of its own; one that hangs is one that failed."""
    child = os.fork()
    if child == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        with mutant.applied():
            code = pytest.main(
                [*tests, "-x", "-q", "-p", "no:cacheprovider", "-k", "not postgresql"]
            )
        os._exit(int(code))
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def chosen(only: str) -> list[tuple[Mutant, tuple[str, ...]]]:
    """Give the mutants of all modules whose name holds a word, and their tests."""
    return [
        (mutant, target.tests)
        for target in TARGETS
        if only in target.module
        for mutant in mutants_of(f"tacit.coordinator.{target.module}")
    ]


def main() -> int:
    """Run all of them; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="modules whose name holds this word")
    parser.add_argument("--list", action="store_true", help="name the mutants and run nothing")
    options = parser.parse_args()
    os.chdir(ROOT)
    found, lived, known = chosen(options.only), [], 0
    for mutant, tests in found:
        name = f"{mutant.module}.{mutant.function}: {mutant.what}"
        if options.list:
            sys.stdout.write(f"{name}\n")
        elif name in EQUAL:
            known += 1
        elif survives(mutant, tests):
            lived.append(name)
            sys.stdout.write(f"survives: {mutant}\n")
            sys.stdout.flush()
    if not options.list:
        sys.stdout.write(
            f"{len(found)} mutants, {len(found) - known - len(lived)} noticed, "
            f"{known} known to change nothing, {len(lived)} survive\n"
        )
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
