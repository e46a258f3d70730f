"""The documents say what the commands do, and the commands do what the documents say."""

import ast
import re
import shlex
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from tacit.cli.failures import EXIT_MEANINGS
from tacit.cli.korean import KOREAN
from tacit.cli.main import cli
from tacit.linkage.errors import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SAYING = {"say", "note", "warn", "text", "progress"}


def sources() -> Iterator[Path]:
    for part in ("cli", "node", "coordinator", "linkage"):
        yield from (ROOT / part).rglob("*.py")


def shell_lines(text: str) -> Iterator[str]:
    """Give the commands of a page's fenced shell blocks, continuation lines joined."""
    for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", text, re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()


def tacit_words(line: str) -> Iterator[list[str]]:
    """Give the words after each `tacit` of a shell line."""
    line = line.removeprefix("$ ").split(" #")[0]
    for piece in re.split(r"\||&&|;|\bthen\b", line):
        words = shlex.split(piece.split(" < ")[0].split(" > ")[0])
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words[:2] == ["docker", "compose"] and "tacit" in words:
            words = words[words.index("tacit") :]
        if words[:4] == ["docker", "compose", "run", "--rm"]:
            words = ["tacit", *words[5:]]  # the image's entry point is `tacit`
        if words and words[0] == "tacit":
            yield words[1:]


def written_commands() -> list[Any]:
    found = []
    for page in PAGES:
        for line in shell_lines(page.read_text("utf-8")):
            found += [
                pytest.param(w, id=f"{page.name}: {shlex.join(w)}") for w in tacit_words(line)
            ]
    for name, words in compose_commands():
        found.append(pytest.param(words, id=f"compose {name}: {shlex.join(words)}"))
    return found


def compose_file() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(
        (ROOT / "docker-compose.yml").read_text("utf-8")
    )
    return document


def compose_commands() -> Iterator[tuple[str, list[str]]]:
    for name, service in compose_file()["services"].items():
        if name == "database":
            continue
        yield name, [str(word) for word in service["command"]]
        check = service.get("healthcheck", {}).get("test", ["CMD", "tacit", "errors"])
        assert check[:2] == ["CMD", "tacit"], f"{name}: the health check is the real command"
        yield f"{name} health", check[2:]


def parse(words: list[str]) -> None:
    """Parse a command line against the real commands, without doing anything."""
    command: click.Command = cli
    context = click.Context(cli, info_name="tacit")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, words = words[0], words[1:]
        below = command.get_command(context, name)
        assert below is not None, f"there is no command {name}"
        command = below
        context = click.Context(command, parent=context, info_name=name)
    if not isinstance(command, click.Group):
        command.make_context(context.info_name, list(words), parent=context.parent)


@pytest.mark.parametrize("words", written_commands())
def test_written_commands_are_real(words: list[str]) -> None:
    if not {"--help", "--version"} & set(words):
        parse(words)


def test_a_wrong_command_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        parse(["node", "status", "--no-such-option"])


def test_help_page_is_current() -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts/clidoc.py"), "--check"], check=True)


def test_every_error_and_exit_code_is_documented() -> None:
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    missing = [code.value for code in CATALOGUE if f"`{code}`" not in page]
    missing += [str(n) for n in EXIT_MEANINGS if not re.search(rf"^\| {n} \|", page, re.MULTILINE)]
    assert missing == []
    assert {entry.exit_code for entry in CATALOGUE.values()} <= set(EXIT_MEANINGS)


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    named = {
        name
        for path in sources()
        for name in re.findall(r"\bTACIT_[A-Z_]+[A-Z]", path.read_text("utf-8"))
    }
    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def said() -> Iterator[tuple[Path, str]]:
    """Give every literal that the command line says or heads a table with."""
    for path in (ROOT / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            arguments: list[ast.AST] = list(node.args[:1]) if node.func.attr in SAYING else []
            if node.func.attr == "table":
                arguments = [a for argument in node.args[:2] for a in ast.walk(argument)]
            for argument in arguments:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield path, argument.value


def test_everything_said_has_a_korean_form() -> None:
    missing = sorted({text for _, text in said() if text and text not in KOREAN})
    missing += [meaning for meaning in EXIT_MEANINGS.values() if meaning not in KOREAN]
    assert missing == []


@pytest.mark.parametrize("english", list(KOREAN))
def test_korean_has_the_same_places(english: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert places(KOREAN[english]) == places(english)
