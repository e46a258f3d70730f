"""Read registers and schemas that a command is given as files."""

from collections.abc import Sequence
from importlib.resources import files as package_files
from pathlib import Path

from tacit.cli.output import Advance
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import Problems

PACKAGED_SCHEMA = "victims"


def read_table(path: Path) -> dict[str, list[str]]:
    """Read a CSV or XLSX file whole: column name to values, in row order.

    Raises:
        TacitError: BAD_INPUT, naming file, row and field, never a value.
    """
    source, problems = open_source(path), Problems()
    rows = [row.values for row in source.rows(problems)]
    problems.raise_if_any()
    return {
        name: [values[position] for values in rows] for position, name in enumerate(source.header)
    }


def read_tables(paths: Sequence[Path], advance: Advance) -> list[dict[str, list[str]]]:
    """Read several files, telling `advance` after each.

    Raises:
        TacitError: BAD_INPUT.
    """
    tables = []
    for done, path in enumerate(paths, start=1):
        tables.append(read_table(path))
        advance(done, len(paths))
    return tables


def read_schema_bytes(name: str | Path) -> bytes:
    """Read a schema file, or the packaged schema where `name` is "victims".

    Raises:
        TacitError: NOT_FOUND or BAD_INPUT.
    """
    if str(name) == PACKAGED_SCHEMA:
        return (package_files("tacit.linkage") / "schemas" / "victims.json").read_bytes()
    try:
        return Path(name).read_bytes()
    except FileNotFoundError as error:
        raise TacitError(Code.NOT_FOUND, what=f"file '{name}'") from error
    except (OSError, ValueError) as error:
        raise TacitError(Code.BAD_INPUT, where=str(name), problem="it cannot be read") from error


def read_schema(name: str | Path) -> LinkageSchema:
    """Read and parse a schema.

    Raises:
        TacitError: NOT_FOUND, BAD_INPUT or BAD_SCHEMA.
    """
    return parse_schema(read_schema_bytes(name))
