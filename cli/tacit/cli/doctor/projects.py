"""Examining a node's projects: agreements that end, keys that are overdue, members who left."""

from collections.abc import Iterator

from tacit.cli.doctor.places import Clock
from tacit.cli.doctor.troubles import Finding, Trouble
from tacit.cli.output import moment
from tacit.node.status import ProjectStatus, project_status
from tacit.node.store.base import Store
from tacit.node.store.projects import list_projects

_CHECK = "projects"


def look_at_projects(store: Store, clock: Clock) -> Iterator[Finding]:
    """Look at every project as the store knows it; says nothing where there is none."""
    now = int(clock().timestamp() * 1000)
    with store.read() as connection:
        known = list_projects(connection)
    found = [
        finding
        for project in known
        for finding in _findings(project_status(store, project, now), now)
    ]
    yield from found
    if known and not found:
        yield Finding(_CHECK)


def _findings(project: ProjectStatus, now: int) -> Iterator[Finding]:
    of = {"project": project.name}
    if project.over == "expired":
        yield Finding(_CHECK, Trouble.AGREEMENT_ENDED, {**of, "day": project.expires_on})
    if project.over:
        return
    for item in project.due:
        if item.what == "agreement":
            yield Finding(_CHECK, Trouble.AGREEMENT_ENDS_SOON, {**of, "days": item.days})
    if project.gone:
        names = ", ".join(project.gone)
        yield Finding(_CHECK, Trouble.MEMBER_LEFT, {**of, "names": names})
    if 0 < project.epoch_ends_at <= now and project.proposed is None:
        since = moment(project.epoch_ends_at)
        yield Finding(_CHECK, Trouble.KEY_OVERDUE, {**of, "time": since})
    if project.proposed is not None and not project.proposal_signed:
        version = project.proposed
        yield Finding(_CHECK, Trouble.SIGNATURE_WAITS, {**of, "version": version})
