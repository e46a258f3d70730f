"""`tacit node status`: how this node stands."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options
from tacit.cli.output import Output, moment
from tacit.cli.project_warnings import warn_due, warn_gone, warn_over, warn_proposed
from tacit.node.status import ProjectStatus, StatusReport
from tacit.node.status import status as node_status


@click.command(cls=Command)
@node_options
@click.pass_obj
def status(out: Output, home: Path | None, passphrase_file: Path | None) -> None:
    """Show how this node stands: register, projects, uploads, notices, coordinator."""
    with open_node(out, home, passphrase_file) as store:
        show_status(out, node_status(store))


def show_status(out: Output, report: StatusReport) -> None:
    """Show how a node stands."""
    out.document(report)
    coordinator = report.coordinator
    if coordinator is None:
        out.say("Not enrolled yet.")
    elif coordinator.reachable:
        out.say(
            "{name} ({id}); the coordinator at {address} answers.",
            name=report.name,
            id=report.member_id,
            address=coordinator.address,
        )
    else:
        problem = coordinator.problem_ko if out.language == "ko" else coordinator.problem
        out.say("{name} ({id}). {problem}", name=report.name, id=report.member_id, problem=problem)
    out.say("The register holds {n} records.", n=report.records)
    out.say("The ledger had {n} entries when last seen.", n=report.ledger_size)
    out.table(
        "Projects",
        (
            "Project",
            "Name",
            "Version",
            "In force",
            "Key",
            "Records uploaded",
            "Newest run",
            "Asked about you",
        ),
        [_status_row(out, project) for project in report.projects],
    )
    for project in report.projects:
        _warn(out, project)


def _warn(out: Output, project: ProjectStatus) -> None:
    if project.withdrawals_waiting:
        out.warn(
            "{project}: {n} withdrawals wait for the next `tacit node sync`.",
            project=project.name,
            n=project.withdrawals_waiting,
        )
    warn_over(out, project.name, project.over)
    if not project.over:
        warn_gone(out, project.name, project.gone)
        warn_due(out, project.name, project.due)
    if project.proposed is not None and not project.proposal_signed:
        warn_proposed(out, project.name, project.proposed)


def _status_row(out: Output, project: ProjectStatus) -> tuple[object, ...]:
    upload = project.upload
    sent = None if upload is None else f"{upload.committed:,} / {upload.record_count:,}"
    return (
        project.project_id,
        project.name,
        project.version,
        out.text("yes") if project.in_force else out.text("no"),
        out.text("held") if project.key_held else out.text("waiting"),
        sent,
        f"{moment(project.run.created_at)}, {project.run.state}" if project.run else "-",
        len(project.notices),
    )
