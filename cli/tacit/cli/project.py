"""`tacit project`: agreements are made, read, signed and compared."""

import sys
from pathlib import Path
from typing import Any

import click

from tacit.cli.command import Group
from tacit.cli.files import read_schema
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options, project_option
from tacit.cli.output import Output, moment
from tacit.linkage.agreement import Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.node.project_state import ProjectView
from tacit.node.projects import (
    ProjectOptions,
    confirm_safety_number,
    create_project,
    list_projects,
    show_project,
    sign_project,
)

_DEFAULTS = ProjectOptions()


@click.group(cls=Group)
def project() -> None:
    """Make, sign and read agreements."""


@project.command()
@click.argument("name")
@click.option("--with", "members", multiple=True, required=True, metavar="MEMBER",
              help="Another member, by name or identifier; repeat for each.")  # fmt: skip
@click.option("--schema", "schema_file", default="victims", metavar="FILE",
              help="Linkage schema; `victims`, the default, is the one for this field.")  # fmt: skip
@click.option("--purpose", "purposes", multiple=True, type=click.Choice([p.value for p in Purpose]),
              help="What records may be linked for; repeatable, all if left out.")  # fmt: skip
@click.option("--minimum-cell", type=int, default=_DEFAULTS.minimum_cell, show_default=True,
              help="Smallest count that is shown.")  # fmt: skip
@click.option("--check-minimum", type=int, default=_DEFAULTS.check_minimum_batch, show_default=True,
              help="Fewest records in one check.")  # fmt: skip
@click.option("--check-maximum", type=int, default=_DEFAULTS.check_maximum_batch, show_default=True,
              help="Most records in one check.")  # fmt: skip
@click.option("--check-budget", type=int, default=_DEFAULTS.check_budget, show_default=True,
              help="Records that each member may check.")  # fmt: skip
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.0,
              help="Least probability of a match; found from the data if left out.")  # fmt: skip
@click.option("--precision", type=click.FloatRange(0, 0.999), default=0.0,
              help="Wished share of right links, from which that probability follows; "
              "left out, precision and recall are balanced.")  # fmt: skip
@click.option("--reasons", is_flag=True,
              help="Tell members which fields of two matched records agree.")  # fmt: skip
@click.option("--repeats", "repeating", multiple=True, metavar="MEMBER",
              help="A member, you included, whose register may hold a person several times; "
              "repeatable.")  # fmt: skip
@click.option("--retention-days", type=int, default=_DEFAULTS.retention_days, show_default=True,
              help="Days after which the coordinator deletes encodings and results.")  # fmt: skip
@click.option("--hide-members", is_flag=True,
              help="Do not name members to each other (excludes the purpose attribute).")  # fmt: skip
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
    schema = read_schema(schema_file)
    with open_node(out, home, passphrase_file) as store:
        view = create_project(store, name, members, schema.text, _options(chosen))
    show(out, view)
    out.say("You have signed. The other members now run `tacit project sign`.")


@project.command()
@project_option
@click.option("--yes", is_flag=True, help="Sign without being asked.")
@node_options
@click.pass_obj
def sign(
    out: Output, wanted: str | None, yes: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Read an agreement in plain words and sign it."""

    def confirm(view: ProjectView) -> bool:
        if not out.json:
            show(out, view)
        if yes:
            return True
        if not sys.stdin.isatty():
            raise TacitError(
                Code.USAGE, problem=out.text("Nobody can be asked here: use --yes to sign.")
            )
        return click.confirm(out.text("Sign this agreement?"), err=True)

    with open_node(out, home, passphrase_file) as store:
        view = sign_project(store, wanted, confirm)
    out.document(_document(view))
    if not view.signed_by_you:
        out.say("Not signed.")
    elif view.in_force:
        out.say("Signed. The agreement is in force.")
    else:
        out.say("Signed. The agreement comes into force once every member has signed.")


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
    out.document({"projects": [_document(view) for view in views]})
    if not views:
        out.say("There is no project yet.")
        return
    out.table(
        "Projects",
        ("Project", "Name", "Members", "In force", "Signed by you", "Key"),
        [
            (
                v.project_id,
                v.name,
                len(v.parties),
                yes_no(out, v.in_force),
                yes_no(out, v.signed_by_you),
                out.text(v.key_state),
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
    """Note that you compared the safety number with the other members."""
    with open_node(out, home, passphrase_file) as store:
        confirm_safety_number(store, wanted)
    out.document({"confirmed": True})
    out.say("Noted: the safety number was compared.")


def show(out: Output, view: ProjectView) -> None:
    """Show a project: the agreement in plain words, its members, the safety number."""
    out.document(_document(view))
    out.say("Project {name} ({id})", name=view.name, id=view.project_id)
    for sentence in view.terms_ko if out.language == "ko" else view.terms:
        out.say("- {sentence}", sentence=sentence)
    out.table(
        "Members",
        ("Member", "Signed", "Key", "Records", "Uploaded"),
        [
            (
                party.name + (f" ({out.text('you')})" if party.you else ""),
                moment(party.signed_at or 0),
                yes_no(out, party.has_key),
                party.records,
                moment(party.uploaded_at or 0),
            )
            for party in view.parties
        ],
    )
    out.say("Agreement (SHA-256): {hash}", hash=view.agreement_hash)
    out.say("Safety number, to compare with the other members: {n}", n=view.safety_number)


def yes_no(out: Output, value: bool) -> str:
    """Say yes or no in the chosen language."""
    return out.text("yes") if value else out.text("no")


def _options(chosen: dict[str, Any]) -> ProjectOptions:
    return ProjectOptions(
        purposes=tuple(Purpose(p) for p in chosen["purposes"]) or tuple(Purpose),
        minimum_cell=chosen["minimum_cell"],
        disclose_members=not chosen["hide_members"],
        check_minimum_batch=chosen["check_minimum"],
        check_maximum_batch=chosen["check_maximum"],
        check_budget=chosen["check_budget"],
        threshold_permille=round(chosen["threshold"] * 1000),
        precision_permille=round(chosen["precision"] * 1000),
        reasons=chosen["reasons"],
        repeating=chosen["repeating"],
        retention_days=chosen["retention_days"],
    )


def _document(view: ProjectView) -> dict[str, object]:
    agreement = view.agreement
    return {
        "project": view.project_id,
        "name": view.name,
        "agreement_hash": view.agreement_hash,
        "safety_number": view.safety_number,
        "safety_confirmed": view.safety_confirmed,
        "in_force": view.in_force,
        "signed_by_you": view.signed_by_you,
        "creator": view.creator,
        "key_state": view.key_state,
        "members": view.parties,
        "terms": view.terms,
        "terms_ko": view.terms_ko,
        "purposes": agreement.purposes,
        "minimum_cell": agreement.minimum_cell,
        "check_minimum_batch": agreement.check_minimum_batch,
        "check_maximum_batch": agreement.check_maximum_batch,
        "check_budget": agreement.check_budget,
        "threshold_permille": agreement.threshold_permille,
        "precision_permille": agreement.precision_permille,
        "reasons": agreement.reasons,
        "repeating": agreement.repeating,
        "retention_days": agreement.retention_days,
        "disclose_members": agreement.disclose_members,
    }
