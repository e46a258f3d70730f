"""Read a ledger's entries: their form, their order in time, and what each rests on."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tacit.linkage.canonical import canonical
from tacit.linkage.entry_acts import ACT_RULES
from tacit.linkage.entry_members import MEMBER_RULES
from tacit.linkage.entry_rules import (
    LATEST,
    Before,
    Document,
    EnrolledMember,
    Wrong,
    is_count,
    is_text,
    require,
)
from tacit.linkage.entry_versions import VERSION_RULES
from tacit.linkage.ledger_findings import Kind, LedgerFinding, finding

RULES = {**MEMBER_RULES, **VERSION_RULES, **ACT_RULES}
"""What an entry of each type must be."""

_EVERY = 500


@dataclass(frozen=True, slots=True)
class Entries:
    """What a ledger's entries say.

    Attributes:
        documents: every readable entry by index.
        times: when each was entered, milliseconds; 0 where it cannot be read.
        members: who enrolled, by identifier, in order.
        ended: identifiers of those who left or were shut out.
        findings: what is wrong with entries.
    """

    documents: Mapping[int, Document]
    times: tuple[int, ...]
    members: Mapping[str, EnrolledMember]
    ended: frozenset[str]
    findings: tuple[LedgerFinding, ...]


def read_entries(
    raw: Sequence[bytes], authority: bytes, tolerance: int, progress: Callable[[int, int], None]
) -> Entries:
    """Read and check all entries.

    Args:
        raw: the entries from index 0 on.
        authority: the coalition's certificate, DER.
        tolerance: how far times may go back, milliseconds.
        progress: is told how many of how many are read.
    """
    before, documents = Before(authority), dict[int, Document]()
    times, findings, unknown = list[int](), list[LedgerFinding](), Counter[str]()
    newest = 0
    for index, entry in enumerate(raw):
        if index % _EVERY == 0:
            progress(index, len(raw))
        try:
            document = _parse(entry)
            documents[index] = document
            if document["type"] in RULES:
                RULES[document["type"]].check(document, before)
            else:
                unknown[document["type"]] += 1
        except Wrong as wrong:
            findings.append(finding(wrong.kind, index=index, field=wrong.name))
        time = documents.get(index, {}).get("time", 0)
        if time and time < newest - tolerance:
            late = (newest - time) // 1000
            findings.append(finding(Kind.ENTRY_ORDER, index=index, seconds=late))
        times.append(time)
        newest = max(newest, time)
    progress(len(raw), len(raw))
    findings += [finding(Kind.UNKNOWN_TYPE, type=t, count=n) for t, n in unknown.items()]
    return Entries(
        documents,
        tuple(times),
        MappingProxyType(before.members),
        frozenset(before.ended),
        tuple(findings),
    )


def _parse(entry: bytes) -> Document:
    try:
        document = json.loads(entry)
        same = isinstance(document, dict) and canonical(document) == entry
    except (ValueError, TypeError, RecursionError) as error:
        raise Wrong(Kind.ENTRY_FORM, "JSON") from error
    if not same:
        raise Wrong(Kind.ENTRY_FORM, "JSON")
    require(document, "type", is_text)
    require(document, "time", lambda value: is_count(value) and value <= LATEST)
    return MappingProxyType(document)
