"""Backing up a node, restoring it, and changing its passphrase, by commands."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from tacit.node.store.base import change_passphrase, create_store

Tacit = Callable[..., Any]
OLD, NEW = "the first passphrase", "the second passphrase"


@pytest.fixture(autouse=True)
def quick_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases less than users' are, to be done sooner."""
    monkeypatch.setattr("tacit.cli.node_setup.create_store", partial(create_store, cost=14))
    monkeypatch.setattr(
        "tacit.cli.node_backup.change_passphrase", partial(change_passphrase, cost=14)
    )


@pytest.fixture
def node(tacit: Tacit, monkeypatch: pytest.MonkeyPatch) -> Tacit:
    monkeypatch.setenv("TACIT_PASSPHRASE", OLD)
    assert tacit("node", "init").code == 0
    return tacit


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new"
    path.write_text(NEW + "\n", "utf-8")
    return path


class OneKeyring(KeyringBackend):
    """A keyring that lasts as long as a test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_backup_and_restore(node: Tacit, tmp_path: Path) -> None:
    file, other = tmp_path / "backup", tmp_path / "other"
    made = node("node", "backup", file, "--json")
    assert made.code == 0
    checked = node("node", "restore", file, "--check", "--json")
    assert checked.document == made.document
    assert node("node", "restore", file).code == 5
    assert node("node", "backup", file).code == 5
    assert node("node", "restore", file, "--home", other).code == 0
    assert node("node", "status", "--home", other).code == 0
    wrong = node("node", "restore", file, "--home", tmp_path / "third", TACIT_PASSPHRASE=NEW)
    assert (wrong.code, (tmp_path / "third").exists()) == (6, False)


def test_damaged_backup_in_korean(node: Tacit, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_bytes(b"not a backup")
    said = node("node", "restore", file, "--home", tmp_path / "other", "--lang", "ko")
    assert said.code == 3
    assert "노드의 백업이 아니거나" in said.err


def test_passphrase_is_changed(node: Tacit, new: Path) -> None:
    changed = node("node", "passphrase", "--new-passphrase-file", new)
    assert (changed.code, "old one" in changed.out) == (0, True)
    assert node("node", "status").code == 6
    assert node("node", "status", TACIT_PASSPHRASE=NEW).code == 0


def test_passphrase_stays_where_the_change_is_refused(
    node: Tacit, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--new-passphrase-file" in node("node", "passphrase").err
    new.write_text("short\n", "utf-8")
    assert node("node", "passphrase", "--new-passphrase-file", new).code == 2
    new.write_text(NEW, "utf-8")
    wrong = node("node", "passphrase", "--new-passphrase-file", new, TACIT_PASSPHRASE="wrong one")
    assert wrong.code == 6
    assert node("node", "status", TACIT_PASSPHRASE=OLD).code == 0


def test_keyring_changes_with_it(tacit: Tacit, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(OneKeyring())
    assert tacit("node", "init", "--keyring", TACIT_PASSPHRASE=OLD).code == 0
    monkeypatch.delenv("TACIT_PASSPHRASE")
    done = tacit("node", "passphrase", "--new-passphrase-file", new, "--json")
    assert done.document["keyring"] is True
    assert tacit("node", "status").code == 0
    assert tacit("node", "status", TACIT_PASSPHRASE=OLD).code == 6
