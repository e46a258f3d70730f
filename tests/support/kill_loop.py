"""kill -9, again and again, at random moments: a coordinator, its database, and its members.

    python tests/support/kill_loop.py --store sqlite --kills 200 --seed 1

Three members work all the time, each in a process of its own. Whatever one of them is told is
written down here, and held against the coordinator's database after each of its starts.
"""

import argparse
import copy
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kill_end import end_on_signals
from kill_findings import losses, read
from kill_halves import halves
from kill_members import Member
from kill_promises import Promises
from kill_server import Server
from tacit.coordinator.ledger_export import export_ledger
from tacit.coordinator.store.engine import connect_store
from tacit.linkage.ledger_audit import audit

NAMES = ("Archive", "Centre", "Petition")
HARMLESS = {
    "UNAVAILABLE", "CUT_OFF", "BUSY", "NOT_FOUND", "NOT_IN_FORCE", "KEY_MISSING", "NOTHING_TO_LINK",
    "RUN_NOT_DONE", "BATCH_TOO_SMALL", "AGREEMENT_STALE", "CONTRADICTION", "EPOCH_ENDED",
    "EXISTS", "NOT_ENROLLED", "UNCONFIRMED", "RUN_FAILED", "PROPOSAL_OPEN",
}  # fmt: skip


@dataclass
class Report:
    """What came of a loop."""

    store: str
    seed: int
    kills: int = 0
    starting: int = 0
    members: int = 0
    database: int = 0
    checked: int = 0
    entries: int = 0
    losses: list[str] = field(default_factory=list)
    seconds: float = 0.0
    acknowledged: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    details: dict[str, str] = field(default_factory=dict)


class Loop:
    """One coalition under fire."""

    def __init__(self, store: str, seed: int, path: Path) -> None:
        self.report = Report(store, seed)
        self.promises = Promises()
        self.chance = random.Random(seed)
        self.server = Server(store, path / "coordinator")
        self.server.start()
        self.server.ready(60)
        self.seen: list[bytes] = []
        self._began = time.monotonic()
        self._shown = set[str]()
        self.members = [
            Member(name, path / name, NAMES, self.server.invite(name), self.promises)
            for name in NAMES
        ]

    def run(self, kills: int) -> Report:
        """Kill so many times, then let everything settle, and check it all once more."""
        for member in self.members:
            member.start(self.chance.randrange(2**32))
        while self.report.kills < kills and not self.report.losses:
            self._once()
        if not self.report.losses:
            self._settle()
        return self.report

    def close(self) -> None:
        """End every process."""
        for member in self.members:
            member.kill()
        self.server.close()

    def _once(self) -> None:
        """Let it work for a while, hit somebody besides now and then, then kill the coordinator."""
        chance = self.chance
        if chance.random() < 0.3:
            member = chance.choice(self.members)
            time.sleep(chance.uniform(0, 1.0))
            member.kill()
            member.start(chance.randrange(2**32))
            self.report.members += 1
        if self.server.postgresql is not None and chance.random() < 0.2:
            time.sleep(chance.uniform(0, 1.0))
            if chance.random() < 0.5:
                self.server.postgresql.kill()
            else:
                self.server.postgresql.kill_backend(chance.randrange(100))
            self.report.database += 1
        self._let_work(chance.randint(0, 25), 6.0)
        time.sleep(chance.uniform(0.0, 0.5))
        self._kill()
        while chance.random() < 0.5:
            # Once more while it starts, when it has not taken anything up yet.
            self.server.start()
            time.sleep(chance.uniform(0.0, 0.8))
            self.report.starting += 1
            self._kill()
        self.server.start()
        self.server.ready(120)
        self._check(whole=self.report.kills % 10 == 0)
        report = self.report
        report.seconds = time.monotonic() - self._began
        said = f"{report.kills} kills, {sum(report.acknowledged.values())} acknowledgements, "
        sys.stderr.write(f"\r{said}{report.entries} entries, {len(report.losses)} losses ")

    def _let_work(self, acknowledgements: int, patience: float) -> None:
        """Wait for so many: by the clock alone, little would be done on a machine that is busy."""
        enough = self.promises.counts.total() + acknowledgements
        until = time.monotonic() + patience
        while self.promises.counts.total() < enough and time.monotonic() < until:
            time.sleep(0.01)

    def _kill(self) -> None:
        self.server.kill()
        self.report.kills += 1

    def _check(self, *, whole: bool) -> None:
        for member in self.members:
            member.see()
        # What is acknowledged from here on may be in the database or not.
        with self.promises.lock:
            known = Promises(
                **{k: copy.deepcopy(v) for k, v in vars(self.promises).items() if k != "lock"}
            )
        fresh = set(known.uploads) if whole else set(known.uploads) - self._shown
        store = connect_store(self.server.home.database_url)
        held = read(store, fresh)
        store.close()
        # Renewed while the database was read: the certificate before it may be gone, and well.
        for member_id, given in known.certificates.items():
            known.certificates[member_id] = self.promises.certificates[member_id][len(given) - 1 :]
        self._shown |= fresh
        report = self.report
        report.losses += losses(known, held, self.seen, self.server.ledger_key)
        report.losses += halves(held)
        report.losses += [loss for member in self.members for loss in member.losses]
        report.acknowledged, report.entries = known.counts, len(held.entries)
        report.refusals, report.details = known.refusals, known.details
        report.losses += [
            f"a member was refused: {code}, {known.details[code]}"
            for code in known.refusals
            if code not in HARMLESS
        ]
        report.losses += self.server.unforeseen()
        report.checked += 1
        if whole:
            self._audit()

    def _audit(self) -> None:
        store = connect_store(self.server.home.database_url)
        key = self.server.home.read_ledger_key(None)
        found = audit(export_ledger(store, key, self.server.authority, time.time_ns() // 1_000_000))
        store.close()
        self.report.losses += [
            f"the ledger does not verify: {item.kind.name}" for item in found.findings
            if not item.remark
        ]  # fmt: skip

    def _settle(self) -> None:
        for member in self.members:
            if not member.settle(180):
                self.report.losses.append(f"{member.name} could not go on")
        self._check(whole=True)


def main() -> int:
    """Run a loop from the command line; gives the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    sys.stdout.write(f"{options.store}, seed {options.seed}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="tacit-kills-") as folder:
        begun = list[Loop]()
        end_on_signals(Path(folder), lambda: "".join(map(_written, begun)))
        loop = Loop(options.store, options.seed, Path(folder))
        begun.append(loop)
        try:
            loop.run(options.kills)
        finally:
            loop.close()
            sys.stdout.write(_written(loop))
    return int(bool(loop.report.losses))


def _written(loop: Loop) -> str:
    return json.dumps(vars(loop.report), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
