"""`tacit synth`: write a synthetic coalition to files, with the truth apart."""

import csv
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
from tacit.linkage.synthesis.records import Coalition, Register
from tacit.linkage.synthesis.story import tell_story
from tacit.node.formulas import escape_cell

TRUTH_COLUMNS = ("member", "record_id", "entity", "objected", "linkable", "published")


@click.command(cls=Command)
@click.argument("folder", type=ANY_PATH)
@click.option("--members", type=click.IntRange(1, MOST_MEMBERS), default=3, show_default=True,
              help="Organisations.")  # fmt: skip
@click.option("--records", type=click.IntRange(1, MOST_RECORDS), default=2000, show_default=True,
              help="Records of each.")  # fmt: skip
@click.option("--seed", type=int, default=2026, show_default=True,
              help="The same seed makes the same files.")  # fmt: skip
@click.option("--overlap", type=click.FloatRange(0, 1), default=0.3, show_default=True,
              help="Share of each register's people whom others document too.")  # fmt: skip
@click.option("--duplicates", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Share of each register's records that repeat a person.")  # fmt: skip
@click.option("--noise", type=click.Choice(["clean", "dirty", "very-dirty"]), default="clean",
              show_default=True, help="Errors beside other scripts and gaps.")  # fmt: skip
@click.option("--story", is_flag=True,
              help="The demo's case, with 125 records about to be published (3 to 8 members).")  # fmt: skip
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
    overlap: float,
    duplicates: float,
    noise: str,
    story: bool,
    force: bool,
) -> None:
    """Write invented registers, as different as real ones: scripts, columns, encodings, gaps.

    FOLDER gets a folder for each member with its register (CSV or XLSX) and its mapping, the
    schema, and truth.csv, which tells whom each record stands for.
    """
    if story:
        coalition = tell_story(records, seed, members, noise)
    else:
        coalition = synthesise(members, records, seed, overlap, noise=noise, duplicates=duplicates)
    planned = list(_plan(folder, coalition))
    for path in (*(path for path, _ in planned), folder / "truth.csv"):
        refuse_existing(path, force=force)
    for path, content in planned:
        _write(path, content)
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
    out.table(
        "",
        ("Member", "Register", "Records", "Written as"),
        [
            (r.member, f"{r.slug}/{r.file}", len(r.rows), f"{r.form.suffix}, {r.form.encoding}")
            for r in coalition.registers
        ],
    )
    out.say("Wrote {path}.", path=folder)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
