"""The node's commands that need no coordinator."""

import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from tacit.node.store.base import create_store

PASSPHRASE = "a long passphrase"
Tacit = Callable[..., Any]


@pytest.fixture(autouse=True)
def quick_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases less than users' are, to be done sooner."""
    monkeypatch.setattr("tacit.cli.node_setup.create_store", partial(create_store, cost=14))


class MemoryKeyring(KeyringBackend):
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


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(
        "관리번호,성명,생년월일,공개거부\nA-1,홍길동,1950-03-01,예\nA-2,김영희,1961,아니오\n",
        "cp949",
    )
    return path


@pytest.fixture
def node(tacit: Tacit, monkeypatch: pytest.MonkeyPatch) -> Tacit:
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    assert tacit("node", "init").code == 0
    return tacit


def test_init_makes_a_closed_store_once(tacit: Tacit, tmp_path: Path) -> None:
    made = tacit("node", "init", "--json", TACIT_PASSPHRASE=PASSPHRASE)
    assert made.document == {"home": str(tmp_path / "node")}
    for path in (tmp_path / "node").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert PASSPHRASE.encode() not in path.read_bytes()
    assert tacit("node", "init").code == 5
    assert tacit("node", "init", "--if-missing").code == 0


def test_passphrase_must_be_there_and_long_enough(tacit: Tacit, tmp_path: Path) -> None:
    assert "TACIT_PASSPHRASE" in tacit("node", "init").err
    short = tacit("node", "init", TACIT_PASSPHRASE="short")
    assert (short.code, "8" in short.err) == (2, True)
    assert not (tmp_path / "node").exists()


def test_passphrase_from_file_and_wrong_one(tacit: Tacit, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE + "\n", "utf-8")
    assert tacit("node", "init", "--passphrase-file", secret).code == 0
    assert tacit("node", "status", "--passphrase-file", secret).code == 0
    wrong = tacit("node", "status", "--json", TACIT_PASSPHRASE="another one")
    assert wrong.document["error"]["code"] == "WRONG_PASSPHRASE"
    assert wrong.code == 6
    # The option wins over the variable.
    assert tacit("node", "status", "--passphrase-file", secret).code == 0
    secret.write_text("\n", "utf-8")
    assert tacit("node", "status", "--passphrase-file", secret).code == 3


def test_passphrase_from_keyring(tacit: Tacit, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(MemoryKeyring())
    assert tacit("node", "init", "--keyring", TACIT_PASSPHRASE=PASSPHRASE).code == 0
    monkeypatch.delenv("TACIT_PASSPHRASE")
    assert tacit("node", "status").code == 0


def test_no_keyring_is_said(tacit: Tacit) -> None:
    ran = tacit("node", "init", "--keyring", TACIT_PASSPHRASE=PASSPHRASE)
    assert ran.code == 10
    assert "keyring" in ran.err


def test_import_status_undo(node: Tacit, register: Path) -> None:
    first = node("node", "import", register, "--json").document
    assert (first["rows"], first["new"], first["total"]) == (2, 2, 2)
    assert node("node", "import", register, "--json").document["unchanged"] == 2
    assert node("node", "status", "--json").document["records"] == 2
    assert "2 records" in node("node", "status").out
    assert node("node", "undo").code == 0
    assert node("node", "undo").code == 4


def test_mapping_is_offered_and_used(node: Tacit, register: Path, tmp_path: Path) -> None:
    target = tmp_path / "mapping.toml"
    made = node("node", "mapping", register, "-o", target, "--json").document
    roles = {guess["column"]: guess["role"] for guess in made["columns"]}
    assert roles == {
        "관리번호": "record_id",
        "성명": "name",
        "생년월일": "birth_date",
        "공개거부": "publication",
    }
    assert node("node", "mapping", register, "-o", target).code == 5
    assert node("node", "mapping", register).out == target.read_text("utf-8")
    assert node("node", "import", register, "--mapping", target).code == 0
    target.write_text('[columns]\n"없음" = "record_id"\n"성명" = "name"\n', "utf-8")
    wrong = node("node", "import", register, "--mapping", target, "--json")
    assert wrong.document["error"]["code"] == "BAD_MAPPING"


def test_refused_file_names_rows_and_no_value(node: Tacit, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "record_id,name,documented_on\nA1,Secretname,2019-13-01\nA1,Othername,2019-02-30\n", "utf-8"
    )
    ran = node("node", "import", path)
    assert ran.code == 3
    assert "bad.csv, row 2" in ran.err
    assert "row 3" in ran.err
    assert "name" not in ran.err.replace("filename", "")
    document = node("node", "import", path, "--json").document
    assert len(document["error"]["problems"]) >= 2
    assert node("node", "status", "--json").document["records"] == 0


def test_schema_is_remembered(node: Tacit, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = "".join(f"{n},Person{n} Name{n % 7},19{n:02},Town{n % 9}\n" for n in range(10, 60))
    path.write_text("record_id,fullname,born,town\n" + rows, "utf-8")
    schema = tmp_path / "schema.json"
    assert node("schema", "infer", path, "-o", schema).code == 0
    assert node("node", "import", path, "--schema", schema).code == 0
    assert node("node", "import", path, "--json").document["unchanged"] == 50


def test_what_needs_enrolment_says_so(node: Tacit, tmp_path: Path) -> None:
    for words in (["sync"], ["members"]):
        assert node("node", *words, "--json").document["error"]["code"] == "NOT_ENROLLED"
    assert node("project", "list", "--json").document["error"]["code"] == "NOT_ENROLLED"
    damaged = tmp_path / "invitation"
    damaged.write_text("tacit-invitation:xxxx", "utf-8")
    for given in (damaged, "tacit-invitation:yyyy", "-"):
        ran = node("node", "enrol", given, "--json")
        assert ran.document["error"]["code"] == "INVITATION_INVALID"


def test_no_node_is_said_before_any_passphrase_is_asked(tacit: Tacit) -> None:
    ran = tacit("results", "--json")
    assert ran.document["error"]["code"] == "NOT_FOUND"
    assert "tacit node init" in ran.document["error"]["message"]
