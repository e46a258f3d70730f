"""`tacit project`: agreements are made, read, signed, changed and compared."""

from pathlib import Path
from typing import Any

import click

from tacit.cli.command import Group
from tacit.cli.files import read_schema
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options, project_option
from tacit.cli.output import Output
from tacit.cli.project_options import agreement_options, first_options
from tacit.cli.project_versions import drop, propose, sign
from tacit.cli.project_view import document, show, yes_no
from tacit.node.project_views import ProjectView
from tacit.node.projects import (
    confirm_safety_number,
    create_project,
    list_projects,
    show_project,
)


@click.group(cls=Group)
def project() -> None:
    """Make, sign, change and read agreements."""


@project.command()
@click.argument("name")
@click.option("--with", "members", multiple=True, required=True, metavar="MEMBER",
              help="Another member, by name or identifier; repeat for each.")  # fmt: skip
@agreement_options(changing=False)
@node_options
@click.pass_obj
def create(
    out: Output,
    /,
    *,
    name: str,
    members: tuple[str, ...],
    schema_file: str,
    home: Path | None,
    passphrase_file: Path | None,
    **chosen: Any,
) -> None:
    """Write an agreement with other members and sign it as the first."""
    schema, options = read_schema(schema_file), first_options(chosen)
    with open_node(out, home, passphrase_file) as store:
        view = create_project(store, name, members, schema.text, options)
    show(out, view)
    out.say("You have signed. The other members now run `tacit project sign`.")


project.add_command(sign)
project.add_command(propose)
project.add_command(drop)


@project.command(name="show")
@project_option
@node_options
@click.pass_obj
def show_command(
    out: Output, wanted: str | None, home: Path | None, passphrase_file: Path | None
) -> None:
    """Show an agreement, who has signed, and the safety number to compare."""
    with open_node(out, home, passphrase_file) as store:
        view = show_project(store, wanted)
    show(out, view)


@project.command(name="list")
@node_options
@click.pass_obj
def list_command(out: Output, home: Path | None, passphrase_file: Path | None) -> None:
    """List the projects that name this member."""
    with open_node(out, home, passphrase_file) as store:
        views = list_projects(store)
    out.document({"projects": [document(view) for view in views]})
    if not views:
        out.say("There is no project yet.")
        return
    out.table(
        "Projects",
        ("Project", "Name", "Version", "Members", "In force", "Signed by you", "Key", "Proposed"),
        [
            (
                v.project_id,
                v.name,
                v.agreement.version,
                len(v.parties),
                yes_no(out, v.in_force),
                yes_no(out, v.signed_by_you),
                out.text(v.key_state),
                _proposed(out, v),
            )
            for v in views
        ],
    )


@project.command()
@project_option
@node_options
@click.pass_obj
def confirm(
    out: Output, wanted: str | None, home: Path | None, passphrase_file: Path | None
) -> None:
    """Note that you compared this version's safety number with the other members."""
    with open_node(out, home, passphrase_file) as store:
        confirm_safety_number(store, wanted)
    out.document({"confirmed": True})
    out.say("Noted: the safety number was compared.")


def _proposed(out: Output, view: ProjectView) -> str:
    proposal = view.proposal
    if proposal is None:
        return "-"
    return out.text(
        "version {version}, signed by {signed} of {all}",
        version=proposal.version,
        signed=len(proposal.signed),
        all=len(proposal.agreement.members),
    )
