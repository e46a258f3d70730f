"""`tacit synth` writes what the other commands read."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tacit = Callable[..., Any]


def truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_story_is_written(tacit: Tacit, tmp_path: Path) -> None:
    folder = tmp_path / "coalition"
    ran = tacit("synth", folder, "--scenario", "story", "--records", 200, "--json")
    assert ran.code == 0
    assert [(r["member"], r["register"], r["records"]) for r in ran.document["registers"]] == [
        ("Petition group", str(folder / "petition" / "register.xlsx"), 200),
        ("Database centre", str(folder / "centre" / "register.csv"), 200),
        ("Public archive", str(folder / "archive" / "register.csv"), 200),
    ]
    assert ran.document["publication"] == str(folder / "archive" / "to-publish.csv")
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "archive/mapping.toml",
        "archive/register.csv",
        "archive/to-publish.csv",
        "centre/mapping.toml",
        "centre/register.csv",
        "petition/mapping.toml",
        "petition/register.xlsx",
        "schema.json",
        "truth.csv",
    ]
    rows = truth(folder)
    assert len(rows) == 600
    # 600 records, and of 200 6 per cent in three registers, 14 + 10 + 15 in two.
    assert len({row["entity"] for row in rows}) == 600 - 2 * 12 - (28 + 20 + 30)
    assert sum(row["published"] == "yes" for row in rows) == 125
    assert {row["objected"] for row in rows} == {row["linkable"] for row in rows} == {"yes", "no"}
    header = (folder / "centre" / "register.csv").read_text("utf-8").splitlines()[0]
    assert "entity" not in header


def test_even_members_for_people(tacit: Tacit, tmp_path: Path) -> None:
    words = ("--members", 7, "--records", 60, "--overlap", 0.5, "--duplicates", 0.1)
    ran = tacit("synth", tmp_path / "made", *words, "--noise", "dirty")
    assert ran.code == 0
    assert "Member 7" in ran.out
    assert "csv, cp949" in ran.out
    people = [row["entity"] for row in truth(tmp_path / "made") if row["member"] == "member7"]
    assert (len(people), len(set(people))) == (60, 54)


def test_files_are_overwritten_only_if_asked(tacit: Tacit, tmp_path: Path) -> None:
    folder = tmp_path / "coalition"
    assert tacit("synth", folder, "--records", 50).code == 0
    ran = tacit("synth", folder, "--records", 60, "--json")
    assert ran.document["error"]["code"] == "EXISTS"
    assert len(truth(folder)) == 150
    assert tacit("synth", folder, "--records", 60, "--force").code == 0
    assert len(truth(folder)) == 180


@pytest.mark.parametrize(
    "words",
    [
        ("--scenario", "story", "--members", 2),
        ("--scenario", "story", "--records", 100),
        ("--scenario", "story", "--overlap", 0.5),
        ("--overlap", 2),
        ("--members", 31),
        ("--members", 1),
        ("--noise", "filthy"),
    ],
)
def test_what_cannot_be_made_is_refused_before_a_folder_is(
    tacit: Tacit, tmp_path: Path, words: tuple[object, ...]
) -> None:
    ran = tacit("synth", tmp_path / "coalition", *words, "--json")
    assert ran.document["error"]["code"] == "USAGE"
    assert not (tmp_path / "coalition").exists()


def test_the_same_seed_writes_the_same_values(tacit: Tacit, tmp_path: Path) -> None:
    for name in ("one", "other"):
        words = ("--members", 5, "--records", 30)
        assert tacit("synth", tmp_path / name, *words, "--seed", 9).code == 0
    for path in (tmp_path / "one").rglob("*.*"):
        if path.suffix != ".xlsx":
            assert (
                path.read_bytes()
                == (tmp_path / "other" / path.relative_to(tmp_path / "one")).read_bytes()
            )
