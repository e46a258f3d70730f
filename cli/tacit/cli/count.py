"""`tacit count`: distinct victims, under disclosure control."""

from collections.abc import Iterator
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.export import write_csv
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, node_options, project_option, refuse_existing
from tacit.cli.output import Output
from tacit.linkage.codes import label
from tacit.node.counts import CountReport
from tacit.node.counts import count as ask_count

_COLUMNS = ("table", "key", "count")


@click.command(cls=Command)
@project_option
@click.option("--by", multiple=True, metavar="DIMENSION",
              help="Stratum to break down by; repeatable, all of the agreement's if left out.")  # fmt: skip
@click.option("-o", "--out", "target", type=ANY_PATH, help="Write a CSV file as well.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def count(
    out: Output,
    /,
    *,
    wanted: str | None,
    by: tuple[str, ...],
    target: Path | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Count the distinct victims that the members document together."""
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store:
        report = ask_count(store, wanted, by)
    if target is not None:
        write_csv(target, _COLUMNS, _csv_rows(report), force=force)
    out.document(report)
    show(out, report)
    if target is not None:
        out.say("Wrote {path}.", path=target)


def show(out: Output, report: CountReport) -> None:
    """Show a released count as tables."""
    out.say(
        "Distinct victims: {distinct}, from {records} records. A star stands for a count that is suppressed: below {minimum}, or telling one that is.",
        distinct=number(report.distinct),
        records=number(report.records),
        minimum=report.minimum_cell,
    )
    out.table(
        "Documented by exactly these members",
        ("Members", "Victims"),
        [(" + ".join(row.members), number(row.count)) for row in report.overlap],
    )
    out.table(
        "Documented by each member",
        ("Member", "Victims"),
        [(row.key, number(row.count)) for row in report.members],
    )
    for table in report.tables:
        out.say("By {dimension} (rows of 0 left out)", dimension=out.text(table.dimension))
        out.table(
            "",
            ("Value", "Victims"),
            [
                (label(table.dimension, row.key, out.language), number(row.count))
                for row in table.rows
                if row.count != 0
            ],
        )
    out.say("Entry {index} of the ledger records this release.", index=report.ledger_index)


def number(count: int | None) -> str:
    """Write a count; a suppressed one as a star."""
    return f"{count:,}" if count is not None else "*"


def _csv_rows(report: CountReport) -> Iterator[tuple[str, str, object]]:
    yield "all", "distinct", _value(report.distinct)
    yield "all", "records", _value(report.records)
    for row in report.members:
        yield "member", row.key, _value(row.count)
    for overlap in report.overlap:
        yield "overlap", " + ".join(overlap.members), _value(overlap.count)
    for table in report.tables:
        for row in table.rows:
            yield table.dimension, row.key, _value(row.count)


def _value(count: int | None) -> object:
    return "suppressed" if count is None else count
