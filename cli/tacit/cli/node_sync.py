"""What `tacit node sync` and `tacit node status` show."""

import time
from collections.abc import Callable

from tacit.cli.output import Output, moment
from tacit.linkage.errors import Code, TacitError
from tacit.node.status import ProjectStatus, StatusReport
from tacit.node.sync import ProjectSync, SyncReport

# What a node that runs by itself waits out instead of ending.
_PASSING = frozenset(
    [
        Code.NOT_FOUND,
        Code.NOT_ENROLLED,
        Code.UNAVAILABLE,
        Code.STORE_BUSY,
    ]
)


def sync_forever(out: Output, once: Callable[[], None], seconds: int) -> None:
    """Synchronise again and again until the process is told to stop.

    Raises:
        TacitError: whatever time alone does not mend.
    """
    while True:
        try:
            once()
        except TacitError as error:
            if error.code not in _PASSING:
                raise
            out.warn("Waiting: {problem}", problem=error.sentence(out.language))
        time.sleep(seconds)


def show_sync(out: Output, report: SyncReport) -> None:
    """Show what a synchronisation did."""
    out.document(
        {
            "member": report.member,
            "coordinator": report.address,
            "coordinator_version": report.coordinator_version,
            "clock_skew_seconds": report.clock_skew,
            "ledger_size": report.ledger_size,
            "unusable_projects": report.unusable,
            "projects": [_project(project) for project in report.projects],
        }
    )
    if report.clock_is_off:
        out.warn(
            "This machine's clock and the coordinator's differ by {seconds:.0f} seconds.",
            seconds=abs(report.clock_skew),
        )
    if not report.projects:
        out.say("Nothing to do: no project names {member} yet.", member=report.member)
        return
    out.table(
        "",
        ("Project", "Records uploaded", "Withheld", "Waiting for", "Newest run", "New notices"),
        [
            (
                found.project.name,
                found.upload.records if found.upload else None,
                found.upload.withheld if found.upload else None,
                out.text(found.waiting_for) if found.waiting_for else "",
                moment(found.run.created_at) if found.run else "-",
                found.new_notices,
            )
            for found in report.projects
        ],
    )


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
        ("Project", "Name", "In force", "Key", "Records uploaded", "Newest run", "Asked about you"),
        [_status_row(out, project) for project in report.projects],
    )


def _status_row(out: Output, project: ProjectStatus) -> tuple[object, ...]:
    upload = project.upload
    sent = None if upload is None else f"{upload.committed:,} / {upload.record_count:,}"
    return (
        project.project_id,
        project.name,
        out.text("yes") if project.in_force else out.text("no"),
        out.text("held") if project.key_held else out.text("waiting"),
        sent,
        f"{moment(project.run.created_at)}, {project.run.state}" if project.run else "-",
        len(project.notices),
    )


def _project(found: ProjectSync) -> dict[str, object]:
    return {
        "project": found.project.project_id,
        "name": found.project.name,
        "in_force": found.project.in_force,
        "key_state": found.project.key_state,
        "upload": found.upload,
        "waiting_for": found.waiting_for,
        "run": found.run,
        "new_notices": found.new_notices,
    }
