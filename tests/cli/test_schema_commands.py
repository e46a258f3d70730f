import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tacit = Callable[..., Any]


def people(path: Path) -> Path:
    rows = "".join(f"Person{n} Name{n % 7},19{n:02}-03-{n % 28 + 1:02}\n" for n in range(10, 60))
    path.write_text("name,birth_date\n" + rows, "utf-8")
    return path


def test_infer_and_validate(tacit: Tacit, tmp_path: Path) -> None:
    one, two = people(tmp_path / "a.csv"), people(tmp_path / "b.csv")
    target = tmp_path / "schema.json"
    document = tacit("schema", "infer", one, two, "-o", target, "--json").document
    assert set(document["fields"]) == {"name", "birth_date"}
    assert json.loads(target.read_text("utf-8")) == document["schema"]
    assert tacit("schema", "infer", one, "-o", target).code == 5
    assert tacit("schema", "infer", one, "-o", target, "--force").code == 0
    printed = json.loads(tacit("schema", "infer", one, two).out)
    assert printed == document["schema"]
    report = tacit("schema", "validate", target, "--json").document
    assert report["valid"] is True
    assert report["length"] == 1024


def test_ignored_columns_stay_out(tacit: Tacit, tmp_path: Path) -> None:
    words = ("schema", "infer", people(tmp_path / "a.csv"), "--ignore", "birth_date", "--json")
    assert tacit(*words).document["fields"] == ["name"]


def test_packaged_schema_is_valid(tacit: Tacit) -> None:
    assert "name" in tacit("schema", "validate", "victims", "--json").document["fields"]


def test_problems_are_told(tacit: Tacit, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    for text, code in (("{", 3), ('{"version": 2}', 3), ("", 3)):
        path.write_text(text, "utf-8")
        assert tacit("schema", "validate", path).code == code
    assert tacit("schema", "validate", tmp_path / "none.json").code == 4
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert tacit("schema", "infer", empty).code == 3
