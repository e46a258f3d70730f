"""A loop that is told to end does, whatever it is in the middle of, and leaves nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

SUPPORT = Path(__file__).parents[1] / "support"
LOOP = """
import subprocess, sys, time
from pathlib import Path
from kill_end import end_on_signals
from postgresql import Server

end_on_signals(Path(sys.argv[1]), lambda: "report")
server = Server()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print(child.pid, server.folder, flush=True)
while True:
    try:
        server.kill()
        time.sleep(0.2)
    except BaseException:
        # As a garbage collector's callback does, and a connection that waits for the rest.
        pass
"""


def test_a_loop_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "some").touch()
    loop = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", LOOP, folder],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert loop.stdout is not None
    with loop, loop.stdout:
        child, database = loop.stdout.readline().split()
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(20) == 128 + signal.SIGTERM
        assert loop.stdout.read() == "report"
    assert [path for path in (folder, Path(database)) if path.exists()] == []
    assert not psutil.pid_exists(int(child))
    assert not [p for p in psutil.process_iter(["cmdline"]) if database in str(p.info["cmdline"])]
