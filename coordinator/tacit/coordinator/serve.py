"""Serving until told to stop; also the module that runs as a process of its own.

`python -m tacit.coordinator.serve --home DIR [--json]`
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import tacit.coordinator.quiet  # noqa: F401 (before anything imports gRPC)
from tacit.coordinator.home import Serving, open_home, passphrase_from_environment
from tacit.coordinator.log import configure_log
from tacit.coordinator.server import Coordinator
from tacit.linkage.errors import TacitError


def serve(
    path: Path,
    ready: Callable[[Serving], None],
    passphrase: str | None = None,
    stop: threading.Event | None = None,
    metrics: str = "",
) -> None:
    """Serve the coordinator in `path` until SIGTERM, SIGINT or `stop`.

    Args:
        path: an initialised home.
        ready: called once both ports listen.
        passphrase: of the private keys at rest; by default from the environment.
        stop: set by another thread to stop; signals are heeded on the main thread only.
        metrics: host:port on loopback for figures, in place of the configuration's.

    Raises:
        TacitError: NOT_FOUND, USAGE, WRONG_PASSPHRASE, STORE_BUSY or STORE_FAILED.
    """
    stopping = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
    home = open_home(path)
    with home.locked():
        coordinator = Coordinator(home, passphrase or passphrase_from_environment(), metrics)
        serving = coordinator.start()
        try:
            ready(serving)
            stopping.wait()
        finally:
            coordinator.stop()


def ready_line(serving: Serving, *, as_json: bool) -> str:
    """Say where the coordinator listens, on one line."""
    if as_json:
        return json.dumps({"event": "ready", **asdict(serving)})
    return f"Serving members on {serving.address}, enrolment on {serving.enrol_address}."


def main() -> int:
    """Run from the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tacit.coordinator.serve")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    configure_log()

    def ready(serving: Serving) -> None:
        sys.stdout.write(ready_line(serving, as_json=options.json) + "\n")
        sys.stdout.flush()

    try:
        serve(options.home, ready)
    except TacitError as error:
        sys.stderr.write(f"{error}\n")
        return error.entry.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
