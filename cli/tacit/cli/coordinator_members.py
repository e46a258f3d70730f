"""`tacit coordinator invite`, `members` and `revoke`: who belongs to the coalition."""

import sys
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.options import coordinator_home
from tacit.cli.output import Output
from tacit.coordinator.home import open_home
from tacit.coordinator.invitations import DEFAULT_TTL
from tacit.coordinator.invitations import invite as make_invitation
from tacit.coordinator.revocations import revoke_member
from tacit.coordinator.store.members import list_members
from tacit.linkage.errors import Code, TacitError

_DAY = 24 * 3600


@click.command(cls=Command)
@click.argument("organisation")
@click.option("--days", type=click.FloatRange(0.001, 90), default=DEFAULT_TTL / _DAY,
              show_default=True, help="Days until the invitation expires.")  # fmt: skip
@click.option("--renew", is_flag=True,
              help="For a member whose certificate has ended; only its own keys can use it.")  # fmt: skip
@coordinator_home
@click.pass_obj
def invite(out: Output, organisation: str, days: float, renew: bool, home: Path) -> None:
    """Print an invitation: one line that lets one node enrol once. Hand it over in private."""
    line = make_invitation(open_home(home), organisation, ttl=round(days * _DAY), renew=renew)
    out.document({"member": organisation, "invitation": line})
    if not out.json:
        click.echo(line)


@click.command(cls=Command)
@coordinator_home
@click.pass_obj
def members(out: Output, home: Path) -> None:
    """List who has enrolled, who waits to be confirmed and who was revoked."""
    store = open_home(home).open_store()
    try:
        with store.read() as connection:
            found = list_members(connection)
    finally:
        store.close()
    out.document(
        {
            "members": [
                {
                    "member_id": m.id,
                    "name": m.name,
                    "signing_key": m.signing_key,
                    "standing": m.standing,
                }
                for m in found
            ]
        }
    )
    out.table(
        "Members",
        ("Identifier", "Member", "Standing", "Signing key"),
        [(m.id, m.name, out.text(m.standing), m.signing_key.hex()) for m in found],
    )


@click.command(cls=Command)
@click.argument("organisation")
@click.option("--yes", is_flag=True, help="Revoke without being asked.")
@coordinator_home
@click.pass_obj
def revoke(out: Output, organisation: str, yes: bool, home: Path) -> None:
    """Shut a member out, by name or identifier: at once, and for good."""
    found = open_home(home)
    if not yes:
        if out.json or not sys.stdin.isatty():
            raise TacitError(Code.USAGE, problem="Nobody can be asked here: use --yes to revoke.")
        question = out.text("Shut {member} out for good?", member=organisation)
        if not click.confirm(question, err=True):
            raise TacitError(Code.INTERRUPTED)
    member = revoke_member(found, organisation)
    out.document({"revoked": member.name, "member_id": member.id})
    out.say("{member} is shut out; its open calls end within seconds.", member=member.name)
    out.say("It keeps what it has already. Make new linkage keys for projects that go on.")
    out.say(
        "Its encodings are being erased. Send it the receipts, which it cannot fetch any more:"
        " `tacit coordinator receipts {member} --out FILE`.",
        member=member.id,
    )
