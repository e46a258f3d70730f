"""`tacit link` and `tacit results`: find the match groups and show them beside one's own records."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.export import write_csv
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, node_options, project_option, refuse_existing
from tacit.cli.output import Advance, Output, moment
from tacit.linkage.errors import Code, TacitError
from tacit.node.fetch import RunView
from tacit.node.link import link as link_project
from tacit.node.results import MatchView, OtherRecord, Results, export_rows
from tacit.node.results import results as find_results

SHOWN = 25
_COLUMNS = (
    "group",
    "record_id",
    "member",
    "score",
    "objects",
    "publication",
    "own_publication",
    "reasons",
    "decided",
    "decided_there",
)
_VERDICTS = {"agreed": "agree", "partly": "in part", "not": "differ", "missing": "missing"}


@click.command(cls=Command)
@project_option
@node_options
@click.pass_obj
def link(out: Output, wanted: str | None, home: Path | None, passphrase_file: Path | None) -> None:
    """Link the current uploads, or join the run that does so already, and fetch its groups."""
    with open_node(out, home, passphrase_file) as store:
        with out.progress("Comparing") as advance:
            run = link_project(store, wanted, lambda run: _advance(advance, run))
        if run.state != "done":
            raise TacitError(Code.RUN_FAILED, f"the run ended as {run.state}")
        groups = len(find_results(store, wanted).matches)
    out.document({"run": run, "groups": groups})
    out.say(
        "Linked: {groups} match groups hold a record of yours, {all} in all.",
        groups=groups,
        all=run.group_count,
    )
    out.say(
        "Threshold {threshold:.3f}; expected precision {precision:.3f}, recall {recall:.3f}.",
        threshold=run.threshold,
        precision=run.estimated_precision,
        recall=run.estimated_recall,
    )
    out.say("`tacit results` shows each match beside your own record.")


@click.command(cls=Command)
@project_option
@click.option("--record", "record_id", help="Only groups that hold this record of yours.")
@click.option("--all", "show_all", is_flag=True, help=f"Show more than the first {SHOWN} groups.")
@click.option("-o", "--out", "target", type=ANY_PATH, help="Write a CSV file as well.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def results(
    out: Output,
    /,
    *,
    wanted: str | None,
    record_id: str | None,
    show_all: bool,
    target: Path | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Show each match beside your own record; from the node's store, without network."""
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store:
        found = find_results(store, wanted, record_id)
    if target is not None:
        rows = ([row[name] for name in _COLUMNS] for row in export_rows(found))
        write_csv(target, _COLUMNS, rows, force=force)
    out.document({"project": found.project_id, "run": found.run, "groups": found.matches})
    _show(out, found, None if show_all else SHOWN)
    if target is not None:
        out.say("Wrote {path}.", path=target)


_OPTIONAL = {"Fields", "Decided"}


def _reasons(out: Output, other: OtherRecord) -> str:
    by_verdict = {
        word: [out.text(name) for name, found in other.reasons.items() if found == verdict]
        for verdict, word in _VERDICTS.items()
    }
    said = (f"{out.text(word)}: {', '.join(names)}" for word, names in by_verdict.items() if names)
    return "; ".join(said)


def _decided(out: Output, other: OtherRecord) -> str:
    said = ((out.text("you"), other.decided), (other.member, other.decided_there))
    return "; ".join(f"{who}: {out.text(what)}" for who, what in said if what)


def _advance(advance: Advance, run: RunView) -> None:
    advance(run.pairs_done, run.pairs_total)


def _show(out: Output, found: Results, limit: int | None) -> None:
    shown = found.matches[:limit]
    out.say(
        "Run of {time}: {n} match groups hold a record of yours.",
        time=moment(found.run.created_at),
        n=len(found.matches),
    )
    rows = [row for match in shown for row in _rows(out, match)]
    columns = (
        "Group",
        "Your record",
        "As you recorded it",
        "Also held by",
        "Score",
        "Fields",
        "Decided",
        "Objects",
    )
    # What nobody could fill is left out: reasons need the agreement, decisions a person.
    kept = [n for n, name in enumerate(columns) if name not in _OPTIONAL or any(r[n] for r in rows)]
    out.table("", [columns[n] for n in kept], [[row[n] for n in kept] for row in rows])
    if len(shown) < len(found.matches):
        out.say("{n} more; --all shows them.", n=len(found.matches) - len(shown))


def _rows(out: Output, match: MatchView) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for own in match.own:
        beside = "; ".join(f"{column}: {value}" for column, value in own.raw.items() if value)
        for place, other in enumerate(match.others):
            first = place == 0
            rows.append(
                (
                    str(match.group_id) if first else "",
                    own.record_id if first else "",
                    beside if first else "",
                    other.member,
                    "-" if other.score is None else f"{other.score:.0%}",
                    _reasons(out, other),
                    _decided(out, other),
                    out.text("objects") if other.objects else "",
                )
            )
    return rows
