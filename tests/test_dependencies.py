"""Every direct dependency is used and explained, and none below the wheel is copyleft."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from importlib.metadata import packages_distributions as distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
WHEEL = ("proto", "linkage", "node", "coordinator", "cli")
EVERYTHING = (*WHEEL, "tests", "benchmarks", "scripts")
SECTIONS = {
    "## Of the wheel": "wheel",
    "## Of working on the code": "dev",
    "## Of the accuracy benchmark": "benchmarks",
    "## Of fuzzing": "fuzz",
}
# What no import of ours shows, and what shows it instead: file and text.
USED_OTHERWISE = {
    "anonlink": ("tests/support/solver_pairs.py", "from anonlink.solving import"),
    "setuptools": ("linkage/tacit/linkage/clkhash_import.py", "pkg_resources"),
    "pg8000": ("coordinator/tacit/coordinator/store/engine.py", "postgresql+pg8000"),
    "buf-bin": ("scripts/proto.py", '"buf"'),
    "check-jsonschema": ("Makefile", "check-jsonschema"),
    "hatchling": ("scripts/wheel.py", '"hatchling"'),
    "mypy": ("Makefile", "$(RUN) mypy"),
    "mypy-protobuf": ("scripts/proto.py", '"mypy_grpc"'),
    "pytest-timeout": ("pyproject.toml", "\ntimeout = "),
    "pytest-xdist": ("Makefile", "pytest -n auto"),
    "ruff": ("Makefile", "$(RUN) ruff"),
}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def asked_for() -> dict[str, list[str]]:
    """Name the direct dependencies of the wheel and of working on the code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    texts = {
        "wheel": project["project"]["dependencies"],
        **{kind: project["dependency-groups"][kind] for kind in ("dev", "benchmarks", "fuzz")},
    }
    return {kind: [plain(Requirement(t).name) for t in found] for kind, found in texts.items()}


@cache
def explained() -> dict[str, dict[str, tuple[str, str]]]:
    """Read the page: by section, name to licence and reason."""
    rows: dict[str, dict[str, tuple[str, str]]] = {kind: {} for kind in SECTIONS.values()}
    section = ""
    for line in (ROOT / "docs/dependencies.md").read_text("utf-8").splitlines():
        section = SECTIONS.get(line, section)
        if line.startswith("| ") and not line.startswith(("| name", "| ---")):
            name, licence, why = (cell.strip() for cell in line.split("|")[1:4])
            rows[section][name] = (licence, why)
    return rows


@cache
def imported(roots: tuple[str, ...]) -> set[str]:
    """Name the distributions that the code below these folders imports."""
    owners = distributions()
    found: set[str] = set()
    for path in (p for root in roots for p in (ROOT / root).rglob("*.py")):
        for module in modules(ast.parse(path.read_bytes())):
            # A namespace package (google) has many owners: the whole path tells which it is.
            held = {plain(owner) for owner in owners.get(module.split(".")[0], [])}
            found |= held if len(held) == 1 else {name for name in held if holds(name, module)}
    return found


def modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def holds(name: str, module: str) -> bool:
    inside = module.replace(".", "/")
    return any(str(file).startswith(inside) for file in distribution(name).files or [])


@pytest.mark.parametrize("kind", ["wheel", "dev", "benchmarks", "fuzz"])
def test_direct_dependencies_are_explained(kind: str) -> None:
    rows = explained()[kind]
    assert sorted(rows) == sorted(asked_for()[kind])
    assert all(licence and why for licence, why in rows.values())


def test_direct_dependencies_are_used() -> None:
    # What only the benchmark installs is not there to be looked at.
    roots = {"wheel": WHEEL, "dev": EVERYTHING}
    unused = {
        name
        for kind in roots
        for name in asked_for()[kind]
        # A package of types is used where what it describes is.
        if name.removeprefix("types-") not in imported(roots[kind]) and not used_otherwise(name)
    }
    assert unused == set()


def used_otherwise(name: str) -> bool:
    file, text = USED_OTHERWISE.get(name, ("", ""))
    return bool(file) and text in (ROOT / file).read_text("utf-8")


def test_what_is_imported_is_asked_for() -> None:
    own = {"tacit"}
    assert imported(WHEEL) - own <= set(asked_for()["wheel"])
    # bitarray is what anonlink's own functions take.
    known = {*own, *(name for names in asked_for().values() for name in names), "bitarray"}
    assert imported(EVERYTHING) <= known


@pytest.mark.parametrize("kind", ["wheel", "dev"])
def test_the_licences_are_those_that_the_packages_state(kind: str) -> None:
    for name, (licence, _) in explained()[kind].items():
        for expression in distribution(name).metadata.get_all("License-Expression") or []:
            first = expression.split()[0]
            assert first in licence, name


def test_no_dependency_of_the_wheel_is_copyleft() -> None:
    seen: set[str] = set()
    waiting = [*asked_for()["wheel"]]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:  # of another system
            continue
        assert not re.search(r"\bA?L?GPL|General Public", stated(found.metadata)), name
        below = [Requirement(text) for text in found.requires or []]
        waiting += [
            plain(r.name) for r in below if r.marker is None or r.marker.evaluate({"extra": ""})
        ]
    assert len(seen) > 30


def stated(metadata: PackageMetadata) -> str:
    """Join what a package says of its licence, whole licence texts left out."""
    return " ".join(
        [
            *(metadata.get_all("License-Expression") or []),
            *(text.split("\n")[0] for text in metadata.get_all("License") or []),
            *(c for c in metadata.get_all("Classifier") or [] if c.startswith("License")),
        ]
    )
