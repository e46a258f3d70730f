"""How this node stands: what its store holds, and whether its coordinator answers."""

from dataclasses import dataclass

from tacit.linkage.agreement import parse_agreement
from tacit.linkage.agreement_versions import has_expired
from tacit.linkage.errors import TacitError
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import connect
from tacit.node.due import Due, due
from tacit.node.store.agreements import get_version
from tacit.node.store.base import Store
from tacit.node.store.checks import StoredNotice, list_notices
from tacit.node.store.identity import get_identity
from tacit.node.store.ledger import last_tree_head
from tacit.node.store.projects import StoredProject, get_linkage_key, list_projects
from tacit.node.store.records import count_records
from tacit.node.store.results import StoredRun, list_runs
from tacit.node.store.uploads import StoredUpload, latest_upload
from tacit.node.store.withdrawals import count_due, count_waiting
from tacit.node.times import now_ms, today

_IMPATIENT = RetryPolicy(patience=0.0)


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """A project as this node's store knows it.

    Attributes:
        signed_at: when this node signed, milliseconds, or None.
        key_held: whether the linkage key is here.
        upload: the latest upload, finished or on its way, or None.
        run: the newest run known, or None.
        notices: who asked about this member's records, newest first.
        version: of the agreement.
        epoch: counts the linkage keys; today's.
        epoch_ends_at: when the next one is due, milliseconds; 0 where none is by itself.
        expires_on: last day of the agreement, or empty.
        proposed: number of the version that is proposed, as last heard; None where none is.
        proposal_signed: whether this node has signed it.
        gone: members who have left the coalition, by name.
        over: why nothing flows any more: "", "expired", "removed" or "left".
        due: what ends soon, by this machine's clock.
        withdrawals_waiting: records that the coordinator has not confirmed to be erased yet, and
            those that the next synchronisation withdraws as the register no longer holds them.
    """

    project_id: str
    name: str
    in_force: bool
    signed_at: int | None
    key_held: bool
    upload: StoredUpload | None
    run: StoredRun | None
    notices: tuple[StoredNotice, ...]
    version: int = 1
    epoch: int = 1
    epoch_ends_at: int = 0
    expires_on: str = ""
    proposed: int | None = None
    proposal_signed: bool = False
    gone: tuple[str, ...] = ()
    withdrawals_waiting: int = 0
    over: str = ""
    due: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class CoordinatorStatus:
    """Whether the coordinator answers; `problem` says in words why not.

    Attributes:
        software: its version, or empty.
        clock_skew: its clock minus this machine's, seconds.
    """

    address: str
    reachable: bool
    problem: str
    problem_ko: str
    software: str
    clock_skew: float
    clock_is_off: bool


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How a node stands.

    Attributes:
        home: its home directory.
        member_id: empty before enrolment.
        name: of the member organisation, empty before enrolment.
        coordinator: None before enrolment.
        records: records in the register.
        projects: what the store knows of each.
        ledger_size: size of the largest tree head seen, 0 where none was.
    """

    home: str
    member_id: str
    name: str
    coordinator: CoordinatorStatus | None
    records: int
    projects: tuple[ProjectStatus, ...]
    ledger_size: int


def status(store: Store, policy: RetryPolicy = _IMPATIENT) -> StatusReport:
    """Report how this node stands; a coordinator that does not answer is no error here.

    Args:
        store: this node's store.
        policy: how patiently to wait for the coordinator; by default it is asked once.
    """
    with store.read() as connection:
        identity = get_identity(connection)
        records = count_records(connection)
        known = list_projects(connection)
        head = last_tree_head(connection)
    return StatusReport(
        home=str(store.home.path),
        member_id=identity.member_id if identity else "",
        name=identity.name if identity else "",
        coordinator=_coordinator(store, identity.address, policy) if identity else None,
        records=records,
        projects=tuple(project_status(store, project, now_ms()) for project in known),
        ledger_size=head.tree_size if head else 0,
    )


def _coordinator(store: Store, address: str, policy: RetryPolicy) -> CoordinatorStatus:
    try:
        with connect(store, policy) as session:
            greeting = session.greeting
    except TacitError as error:
        korean = error.sentence("ko")
        return CoordinatorStatus(address, False, str(error), korean, "", 0.0, False)
    return CoordinatorStatus(
        address, True, "", "", greeting.software, greeting.clock_skew, greeting.clock_is_off
    )


def project_status(store: Store, project: StoredProject, now: int) -> ProjectStatus:
    """Say how a project stands, as the store knows it.

    Args:
        store: this node's store.
        project: the project.
        now: milliseconds; what has ended or ends soon is told by it.
    """
    agreement = parse_agreement(project.agreement)
    over = project.over or ("expired" if has_expired(agreement, now) else "")
    with store.read() as connection:
        runs = list_runs(connection, project.project_id)
        key = get_linkage_key(connection, project.project_id, project.epoch, project.agreement_hash)
        proposal = None
        if project.proposal_hash is not None:
            proposal = get_version(connection, project.project_id, project.proposal_hash)
        upload = latest_upload(connection, project.project_id)
        notices = tuple(list_notices(connection, project.project_id))
        waiting = count_waiting(connection, project.project_id)
        waiting += count_due(connection, project.project_id, today().isoformat())
    parties = {party.member_id: party.name for party in agreement.members}
    return ProjectStatus(
        project_id=project.project_id,
        name=agreement.name,
        in_force=project.in_force,
        signed_at=project.signed_at,
        key_held=key is not None,
        upload=upload,
        run=runs[0] if runs else None,
        notices=notices,
        version=agreement.version,
        epoch=project.epoch,
        epoch_ends_at=project.epoch_ends_at,
        expires_on=agreement.expires_on,
        proposed=proposal.version if proposal else None,
        proposal_signed=proposal is not None and proposal.signed_at is not None,
        gone=tuple(parties.get(each, each) for each in project.gone.split()),
        withdrawals_waiting=0 if over else waiting,
        over=over,
        due=() if over else due(agreement, project.epoch_ends_at, now),
    )
