"""Every direct dependency is named with licence and reason, and none is copyleft, however deep."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def name_of(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def requirements(name: str) -> list[str]:
    found = [Requirement(text) for text in distribution(name).requires or []]
    return [name_of(r.name) for r in found if r.marker is None or r.marker.evaluate({"extra": ""})]


def test_direct_dependencies_are_explained() -> None:
    page = (ROOT / "docs/dependencies.md").read_text("utf-8")
    rows = {
        row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:4]]
        for row in page.splitlines()
        if row.startswith("| ") and not row.startswith(("| name", "| ---"))
    }
    assert sorted(rows) == sorted(set(requirements("tacit")))
    assert all(licence and why for licence, why in rows.values())


def test_no_dependency_is_copyleft() -> None:
    seen: set[str] = set()
    waiting = ["tacit"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            metadata = distribution(name).metadata
        except PackageNotFoundError:
            continue
        stated = [
            *(metadata.get_all("License-Expression") or []),
            *(text.split("\n")[0] for text in metadata.get_all("License") or []),
            *(c for c in metadata.get_all("Classifier") or [] if c.startswith("License")),
        ]
        assert not re.search(r"\bA?L?GPL|General Public", " ".join(stated)), name
        waiting += requirements(name)
    assert len(seen) > 30
