"""`tacit synth`: write a synthetic coalition to files, with the truth apart."""

import csv
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files as package_files
from io import StringIO
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.export import write_csv
from tacit.cli.options import ANY_PATH, refuse_existing
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.synthesis.coalition import MOST_MEMBERS, MOST_RECORDS, synthesise
from tacit.linkage.synthesis.noise import Level
from tacit.linkage.synthesis.records import Coalition, Register
from tacit.linkage.synthesis.story import tell_story
from tacit.node.formulas import escape_cell

DEFAULT_OVERLAP = 0.3
TRUTH_COLUMNS = ("member", "record_id", "entity", "objected", "linkable", "published")


@click.command(cls=Command)
@click.argument("folder", type=ANY_PATH)
@click.option("--members", type=click.IntRange(1, MOST_MEMBERS), default=3, show_default=True,
              help="Organisations.")  # fmt: skip
@click.option("--records", type=click.IntRange(1, MOST_RECORDS), default=2000, show_default=True,
              help="Records of each.")  # fmt: skip
@click.option("--seed", type=int, default=2026, show_default=True,
              help="The same seed makes the same files.")  # fmt: skip
@click.option("--overlap", type=click.FloatRange(0, 1),
              help=f"Share of each register's people whom others document too [{DEFAULT_OVERLAP}].")  # fmt: skip
@click.option("--duplicates", type=click.FloatRange(0, 1),
              help="Share of each register's records that repeat a person [0].")  # fmt: skip
@click.option("--noise", type=click.Choice(["clean", "dirty", "very-dirty"]), default="clean",
              show_default=True, help="Errors beside other scripts and gaps.")  # fmt: skip
@click.option("--scenario", type=click.Choice(["even", "story"]), default="even",
              show_default=True,
              help="Members all alike, or the demo's case of 125 records about to be published.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files.")
@click.pass_obj
def synth(
    out: Output,
    /,
    *,
    folder: Path,
    members: int,
    records: int,
    seed: int,
    overlap: float | None,
    duplicates: float | None,
    noise: Level,
    scenario: str,
    force: bool,
) -> None:
    """Write invented registers, as different as real ones: scripts, columns, encodings, gaps.

    FOLDER gets a folder for each member with its register (CSV or XLSX) and its mapping, the
    schema, and truth.csv, which tells whom each record stands for.
    """
    if scenario == "even":
        share = DEFAULT_OVERLAP if overlap is None else overlap
        coalition = synthesise(
            members, records, seed, share, noise=noise, duplicates=duplicates or 0.0
        )
    elif overlap is None and duplicates is None:
        coalition = tell_story(records, seed, members, noise)
    else:
        problem = out.text("The story has shares of its own; choose --scenario even.")
        raise click.UsageError(problem)
    planned = list(_plan(folder, coalition))
    for path in (*(path for path, _ in planned), folder / "truth.csv"):
        refuse_existing(path, force=force)
    with out.progress("Writing registers") as advance:
        for done, (path, content) in enumerate(planned, start=1):
            _write(path, content)
            advance(done, len(planned))
    rows = [
        (t.slug, t.record_id, t.entity, _yes(t.objected), _yes(t.linkable), _yes(t.published))
        for t in coalition.truth
    ]
    write_csv(folder / "truth.csv", TRUTH_COLUMNS, rows, force=force)
    _tell(out, folder, coalition)


def _plan(folder: Path, coalition: Coalition) -> Iterator[tuple[Path, bytes | Register]]:
    """Give every file but the truth, with its content."""
    schema = package_files("tacit.linkage") / "schemas" / "victims.json"
    yield folder / "schema.json", schema.read_bytes()
    for register in coalition.registers:
        yield folder / register.slug / register.file, register
        yield folder / register.slug / "mapping.toml", register.mapping.encode()
    if coalition.publication is not None:
        yield (
            folder / coalition.publication.slug / coalition.publication.file,
            coalition.publication,
        )


def _write(path: Path, content: bytes | Register) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.form.suffix == "xlsx":
            _write_workbook(path, content)
        else:
            path.write_bytes(_delimited(content))
    except OSError as error:
        raise TacitError(Code.BAD_INPUT, where=str(path), problem="it cannot be written") from error


def _delimited(register: Register) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=register.form.delimiter)
    writer.writerow(register.header)
    writer.writerows([escape_cell(value) for value in row] for row in register.rows)
    return text.getvalue().encode(register.form.encoding)


def _write_workbook(path: Path, register: Register) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 (slow to load, and not every coalition has one)

    book = Workbook(write_only=True)
    sheet = book.create_sheet("records")
    sheet.append(register.header)
    for row in register.rows:
        sheet.append([escape_cell(value) for value in row])
    book.save(path)


def _tell(out: Output, folder: Path, coalition: Coalition) -> None:
    registers = [
        {
            "member": register.member,
            "folder": register.slug,
            "register": str(folder / register.slug / register.file),
            "mapping": str(folder / register.slug / "mapping.toml"),
            "records": len(register.rows),
        }
        for register in coalition.registers
    ]
    publication = coalition.publication
    out.document(
        {
            "folder": folder,
            "schema": folder / "schema.json",
            "truth": folder / "truth.csv",
            "registers": registers,
            "publication": publication and folder / publication.slug / publication.file,
        }
    )
    persons = Counter(entity for entity, _ in {(t.entity, t.slug) for t in coalition.truth})
    out.table(
        "Invented registers",
        ("Member", "File", "Records", "Written as", "Shared with others"),
        [
            (
                r.member,
                f"{r.slug}/{r.file}",
                len(r.rows),
                f"{r.form.suffix}, {r.form.encoding}" if r.form.suffix == "csv" else r.form.suffix,
                sum(persons[t.entity] > 1 for t in coalition.truth if t.slug == r.slug),
            )
            for r in coalition.registers
        ],
    )
    out.say("Wrote {path}.", path=folder)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
