"""`tacit node members`, `safety-number`, `confirm` and `leave`: the others, and trusting them."""

import io
import sys
from pathlib import Path

import click
import segno

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError
from tacit.node.context import connect, load_member
from tacit.node.members import FULL, LEFT, WAITING, KnownMember, known_members
from tacit.node.receipt_import import count_owed
from tacit.node.trust import (
    SafetyNumber,
    compare_safety_number,
    confirm_member,
    own_half,
    show_safety_number,
)
from tacit.node.trust import leave as leave_coalition

_number = click.option(
    "--number",
    metavar="DIGITS",
    help="The number as the other side read it, or what its QR code holds.",
)
_QUIET_ZONE = 2


@click.command(cls=Command)
@node_options
@click.pass_obj
def members(out: Output, home: Path | None, passphrase_file: Path | None) -> int:
    """List the members of the coalition, who waits to be confirmed, and whose keys changed."""
    with open_node(out, home, passphrase_file) as store, connect(store) as session:
        found = known_members(session, store, load_member(store))
    rows = sorted(found, key=lambda member: (member.name, member.member_id))
    out.document({"members": [_document(member) for member in rows]})
    out.table(
        "Members",
        ("Member", "Identifier", "Standing", "Confirmed by", "Safety number"),
        [
            (
                member.name,
                member.member_id,
                _standing(out, member),
                ", ".join(member.confirmed_by),
                _compared(out, member),
            )
            for member in rows
        ],
    )
    changed = [member for member in rows if member.changed and member.standing == FULL]
    return max((_tell_changed(out, member.name) for member in changed), default=0)


@click.command(cls=Command, name="safety-number")
@click.argument("member", required=False)
@_number
@click.option("--compared", is_flag=True,
              help="Note that you compared it with them by telephone or in person.")  # fmt: skip
@click.option("--qr/--no-qr", default=None,
              help="Show a QR code too; by default where this is a terminal.")  # fmt: skip
@node_options
@click.pass_obj
def safety_number(
    out: Output,
    /,
    *,
    member: str | None,
    number: str | None,
    compared: bool,
    qr: bool | None,
    home: Path | None,
    passphrase_file: Path | None,
) -> int:
    """Show the number that you and MEMBER read to each other; without MEMBER, your half of all."""
    if member is None and (compared or number is not None):
        raise TacitError(Code.USAGE, problem="Name the member whose number you compared.")
    with open_node(out, home, passphrase_file) as store:
        if member is None:
            found = own_half(store)
        elif compared or number is not None:
            found = compare_safety_number(store, member, number)
        else:
            found = show_safety_number(store, member)
    out.document(found)
    _show_number(out, found, own=member is None, qr=qr)
    return _tell_changed(out, found.name) if found.changed else 0


@click.command(cls=Command)
@click.argument("member")
@_number
@click.option("--yes", is_flag=True, help="Confirm without being asked: you compared the number.")
@node_options
@click.pass_obj
def confirm(
    out: Output,
    /,
    *,
    member: str,
    number: str | None,
    yes: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Sign that MEMBER, who waits, is who it says; compare its safety number before."""
    with open_node(out, home, passphrase_file) as store:
        if number is None and not yes:
            shown = show_safety_number(store, member)
            _show_number(out, shown, own=False, qr=None)
            if not _agreed(out, shown):
                raise TacitError(Code.NUMBER_DIFFERS, member=shown.name)
        found = confirm_member(store, member, number)
    out.document(_document(found))
    if found.standing == WAITING:
        out.say(
            "You confirmed {member}; it waits for others: {confirmed} of {needed}.",
            member=found.name,
            confirmed=len(found.confirmed_by),
            needed=found.needed,
        )
    else:
        out.say("You confirmed {member}. It is a member now.", member=found.name)


@click.command(cls=Command)
@click.option("--yes", is_flag=True, help="Leave without being asked.")
@node_options
@click.pass_obj
def leave(out: Output, yes: bool, home: Path | None, passphrase_file: Path | None) -> None:
    """Leave the coalition, at once and for good; erases keys and results, not the register."""
    with open_node(out, home, passphrase_file) as store:
        member = load_member(store)
        name = member.identity.name
        if not yes:
            _must_be_asked(out)
            question = out.text("Leave the coalition for good as {name}?", name=name)
            if not click.confirm(question, err=True):
                raise TacitError(Code.INTERRUPTED)
        leave_coalition(store)
        owed = count_owed(store)
    out.document({"left": name, "member_id": member.member_id, "receipts_owed": owed})
    out.say(
        "{name} has left the coalition. Its linkage keys and results are erased; the register"
        " stays in this node.",
        name=name,
    )
    if owed:
        out.say(
            "The coordinator erases your encodings now and owes you a receipt for it, which this"
            " node cannot fetch any more. Ask its keeper for the file that `tacit coordinator"
            " receipts {member} --out FILE` writes, and take it in with `tacit node receipts"
            " --from FILE`.",
            member=member.member_id,
        )


def _tell_changed(out: Output, name: str) -> int:
    """Say loudly that somebody's keys have changed, and give the exit code for it."""
    error = TacitError(Code.KEY_CHANGED, member=name)
    out.warn("Warning: {problem}", problem=error.sentence(out.language))
    return error.entry.exit_code


def _agreed(out: Output, shown: SafetyNumber) -> bool:
    _must_be_asked(out)
    question = out.text("Did {member} read this number to you?", member=shown.name)
    return click.confirm(question, err=True)


def _must_be_asked(out: Output) -> None:
    if out.json or not sys.stdin.isatty():
        problem = "Nobody can be asked here: use --yes, or --number where there is one."
        raise TacitError(Code.USAGE, problem=problem)


def _show_number(out: Output, found: SafetyNumber, *, own: bool, qr: bool | None) -> None:
    if own:
        out.say("Your half of every safety number, for the others to compare:")
    else:
        out.say("Safety number of you and {member}:", member=found.name)
    groups = found.number.split()
    for start in range(0, len(groups), 6):
        out.say("    {groups}", groups=" ".join(groups[start : start + 6]))
    if not out.json and (sys.stdout.isatty() if qr is None else qr):
        click.echo(_qr(found.code))
    if found.compared:
        out.say("You have compared it.")
    elif not own:
        out.say("Compare it by telephone or in person, then run this again with --compared.")


def _qr(text: str) -> str:
    drawn = io.StringIO()
    code = segno.make(text, micro=False)
    code.terminal(out=drawn, border=_QUIET_ZONE, compact=True)
    return drawn.getvalue()


def _standing(out: Output, member: KnownMember) -> str:
    if member.you:
        return out.text("you")
    if member.standing == WAITING:
        return out.text(
            "waits: {confirmed} of {needed}",
            confirmed=len(member.confirmed_by),
            needed=member.needed,
        )
    return out.text("member") if member.standing == FULL else out.text("left")


def _compared(out: Output, member: KnownMember) -> str:
    if member.changed:
        return out.text("KEYS CHANGED")
    if member.you or member.standing == LEFT:
        return ""
    return out.text("compared") if member.compared else out.text("not compared")


def _document(member: KnownMember) -> dict[str, object]:
    return {
        "name": member.name,
        "member_id": member.member_id,
        "you": member.you,
        "standing": member.standing,
        "confirmed_by": member.confirmed_by,
        "confirmations_needed": member.needed,
        "compared": member.compared,
        "keys_changed": member.changed,
    }
