"""Who documented a case, when, and under which petition: fetched, verified and kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from tacit.linkage.agreement import Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.node.claim_proofs import VerifiedClaim, verify_claim
from tacit.node.client.retry import retrying
from tacit.node.client.session import LONG, Session
from tacit.node.context import BoundProject, Member, connect, load_member, signed_project
from tacit.node.fetch import publication_word
from tacit.node.ledger_proofs import accept_head, proof_invalid
from tacit.node.results import groups_of, newest_fetched
from tacit.node.sealed_claims import ClaimSealer
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredToken, get_tokens
from tacit.node.store.results import StoredClaims, list_groups, list_runs, put_claims
from tacit.node.times import now_ms
from tacit.v1 import claims_pb2 as claims_messages
from tacit.v1 import ledger_pb2 as ledger


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One member's claim to a case; its proof was verified.

    Attributes:
        member: who claims.
        yours: whether it is this member's.
        record_id: of this member's record, else empty.
        documented_on: when the member says it documented the case, ISO date or empty.
        forum: before whom it was brought.
        petition: under which reference.
        consent: where the consent comes from.
        publication: "allowed", "objected" or empty.
        order: 1 for the earliest entry in the ledger; claims of one entry share a place.
        recorded_at: when the coordinator entered it, milliseconds; never earlier than the member
            joined, so `documented_on` may well be long before.
        ledger_index: place of that entry in the ledger.
        unchanged: False where the member has changed the claim since.
    """

    member: str
    yours: bool
    record_id: str
    documented_on: str
    forum: str
    petition: str
    consent: str
    publication: str
    order: int
    recorded_at: int
    ledger_index: int
    unchanged: bool


@dataclass(frozen=True, slots=True)
class ClaimGroupView:
    """The claims to one case, earliest recorded first."""

    group_id: int
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """Verified claims to the cases of one run.

    Attributes:
        tree_size: size of the ledger whose signed head every proof was checked against.
        tree_root: its root, hexadecimal.
        head_at: when the coordinator signed it, milliseconds.
    """

    project_id: str
    run_id: str
    groups: tuple[ClaimGroupView, ...]
    tree_size: int
    tree_root: str
    head_at: int


def claims(
    store: Store,
    project: str | None = None,
    group: int | None = None,
    record_id: str | None = None,
) -> ClaimReport:
    """Fetch and verify who recorded which case first.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        group: only this match group.
        record_id: only groups that hold this record of the register.

    Raises:
        TacitError: PURPOSE_NOT_AGREED, KEY_MISSING, NOT_FOUND (run, group or record);
            PROOF_INVALID where anything does not verify, and then nothing is shown or kept; or
            what the connection raises.
    """
    member, bound = load_member(store), signed_project(store, project)
    if Purpose.ATTRIBUTE not in bound.agreement.purposes:
        raise TacitError(Code.PURPOSE_NOT_AGREED, purpose=Purpose.ATTRIBUTE.value)
    run_id, wanted, tokens = _wanted(store, bound, group, record_id)
    verifier = _Verifier(member, bound, ClaimSealer(bound.key(), bound.agreement_hash), tokens)
    with connect(store) as session:
        request = claims_messages.GetClaimsRequest(
            project_id=bound.id,
            agreement_hash=bound.agreement_hash,
            run_id=run_id,
            group_ids=wanted,
        )
        answers = retrying(
            session.policy,
            lambda: list(session.stream(session.claims.GetClaims, request, LONG)),
        )
        for answer in answers:
            bound.require_own(answer.agreement_hash)
        head = _accept_heads(session, store, answers)
    groups = tuple(
        verifier.group(message, answer.head) for answer in answers for message in answer.groups
    )
    if wanted and not groups:
        raise TacitError(Code.NOT_FOUND, what="claim to this case")
    _keep(store, run_id, groups)
    return ClaimReport(
        bound.id, run_id, groups, head.tree_size, head.root_hash.hex(), head.timestamp
    )


class _Verifier:
    def __init__(
        self,
        member: Member,
        project: BoundProject,
        sealer: ClaimSealer,
        tokens: Mapping[bytes, StoredToken],
    ) -> None:
        self._member = member
        self._project = project
        self._sealer = sealer
        self._tokens = tokens

    def group(self, message: claims_messages.ClaimGroup, head: ledger.TreeHead) -> ClaimGroupView:
        """Verify every claim of a group, and the order in which they are shown."""
        verified = [
            (claim, verify_claim(claim, head, self._project, self._sealer))
            for claim in message.claims
        ]
        places = sorted({proof.ledger_index for _, proof in verified})
        stated = [(claim.rank, proof.ledger_index) for claim, proof in verified]
        if any((a[0] < b[0]) != (a[1] < b[1]) for a in stated for b in stated):
            raise proof_invalid(f"the order of claims in group {message.group_id}")
        shown = sorted(
            (
                self._view(claim, proof, places.index(proof.ledger_index) + 1)
                for claim, proof in verified
            ),
            key=lambda view: (view.order, view.member, view.record_id),
        )
        return ClaimGroupView(message.group_id, tuple(shown))

    def _view(self, claim: claims_messages.Claim, proof: VerifiedClaim, order: int) -> ClaimView:
        yours = proof.party.member_id == self._member.member_id
        own = self._tokens.get(claim.token)
        if yours is not claim.yours or (yours and own is None):
            raise proof_invalid("whose claim it is")
        return ClaimView(
            member=proof.party.name,
            yours=yours,
            record_id=own.record_id if own and yours else "",
            documented_on=proof.text.documented_on,
            forum=proof.text.forum,
            petition=proof.text.petition,
            consent=proof.text.consent,
            publication=publication_word(claim.publication),
            order=order,
            recorded_at=proof.recorded_at,
            ledger_index=proof.ledger_index,
            unchanged=proof.unchanged,
        )


def _wanted(
    store: Store, project: BoundProject, group: int | None, record_id: str | None
) -> tuple[str, list[int], Mapping[bytes, StoredToken]]:
    with store.read() as connection:
        run = newest_fetched(list_runs(connection, project.id))
        groups = list_groups(connection, run.run_id)
        tokens = {token.token: token for token in get_tokens(connection, project.id).values()}
    if record_id is not None:
        groups = groups_of(groups, tokens, record_id)
        if not groups:
            raise TacitError(Code.NOT_FOUND, what="match for this record")
    if group is not None:
        groups = [found for found in groups if found.group_id == group]
        if not groups:
            raise TacitError(Code.NOT_FOUND, what="match group of this number")
    everything = record_id is None and group is None
    return run.run_id, [] if everything else [found.group_id for found in groups], tokens


def _accept_heads(
    session: Session, store: Store, answers: Sequence[claims_messages.GetClaimsResponse]
) -> ledger.TreeHead:
    if not answers:
        raise TacitError(Code.NOT_FOUND, what="claim to any of your cases")
    for answer in answers:
        accept_head(session, store, answer.head)
    return max((answer.head for answer in answers), key=lambda head: head.tree_size)


def _keep(store: Store, run_id: str, groups: Sequence[ClaimGroupView]) -> None:
    with store.write() as connection:
        put_claims(
            connection,
            (
                StoredClaims(
                    run_id,
                    group.group_id,
                    json.dumps(asdict(group), ensure_ascii=False),
                    now_ms(),
                )
                for group in groups
            ),
        )
