"""A project as the coordinator shows it, read and verified before anything of it is believed.

What binds this node is what it signed. A later version counts only if it continues that: its chain
of `supersedes` leads through every version that this node has seen in force back to version 1,
whose hash gives the project's identifier, and every member that it names has signed it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, Party, parse_agreement
from tacit.linkage.agreement_versions import check_successor, earlier_hashes, project_id_of
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.signing import verifies
from tacit.node.context import Member
from tacit.node.store.agreements import StoredVersion
from tacit.v1 import projects_pb2 as projects

PARTY = "party"
INVITED = "invited"
REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of the agreement, with what can be believed of it.

    Attributes:
        agreement: the version.
        document: its canonical JSON.
        signed: who has signed it and when; only signatures that verify.
        keyed: members for whom its linkage key was sealed.
        maker_id: who wrote it, or empty where that is not told any more.
    """

    agreement: Agreement
    document: bytes
    signed: Mapping[str, int]
    keyed: frozenset[str]
    maker_id: str

    @property
    def all_signed(self) -> bool:
        """Whether every member that it names has signed it."""
        return all(party.member_id in self.signed for party in self.agreement.members)


@dataclass(frozen=True, slots=True)
class ShownProject:
    """A project as the coordinator shows it.

    Attributes:
        message: the rest of what it shows: uploads, times.
        current: the version in force, or version 1 while it is not.
        chain: the versions up to it, oldest first, itself included.
        proposal: the version that is proposed to follow, where there is one.
        standing: whether `current` names this node ("party"), only `proposal` does ("invited"), or
            neither does any more ("removed").
    """

    message: projects.Project
    current: ShownVersion
    chain: tuple[Agreement, ...]
    proposal: ShownVersion | None
    standing: str

    @property
    def own(self) -> ShownVersion:
        """The version that concerns this node: the proposed one where only that names it."""
        if self.standing == INVITED and self.proposal is not None:
            return self.proposal
        return self.current

    @property
    def epoch(self) -> int:
        """Counts the linkage keys; today's."""
        return max(self.message.epoch, self.current.agreement.epoch)


def read_project(project: projects.Project, member: Member) -> ShownProject:
    """Read what the coordinator shows of a project, by itself.

    Raises:
        TacitError: BAD_AGREEMENT, SIGNATURE_INVALID, or UNSIGNED_AGREEMENT where its versions are
            no chain, or a later one is not signed by all.
    """
    current = _version(
        (project.agreement, project.agreement_hash),
        project.signatures,
        project.keyed_member_ids,
        project.creator_id,
    )
    if current.agreement.version > 1:
        current = replace(current, maker_id="")
    chain = _chain(project, current.agreement)
    if current.agreement.version > 1 and not current.all_signed:
        version = current.agreement.version
        raise unsigned(f"not every member that version {version} names has signed it")
    proposal = _proposal(project, current.agreement)
    standing = _standing(member, current, proposal)
    for shown in (current, proposal):
        if shown is not None:
            _refuse_other_keys(member, shown.agreement)
    return ShownProject(project, current, chain, proposal, standing)


def refuse_break(shown: ShownProject, known: Iterable[StoredVersion]) -> None:
    """Go on only if what is shown continues every version that this node has seen in force.

    Raises:
        TacitError: UNSIGNED_AGREEMENT.
    """
    hashes = {version.hash for version in shown.chain}
    latest = shown.current.agreement.version
    for before in known:
        if before.in_force_at is None or before.agreement_hash in hashes:
            continue
        if before.version > latest:
            raise unsigned(f"version {latest} is older than the one that was in force")
        raise unsigned(f"version {latest} does not continue the version that this node signed")


def names_member(project: projects.Project, member: Member) -> bool:
    """Tell whether a project can be used by this node, without saying why not."""
    try:
        return read_project(project, member).standing != REMOVED
    except TacitError:
        return False


def valid_signatures(
    signatures: Iterable[projects.Signature], agreement: Agreement
) -> dict[str, int]:
    """Give who has signed and when, counting only signatures that verify."""
    statement = statements.agreement(agreement.hash)
    return {
        given.member_id: given.signed_at
        for given in signatures
        if (party := agreement.party(given.member_id)) is not None
        and verifies(bytes.fromhex(party.signing_key), given.signature, statement)
    }


def unsigned(problem: str) -> TacitError:
    """Say that the coordinator goes by an agreement that this node did not sign."""
    return TacitError(Code.UNSIGNED_AGREEMENT, problem=problem)


def _version(
    written: tuple[bytes, bytes],
    signatures: Sequence[projects.Signature],
    keyed: Iterable[str],
    maker_id: str,
) -> ShownVersion:
    document, stated = written
    agreement = parse_agreement(document)
    if agreement.hash != stated:
        raise TacitError(Code.SIGNATURE_INVALID, "the agreement has another hash than stated")
    signed = valid_signatures(signatures, agreement)
    return ShownVersion(agreement, document, signed, frozenset(keyed), maker_id)


def _chain(project: projects.Project, current: Agreement) -> tuple[Agreement, ...]:
    known = {version.hash: version for version in map(parse_agreement, project.earlier)}
    hashes = earlier_hashes(current, project.earlier)
    if len(hashes) != current.version:
        raise unsigned(f"the versions before version {current.version} are not shown")
    if project_id_of(hashes[-1]) != project.project_id:
        raise unsigned("its first version is not this project's")
    if current.version == 1:
        return (current,)
    if hashes[-1] not in known:
        raise unsigned(f"the versions before version {current.version} are not shown")
    return (*(known[each] for each in reversed(hashes[1:])), current)


def _proposal(project: projects.Project, current: Agreement) -> ShownVersion | None:
    if not project.HasField("proposal"):
        return None
    offered = project.proposal
    try:
        proposal = _version(
            (offered.agreement, offered.agreement_hash),
            offered.signatures,
            offered.keyed_member_ids,
            offered.proposer_id,
        )
        check_successor(current, proposal.agreement, max(project.epoch, current.epoch))
    except TacitError:
        # Nobody can be bound by it, and it is not to keep today's version from being used.
        return None
    return proposal


def _standing(member: Member, current: ShownVersion, proposal: ShownVersion | None) -> str:
    if current.agreement.party(member.member_id) is not None:
        return PARTY
    if proposal is not None and proposal.agreement.party(member.member_id) is not None:
        return INVITED
    return REMOVED


def _refuse_other_keys(member: Member, agreement: Agreement) -> None:
    party: Party | None = agreement.party(member.member_id)
    own = (member.keys.signing_public.hex(), member.keys.sealing_public.hex())
    if party is not None and (party.signing_key, party.sealing_key) != own:
        raise TacitError(Code.BAD_AGREEMENT, problem="it names other keys for this member")
