"""`tacit check`: is this victim documented elsewhere, and does anyone object to publication?"""

from datetime import UTC, datetime
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.export import write_csv
from tacit.cli.mapped import mapping_for
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, EXISTING_FILE, node_options, project_option, refuse_existing
from tacit.cli.output import Output
from tacit.linkage.agreement import parse_agreement
from tacit.linkage.schema import parse_schema
from tacit.node.check import CheckedRow, CheckReport, CheckRow
from tacit.node.check import check as ask_check
from tacit.node.context import find_project
from tacit.node.register.reading import RowReader
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import Problems
from tacit.node.store.base import Store

_COLUMNS = ("row", "record", "member", "objects", "score")


@click.command(cls=Command)
@click.argument("file", type=EXISTING_FILE)
@click.option("--mapping", type=EXISTING_FILE,
              help="Mapping from the file's columns; guessed if left out.")  # fmt: skip
@project_option
@click.option("-o", "--out", "target", type=ANY_PATH, help="Write a CSV file as well.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def check(
    out: Output,
    /,
    *,
    file: Path,
    mapping: Path | None,
    wanted: str | None,
    target: Path | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Ask which records of a file other members document, and who objects to publication.

    The records are encoded here; the coordinator compares the encodings and forgets them. The
    check is counted against the budget and entered in the ledger, and holders are told.
    """
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store:
        rows = _read(out, store, wanted, file, mapping)
        with out.progress("Checking") as advance:
            report = ask_check(store, wanted, rows, advance, source=file.name)
    if target is not None:
        write_csv(target, _COLUMNS, _csv_rows(report), force=force)
    out.document(report)
    _show(out, report)
    if target is not None:
        out.say("Wrote {path}.", path=target)


def _read(
    out: Output, store: Store, wanted: str | None, file: Path, mapping: Path | None
) -> list[CheckRow]:
    agreement = parse_agreement(find_project(store, wanted).agreement)
    fields = fields_of(parse_schema(agreement.schema))
    source, problems = open_source(file), Problems()
    reader = RowReader(
        source.name,
        source.header,
        mapping_for(out, source, fields, mapping),
        fields,
        datetime.now(UTC).date(),
    )
    rows = []
    for row in source.rows(problems):
        read = reader.read(row)
        if isinstance(read, list):
            for problem in read:
                problems.add(problem)
        else:
            rows.append(CheckRow(read.record_id, read.fields))
    problems.raise_if_any()
    return rows


def _show(out: Output, report: CheckReport) -> None:
    out.say(
        "{asked} records asked about: {held} are documented elsewhere, {objected} of them under"
        " objection to publication.",
        asked=len(report.rows),
        held=report.held,
        objected=report.objected,
    )
    rows = sorted((r for r in report.rows if r.holders), key=lambda r: (not r.objected, r.row))
    out.table(
        "",
        ("Record", "Documented by", "Score", "Objects"),
        [row for checked in rows for row in _rows(out, checked)],
    )
    out.say(
        "{left} records are left of the budget; entry {index} of the ledger records this check.",
        left=report.budget_left,
        index=report.ledger_index,
    )


def _rows(out: Output, checked: CheckedRow) -> list[tuple[object, ...]]:
    return [
        (
            checked.label if place == 0 else "",
            holder.member,
            holder.score,
            out.text("objects") if holder.objects else "",
        )
        for place, holder in enumerate(checked.holders)
    ]


def _csv_rows(report: CheckReport) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for checked in report.rows:
        rows += [
            (checked.row + 1, checked.label, h.member, "yes" if h.objects else "no", h.score)
            for h in checked.holders
        ] or [(checked.row + 1, checked.label, "", "", "")]
    return rows
