"""What goes into the wheel. `make wheel-check` also installs it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_wheel_contents() -> None:
    words = [sys.executable, str(ROOT / "scripts/wheel.py"), "--contents"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
