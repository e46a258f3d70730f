"""`tacit check`: is this victim documented elsewhere, and does anyone object to publication?"""

from collections.abc import Mapping
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.export import write_csv
from tacit.cli.mapped import mapping_for
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, EXISTING_FILE, node_options, project_option, refuse_existing
from tacit.cli.output import Output
from tacit.linkage.agreement import parse_agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.check import CheckedRow, CheckReport
from tacit.node.check import check as ask_check
from tacit.node.check_rows import CheckRow, Withheld, check_row, count_withheld
from tacit.node.context import find_project
from tacit.node.register.reading import RowReader
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import Problems
from tacit.node.store.base import Store
from tacit.node.times import today

_COLUMNS = ("row", "record", "member", "objects", "score", "not_asked")


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

    Rows whose own consent has expired or does not cover checks are not asked about.

    The records are encoded here; the coordinator compares the encodings and forgets them. The
    check is counted against the budget and entered in the ledger, and holders are told.
    """
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store:
        rows = _read(out, store, wanted, file, mapping)
        report = _ask(out, store, wanted, rows, file.name)
    if target is not None:
        write_csv(target, _COLUMNS, _csv_rows(report), force=force)
    out.document(report)
    _show(out, report)
    if target is not None:
        out.say("Wrote {path}.", path=target)


def _read(
    out: Output, store: Store, wanted: str | None, file: Path, mapping: Path | None
) -> list[CheckRow]:
    agreement, day = parse_agreement(find_project(store, wanted).agreement), today()
    fields = fields_of(parse_schema(agreement.schema))
    source, problems = open_source(file), Problems()
    reader = RowReader(
        source.name,
        source.header,
        mapping_for(out, source, fields, mapping),
        fields,
        day,
    )
    rows = []
    for row in source.rows(problems):
        read = reader.read(row)
        if isinstance(read, list):
            for problem in read:
                problems.add(problem)
        else:
            rows.append(check_row(read, agreement, day))
    problems.raise_if_any()
    return rows


def _ask(
    out: Output, store: Store, wanted: str | None, rows: list[CheckRow], source: str
) -> CheckReport:
    try:
        with out.progress("Checking") as advance:
            return ask_check(store, wanted, rows, advance, source=source)
    except TacitError as error:
        if error.code is Code.BATCH_TOO_SMALL:
            # The file may well have been large enough.
            for sentence in _withheld(out, count_withheld(row.withheld for row in rows)):
                out.warn("- {sentence}", sentence=sentence)
        raise


def _withheld(out: Output, withheld: Mapping[Withheld, int]) -> list[str]:
    return [
        out.text("Not asked about, {reason}: {n}.", n=n, reason=out.text(reason.value))
        for reason, n in withheld.items()
    ]


def _show(out: Output, report: CheckReport) -> None:
    out.say(
        "{asked} records asked about: {held} are documented elsewhere, {objected} of them under"
        " objection to publication.",
        asked=report.asked,
        held=report.held,
        objected=report.objected,
    )
    for sentence in _withheld(out, report.withheld):
        out.say("- {sentence}", sentence=sentence)
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
            (checked.row + 1, checked.label, h.member, "yes" if h.objects else "no", h.score, "")
            for h in checked.holders
        ] or [(checked.row + 1, checked.label, "", "", "", checked.withheld or "")]
    return rows
