"""`tacit node duplicates` shows what is held twice, notes what people find, and shows no values."""

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tacit.node.store.base import create_store

PASSPHRASE = "a long passphrase"
Tacit = Callable[..., Any]
SURNAMES = ("김", "이", "박", "최", "정", "강", "윤", "장", "임", "한")
GIVEN = ("길동", "영수", "순자", "철호", "미란", "복남", "태식", "옥분")


@pytest.fixture
def node(tacit: Tacit, monkeypatch: pytest.MonkeyPatch) -> Tacit:
    monkeypatch.setattr("tacit.cli.node_setup.create_store", partial(create_store, cost=14))
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    assert tacit("node", "init").code == 0
    return tacit


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """Eighty people, of whom =A-0 is held a second time as B-0, and A-1 as B-1."""
    rows = [
        (f"A-{number}", f"{surname}{given}", f"19{20 + number % 60}-{1 + number % 12:02}-03")
        for number, (surname, given) in enumerate((s, g) for s in SURNAMES for g in GIVEN)
    ]
    rows[0] = ("A-0", "황금보", "1931-05-17")
    rows[1] = ("A-1", "독고준", "1944-11-29")
    rows += [("B-0", "Hwang Kum-bo", "1931-05-17"), ("B-1", "독고준", "1944-11-29")]
    path = tmp_path / "register.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("관리번호", "성명", "생년월일"), *rows])
    return path


def found(node: Tacit, *words: str) -> list[list[str]]:
    document = node("node", "duplicates", "--json", *words).document
    return sorted(group["records"] for group in document["groups"])


def test_import_warns_and_says_how_to_look(node: Tacit, register: Path) -> None:
    taken = node("node", "import", register)
    assert taken.code == 0
    assert "more than once: 2;" in taken.err
    assert "tacit node duplicates" in taken.err
    assert node("node", "import", register, "--json").document["suspected_duplicates"] == 2
    assert "그룹" in node("node", "import", register, "--lang", "ko").err


def test_shows_groups_by_id_and_values_only_when_asked(node: Tacit, register: Path) -> None:
    node("node", "import", register)
    assert found(node) == [["A-0", "B-0"], ["A-1", "B-1"]]
    said = node("node", "duplicates").out
    assert "A-0, B-0" in said
    assert "birth_year" in said
    assert "황금보" not in said
    assert "황금보" not in node("node", "duplicates", "--json").out
    assert "Hwang Kum-bo" in node("node", "duplicates", "--show-values").out
    values = node("node", "duplicates", "--show-values", "--json").document["values"]
    assert values["B-1"]["name"] == "독고준"
    assert "일부 일치" in node("node", "duplicates", "--lang", "ko").out


def test_notes_same_different_and_undone(node: Tacit, register: Path) -> None:
    node("node", "import", register)
    marked = ("--same", "A-0", "B-0", "--different", "A-1", "B-1")
    said = node("node", "duplicates", *marked)
    assert (said.code, "0 groups" in said.out) == (0, True)
    document = node("node", "duplicates", "--json").document
    assert document["same"] == [["A-0", "B-0"]]
    assert [(mark["left_id"], mark["same"]) for mark in document["marks"]] == [
        ("A-0", True),
        ("A-1", False),
    ]
    assert found(node, "--undo", "B-1", "A-1") == [["A-1", "B-1"]]
    assert "groups" not in node("node", "import", register).err.replace("1 groups", "")


def test_writes_a_csv_without_values(node: Tacit, register: Path, tmp_path: Path) -> None:
    node("node", "import", register)
    target = tmp_path / "duplicates.csv"
    assert node("node", "duplicates", "--out", target).code == 0
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["record_id"], row["other_record_id"]) for row in rows} == {
        ("A-0", "B-0"),
        ("A-1", "B-1"),
    }
    assert {row["birth_year"] for row in rows} == {"agrees"}
    assert {row["father"] for row in rows} == {"missing"}
    assert "황금보" not in target.read_text("utf-8")
    assert node("node", "duplicates", "--out", target).code == 5
    assert node("node", "duplicates", "--out", target, "--force").code == 0


def test_refuses_what_cannot_be_meant(node: Tacit, register: Path) -> None:
    node("node", "import", register)
    assert node("node", "duplicates", "--same", "A-0", "A-0").code == 2
    assert node("node", "duplicates", "--same", "A-0", "nobody").code == 4
    assert node("node", "duplicates", "--project", "x", "--schema", "victims").code == 2
    assert node("node", "duplicates", "--project", "x").code == 4


def test_weights_are_learnt_shared_and_made_into_a_schema(
    node: Tacit, register: Path, tmp_path: Path
) -> None:
    rows = register.read_text("utf-8").splitlines()
    more = [f"C-{n},가나다 {n},19{20 + n % 60}-01-02" for n in range(40)]
    register.write_text("\n".join([*rows, *more]) + "\n", "utf-8")
    node("node", "import", register)
    first, schema = tmp_path / "first.json", tmp_path / "weighed.json"
    said = node("node", "weights", "-o", first)
    assert (said.code, "birth_year" in said.out) == (0, True)
    assert "황금보" not in first.read_text("utf-8")
    assert "A-0" not in first.read_text("utf-8")
    shared = node("node", "weights", "--json").document["weights"]
    assert shared["records"] == 120
    assert shared["features"]["father"]["filled"] == 0
    made = node("schema", "weigh", "victims", first, first, "--out", schema)
    assert (made.code, node("schema", "validate", schema).code) == (0, 0)
    assert node("schema", "weigh", "victims", first, "--json").document["fields"][0] == "name"
    assert node("schema", "weigh", "victims", schema).code == 3
    assert node("schema", "weigh", "victims", tmp_path / "none.json").code == 4


def test_weights_of_a_small_register_stay(node: Tacit, register: Path, tmp_path: Path) -> None:
    node("node", "import", register)
    assert node("node", "weights", "-o", tmp_path / "weights.json").code == 2
    assert not (tmp_path / "weights.json").exists()
