"""The keys and the honesty of `tacit evaluate`."""

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tacit = Callable[..., Any]
SYLLABLES = ["ka", "mi", "lo", "ten", "su", "ra", "ver", "dil", "pon", "gar", "he", "zu"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two files of 120 persons each, 60 of them in both, some with a typing error."""
    draw = random.Random(5)
    people = [
        (
            "".join(draw.choices(SYLLABLES, k=5)),
            f"19{draw.randint(20, 99)}-0{draw.randint(1, 9)}-1{n % 9}",
        )
        for n in range(180)
    ]
    paths = (tmp_path / "a.csv", tmp_path / "b.csv")
    for start, path in zip((0, 60), paths, strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "born", "person", "tag"])
            for n in range(start, start + 120):
                name, born = people[n]
                typo = name[:-1] if start and n % 5 == 0 else name
                writer.writerow([typo, born, f"p{n}", f"p{n}-{start}"])
    return paths


def test_keys_are_exactly_those_promised(tacit: Tacit, files: tuple[Path, Path]) -> None:
    document = tacit("evaluate", *files, "--entity", "person", "--json").document
    assert set(document) == {"records", "true_pairs", "auto", "best", "estimated", "seconds"}
    for part in ("auto", "best"):
        assert set(document[part]) == {"threshold", "precision", "recall", "f1"}
    assert set(document["estimated"]) == {"precision", "recall"}
    assert set(document["seconds"]) == {"encode", "compare", "solve"}
    assert (document["records"], document["true_pairs"]) == (240, 60)
    assert document["best"]["f1"] > 0.9


def test_truth_in_the_schema_is_left_out_and_said(
    tacit: Tacit, files: tuple[Path, Path], tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    assert tacit("schema", "infer", *files, "-o", schema).code == 0
    words = ("evaluate", *files, "--schema", schema, "--entity", "person", "--json")
    ran = tacit(*words)
    assert ran.document["true_pairs"] == 60
    if '"person"' in schema.read_text("utf-8"):
        assert "person" in ran.err


def test_part_of_a_column_can_be_the_truth(tacit: Tacit, files: tuple[Path, Path]) -> None:
    words = ("evaluate", *files, "--entity", "tag", "--entity-pattern", r"(p\d+)-", "--json")
    assert tacit(*words).document["true_pairs"] == 60


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--entity", "nobody"], 3),
        (["--entity", "tag", "--entity-pattern", "("], 2),
        (["--entity", "tag", "--entity-pattern", "p"], 2),
        (["--entity", "person", "--schema", "none.json"], 4),
    ],
)
def test_wrong_words(tacit: Tacit, files: tuple[Path, Path], words: list[str], code: int) -> None:
    assert tacit("evaluate", *files, *words).code == code


def test_one_file_is_too_few(tacit: Tacit, files: tuple[Path, Path]) -> None:
    assert tacit("evaluate", files[0], "--entity", "person").code == 2


def test_table_for_people(tacit: Tacit, files: tuple[Path, Path]) -> None:
    assert "재현율" in tacit("evaluate", *files, "--entity", "person", "--lang", "ko").out
