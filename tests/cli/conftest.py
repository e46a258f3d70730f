"""Run command lines in this process or as a process of their own."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from tacit.cli.main import cli, run

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep commands away from the user's own settings, stores, logs and keyring."""
    for name in [name for name in os.environ if name.startswith("TACIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TACIT_HOME", str(tmp_path / "node"))
    monkeypatch.setenv("TACIT_COORDINATOR_HOME", str(tmp_path / "coordinator"))
    monkeypatch.setenv("TACIT_LOG_DIR", str(tmp_path / "log"))
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


@pytest.fixture
def tacit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run a command line in this process."""

    def call(*words: object, **settings: str) -> Ran:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(word) for word in words])
        return Ran(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def tacit_process() -> Callable[..., Ran]:
    """Run a command line as users do, in a process of its own."""

    def call(*words: object, **settings: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "tacit.cli.main", *map(str, words)],
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=240,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return call


def leaves(
    command: click.Command = cli, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command that is not a group, with the words that lead to it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from leaves(below, (*path, name))
    else:
        yield path, command


@pytest.fixture(scope="session")
def commands() -> list[tuple[tuple[str, ...], click.Command]]:
    return list(leaves())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
