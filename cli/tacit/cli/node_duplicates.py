"""`tacit node duplicates`: records that the register holds twice are shown and settled."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, node_options, refuse_existing, write_new
from tacit.cli.output import Output
from tacit.cli.register_schema import remembered_schema
from tacit.linkage.agreement import parse_agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.plain_similarity import Verdict
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.linkage.within import KEPT, LIKELY
from tacit.node.context import find_project
from tacit.node.duplicates import (
    DuplicateReport,
    SuspectedGroup,
    SuspectedPair,
    find_duplicates,
    settle,
    settled,
    unsettle,
)
from tacit.node.formulas import escape_cell
from tacit.node.store.base import Store
from tacit.node.store.records import get_records

SHOWN = 30
Ids = tuple[tuple[str, str], ...]


@click.command(cls=Command)
@click.option("--project", "wanted", metavar="PROJECT",
              help="Compare as this project does; else by the register's own schema.")  # fmt: skip
@click.option("--schema", "schema_file", metavar="FILE", help="Compare by this schema.")
@click.option("--least", type=click.FloatRange(KEPT, 1), default=LIKELY, show_default=True,
              help="Probability from which two records are suspected.")  # fmt: skip
@click.option("--same", multiple=True, nargs=2, metavar="ID ID",
              help="Note that two records are one person; repeatable.")  # fmt: skip
@click.option("--different", multiple=True, nargs=2, metavar="ID ID",
              help="Note that two records are different people; repeatable.")  # fmt: skip
@click.option("--undo", multiple=True, nargs=2, metavar="ID ID",
              help="Forget what was noted of two records; repeatable.")  # fmt: skip
@click.option("--show-values", is_flag=True,
              help="Show the records' fields too: on your own screen only.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help=f"Show all, not the first {SHOWN} groups.")
@click.option("-o", "--out", "target", type=ANY_PATH,
              help="CSV file to write: record ids and how their fields compare.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def duplicates(
    out: Output,
    /,
    *,
    wanted: str | None,
    schema_file: str | None,
    least: float,
    same: Ids,
    different: Ids,
    undo: Ids,
    show_values: bool,
    everything: bool,
    target: Path | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Find records that the register holds twice, and note which are one person.

    Records noted as one person go into a project once. What is noted is not reported again.
    """
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store:
        schema = schema_of(store, wanted, schema_file)
        for one, other in undo:
            unsettle(store, one, other)
        for pairs, is_same in ((same, True), (different, False)):
            for one, other in pairs:
                settle(store, one, other, same=is_same)
        report = compare(out, store, schema, least)
        values = _values(store, schema, report) if show_values else {}
        marks = settled(store)
    if target is not None:
        write_new(target, _csv(report), force=force)
    out.document(
        {
            "records": report.records,
            "fields": report.fields,
            "groups": report.groups,
            "same": report.same,
            "marks": marks,
            "expected_pairs": report.expected_pairs,
            "errors": dict(zip(report.fields, report.errors, strict=True)),
            "file": target,
            **({"values": values} if show_values else {}),
        }
    )
    noted = len(same) + len(different) + len(undo)
    if noted:
        out.say("Noted of {n} pairs of records.", n=noted)
    if target is not None:
        out.say("Wrote {path}.", path=target)
    _show(out, report, values, SHOWN if not everything else len(report.groups))


def compare(
    out: Output, store: Store, schema: LinkageSchema, least: float = LIKELY
) -> DuplicateReport:
    """Compare the register with itself, with a progress bar; quick where it did not change."""
    with out.progress("Comparing the register with itself") as advance:
        return find_duplicates(store, schema, advance, least)


def warn_of_duplicates(out: Output, groups: int) -> None:
    """Warn of suspected duplicates, if there are any."""
    if groups:
        out.warn(
            "Groups of records that may be one person each, held more than once: {n};"
            " `tacit node duplicates` shows them.",
            n=groups,
        )


def schema_of(store: Store, wanted: str | None, schema_file: str | None) -> LinkageSchema:
    """Give a project's schema, that of a file, or the one that the register was read by.

    Raises:
        TacitError: USAGE where both are named; else what reading them raises.
    """
    if wanted is not None and schema_file is not None:
        raise TacitError(Code.USAGE, problem="Name a project or a schema, not both.")
    if wanted is None:
        return remembered_schema(store, schema_file)
    return parse_schema(parse_agreement(find_project(store, wanted).agreement).schema)


def _values(
    store: Store, schema: LinkageSchema, report: DuplicateReport
) -> dict[str, dict[str, str]]:
    ids = [record_id for group in report.groups for record_id in group.records]
    with store.read() as connection:
        held = get_records(connection, ids)
    return {
        record_id: {source: record.fields.get(source, "") for source in schema.sources}
        for record_id, record in held.items()
    }


def _show(
    out: Output, report: DuplicateReport, values: Mapping[str, Mapping[str, str]], most: int
) -> None:
    out.say(
        "{n} groups of the register's {records} records may be one person each.",
        n=len(report.groups),
        records=report.records,
    )
    shown = report.groups[:most]
    if not shown:
        return
    out.table(
        "",
        ("Group", "Records", "Probability", "Agree", "Agree in part", "Differ", "Missing"),
        [
            (number, ", ".join(pair.records), pair.probability, *_fields(pair))
            for number, group in enumerate(shown, start=1)
            for pair in group.pairs
        ],
    )
    if values:
        for number, group in enumerate(shown, start=1):
            _show_values(out, number, group, values)
    if len(report.groups) > most:
        out.say("{n} more; --all shows them.", n=len(report.groups) - most)
    out.say("Note what you find: --same ID ID, --different ID ID, --undo ID ID.")


def _fields(pair: SuspectedPair) -> list[str]:
    return [
        ", ".join(field for field, verdict in pair.fields.items() if verdict is wanted)
        for wanted in (Verdict.AGREES, Verdict.PARTLY, Verdict.DIFFERS, Verdict.MISSING)
    ]


def _show_values(
    out: Output, number: int, group: SuspectedGroup, values: Mapping[str, Mapping[str, str]]
) -> None:
    fields: Sequence[str] = list(values[group.records[0]])
    out.heading("Group {n}", n=number)
    rows = [[record_id, *values[record_id].values()] for record_id in group.records]
    out.table("", ("Record", *fields), rows)


def _csv(report: DuplicateReport) -> str:
    """Write one row for each suspected pair: ids and verdicts, no value of a record."""
    text = io.StringIO()
    writer = csv.writer(text)
    header = ("group", "record_id", "other_record_id", "probability", *report.fields)
    writer.writerow([escape_cell(name) for name in header])
    for number, group in enumerate(report.groups, start=1):
        for pair in group.pairs:
            ids = [escape_cell(record_id) for record_id in pair.records]
            verdicts = [pair.fields[field].value for field in report.fields]
            writer.writerow([number, *ids, f"{pair.probability:.3f}", *verdicts])
    return text.getvalue()
