"""`tacit decide` and `tacit decisions`: what people found out about matches."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options, project_option
from tacit.cli.output import Output, moment
from tacit.linkage.errors import Code, TacitError
from tacit.node.decisions import JUDGEMENTS, About, DecisionView, change, list_decisions
from tacit.node.decisions import decide as decide_match

_SAID = {
    "same": "Noted: {record} and the record of {member} are the same person.",
    "different": "Noted: {record} and the record of {member} are different people.",
    "undecided": "Taken back: nothing is decided about {record} and the record of {member}.",
}


@click.command(cls=Command)
@click.argument("judgement", type=click.Choice(list(JUDGEMENTS)))
@click.argument("group", type=int, required=False)
@click.option("--member", help="Whose record is meant, where the group holds several others.")
@click.option("--record", "record_id", help="Which record of yours, where it holds several.")
@click.option("--place", type=click.IntRange(1), default=1,
              help="Which record of that member, where it has several in the group.")  # fmt: skip
@click.option("--entry", type=click.IntRange(0),
              help="Change an earlier decision of yours, by its number in `tacit decisions`.")  # fmt: skip
@project_option
@node_options
@click.pass_obj
def decide(
    out: Output,
    /,
    *,
    judgement: str,
    group: int | None,
    member: str | None,
    record_id: str | None,
    place: int,
    entry: int | None,
    wanted: str | None,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Say what you found out about match GROUP: `same` person, `different` people, `undecided`.

    The other member is told, and later runs follow, unless that member says the contrary.
    """
    if (group is None) == (entry is None):
        raise TacitError(Code.USAGE, problem="Name either a match group or --entry.")
    with open_node(out, home, passphrase_file) as store:
        if entry is not None:
            made = change(store, wanted, entry, judgement)
        else:
            about = About(group or 0, member, record_id, place)
            made = decide_match(store, wanted, about, judgement)
    out.document(made)
    out.say(_SAID[judgement], record=made.record_id, member=made.member)
    if made.contested:
        out.say("{member} says the contrary, so runs follow neither.", member=made.member)
    elif judgement != "undecided":
        out.say("The next `tacit link` follows. To change it: --entry {entry}.", entry=made.entry)


@click.command(cls=Command)
@project_option
@node_options
@click.pass_obj
def decisions(
    out: Output, wanted: str | None, home: Path | None, passphrase_file: Path | None
) -> None:
    """List what you and others decided about your records."""
    with open_node(out, home, passphrase_file) as store:
        found = list_decisions(store, wanted)
    out.document({"decisions": found})
    if not found:
        out.say("Nothing is decided yet.")
        return
    out.table(
        "",
        ("Entry", "Your record", "Also held by", "Decided", "Decided by", "On", "Followed"),
        [_row(out, item) for item in found],
    )


def _row(out: Output, item: DecisionView) -> tuple[object, ...]:
    return (
        str(item.entry),
        item.record_id,
        item.member,
        out.text(item.judgement),
        out.text("you") if item.yours else item.member,
        moment(item.decided_at),
        out.text("no, the other says the contrary") if item.contested else out.text("yes"),
    )
