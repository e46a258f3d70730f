"""`tacit claims`: who recorded a case first, from verified proofs."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.export import write_csv
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, node_options, project_option, refuse_existing
from tacit.cli.output import Output, moment
from tacit.node.claims import ClaimGroupView, ClaimReport
from tacit.node.claims import claims as fetch_claims

SHOWN = 10
_COLUMNS = (
    "group",
    "order",
    "member",
    "record_id",
    "recorded_at",
    "documented_on",
    "forum",
    "petition",
    "consent",
    "publication",
    "unchanged",
    "ledger_index",
)


@click.command(cls=Command)
@project_option
@click.option("--group", type=int, help="Only this match group.")
@click.option("--record", "record_id", help="Only groups that hold this record of yours.")
@click.option("--all", "show_all", is_flag=True, help=f"Show more than the first {SHOWN} groups.")
@click.option("-o", "--out", "target", type=ANY_PATH, help="Write a CSV file as well.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def claims(
    out: Output,
    /,
    *,
    wanted: str | None,
    group: int | None,
    record_id: str | None,
    show_all: bool,
    target: Path | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Show who recorded what first, under which consent and petition; every proof is verified."""
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store, out.progress("Verifying proofs"):
        report = fetch_claims(store, wanted, group, record_id)
    if target is not None:
        write_csv(target, _COLUMNS, _csv_rows(report), force=force)
    out.document(report)
    shown = report.groups if show_all else report.groups[:SHOWN]
    for found in shown:
        _show(out, found)
    if len(shown) < len(report.groups):
        out.say("{n} more; --all shows them.", n=len(report.groups) - len(shown))
    out.say(
        "Every proof verifies against the ledger's signed head: {size} entries, root {root}, {time}.",
        size=report.tree_size,
        root=report.tree_root,
        time=moment(report.head_at),
    )
    if target is not None:
        out.say("Wrote {path}.", path=target)


def _show(out: Output, group: ClaimGroupView) -> None:
    out.say("Match group {group}", group=group.group_id)
    out.table(
        "",
        (
            "Order",
            "Member",
            "Recorded at",
            "Documented on",
            "Forum",
            "Petition",
            "Consent",
            "Publication",
            "Ledger",
            "Changed since",
        ),
        [
            (
                claim.order,
                claim.member + (f" ({out.text('you')})" if claim.yours else ""),
                moment(claim.recorded_at),
                claim.documented_on,
                claim.forum,
                claim.petition,
                claim.consent,
                out.text(claim.publication or "unspecified"),
                claim.ledger_index,
                out.text("no") if claim.unchanged else out.text("yes"),
            )
            for claim in group.claims
        ],
    )


def _csv_rows(report: ClaimReport) -> list[list[object]]:
    return [
        [group.group_id, *(getattr(claim, name) for name in _COLUMNS[1:])]
        for group in report.groups
        for claim in group.claims
    ]
