"""Whether the others went on without this node: the ledger shows it, or it is not believed.

A coordinator that lists a project no longer could make a node give up its key. So the node reads
the ledger: a version that continues the one it knew, that does not name it, and under which every
member that it names has signed. The version itself it is not shown: a coordinator that lies about
whom it names leaves the lie in the ledger, for every other member to find.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tacit.linkage import merkle, statements
from tacit.linkage.signing import verifies
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.ledger_proofs import proof_invalid, refresh_head
from tacit.node.pinned_keys import pinned_keys
from tacit.node.store.base import Store
from tacit.node.store.pins import list_pins
from tacit.node.store.projects import StoredProject
from tacit.v1 import ledger_pb2 as ledger


def went_on_without(session: Session, store: Store, member: Member, project: StoredProject) -> bool:
    """Tell whether the ledger shows a version in force that does not name this node.

    Raises:
        TacitError: PROOF_INVALID, the entries are not those under the ledger's signed head; or
            what calls raise.
    """
    entries = [_read(entry) for entry in _entries(session, store)]
    try:
        return not _still_named(store, member, project, entries)
    except (KeyError, TypeError, ValueError) as error:
        raise proof_invalid("an entry's fields") from error


def _still_named(
    store: Store, member: Member, project: StoredProject, entries: Sequence[Mapping[str, Any]]
) -> bool:
    said = [
        entry
        for entry in entries
        if entry.get("project") == project.project_id or entry["type"] == "enrolment"
    ]
    keys = _keys(store, member, said)
    proposed = {entry["agreement"]: entry for entry in said if entry["type"] == "proposal"}
    signed = {
        (entry["agreement"], entry["member"])
        for entry in said
        if entry["type"] == "signature" and _holds(entry, keys)
    }
    current, named = project.agreement_hash.hex(), True
    for entry in said:
        version = proposed.get(entry.get("agreement")) if entry["type"] == "in_force" else None
        if version is None or version["supersedes"] != current:
            continue
        members = set(version["members"])
        if len(members) > 1 and all((entry["agreement"], each) in signed for each in members):
            current = entry["agreement"]
            named = member.member_id in members
    return named


def _entries(session: Session, store: Store) -> Sequence[bytes]:
    head = refresh_head(session, store)
    entries: list[bytes] = []
    while len(entries) < head.tree_size:
        request = ledger.ListEntriesRequest(start=len(entries), end=head.tree_size)
        found = session.ask(session.ledger.ListEntries, request).entries
        if not found:
            raise proof_invalid(f"entry {len(entries)} of {head.tree_size} is held back")
        entries += found[: head.tree_size - len(entries)]
    if merkle.root([merkle.leaf_hash(entry) for entry in entries]) != head.root_hash:
        raise proof_invalid("the ledger's entries")
    return entries


def _read(entry: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(entry)
    except ValueError as error:
        raise proof_invalid("an entry that is no JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        raise proof_invalid("an entry without a type")
    return document


def _keys(store: Store, member: Member, said: Sequence[Mapping[str, Any]]) -> Mapping[str, bytes]:
    """Give signing keys by member; what this node pinned or signed wins over the ledger."""
    entered = {
        entry["member"]: bytes.fromhex(entry["signing_key"])
        for entry in said
        if entry["type"] == "enrolment"
    }
    with store.read() as connection:
        pins = {pin.member_id: pin.signing_key for pin in list_pins(connection)}
    return {**entered, **pins, **pinned_keys(store, member)}


def _holds(entry: Mapping[str, Any], keys: Mapping[str, bytes]) -> bool:
    statement = statements.agreement(bytes.fromhex(entry["agreement"]))
    key = keys.get(entry["member"], b"")
    return verifies(key, bytes.fromhex(entry["signature"]), statement)
