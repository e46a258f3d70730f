"""Of records that a person marked as one, choose which goes into a project: a pure rule.

A member holds a person once in a project, or the person would count twice. For each purpose the
record goes that says most, of those whose consent covers the purpose; so usually one record goes
for all. Its claim is the earliest of theirs, and an objection in any of them holds for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tacit.linkage.agreement import Purpose
from tacit.node.store.records import StoredRecord

OBJECTED = "objected"


@dataclass(frozen=True, slots=True)
class Entrant:
    """A record that goes into a project.

    Attributes:
        record: as the register holds it, but for an objection that another record of the person
            brings in.
        purposes: those for which it goes.
        claimed: the record whose claim goes with it; mostly itself.
    """

    record: StoredRecord
    purposes: tuple[str, ...]
    claimed: StoredRecord


def entrants(
    permitted: Sequence[tuple[StoredRecord, tuple[str, ...]]],
    same: Sequence[Sequence[str]],
    held: Mapping[str, StoredRecord],
    sources: Sequence[str],
) -> list[Entrant]:
    """Choose the records that go into a project.

    Args:
        permitted: records that their consent lets in, and the purposes that it covers.
        same: record ids of one person each, disjoint.
        held: all records of the register by id, also those that consent keeps out.
        sources: the register fields that the project's schema encodes.

    Returns:
        What goes in, in the order of `permitted`.
    """
    group_of = {record_id: number for number, group in enumerate(same) for record_id in group}
    together: dict[int, list[tuple[StoredRecord, tuple[str, ...]]]] = {}
    for record, purposes in permitted:
        if record.record_id in group_of:
            together.setdefault(group_of[record.record_id], []).append((record, purposes))
    chosen: dict[str, Entrant] = {}
    for number, own in together.items():
        objected = any(
            held[record_id].publication == OBJECTED
            for record_id in same[number]
            if record_id in held
        )
        for entrant in _of_one_person(own, sources):
            record = entrant.record
            known = replace(record, publication=OBJECTED) if objected else record
            chosen[record.record_id] = replace(entrant, record=known)
    return [
        chosen.get(record.record_id) or Entrant(record, purposes, record)
        for record, purposes in permitted
        if record.record_id not in group_of or record.record_id in chosen
    ]


def _of_one_person(
    own: Sequence[tuple[StoredRecord, tuple[str, ...]]], sources: Sequence[str]
) -> list[Entrant]:
    wanted = sorted({purpose for _, purposes in own for purpose in purposes})
    ranked = sorted(own, key=lambda item: _rank(item[0], item[1], sources))
    stands_for: dict[str, list[str]] = {}
    for purpose in wanted:
        best = next(record for record, purposes in ranked if purpose in purposes)
        stands_for.setdefault(best.record_id, []).append(purpose)
    claimable = [
        record
        for record, purposes in own
        if Purpose.ATTRIBUTE.value in purposes and record.documented_on
    ]
    earliest = min(claimable, key=lambda r: (r.documented_on, r.record_id), default=None)
    return [
        Entrant(
            record,
            tuple(p for p in purposes if p in stands_for[record.record_id]),
            earliest
            if earliest is not None and Purpose.ATTRIBUTE.value in stands_for[record.record_id]
            else record,
        )
        for record, purposes in own
        if record.record_id in stands_for
    ]


def _rank(
    record: StoredRecord, purposes: tuple[str, ...], sources: Sequence[str]
) -> tuple[int, int, int, str, str]:
    """Order: consent to most, then the fullest, then the earliest; ids decide between equals."""
    filled = sum(bool(record.fields.get(source)) for source in sources)
    strata = sum(map(bool, (record.kind, record.year, record.body, record.forum)))
    return (-len(purposes), -filled, -strata, record.documented_on or "9", record.record_id)
