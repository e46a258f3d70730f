"""Backing up and restoring by commands, in both languages."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tacit = Callable[..., Any]
SECRET = {"TACIT_BACKUP_PASSPHRASE": "of the backup"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases less than users' are, to be done sooner."""
    monkeypatch.setattr("tacit.coordinator.backup.container._COST", 14)


@pytest.fixture
def coordinator(tacit: Tacit, tmp_path: Path) -> Path:
    words = ("--name", "C", "--listen", "127.0.0.1:0", "--enrol-listen", "127.0.0.1:0")
    assert tacit("coordinator", "init", *words).code == 0
    return tmp_path / "coordinator"


def test_backup_and_restore(tacit: Tacit, coordinator: Path, tmp_path: Path) -> None:
    file, home = tmp_path / "backup", tmp_path / "restored"
    made = tacit("coordinator", "backup", file, "--json", **SECRET)
    assert (made.code, made.document["encrypted"], made.document["ledger_size"]) == (0, True, 0)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    checked = tacit("coordinator", "restore", file, "--check", "--json", "--home", home, **SECRET)
    assert checked.document == made.document
    assert not home.exists()
    done = tacit("coordinator", "restore", file, "--home", home, **SECRET)
    assert done.code == 0
    assert "two histories" in done.out
    assert (home / "ledger.key").read_bytes() == (coordinator / "ledger.key").read_bytes()
    assert tacit("coordinator", "members", "--home", home).code == 0
    assert tacit("coordinator", "restore", file, "--home", home, **SECRET).code == 5
    assert tacit("coordinator", "backup", file, **SECRET).code == 5


def test_wrong_and_missing_passphrases(tacit: Tacit, coordinator: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    missing = tacit("coordinator", "backup", file)
    assert (missing.code, "--unencrypted" in missing.err) == (2, True)
    assert not file.exists()
    secret = tmp_path / "secret"
    secret.write_text("of the backup\n", "utf-8")
    words = ("coordinator", "backup", file, "--backup-passphrase-file", secret)
    assert tacit(*words, "--unencrypted").code == 2
    assert tacit(*words).code == 0
    restoring = ("coordinator", "restore", file, "--home", tmp_path / "restored")
    assert tacit(*restoring, TACIT_BACKUP_PASSPHRASE="another").code == 6
    assert not (tmp_path / "restored").exists()


def test_an_unencrypted_backup_warns(tacit: Tacit, coordinator: Path, tmp_path: Path) -> None:
    english = tacit("coordinator", "backup", tmp_path / "b1", "--unencrypted")
    assert english.code == 0
    assert "NOT encrypted" in english.err
    korean = tacit("coordinator", "backup", tmp_path / "b2", "--unencrypted", "--lang", "ko")
    assert "암호화되지 않았습니다" in korean.err
    assert stat.S_IMODE((tmp_path / "b2").stat().st_mode) == 0o600
    home = tmp_path / "restored"
    assert tacit("coordinator", "restore", tmp_path / "b1", "--home", home).code == 0


def test_a_damaged_backup_in_korean(tacit: Tacit, coordinator: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    assert tacit("coordinator", "backup", file, "--unencrypted").code == 0
    file.write_bytes(file.read_bytes()[:-1])
    said = tacit("coordinator", "restore", file, "--home", tmp_path / "r", "--lang", "ko")
    assert said.code == 3
    assert "백업이 손상되었습니다" in said.err
