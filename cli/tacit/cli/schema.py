"""`tacit schema`: make linkage schemas from files and look into existing ones."""

import json
from pathlib import Path

import click

from tacit.cli.command import Group
from tacit.cli.files import read_schema, read_schema_bytes, read_tables
from tacit.cli.options import ANY_PATH, EXISTING_FILE, write_new
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.infer import infer_schema
from tacit.linkage.learnt_weights import weigh_schema
from tacit.linkage.schema import Feature, LinkageSchema, parse_schema, validate_schema
from tacit.linkage.weights_file import read_weights


@click.group(cls=Group)
def schema() -> None:
    """Infer, weigh and validate linkage schemas (clkhash version 3 with Tacit's extension)."""


@schema.command()
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE, metavar="FILE...")
@click.option("-o", "--out", "target", type=ANY_PATH, help="File to write; else standard output.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Column to leave out; repeatable.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.pass_obj
def infer(
    out: Output, files: tuple[Path, ...], target: Path | None, ignore: tuple[str, ...], force: bool
) -> None:
    """Write a schema from the column names and values of CSV or XLSX files."""
    with out.progress("Reading files") as advance:
        tables = read_tables(files, advance)
    text = json.dumps(json.loads(infer_schema(tables, ignore=ignore)), ensure_ascii=False, indent=2)
    found = parse_schema(text)
    if target is not None:
        write_new(target, text + "\n", force=force)
        out.say("Wrote {path}.", path=target)
        out.table("Features", *_features(found))
    elif not out.json:
        click.echo(text)
    out.document({"file": target, "fields": found.sources, "schema": json.loads(text)})


@schema.command()
@click.argument("schema_file", metavar="SCHEMA")
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE, metavar="WEIGHTS...")
@click.option("-o", "--out", "target", type=ANY_PATH, help="File to write; else standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.pass_obj
def weigh(
    out: Output, schema_file: str, files: tuple[Path, ...], target: Path | None, force: bool
) -> None:
    """Give a schema the weights that its members learnt with `tacit node weights`.

    SCHEMA is the file by which they all learnt, or `victims`; WEIGHTS are their files.
    """
    before = read_schema(schema_file)
    shared = [read_weights(read_schema_bytes(file), file.name) for file in files]
    text = weigh_schema(before, shared)
    found = parse_schema(text)
    if target is not None:
        write_new(target, text, force=force)
        out.say("Wrote {path}.", path=target)
        out.table("Features", *_features(found))
    elif not out.json:
        click.echo(text, nl=False)
    out.document({"file": target, "fields": found.sources, "schema": json.loads(text)})


@schema.command()
@click.argument("file", type=EXISTING_FILE)
@click.pass_obj
def validate(out: Output, file: Path) -> None:
    """Say whether a schema can be used, and what is wrong or doubtful about it."""
    report = validate_schema(read_schema_bytes(file))
    problems = [finding.sentence(out.language) for finding in report.problems]
    warnings = [finding.sentence(out.language) for finding in report.warnings]
    if report.schema is None:
        # The Korean forms are whole sentences with a full stop.
        joint = " " if out.language == "ko" else "; "
        raise TacitError(Code.BAD_SCHEMA, problem=joint.join(problems))
    out.document(
        {
            "valid": True,
            "warnings": warnings,
            "hash": report.schema.hash,
            "length": report.schema.length,
            "fields": report.schema.sources,
            "features": report.schema.features,
        }
    )
    out.say(
        "{file} is valid: {n} bits, SHA-256 {hash}.",
        file=file,
        n=report.schema.length,
        hash=report.schema.hash.hex(),
    )
    out.table("Features", *_features(report.schema))
    for warning in warnings:
        out.warn("Warning: {problem}", problem=warning)


def _features(found: LinkageSchema) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    columns = ("Feature", "Register field", "Normaliser", "Bits")
    rows: list[tuple[object, ...]] = [
        (f.identifier, _sources(f), f.normaliser, round(f.bits)) for f in found.features
    ]
    return columns, rows


def _sources(feature: Feature) -> str:
    return ", ".join(" + ".join(reading) for reading in feature.readings)
