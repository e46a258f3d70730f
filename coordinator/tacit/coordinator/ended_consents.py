"""Erasing records whose consent is over, also where their member's node never comes back.

Results leave them out from the first moment of the next day on; this takes them off the disk.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.store.ended_consents import erase_ended, uploads_with_ended
from tacit.coordinator.store.retention import Kept


def erase_ended_consents(backend: Backend, projects: Sequence[Kept], most: int) -> int:
    """Erase the encodings of projects whose consent had ended before today.

    What a run under way reads stays until it has ended. Commitments stay as they are, since the
    member may have renewed a consent and upload the record again.

    Args:
        backend: the coordinator; its clock says what today is.
        projects: all of them.
        most: records in one transaction.

    Returns:
        How many batches there were, each with its ledger entry.

    Raises:
        TacitError: STORE_FAILED; what is left is found again the next time.
    """
    batches = 0
    for project in projects:
        while not backend.stopping.is_set() and _erase_batch(backend, project, most):
            batches += 1
    return batches


def _erase_batch(backend: Backend, project: Kept, most: int) -> bool:
    day = backend.day
    with backend.store.read() as connection:
        # Writers take turns: mostly there is nothing to take one for.
        if not uploads_with_ended(connection, project.project_id, day):
            return False
    with backend.store.write() as connection:
        found = uploads_with_ended(connection, project.project_id, day)
        erased = sum(erase_ended(connection, upload, day, most) for upload in found[:1])
        if erased:
            _enter(backend, connection, project, erased)
    return erased > 0


def _enter(backend: Backend, connection: Connection, project: Kept, erased: int) -> None:
    backend.ledger.append(
        connection,
        "erasure",
        backend.now(),
        project=project.project_id,
        agreement=project.agreement_hash.hex(),
        uploads=0,
        records=erased,
        runs=0,
        ended_consents=erased,
    )
