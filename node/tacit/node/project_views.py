"""A project in terms that a person can judge."""

from dataclasses import dataclass

from tacit.linkage.agreement import Agreement
from tacit.node.agreement_changes import Change, changes
from tacit.node.agreement_words import safety_number, terms
from tacit.node.context import Member
from tacit.node.shown_project import ShownProject, ShownVersion
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
        gone: whether it has left the coalition.
    """

    member_id: str
    name: str
    you: bool
    signed_at: int | None
    has_key: bool
    records: int | None
    uploaded_at: int | None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A version of the agreement that is proposed and not in force yet.

    Attributes:
        version: its number.
        agreement: the version itself.
        agreement_hash: hexadecimal.
        safety_number: what members compare out of band once it is in force.
        proposer: the member who proposed it, by name.
        proposed_at: milliseconds.
        lapses_at: when it is dropped unless all have signed.
        signed_by_you: whether this node has signed it.
        names_you: whether it names this node's member.
        signed: members who have signed, by name.
        unsigned: members who have not.
        changes: what it changes, in English.
        changes_ko: the same in Korean.
        terms: the whole of it in plain English sentences.
        terms_ko: the same in Korean.
    """

    version: int
    agreement: Agreement
    agreement_hash: str
    safety_number: str
    proposer: str
    proposed_at: int
    lapses_at: int
    signed_by_you: bool
    names_you: bool
    signed: tuple[str, ...]
    unsigned: tuple[str, ...]
    changes: tuple[Change, ...]
    changes_ko: tuple[Change, ...]
    terms: tuple[str, ...]
    terms_ko: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as it stands.

    Attributes:
        agreement: the version in force; for a node that only a proposal names, that proposal.
        agreement_hash: hexadecimal.
        safety_number: what members compare out of band; every version has another one.
        safety_confirmed: whether this node's people said they compared it.
        in_force: whether every member has signed.
        signed_by_you: whether this node has signed.
        creator: name of the member who created the project.
        key_state: "held", "waiting" (not sealed to this node yet), "unsigned", or "destroyed".
        parties: every member, by member_id.
        terms: the agreement in plain English sentences.
        terms_ko: the same in Korean.
        epoch: counts the linkage keys; today's.
        epoch_ends_at: when the next one is due, milliseconds; 0 where none is by itself.
        proposal: the next version, while it is proposed.
        gone: members who have left the coalition, by name: nothing flows until a version without
            them is in force.
        over: why nothing flows any more: "", "expired", "removed" where the version in force does
            not name this node, or "left" where it left the coalition.
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
    epoch: int = 1
    epoch_ends_at: int = 0
    proposal: ProposalView | None = None
    gone: tuple[str, ...] = ()
    over: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What this node's own store adds to what the coordinator shows.

    Attributes:
        key: whether the linkage key of today's epoch is here.
        confirmed: whether the safety number of this version was compared.
        over: as in `ProjectView`.
    """

    key: bool
    confirmed: bool
    over: str


def project_view(shown: ShownProject, member: Member, held: Held) -> ProjectView:
    """Put a project into words and names."""
    own = shown.own
    agreement = own.agreement
    return ProjectView(
        project_id=shown.message.project_id,
        name=agreement.name,
        agreement=agreement,
        agreement_hash=agreement.hash.hex(),
        safety_number=safety_number(agreement.hash),
        safety_confirmed=held.confirmed,
        in_force=own.all_signed,
        signed_by_you=member.member_id in own.signed,
        creator=_creator(shown),
        key_state=_key_state(own, member, held),
        parties=_parties(shown.message, own, member),
        terms=terms(agreement),
        terms_ko=terms(agreement, "ko"),
        epoch=shown.epoch if own is shown.current else agreement.epoch,
        epoch_ends_at=shown.message.epoch_ends_at if own is shown.current else 0,
        proposal=_proposal_view(shown, member),
        gone=tuple(_name(agreement, each) for each in shown.message.gone_member_ids),
        over=held.over,
    )


def _proposal_view(shown: ShownProject, member: Member) -> ProposalView | None:
    proposal = shown.proposal
    if proposal is None:
        return None
    before, agreement = shown.current.agreement, proposal.agreement
    return ProposalView(
        version=agreement.version,
        agreement=agreement,
        agreement_hash=agreement.hash.hex(),
        safety_number=safety_number(agreement.hash),
        proposer=_name(agreement, proposal.maker_id),
        proposed_at=shown.message.proposal.proposed_at,
        lapses_at=shown.message.proposal.lapses_at,
        signed_by_you=member.member_id in proposal.signed,
        names_you=agreement.party(member.member_id) is not None,
        signed=tuple(p.name for p in agreement.members if p.member_id in proposal.signed),
        unsigned=tuple(p.name for p in agreement.members if p.member_id not in proposal.signed),
        changes=changes(before, agreement),
        changes_ko=changes(before, agreement, "ko"),
        terms=terms(agreement),
        terms_ko=terms(agreement, "ko"),
    )


def _creator(shown: ShownProject) -> str:
    creator_id = shown.message.creator_id
    named = (version.party(creator_id) for version in reversed(shown.chain))
    return next((party.name for party in named if party is not None), creator_id)


def _name(agreement: Agreement, member_id: str) -> str:
    party = agreement.party(member_id)
    return party.name if party else member_id


def _key_state(own: ShownVersion, member: Member, held: Held) -> str:
    if held.over:
        return "destroyed"
    if held.key:
        return "held"
    return "waiting" if member.member_id in own.signed else "unsigned"


def _parties(message: projects.Project, own: ShownVersion, member: Member) -> tuple[PartyView, ...]:
    uploads = {upload.member_id: upload for upload in message.uploads}
    ids = {party.member_id for party in own.agreement.members}
    # Whoever made the key has it, and sealed it to all others.
    made = ids - own.keyed if len(ids - own.keyed) == 1 else {own.maker_id}
    gone = set(message.gone_member_ids)
    return tuple(
        PartyView(
            member_id=party.member_id,
            name=party.name,
            you=party.member_id == member.member_id,
            signed_at=own.signed.get(party.member_id),
            has_key=party.member_id in own.keyed | made,
            records=uploads[party.member_id].record_count if party.member_id in uploads else None,
            uploaded_at=uploads[party.member_id].finished_at
            if party.member_id in uploads
            else None,
            gone=party.member_id in gone,
        )
        for party in own.agreement.members
    )
