"""`tacit project propose`, `sign` and `drop`: from one version of an agreement to the next."""

import sys
from pathlib import Path
from typing import Any

import click

from tacit.cli.command import Command
from tacit.cli.files import read_schema
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options, project_option
from tacit.cli.output import Output
from tacit.cli.project_options import agreement_options, changed_values
from tacit.cli.project_view import (
    document,
    show,
    show_draft,
    show_offer,
    show_proposal,
)
from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_writing import Wishes
from tacit.node.project_state import ProjectView
from tacit.node.projects import sign_project, to_sign
from tacit.node.proposals import Draft, drop_proposal, propose_version

_NOBODY = "none"


@click.command(cls=Command)
@project_option
@click.option("--add", multiple=True, metavar="MEMBER",
              help="A member to take in, by name or identifier; repeatable.")  # fmt: skip
@click.option("--remove", multiple=True, metavar="MEMBER",
              help="A member to leave out, by name or identifier; repeatable.")  # fmt: skip
@agreement_options(changing=True)
@click.option("--new-key", is_flag=True,
              help="Propose a new linkage key, though nothing else changes.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Propose without being asked.")
@node_options
@click.pass_obj
def propose(
    out: Output,
    /,
    *,
    wanted: str | None,
    home: Path | None,
    passphrase_file: Path | None,
    yes: bool,
    **chosen: Any,
) -> None:
    """Propose the agreement's next version; what is not said stays as it is."""
    wishes = _wishes(chosen)
    agreed = False

    def confirm(draft: Draft) -> bool:
        nonlocal agreed
        if not out.json:
            show_draft(out, draft)
        agreed = _asked(out, "Propose this version?", yes=yes)
        return agreed

    with open_node(out, home, passphrase_file) as store:
        view = propose_version(store, wanted, wishes, confirm)
    out.document(document(view))
    if not agreed:
        out.say("Not proposed.")
    else:
        out.say("You have proposed and signed it. The others now run `tacit project sign`.")


@click.command(cls=Command)
@project_option
@click.option("--yes", is_flag=True, help="Sign without being asked.")
@node_options
@click.pass_obj
def sign(
    out: Output, wanted: str | None, yes: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Read an agreement, or its next version, in plain words and sign it."""

    def confirm(view: ProjectView) -> bool:
        proposal = view.proposal
        offered = proposal is not None and proposal.names_you
        if not out.json:
            if proposal is not None and offered:
                show_offer(out, proposal)
            else:
                show(out, view)
        return _asked(out, "Sign this version?" if offered else "Sign this agreement?", yes=yes)

    with open_node(out, home, passphrase_file) as store:
        view = sign_project(store, wanted, confirm)
    out.document(document(view))
    if to_sign(view) is not None:
        out.say("Not signed.")
    elif view.over == "removed":
        out.say("The version in force does not name you: the project is over for this node.")
    elif view.proposal is not None and view.proposal.names_you:
        out.say("Signed. The version comes into force once all whom it names have signed.")
    elif view.in_force:
        out.say("Signed. The agreement is in force.")
    else:
        out.say("Signed. The agreement comes into force once every member has signed.")


@click.command(cls=Command)
@project_option
@click.option("--yes", is_flag=True, help="Drop it without being asked.")
@node_options
@click.pass_obj
def drop(
    out: Output, wanted: str | None, yes: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Drop the proposed version: take yours back, or decline another's."""
    agreed = False

    def confirm(view: ProjectView) -> bool:
        nonlocal agreed
        if not out.json and view.proposal is not None:
            show_proposal(out, view.proposal)
        agreed = _asked(out, "Drop this version?", yes=yes)
        return agreed

    with open_node(out, home, passphrase_file) as store:
        view = drop_proposal(store, wanted, confirm)
    out.document({"dropped": agreed, **document(view)})
    if agreed:
        out.say("Dropped. The agreement goes on as it was.")
    else:
        out.say("Not dropped.")


def _asked(out: Output, question: str, *, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        problem = "Nobody can be asked here: use --yes."
        raise TacitError(Code.USAGE, problem=problem)
    return click.confirm(out.text(question), err=True)


def _wishes(chosen: dict[str, Any]) -> Wishes:
    repeating = tuple(chosen["repeating"])
    nobody = repeating == (_NOBODY,)
    return Wishes(
        add=chosen["add"],
        remove=chosen["remove"],
        schema=read_schema(chosen["schema_file"]).text if chosen["schema_file"] else None,
        repeating=() if nobody else repeating or None,
        values=changed_values(chosen),
        new_key=chosen["new_key"],
    )
