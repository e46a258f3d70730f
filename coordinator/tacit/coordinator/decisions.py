"""Known links and non-links: what members decided about matches, and what runs take from it.

A member decides about pairs with a record of its own. Of a pair both members may say what they
know; where they say the contrary, neither is followed until one of them changes its mind. Whatever
is followed must be possible together: known non-links come first, then known links in the order
in which they were decided, and a link that would put together what must not be is left out.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.policy import Call
from tacit.coordinator.store import decisions as store
from tacit.coordinator.store.decisions import Decision, RunConstraint
from tacit.coordinator.store.runs import Input
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.statements import decision_commitment
from tacit.v1 import runs_pb2

_SALT_BYTES = 32
_Record = tuple[int, int]
_WORDS = {
    runs_pb2.JUDGEMENT_SAME: "same",
    runs_pb2.JUDGEMENT_DIFFERENT: "different",
    runs_pb2.JUDGEMENT_UNDECIDED: "undecided",
}
JUDGEMENTS = {
    True: runs_pb2.JUDGEMENT_SAME,
    False: runs_pb2.JUDGEMENT_DIFFERENT,
    None: runs_pb2.JUDGEMENT_UNDECIDED,
}
"""What travels for whether two records are the same person; None is undecided."""

_SAME = {judgement: same for same, judgement in JUDGEMENTS.items()}


@dataclass(frozen=True, slots=True)
class Pair:
    """What is decided about: a record of the caller's and another."""

    token: bytes
    other_id: str
    other_token: bytes


def decide(
    backend: Backend,
    connection: Connection,
    call: Call,
    pair: Pair,
    judgement: runs_pb2.Judgement.ValueType,
) -> Decision:
    """Keep what the caller decided about a pair and enter it in the ledger.

    The entry holds a salted commitment: it proves the decision to whoever is shown it, and tells
    nobody else which records it is about.

    Raises:
        TacitError: MALFORMED, there is no such judgement.
    """
    if judgement not in _WORDS:
        raise TacitError(Code.MALFORMED, problem="a decision is same, different or undecided.")
    salt, now = secrets.token_bytes(_SALT_BYTES), backend.now()
    tokens = (pair.token, pair.other_token)
    index = backend.ledger.append(
        connection,
        "decision",
        now,
        project=call.project.id,
        agreement=call.project.agreement_hash.hex(),
        member=call.member.id,
        commitment=decision_commitment(salt, tokens, _WORDS[judgement]).hex(),
    )
    made = Decision(
        project_id=call.project.id,
        member_id=call.member.id,
        token=pair.token,
        other_id=pair.other_id,
        other_token=pair.other_token,
        same=_SAME[judgement],
        decided_at=now,
        salt=salt,
        ledger_index=index,
    )
    store.put_decision(connection, made)
    return made


def contested(decisions: Sequence[Decision]) -> frozenset[frozenset[tuple[str, bytes]]]:
    """Give the pairs about which the two members say the contrary."""
    same = {item.pair for item in decisions if item.same is True}
    return frozenset(same & {item.pair for item in decisions if item.same is False})


def several_of(inputs: Sequence[Input], agreement: Agreement) -> frozenset[int]:
    """Give the indices of the sets whose members do not promise to hold each person once."""
    repeating = agreement.repeating
    return frozenset(n for n, item in enumerate(inputs) if item.member_id in repeating)


def constraints_for(
    connection: Connection, project_id: str, inputs: Sequence[Input], agreement: Agreement
) -> list[RunConstraint]:
    """Give what a run over these inputs is to take as known; all of it is possible together."""
    made = store.of_project(connection, project_id)
    disputed = contested(made)
    settled = [item for item in made if item.pair not in disputed]
    places = _places(connection, inputs, settled)
    known: dict[tuple[_Record, _Record], bool] = {}
    for item in settled:
        left, right = (places.get(end) for end in item.ends)
        if left is not None and right is not None and item.same is not None:
            known[min(left, right), max(left, right)] = item.same
    return possible(known, several_of(inputs, agreement))


def _places(
    connection: Connection, inputs: Sequence[Input], decisions: Sequence[Decision]
) -> dict[tuple[str, bytes], _Record]:
    """Give set index and upload position of each record decided about, by member and token."""
    ends = {end for item in decisions for end in item.ends}
    found: dict[tuple[str, bytes], _Record] = {}
    for number, item in enumerate(inputs):
        tokens = {token for member_id, token in ends if member_id == item.member_id}
        positions = store.positions_of(connection, item.upload_id, tokens)
        found.update({(item.member_id, t): (number, place) for t, place in positions.items()})
    return found


def possible(
    known: Mapping[tuple[_Record, _Record], bool], several: frozenset[int]
) -> list[RunConstraint]:
    """Keep all non-links, and of the links in their order those that can hold beside what is kept.

    Args:
        known: whether two records, (set index, position), are the same person.
        several: sets that may hold a person more than once.
    """
    kept = {pair for pair, same in known.items() if not same}
    rivals = [set(pair) for pair in kept]
    group_of: dict[_Record, frozenset[_Record]] = {}
    for pair, same in known.items():
        if not same:
            continue
        left, right = (group_of.get(record, frozenset({record})) for record in pair)
        joined = left | right
        once = [number for number, _ in joined if number not in several]
        if len(once) == len(set(once)) and not any(rival <= joined for rival in rivals):
            group_of.update(dict.fromkeys(joined, joined))
            kept.add(pair)
    return [RunConstraint(*pair[0], *pair[1], known[pair]) for pair in sorted(kept)]
