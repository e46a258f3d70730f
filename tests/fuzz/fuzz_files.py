"""Files, lines and texts that are damaged, made up, or anything at all."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from coalition import Coalition, certificate_request, make_agreement
from fuzz_oracle import Tally, trace_in
from fuzz_readers import Reader, readers
from fuzz_values import MARK, damaged, pick
from tacit.coordinator.backup.write import back_up
from tacit.coordinator.ledger_export import export_ledger
from tacit.linkage.errors import TacitError
from tacit.linkage.ledger_copy import write_copy
from tacit.linkage.paper import put_on_paper
from tacit.node.backup import back_up_node
from tacit.node.home import find_home
from tacit.node.store.base import create_store

# The dearest passphrase that a backup may ask for takes six on a machine that does nothing else.
SLOW_SECONDS = 60.0
# A person who writes one of these looks for the name that is wrong in it.
NAMES = frozenset({"BAD_SCHEMA", "BAD_AGREEMENT", "BAD_MAPPING", "USAGE"})
_LONGEST = 2000
# Read a whole workbook, stretch a passphrase, or normalise by every table: seldom, then.
_SLOW = frozenset({"backup", "key.json", "node backup", "schema", "values", "xlsx"})
_CHEAP = 14


def real_files(coalition: Coalition, folder: Path) -> dict[str, bytes]:
    """Let a coordinator and a node write one of each."""
    backend = coalition.coordinator._backend
    node = coalition.nodes[0]
    copy = export_ledger(backend.store, backend.ledger._key, backend.authority.der, backend.now())
    back_up(coalition.home, folder / "backup", None)
    home = find_home(folder / "node")
    create_store(home, MARK, _CHEAP).close()
    back_up_node(home, MARK, folder / "node-backup")
    head = copy.heads[-1]
    return {
        "agreement": make_agreement(coalition.nodes[:2]).encode(),
        "ledger": write_copy(copy).encode(),
        "backup": (folder / "backup").read_bytes(),
        "node_backup": (folder / "node-backup").read_bytes(),
        "key": home.key.read_bytes(),
        "config": (coalition.home.path / "coordinator.toml").read_bytes(),
        "invitation": coalition.invite("Newcomer").encode(),
        "paper": put_on_paper(copy.ledger_key, head.size, head.timestamp, head.root).text.encode(),
        "request": certificate_request(node.tls_key),
    }


class FileFuzz:
    """Fuzzes whatever reads what comes from outside.

    Args:
        folder: for files.
        real: as `real_files` gives them.
        tally: counts, and keeps what is found.
        only: names of readers that take part; none means all, the slow ones seldom.
        clock: seconds.
    """

    def __init__(
        self,
        folder: Path,
        real: Mapping[str, bytes],
        tally: Tally,
        only: Sequence[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.readers = {reader.name: reader for reader in readers(folder, real)}
        self._tally, self._clock = tally, clock
        self._often = list(only) or [
            name for name in self.readers for _ in range(1 if name in _SLOW else 20)
        ]

    def case(self, rng: random.Random, seed: object, name: str | None = None) -> None:
        """Let one reader read one content."""
        reader = self.readers[name or pick(rng, self._often)]
        self.read(reader, self.content(rng, reader), seed)

    def content(self, rng: random.Random, reader: Reader) -> bytes:
        """Make a content: changed where it hurts, damaged, or anything at all."""
        content = pick(rng, reader.seeds)
        kind = rng.randrange(8)
        if kind < 4 and reader.change is not None:
            return reader.change(rng, content)
        if kind < 7:
            return damaged(rng, content, pick(rng, reader.seeds))
        return rng.randbytes(pick(rng, (0, 1, 4, 60, 2000)))

    def read(self, reader: Reader, content: bytes, seed: object) -> None:
        """Read a content, and hold how that ends against what may be."""
        began = self._clock()
        self._tally.cases[f"file {reader.name}"] += 1
        try:
            reader.read(content)
            self._tally.ends["read"] += 1
        except TacitError as error:
            self._tally.ends[error.code.value] += 1
            self._check(reader, error, seed)
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            self._tally.found(reader.name, seed, told_of(error))
        if self._clock() - began > SLOW_SECONDS:
            self._tally.found(reader.name, seed, f"more than {SLOW_SECONDS} seconds")

    def _check(self, reader: Reader, error: TacitError, seed: object) -> None:
        # Korean is looked up in a long table.
        for language in ("en", "ko") if self._tally.total % 8 == 0 else ("en",):
            said = f"{error.sentence(language)} {error.detail}"
            if len(said) > _LONGEST:
                self._tally.found(reader.name, seed, f"{error.code.value}: a sentence without end")
            if trace_in(said) and error.code.value not in NAMES:
                self._tally.found(reader.name, seed, f"{error.code.value} tells: {said[:200]}")


def told_of(error: BaseException) -> str:
    """Say what an error is and where it arose, in our own code where it passed through that."""
    trace, last, ours = error.__traceback__, "", ""
    while trace is not None:
        code = trace.tb_frame.f_code
        last = f"{code.co_filename}:{trace.tb_lineno} {code.co_name}"
        ours = last if "/tacit/" in code.co_filename else ours
        trace = trace.tb_next
    return f"{type(error).__name__} at {ours or last}"
