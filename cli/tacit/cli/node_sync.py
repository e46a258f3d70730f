"""`tacit node sync`: exchange everything with the coordinator, once or again and again."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options, project_option
from tacit.cli.output import Output, moment
from tacit.cli.project_warnings import warn_due, warn_gone, warn_over, warn_proposed
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import TRANSIENT
from tacit.node.sync import ProjectFailure, ProjectSync, SyncReport
from tacit.node.sync import sync as sync_node

# What a node that runs by itself waits out instead of ending.
_PASSING = TRANSIENT | {Code.NOT_FOUND, Code.NOT_ENROLLED, Code.UNCONFIRMED}


@click.command(cls=Command)
@project_option
@click.option("--every", type=click.IntRange(1, 86_400), metavar="SECONDS",
              help="Go on doing it until stopped; waits while not enrolled or out of reach.")  # fmt: skip
@node_options
@click.pass_obj
def sync(
    out: Output,
    wanted: str | None,
    every: int | None,
    home: Path | None,
    passphrase_file: Path | None,
) -> int:
    """Exchange everything: agreements, keys, uploads, results, notices. Resumes where cut off."""

    def once() -> int:
        with (
            open_node(out, home, passphrase_file) as store,
            out.progress("Synchronising") as advance,
        ):
            report = sync_node(store, wanted, lambda _stage, done, total: advance(done, total))
        show_sync(out, report)
        return next((found.error.entry.exit_code for found in report.failures), 0)

    if every is not None:
        sync_forever(out, once, every)
    return once()


def sync_forever(out: Output, once: Callable[[], object], seconds: int) -> NoReturn:
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
            "ledger_agreeing": report.ledger_agreeing,
            "unusable_projects": report.unusable,
            "ended_projects": report.ended,
            "projects": [_project(project) for project in report.projects],
            "failures": [_failure(out, failure) for failure in report.failures],
        }
    )
    if report.clock_is_off:
        out.warn(
            "This machine's clock and the coordinator's differ by {seconds:.0f} seconds.",
            seconds=abs(report.clock_skew),
        )
    for failure in report.failures:
        problem = failure.error.sentence(out.language)
        out.warn("{project}: {problem}", project=failure.name, problem=problem)
    for found in report.projects:
        if found.upload and found.upload.suspected:
            out.warn(
                "{project}: groups of your records that may be one person each, and count as"
                " several: {n}; `tacit node duplicates --project {id}` shows them.",
                project=found.project.name,
                n=found.upload.suspected,
                id=found.project.project_id,
            )
    _warn(out, report)
    _say_withdrawn(out, report)
    if not report.projects:
        if not report.failures:
            out.say("Nothing to do: no project names {member} yet.", member=report.member)
        return
    out.table(
        "",
        (
            "Project",
            "Records uploaded",
            "Records sent",
            "Withheld",
            "Waiting for",
            "Newest run",
            "New notices",
        ),
        [
            (
                found.project.name,
                found.upload.records if found.upload else None,
                found.upload.travelled if found.upload else None,
                found.upload.withheld if found.upload else None,
                out.text(found.waiting_for, **found.waiting_names) if found.waiting_for else "",
                moment(found.run.created_at) if found.run else "-",
                found.new_notices,
            )
            for found in report.projects
        ],
    )


def _say_withdrawn(out: Output, report: SyncReport) -> None:
    for found in report.projects:
        if found.upload and found.upload.withdrawn:
            out.say(
                "{project}: the coordinator has erased {n} withdrawn records;"
                " `tacit node receipts` shows the receipts.",
                project=found.project.name,
                n=found.upload.withdrawn,
            )
    for found in report.projects:
        if found.upload and found.upload.forgotten:
            out.warn(
                "{project}: {n} records were withdrawn that this node does not remember, as after"
                " a restore from a backup. Withdraw them again.",
                project=found.project.name,
                n=found.upload.forgotten,
            )


def _warn(out: Output, report: SyncReport) -> None:
    for found in report.projects:
        view = found.project
        warn_over(out, view.name, view.over)
        warn_gone(out, view.name, view.gone)
        warn_due(out, view.name, found.due)
        proposal = view.proposal
        if proposal is not None and proposal.names_you and not proposal.signed_by_you:
            warn_proposed(out, view.name, proposal.version)
    for name in report.ended:
        warn_over(out, name, "removed")


def _failure(out: Output, failure: ProjectFailure) -> dict[str, object]:
    return {
        "project": failure.project_id,
        "name": failure.name,
        "code": failure.error.code.value,
        "message": failure.error.sentence(out.language),
        "exit_code": failure.error.entry.exit_code,
    }


def _project(found: ProjectSync) -> dict[str, object]:
    return {
        "project": found.project.project_id,
        "name": found.project.name,
        "in_force": found.project.in_force,
        "key_state": found.project.key_state,
        "upload": found.upload,
        "waiting_for": found.waiting,
        "version": found.project.agreement.version,
        "epoch": found.project.epoch,
        "over": found.project.over,
        "gone": found.project.gone,
        "proposed": found.project.proposal.version if found.project.proposal else None,
        "due": found.due,
        "run": found.run,
        "new_notices": found.new_notices,
    }
