"""Projects as the coordinator shows them, taken in only as far as signatures bear them out."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, parse_agreement
from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_words import safety_number, terms
from tacit.node.context import Member
from tacit.node.store.agreements import StoredVersion, get_version, put_version
from tacit.node.store.base import Store
from tacit.node.store.projects import (
    StoredProject,
    get_linkage_key,
    get_project,
    put_project,
)
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects


@dataclass(frozen=True, slots=True)
class PartyView:
    """A member of a project.

    Attributes:
        you: whether it is this node's member.
        signed_at: milliseconds, or None while it has not signed; the signature was verified.
        has_key: whether the linkage key was sealed to it, or it made the key.
        records: records in its current upload, or None.
        uploaded_at: milliseconds, or None.
    """

    member_id: str
    name: str
    you: bool
    signed_at: int | None
    has_key: bool
    records: int | None
    uploaded_at: int | None


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project in terms that a person can judge.

    Attributes:
        agreement: the agreement itself.
        agreement_hash: hexadecimal.
        safety_number: what members compare out of band.
        safety_confirmed: whether this node's people said they compared it.
        in_force: whether every member has signed.
        signed_by_you: whether this node has signed.
        creator: name of the member who created the project.
        key_state: "held", "waiting" (not sealed to this node yet) or "unsigned".
        parties: every member, by member_id.
        terms: the agreement in plain English sentences.
        terms_ko: the same in Korean.
    """

    project_id: str
    name: str
    agreement: Agreement
    agreement_hash: str
    safety_number: str
    safety_confirmed: bool
    in_force: bool
    signed_by_you: bool
    creator: str
    key_state: str
    parties: tuple[PartyView, ...]
    terms: tuple[str, ...]
    terms_ko: tuple[str, ...]


def read_agreement(project: projects.Project, member: Member) -> Agreement:
    """Parse a project's agreement and check that it names this node with its own keys.

    Raises:
        TacitError: BAD_AGREEMENT or SIGNATURE_INVALID.
    """
    agreement = parse_agreement(project.agreement)
    if agreement.hash != project.agreement_hash:
        raise TacitError(Code.SIGNATURE_INVALID, "the agreement has another hash than stated")
    party = agreement.party(member.member_id)
    if party is None:
        raise TacitError(Code.BAD_AGREEMENT, problem="it does not name this member")
    own = (member.keys.signing_public.hex(), member.keys.sealing_public.hex())
    if (party.signing_key, party.sealing_key) != own:
        raise TacitError(Code.BAD_AGREEMENT, problem="it names other keys for this member")
    return agreement


def valid_signatures(project: projects.Project, agreement: Agreement) -> dict[str, int]:
    """Give who has signed and when, counting only signatures that verify."""
    statement = statements.agreement(agreement.hash)
    signed: dict[str, int] = {}
    for signature in project.signatures:
        party = agreement.party(signature.member_id)
        if party is None:
            continue
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(party.signing_key))
            key.verify(signature.signature, statement)
        except (InvalidSignature, ValueError):
            continue
        signed[party.member_id] = signature.signed_at
    return signed


def take_in(store: Store, member: Member, project: projects.Project) -> ProjectView:
    """Keep what the coordinator says of a project, where it can be believed.

    This node has signed where its own signature stands under the agreement: nobody else can have
    made it. So a creation or signature whose answer was lost is taken up here.

    Raises:
        TacitError: BAD_AGREEMENT, or SIGNATURE_INVALID where the project's agreement is another
            than before.
    """
    agreement = read_agreement(project, member)
    signed = valid_signatures(project, agreement)
    in_force = all(party.member_id in signed for party in agreement.members)
    with store.write() as connection:
        known = get_project(connection, project.project_id)
        if known is not None and known.agreement_hash != agreement.hash:
            detail = f"project {project.project_id} came back with another agreement"
            raise TacitError(Code.SIGNATURE_INVALID, detail)
        stored = StoredProject(
            project_id=project.project_id,
            agreement=project.agreement,
            agreement_hash=agreement.hash,
            creator_id=project.creator_id,
            in_force=in_force,
            signed_at=signed.get(member.member_id),
            updated_at=now_ms(),
        )
        put_project(connection, stored)
        before = get_version(connection, project.project_id, agreement.hash)
        version = StoredVersion(
            project.project_id,
            agreement.hash,
            agreement.version,
            project.agreement,
            stored.signed_at,
            (before.in_force_at if before else None) or (now_ms() if in_force else None),
            before.confirmed_at if before else None,
        )
        put_version(connection, version)
        key = get_linkage_key(connection, project.project_id, agreement.epoch, agreement.hash)
    parties = _parties(project, agreement, signed, member)
    creator = agreement.party(project.creator_id)
    return ProjectView(
        project_id=project.project_id,
        name=agreement.name,
        agreement=agreement,
        agreement_hash=agreement.hash.hex(),
        safety_number=safety_number(agreement.hash),
        safety_confirmed=version.confirmed_at is not None,
        in_force=in_force,
        signed_by_you=stored.signed_at is not None,
        creator=creator.name if creator else project.creator_id,
        key_state=_key_state(stored, held=key is not None),
        parties=parties,
        terms=terms(agreement),
        terms_ko=terms(agreement, "ko"),
    )


def _key_state(stored: StoredProject, *, held: bool) -> str:
    if held:
        return "held"
    return "unsigned" if stored.signed_at is None else "waiting"


def _parties(
    project: projects.Project, agreement: Agreement, signed: dict[str, int], member: Member
) -> tuple[PartyView, ...]:
    uploads = {upload.member_id: upload for upload in project.uploads}
    keyed = {*project.keyed_member_ids, project.creator_id}
    return tuple(
        PartyView(
            member_id=party.member_id,
            name=party.name,
            you=party.member_id == member.member_id,
            signed_at=signed.get(party.member_id),
            has_key=party.member_id in keyed,
            records=uploads[party.member_id].record_count if party.member_id in uploads else None,
            uploaded_at=uploads[party.member_id].finished_at
            if party.member_id in uploads
            else None,
        )
        for party in agreement.members
    )
