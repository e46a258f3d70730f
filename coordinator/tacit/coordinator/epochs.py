"""Epochs of a project: each has a linkage key of its own, and none meets another's encodings."""

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.policy import Call
from tacit.coordinator.project_admission import require_complete, require_in_force
from tacit.coordinator.proposals import settle_lapsed
from tacit.coordinator.sealed_keys import check_keys, keep_keys
from tacit.coordinator.store import runs
from tacit.coordinator.store.epochs import end_for_all
from tacit.coordinator.store.projects import Project, find_sealed_key, read_project
from tacit.coordinator.store.retention import erase_results, erase_sketches
from tacit.coordinator.store.versions import forget_keys, set_epoch
from tacit.linkage.agreement_versions import epoch_ends_at
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import projects_pb2


def end_epoch(connection: Connection, project: Project, now: int, *, results: bool) -> None:
    """End a project's present epoch: nothing of it is compared any more, all of it is erased.

    Encodings count no longer at once; `retention` erases them in batches, promptly, and gives the
    members their receipts.

    Args:
        connection: a `Store.write` transaction.
        project: as it is.
        now: milliseconds.
        results: whether what runs found goes as well, which it does with the agreement it is of.
    """
    # First the runs: what they read cannot be erased as long as they are under way.
    cancel_runs(connection, project.id, now)
    end_for_all(connection, project.id, project.epoch, now)
    forget_keys(connection, project.id, project.epoch)
    erase_sketches(connection, project.id)
    if results:
        erase_results(connection, project.id)


def cancel_runs(connection: Connection, project_id: str, now: int) -> None:
    """Cancel a project's runs that have not ended."""
    for run in runs.of_project(connection, project_id):
        if not run.ended:
            runs.end(connection, run.id, runs.CANCELLED, now)


def start_epoch(backend: Backend, call: Call, request: projects_pb2.StartEpochRequest) -> None:
    """Begin the next epoch with a key that is sealed to all others; the first who does it does it.

    Raises:
        TacitError: EPOCH_RUNNING, none is due, or somebody was quicker; PROPOSAL_OPEN; MALFORMED,
            SIGNATURE_INVALID; AGREEMENT_STALE.
    """
    keys = check_keys(call.member, call.agreement, call.project.agreement_hash, request)
    others = {party.member_id for party in call.agreement.members} - {call.member.id}
    if {key.recipient_id for key in keys} != others:
        raise TacitError(Code.MALFORMED, problem="'keys' must name every other party.")
    now = backend.now()
    with backend.store.write() as connection:
        project = current(connection, call, now)
        if project.epoch == request.epoch and all(
            find_sealed_key(connection, project.id, key.epoch, key.recipient_id) == key
            for key in keys
        ):
            return  # the answer to the first call was lost
        _require_due(connection, call, project, request.epoch, now)
        end_epoch(connection, project, now, results=False)
        set_epoch(connection, project.id, request.epoch, now)
        backend.ledger.append(
            connection,
            "epoch",
            now,
            project=project.id,
            agreement=project.agreement_hash.hex(),
            epoch=request.epoch,
            member=call.member.id,
        )
        keep_keys(backend, connection, project.id, keys, now)


def fresh(connection: Connection, call: Call) -> Project:
    """Read the caller's project again within a transaction that writes.

    Raises:
        TacitError: AGREEMENT_STALE, another version came into force since the call was admitted.
    """
    return _unchanged(connection, call.project.id, call.project.agreement_hash)


def current(connection: Connection, call: Call, now: int) -> Project:
    """Read the caller's project again within a transaction that is to change something.

    Raises:
        TacitError: AGREEMENT_STALE, another version came into force since the call was admitted;
            AGREEMENT_EXPIRED or MEMBER_GONE, the agreement has ended meanwhile.
    """
    project = fresh(connection, call)
    require_in_force(project, call.agreement, now)
    require_complete(connection, project)
    return project


def same_epoch(connection: Connection, call: Call, now: int) -> Project:
    """Do as `current` does, and hold the epoch to that in which the call was admitted.

    Raises:
        TacitError: as `current`; EPOCH_ENDED, another epoch has begun meanwhile.
    """
    project = current(connection, call, now)
    require_same(connection, project.id, project.agreement_hash, call.project.epoch)
    return project


def require_same(
    connection: Connection, project_id: str, agreement_hash: bytes, epoch: int
) -> None:
    """Hold a project to the version and the epoch under which something began.

    Raises:
        TacitError: AGREEMENT_STALE or EPOCH_ENDED, another one has begun meanwhile.
    """
    if _unchanged(connection, project_id, agreement_hash).epoch != epoch:
        raise TacitError(Code.EPOCH_ENDED, epoch=epoch)


def _unchanged(connection: Connection, project_id: str, agreement_hash: bytes) -> Project:
    project = read_project(connection, project_id)
    if project is None or project.agreement_hash != agreement_hash:
        raise TacitError(Code.AGREEMENT_STALE)
    return project


def _require_due(
    connection: Connection, call: Call, project: Project, epoch: int, now: int
) -> None:
    end = epoch_ends_at(call.agreement, project.epoch_started_at)
    if epoch != project.epoch + 1 or not end or now < end:
        raise TacitError(Code.EPOCH_RUNNING, epoch=project.epoch)
    proposal = settle_lapsed(connection, project.id, now)
    if proposal is not None:
        raise TacitError(Code.PROPOSAL_OPEN, version=proposal.version)
