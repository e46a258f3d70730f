"""Coverage-guided fuzzing with atheris: what reaches new code is kept and changed further.

python tests/fuzz/fuzz_guided.py TARGET [-runs=N -max_total_time=SECONDS -seed=S ...]

TARGET is "rpc" (every RPC of the coordinator, in this process), "node" (a node's commands before a
hostile coordinator), the name of a reader in `fuzz_readers`, such as "csv", or "all" for one after
the other. Options are those of libFuzzer. A finding ends its target and leaves its input in
./fuzz-findings; the same command with that file for an option makes it again.
"""

# ruff: noqa: E402 (atheris must be there before what it watches is imported)
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]
import atheris

import tacit.coordinator.quiet  # noqa: F401

with atheris.instrument_imports(include=["tacit"], enable_loader_override=False):
    from fuzz_main import memory, surface

from fuzz_files import FileFuzz
from fuzz_oracle import Tally
from fuzz_readers import NAMES
from fuzz_values import Guided

FOLDER = Path("fuzz-findings")
WHOLE = ("rpc", "node")
_INSIDE = "FUZZ_GUIDED_FOLDER"
_TELLING = re.compile(r"^Done |DONE|FoundError")
_LONGEST = 20_000


class FoundError(Exception):
    """Tells libFuzzer that an input has found something."""


def told(tally: Tally) -> None:
    """Raise what was found.

    Raises:
        FoundError: there is something.
    """
    for finding in tally.findings.values():
        raise FoundError(f"{finding.surface}: {finding.what}")


def inside(target: str, options: list[str], folder: Path) -> None:
    """Run one target until libFuzzer ends, and the process with it."""
    tally = Tally()
    corpus = folder / "corpus"
    corpus.mkdir()
    with surface(target if target in WHOLE else "files", folder, tally) as (case, _):
        run: Callable[[bytes], object] = lambda data: case(Guided(data), "guided")  # noqa: E731
        seeds = [random.Random(n).randbytes(600) for n in range(16)]
        files = getattr(case, "__self__", None)
        if isinstance(files, FileFuzz):
            reader = files.readers[target]
            seeds = list(reader.seeds)
            run = partial(files.read, reader, seed="guided")
        for number, seed in enumerate(seeds):
            (corpus / f"seed{number}").write_bytes(seed)

        def test(data: bytes) -> None:
            run(data)
            told(tally)

        own = [f"-artifact_prefix={FOLDER}/", f"-max_len={_LONGEST}", "-len_control=0"]
        atheris.Setup([sys.argv[0], *own, *options, str(corpus)], test)
        atheris.Fuzz()


def main() -> int:
    """Run targets, each in a process of its own; gives the exit code."""
    target, *options = sys.argv[1:]
    kept = os.environ.get(_INSIDE)
    if kept is not None:
        inside(target, options, Path(kept))
    FOLDER.mkdir(exist_ok=True)
    failed = False
    for one in [*WHOLE, *NAMES] if target == "all" else [target]:
        with tempfile.TemporaryDirectory(dir=memory()) as folder:
            command = [sys.executable, __file__, one, *options]
            own = {**os.environ, _INSIDE: folder}
            done = subprocess.run(command, env=own, capture_output=True, check=False)
        said = done.stderr.decode("utf-8", "replace")
        lines = [line for line in said.splitlines() if _TELLING.search(line)]
        print(f"{one}: {done.returncode}", *lines[-3:], sep="\n  ", flush=True)  # noqa: T201
        if done.returncode:
            failed = True
            print(said[-3000:], flush=True)  # noqa: T201
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
