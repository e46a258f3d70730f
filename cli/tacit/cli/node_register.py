"""`tacit node mapping`, `import` and `undo`: records come into the register."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.files import PACKAGED_SCHEMA, read_schema
from tacit.cli.mapped import guess_for, mapping_for
from tacit.cli.node_duplicates import compare, warn_of_duplicates
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, EXISTING_FILE, node_options, write_new
from tacit.cli.output import Output
from tacit.cli.register_schema import remember_schema, remembered_schema
from tacit.node.mapping_guess import write_guess
from tacit.node.register.history import undo_last_import
from tacit.node.register.importing import (
    ImportOptions,
    ImportReport,
    import_register,
)
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import Problem

schema_option = click.option(
    "--schema",
    "schema_file",
    metavar="FILE",
    help="Linkage schema whose fields the register has; else the one given before, else `victims`.",
)


@click.command(cls=Command)
@click.argument("file", type=EXISTING_FILE)
@click.option("-o", "--out", "target", type=ANY_PATH, help="File to write; else standard output.")
@click.option("--schema", "schema_file", metavar="FILE", default=PACKAGED_SCHEMA,
              show_default=True, help="Linkage schema whose fields to map to.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.pass_obj
def mapping(out: Output, file: Path, target: Path | None, schema_file: str, force: bool) -> None:
    """Guess a mapping from a file's columns, for you to correct."""
    source, fields = open_source(file), fields_of(read_schema(schema_file))
    guess = guess_for(source, fields)
    text = write_guess(guess, source.name, fields)
    if target is not None:
        write_new(target, text, force=force)
    out.document({"file": target, "columns": guess.columns, "missing": guess.missing, "toml": text})
    if target is None and not out.json:
        click.echo(text, nl=False)
        return
    out.table(
        "",
        ("Column", "Taken as", "Confidence", "Why"),
        [(g.column, g.role, f"{g.confidence:.0%}", g.reason) for g in guess.columns],
    )
    if target is not None:
        out.say("Wrote {path}.", path=target)
    for role in guess.missing:
        out.warn("No column seems to be {role}.", role=role)


@click.command("import", cls=Command)
@click.argument("file", type=EXISTING_FILE)
@click.option("--mapping", type=EXISTING_FILE,
              help="Mapping from the file's columns; guessed if left out.")  # fmt: skip
@schema_option
@click.option("--sheet", help="Sheet of a workbook; else the first with values.")
@click.option("--encoding", help="Encoding of a CSV file; found out if left out.")
@click.option("--delimiter", help="Delimiter of a CSV file; found out if left out.")
@click.option("--replace", is_flag=True,
              help="The file is the whole register: withdraw records it does not hold.")  # fmt: skip
@click.option("--skip-bad", is_flag=True, help="Leave out rows with problems and report them.")
@node_options
@click.pass_obj
def import_command(
    out: Output,
    /,
    *,
    file: Path,
    mapping: Path | None,
    schema_file: str | None,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    replace: bool,
    skip_bad: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Import records from CSV or XLSX: the whole file, or nothing of it."""
    source = open_source(file, sheet, encoding, delimiter)
    with open_node(out, home, passphrase_file) as store:
        schema = remembered_schema(store, schema_file)
        remember_schema(store, schema)
        fields = fields_of(schema)
        chosen = mapping_for(out, source, fields, mapping)
        with out.progress("Importing") as advance:
            report = import_register(
                store,
                source,
                chosen,
                fields,
                datetime.now(UTC),
                options=ImportOptions(replace=replace, skip_bad=skip_bad),
                progress=lambda rows: advance(rows, 0),
            )
        suspected = len(compare(out, store, schema).groups)
    said = dataclasses.replace(report, problems=tuple(_said(out, p) for p in report.problems))
    out.document({**dataclasses.asdict(said), "suspected_duplicates": suspected})
    _show_import(out, report)
    warn_of_duplicates(out, suspected)


@click.command(cls=Command)
@node_options
@click.pass_obj
def undo(out: Output, home: Path | None, passphrase_file: Path | None) -> None:
    """Put the register back to what it was before the last import."""
    with open_node(out, home, passphrase_file) as store:
        undone = undo_last_import(store, datetime.now(UTC))
    out.document({"import_id": undone.import_id, "file": undone.source})
    out.say("Import {n} of {file} is undone.", n=undone.import_id, file=undone.source)


def _said(out: Output, problem: Problem) -> Problem:
    """Give a problem with its sentence in the chosen language."""
    return dataclasses.replace(problem, sentence=out.words(problem.sentence))


def _show_import(out: Output, report: ImportReport) -> None:
    out.say(
        "{rows} rows of {file}: {new} new, {changed} changed, {unchanged} unchanged,"
        " {withdrawn} withdrawn, {skipped} skipped. The register holds {total} records.",
        rows=report.rows,
        file=report.file,
        new=report.new,
        changed=report.changed,
        unchanged=report.unchanged,
        withdrawn=report.withdrawn,
        skipped=report.skipped,
        total=report.total,
    )
    for dimension, records in report.unrecognised.items():
        out.warn(
            "{n} records have a {dimension} that is in no code list; it counts as other.",
            n=records,
            dimension=out.text(dimension),
        )
    for problem in report.problems:
        out.warn("Skipped: {problem}", problem=problem.say(out.language))
