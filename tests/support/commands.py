"""A coalition of real processes on loopback, driven by the documented commands alone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 120


def shared_data() -> Path:
    """Find the evaluation data beside the checkout."""
    root = os.environ.get("TACIT_SHARED")
    return (Path(root) if root else Path(__file__).resolve().parents[3] / "shared") / "data"


@dataclass
class Commands:
    """Homes, processes and logs of one coordinator and its nodes below one folder."""

    root: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    launcher: Sequence[str] = (sys.executable, "-m", "tacit.cli.main")

    @property
    def coordinator_home(self) -> Path:
        return self.root / "coordinator"

    def node_home(self, name: str) -> Path:
        return self.root / name

    def passphrase(self, name: str) -> str:
        return f"planted-passphrase-of-{name}"

    def settings(self, name: str) -> Mapping[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TACIT_")}
        return kept | {
            "TACIT_COORDINATOR_HOME": str(self.coordinator_home),
            "TACIT_HOME": str(self.node_home(name)),
            "TACIT_PASSPHRASE": self.passphrase(name),
        }

    def run(self, name: str, *words: str, status: int = 0) -> Any:
        """Run `tacit WORDS --json` as `name` and give the answer."""
        done = subprocess.run(
            [sys.executable, "-m", "tacit.cli.main", *words, "--json"],
            env=self.settings(name),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        with (self.root / f"{name}.log").open("ab") as log:
            log.write(done.stderr)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def init(self, name: str = "Coalition") -> None:
        """Set the coordinator up on free ports."""
        self.run(
            "coordinator", "coordinator", "init", "--name", name,
            "--listen", "127.0.0.1:0", "--enrol-listen", "127.0.0.1:0",
        )  # fmt: skip

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the coordinator and wait until it is ready."""
        with (self.root / "coordinator.log").open("ab") as log:
            process = subprocess.Popen(
                [*self.launcher, "coordinator", "serve", "--json"],
                env=self.settings("coordinator"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.processes.append(process)
        until = time.monotonic() + PATIENCE
        while not self.healthy():
            assert process.poll() is None, (self.root / "coordinator.log").read_text()
            assert time.monotonic() < until, "the coordinator did not come up"
        return process

    def healthy(self) -> bool:
        done = subprocess.run(
            [sys.executable, "-m", "tacit.cli.main", "coordinator", "health"],
            env=self.settings("coordinator"),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode == 0

    def enrol(self, name: str, change: Callable[[str], str] = lambda line: line) -> None:
        """Invite `name` and let its node join; `change` may alter the invitation."""
        line = self.run("coordinator", "coordinator", "invite", name)["invitation"]
        self.run(name, "node", "init")
        self.run(name, "node", "enrol", change(line))

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
