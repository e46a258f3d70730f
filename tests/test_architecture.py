"""Who may import whom, and how the source is laid out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
ROOTS = {
    "v1": REPOSITORY / "proto",
    "linkage": REPOSITORY / "linkage",
    "node": REPOSITORY / "node",
    "coordinator": REPOSITORY / "coordinator",
    "cli": REPOSITORY / "cli",
}
MAY_IMPORT = {
    "v1": {"v1"},
    "linkage": {"linkage"},
    "node": {"node", "linkage", "v1"},
    "coordinator": {"coordinator", "linkage", "v1"},
    "cli": {"cli", "node", "coordinator", "linkage", "v1"},
}
# linkage is pure: no network, no database, no clock, no processes of its own making.
IMPURE = {
    "alembic",
    "asyncio",
    "ftplib",
    "grpc",
    "http",
    "multiprocessing",
    "pg8000",
    "requests",
    "socket",
    "sqlalchemy",
    "sqlcipher3",
    "sqlite3",
    "ssl",
    "subprocess",
    "urllib",
}
CLOCK = {"now", "today", "utcnow"}
LONGEST = 300
# A migration is history: what ran on somebody's database is never edited again, nor split.
HISTORY = "tacit/coordinator/store/migrations/versions"


def modules(part: str) -> list[Path]:
    """List the written (not generated) modules of one part."""
    found = sorted((ROOTS[part] / "tacit").rglob("*.py"))
    return [path for path in found if "_pb2" not in path.name]


def imports(tree: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give every imported dotted name, also those of `import_module("...")` with a literal."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield tuple(alias.name.split("."))
            case ast.ImportFrom():
                base = package[: len(package) - node.level + 1] if node.level else ()
                start = base + tuple((node.module or "").split(".") if node.module else ())
                for alias in node.names:
                    yield (*start, alias.name)
            case ast.Call(
                func=ast.Attribute(attr="import_module")
                | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield tuple(name.split("."))
            case _:
                pass


def names_of(path: Path, part: str) -> list[tuple[str, ...]]:
    package = path.relative_to(ROOTS[part]).parent.parts
    return list(imports(ast.parse(path.read_bytes()), package))


def breaches(names: list[tuple[str, ...]], part: str) -> list[str]:
    """Say which of the names, if they are ours, `part` must not import."""
    ours = [name for name in names if name[0] == "tacit"]
    return [".".join(name) for name in ours if not MAY_IMPORT[part].intersection(name[1:2])]


@pytest.mark.parametrize("part", ROOTS)
def test_who_may_import_whom(part: str) -> None:
    found = modules(part)
    assert found or part == "v1", f"no modules under {ROOTS[part]}"
    wrong = {
        str(path.relative_to(REPOSITORY)): breaches(names_of(path, part), part) for path in found
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_linkage_is_pure() -> None:
    wrong = {
        (path.name, name[0])
        for path in modules("linkage")
        for name in names_of(path, "linkage")
        if name[0] in IMPURE
    }
    assert wrong == set()


def test_linkage_reads_no_clock() -> None:
    wrong = {
        (path.name, node.attr)
        for path in modules("linkage")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute) and node.attr in CLOCK
    }
    assert wrong == set()


@pytest.mark.parametrize("part", ROOTS)
def test_tacit_is_a_namespace_package(part: str) -> None:
    assert (ROOTS[part] / "tacit").is_dir()
    assert not (ROOTS[part] / "tacit" / "__init__.py").exists()
    assert not (ROOTS[part] / "__init__.py").exists()


@pytest.mark.parametrize("part", ROOTS)
def test_every_part_has_its_own_folder(part: str) -> None:
    inside = {path.name for path in (ROOTS[part] / "tacit").iterdir() if path.name != "__pycache__"}
    assert inside == {part}


@pytest.mark.parametrize("part", ROOTS)
def test_modules_stay_short(part: str) -> None:
    lengths = {
        str(path.relative_to(REPOSITORY)): len(path.read_bytes().splitlines())
        for path in modules(part)
        if HISTORY not in path.as_posix()
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize(
    ("part", "source", "wrong"),
    [
        ("linkage", "import tacit.node.keys", ["tacit.node.keys"]),
        ("linkage", "from tacit import node", ["tacit.node"]),
        ("linkage", "from tacit.v1 import runs_pb2", ["tacit.v1.runs_pb2"]),
        ("linkage", "import tacit", ["tacit"]),
        (
            "node",
            "def f():\n    from tacit.coordinator.server import x",
            ["tacit.coordinator.server.x"],
        ),
        (
            "coordinator",
            "from importlib import import_module\nimport_module('tacit.node')",
            ["tacit.node"],
        ),
        ("coordinator", "from ...node import keys", ["tacit.node.keys"]),
        ("node", "from tacit.linkage import merkle\nfrom . import keys\nimport json", []),
        ("cli", "import tacit.node.keys, tacit.coordinator.server", []),
    ],
)
def test_this_test_sees_breaches(part: str, source: str, wrong: list[str]) -> None:
    names = list(imports(ast.parse(source), ("tacit", part, "inner")))
    assert breaches(names, part) == wrong
