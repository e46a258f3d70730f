"""From one version of a project's agreement to the next: proposed, signed, in force.

Whatever follows from a signature happens in its transaction: with the last one the version before
ends, and with it its epoch, its uploads, its runs and its results.
"""

from sqlalchemy import Connection

from tacit.coordinator.agreements import check_agreement
from tacit.coordinator.backend import Backend
from tacit.coordinator.documents import agreement_of
from tacit.coordinator.epochs import end_epoch, fresh
from tacit.coordinator.policy import Call
from tacit.coordinator.proposals import drop, open_now, settle_lapsed
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.decisions import forget_withdrawn
from tacit.coordinator.store.members import Member
from tacit.coordinator.store.projects import (
    Project,
    add_project,
    find_project,
    read_project,
    set_signed,
)
from tacit.coordinator.store.versions import (
    CURRENT,
    PROPOSED,
    Signature,
    Version,
    add_signature,
    add_version,
    find_version,
    list_signatures,
    set_in_force,
)
from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, parse_agreement
from tacit.linkage.agreement_versions import check_successor, has_expired, project_id_of
from tacit.linkage.errors import Code, TacitError


def create_project(backend: Backend, caller: Member, document: bytes, signature: bytes) -> str:
    """Enter an agreement's version 1 and its creator's signature; the same again changes nothing.

    Returns:
        The project's identifier.

    Raises:
        TacitError: BAD_AGREEMENT, BAD_SCHEMA, FORBIDDEN, SIGNATURE_INVALID, EXISTS.
    """
    agreement = parse_agreement(document)
    _check_signed(caller, agreement, signature)
    if agreement.version != 1:
        raise _bad("a project begins with version 1")
    now = backend.now()
    with backend.store.write() as connection:
        project = read_project(connection, project_id_of(agreement.hash))
        if project is not None and not _may_have(connection, project, caller):
            raise TacitError(Code.EXISTS, what="A project with this agreement")
        if project is None:
            _check_terms(connection, agreement, now)
            project = Project(
                project_id_of(agreement.hash),
                document,
                agreement.hash,
                caller.id,
                now,
                in_force=False,
                epoch=agreement.epoch,
                epoch_started_at=now,
            )
            add_project(connection, project, [p.member_id for p in agreement.members])
            version = _enter(backend, connection, project.id, agreement, caller, now)
            _sign(backend, connection, version, caller, signature)
        return project.id


def propose_version(backend: Backend, call: Call, document: bytes, signature: bytes) -> None:
    """Enter the next version and the proposer's signature; the same again changes nothing.

    Raises:
        TacitError: BAD_AGREEMENT, BAD_SCHEMA, FORBIDDEN, SIGNATURE_INVALID; PROPOSAL_OPEN, another
            one is not decided yet; AGREEMENT_STALE, a version came into force meanwhile.
    """
    agreement = parse_agreement(document)
    _check_signed(call.member, agreement, signature)
    now = backend.now()
    with backend.store.write() as connection:
        project = fresh(connection, call)
        known = settle_lapsed(connection, project.id, now)
        if known is not None and known.agreement_hash == agreement.hash:
            return
        if known is not None:
            raise TacitError(Code.PROPOSAL_OPEN, version=known.version)
        check_successor(call.agreement, agreement, project.epoch)
        _check_terms(connection, agreement, now)
        version = _enter(backend, connection, project.id, agreement, call.member, now)
        _sign(backend, connection, version, call.member, signature)


def drop_proposal(backend: Backend, call: Call, agreement_hash: bytes) -> None:
    """Drop the open proposal.

    Raises:
        TacitError: AGREEMENT_STALE, it was decided meanwhile.
    """
    now = backend.now()
    with backend.store.write() as connection:
        version = open_now(connection, call.project.id, now)
        if version is None or version.agreement_hash != agreement_hash:
            raise TacitError(Code.AGREEMENT_STALE)
        drop(connection, version, call.member.id, now)


