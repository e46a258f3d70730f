"""Fuzz everything that reads what comes from outside, for so long or so many cases.

python tests/fuzz/fuzz_main.py [--surface NAME ...] [--reader NAME ...] [--cases N] [--minutes M] [--seed S] [--from K]

Prints what was tried on each surface, how it ended and what was found; ends with 1 where anything
was. A finding names its seed: `--surface NAME --seed S --from K --cases 1` makes that case again.
"""

# ruff: noqa: E402 (gRPC looks at its environment when it is imported)
import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]
import tacit.coordinator.quiet  # noqa: F401
from coalition import start_coalition
from fuzz_answers import AnswerFuzz
from fuzz_files import FileFuzz, real_files
from fuzz_oracle import Resources, Tally, WatchedLog, digest_of, trace_in
from fuzz_readers import NAMES
from fuzz_rpc import RpcFuzz
from fuzz_wire import WireFuzz
from fuzz_world import World, make_world
from postgresql import Server
from tacit.coordinator.log import configure_log
from world import make_world as make_node_world

Case = Callable[[random.Random, str], object]
SURFACES = ("rpc", "rpc-postgresql", "wire", "node", "files")
_SAMPLE_SECONDS = 5.0
_SPEAK_SECONDS = 60.0
_ROUND = 2000
# What a process may hold more at the end than after its first fifth.
MOST_GROWTH = (60.0, 24, 12)


def drive(
    case: Case, seeds: Iterator[str], until: float, tally: Tally, check: Callable[[], None]
) -> Resources:
    """Make cases until there are no more seeds or the time is over, and tell what is found.

    Args:
        case: makes one.
        seeds: of the cases.
        until: on the monotonic clock.
        tally: what was found so far.
        check: called between rounds of cases.

    Returns:
        What the process held meanwhile.
    """
    resources, sampled, told = Resources(), 0.0, len(tally.findings)
    spoken = time.monotonic()
    for number, seed in enumerate(seeds):
        now = time.monotonic()
        if now > until:
            break
        if now - sampled > _SAMPLE_SECONDS:
            sampled = now
            resources.sample()
        if now - spoken > _SPEAK_SECONDS:
            spoken = now
            _tell({"cases": tally.total, "findings": len(tally.findings)})
        if number % _ROUND == 0:
            check()
        case(random.Random(seed), seed)
        for finding in list(tally.findings.values())[told:]:
            _tell(asdict(finding))
        told = len(tally.findings)
    check()
    resources.sample()
    return resources


@contextmanager
def rpc(folder: Path, tally: Tally, database: str = "") -> Iterator[tuple[Case, RpcFuzz, World]]:
    """Serve a coalition whose RPCs are fuzzed in this process."""
    world = make_world(folder, database)
    name = "postgresql" if database else "sqlite"
    fuzz = RpcFuzz(world, tally, f"rpc {name}")
    try:
        yield fuzz.case, fuzz, world
    finally:
        world.close()


@contextmanager
def surface(
    name: str, folder: Path, tally: Tally, readers: Sequence[str] = ()
) -> Iterator[tuple[Case, Callable[[], None]]]:
    """Give what makes cases on a surface, and what checks it between rounds."""
    if name == "files":
        coalition = start_coalition(folder / "home")
        for member in ("North", "South"):
            coalition.enrol(member)
        real = real_files(coalition, folder)
        coalition.close()
        yield FileFuzz(folder, real, tally, readers).case, lambda: None
    elif name == "node":
        configure_log(WatchedLog())
        world = make_node_world(folder)
        yield AnswerFuzz(world, tally).case, lambda: None
        world.close()
    elif name == "wire":
        with rpc(folder, tally) as (_, fuzz, served):
            wire = WireFuzz(served, tally, fuzz)
            yield wire.case, lambda: _still_served(wire, tally)
            wire.close()
    else:
        server = Server() if name == "rpc-postgresql" else None
        try:
            with rpc(folder, tally, server.new() if server else "") as (case, fuzz, served):
                yield case, lambda: settle(fuzz, served, tally)
        finally:
            if server is not None:
                server.close()


def settle(fuzz: RpcFuzz, world: World, tally: Tally) -> None:
    """Hold what the watch over writes said against all rows of all tables, and audit the ledger."""
    with world.coalition.coordinator._backend.store.read() as connection:
        digest = digest_of(connection)
    fuzz.hold(digest)
    world.forget()
    for problem in world.problems():
        tally.found("store", "-", problem)


def _still_served(wire: WireFuzz, tally: Tally) -> None:
    if not wire.served():
        tally.found("wire", "-", "a member who does everything right is not served")


@contextmanager
def quiet_stderr(folder: Path, tally: Tally) -> Iterator[None]:
    """Read what this process writes to standard error, by whatever library, for traces."""
    said, kept = folder / "stderr", os.dup(2)
    with said.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        text = said.read_text("utf-8", "replace")
        sys.stderr.write(text[-4000:])
        if trace_in(text):
            tally.found("standard error", "-", f"quotes what was sent: {text[:300]}")


def main() -> int:
    """Run from the command line; gives the exit code."""
    options = _options()
    tally = Tally()
    for name in options.surface or SURFACES:
        began, before = time.monotonic(), tally.total
        seeds = (
            f"{options.seed}/{name}/{n}"
            for n in range(options.start, options.start + options.cases)
        )
        with (
            tempfile.TemporaryDirectory(dir=memory()) as folder,
            quiet_stderr(Path(folder), tally),
            surface(name, Path(folder), tally, options.reader or ()) as (case, check),
        ):
            until = time.monotonic() + options.minutes * 60
            resources = drive(case, seeds, until, tally, check)
        growth = resources.growth()
        if any(more > most for more, most in zip(growth, MOST_GROWTH, strict=True)):
            tally.found(name, "-", f"grew by {growth} (megabytes, files, threads)")
        seconds = round(time.monotonic() - began)
        line = {"surface": name, "cases": tally.total - before, "seconds": seconds}
        _tell(line | {"growth": growth, "held": asdict(resources.samples[-1])})
    for finding in tally.findings.values():
        _tell(asdict(finding))
    summary = {"cases": dict(sorted(tally.cases.items())), "ends": dict(tally.ends.most_common())}
    _tell({"total": tally.total, **summary})
    return int(bool(tally.findings))


def _tell(what: dict[str, Any]) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)  # noqa: T201


def memory() -> str | None:
    """Give a folder in memory, where there is one: stores are opened and restored all the time."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surface", action="append", choices=SURFACES)
    parser.add_argument("--reader", action="append", choices=NAMES, help="only these, of files")
    parser.add_argument("--cases", type=int, default=20_000, help="of each surface")
    parser.add_argument("--minutes", type=float, default=60.0, help="most for each surface")
    parser.add_argument("--seed", default="tacit")
    parser.add_argument("--from", dest="start", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