def sign_agreement(backend: Backend, call: Call, agreement_hash: bytes, signature: bytes) -> None:
    """Enter the caller's signature; with the last one the version is in force.

    Signing twice is signing once.

    Raises:
        TacitError: SIGNATURE_INVALID; AGREEMENT_STALE, the version was dropped or replaced.
    """
    verify(call.member.signing_key, signature, statements.agreement(agreement_hash))
    with backend.store.write() as connection:
        version = find_version(connection, agreement_hash)
        lapsed = version is not None and version.state == PROPOSED
        lapsed = lapsed and open_now(connection, call.project.id, backend.now()) is None
        if version is None or version.state not in {CURRENT, PROPOSED} or lapsed:
            raise TacitError(Code.AGREEMENT_STALE)
        signed = {item.member_id for item in list_signatures(connection, agreement_hash)}
        if call.member.id not in signed:
            _sign(backend, connection, version, call.member, signature)


def _may_have(connection: Connection, project: Project, caller: Member) -> bool:
    """Say whether a caller has made this project, and no version since has left it out."""
    party = find_project(connection, project.id, caller.id) is not None
    return project.creator_id == caller.id and party


def _check_signed(caller: Member, agreement: Agreement, signature: bytes) -> None:
    if agreement.party(caller.id) is None:
        raise TacitError(Code.FORBIDDEN, "the agreement does not name the caller")
    verify(caller.signing_key, signature, statements.agreement(agreement.hash))


def _check_terms(connection: Connection, agreement: Agreement, now: int) -> None:
    if has_expired(agreement, now):
        raise _bad("'expires_on' is over already")
    check_agreement(connection, agreement)


def _enter(  # noqa: PLR0917 (all of it is what is entered)
    backend: Backend,
    connection: Connection,
    project_id: str,
    agreement: Agreement,
    proposer: Member,
    now: int,
) -> Version:
    first = agreement.version == 1
    index = backend.ledger.append(
        connection,
        "agreement" if first else "proposal",
        now,
        project=project_id,
        agreement=agreement.hash.hex(),
        members=[party.member_id for party in agreement.members],
        epoch=agreement.epoch,
        **({"creator": proposer.id} if first else _follows(agreement, proposer)),
    )
    version = Version(
        agreement.hash,
        project_id,
        agreement.version,
        agreement.encode(),
        proposer.id,
        CURRENT if first else PROPOSED,
        now,
        index,
    )
    add_version(connection, version)
    return version


def _follows(agreement: Agreement, proposer: Member) -> dict[str, str | int]:
    return {
        "member": proposer.id,
        "supersedes": agreement.supersedes,
        "version": agreement.version,
    }


def _sign(
    backend: Backend, connection: Connection, version: Version, member: Member, signature: bytes
) -> None:
    now = backend.now()
    index = backend.ledger.append(
        connection,
        "signature",
        now,
        project=version.project_id,
        agreement=version.agreement_hash.hex(),
        member=member.id,
        signature=signature.hex(),
    )
    add_signature(connection, version.agreement_hash, Signature(member.id, signature, now), index)
    signed = {item.member_id for item in list_signatures(connection, version.agreement_hash)}
    if signed == {party.member_id for party in version.terms.members}:
        _come_into_force(backend, connection, version, now)


def _come_into_force(backend: Backend, connection: Connection, version: Version, now: int) -> None:
    if version.state == CURRENT:
        set_signed(connection, version.project_id, now)
    else:
        project = read_project(connection, version.project_id)
        if project is None:
            raise TacitError(Code.INTERNAL, "a version of no project")
        end_epoch(connection, project, now, results=True)
        set_in_force(connection, version, now)
        for party in agreement_of(project.agreement).members:
            if version.terms.party(party.member_id) is None:
                forget_withdrawn(connection, project.id, party.member_id)
    backend.ledger.append(
        connection,
        "in_force",
        now,
        project=version.project_id,
        agreement=version.agreement_hash.hex(),
    )


def _bad(problem: str) -> TacitError:
    return TacitError(Code.BAD_AGREEMENT, problem=problem)
