"""Entries about projects: agreements, keys, uploads, runs, and what was asked and published.

An act may only be entered once what it rests on is there: a member signs an agreement that was
made, uploads under one that it signed, a run reads uploads that were finished. Signatures of
members that entries carry are verified with the keys those members enrolled with.
"""

from collections.abc import Mapping

from tacit.linkage import statements
from tacit.linkage.entry_rules import (
    Before,
    Document,
    Rule,
    is_count,
    is_hash,
    is_signature,
    is_text,
    is_texts,
    may_act,
    needs,
    signed_by_member,
)


def _agreement(entry: Document, before: Before) -> None:
    needs(entry["creator"] in before.members, "creator")
    before.agreements.add((entry["project"], entry["agreement"]))


def _made(entry: Document, before: Before) -> None:
    needs((entry["project"], entry["agreement"]) in before.agreements, "agreement")


def _acts(entry: Document, before: Before) -> None:
    """Check an act of a member under an agreement: the member must have signed it before."""
    _made(entry, before)
    needs((entry["agreement"], entry["member"]) in before.signed, "member")
    may_act(entry, before, "member")


def _signing(entry: Document, before: Before) -> None:
    _made(entry, before)
    needs(entry["member"] in before.members, "member")
    may_act(entry, before, "member")
    statement = statements.agreement(bytes.fromhex(entry["agreement"]))
    signed_by_member(before.key_signed(entry, statement))
    before.signed.add((entry["agreement"], entry["member"]))


def _sealing(entry: Document, before: Before) -> None:
    needs(any(project == entry["project"] for project, _ in before.agreements), "project")
    needs(entry["sender"] in before.members, "sender")
    needs(all(recipient in before.members for recipient in entry["sealed"]), "sealed")


def _uploading(entry: Document, before: Before) -> None:
    _acts(entry, before)
    statement = statements.upload(
        bytes.fromhex(entry["agreement"]), entry["records"], bytes.fromhex(entry["root"])
    )
    signed_by_member(before.key_signed(entry, statement))
    before.uploads[entry["upload"]] = entry["project"]


def _running(entry: Document, before: Before) -> None:
    _made(entry, before)
    needs(all(before.uploads.get(item) == entry["project"] for item in entry["uploads"]), "uploads")
    before.runs[entry["run"]] = entry["project"]


def _releasing(entry: Document, before: Before) -> None:
    _acts(entry, before)
    needs(before.runs.get(entry["run"]) == entry["project"], "run")


def _concerns(entry: Document, before: Before) -> None:
    """Check that something concerns a member that has signed an agreement of the project."""
    signed = any(
        project == entry["project"] and (agreement, entry["member"]) in before.signed
        for project, agreement in before.agreements
    )
    needs(signed, "project")


def _withdrawing(entry: Document, before: Before) -> None:
    _concerns(entry, before)
    may_act(entry, before, "member")
    root = bytes.fromhex(entry["root"])
    statement = statements.withdrawal(entry["project"], root, entry["records"])
    signed_by_member(before.key_signed(entry, statement))


def _destroying_key(entry: Document, before: Before) -> None:
    _concerns(entry, before)
    may_act(entry, before, "member")
    statement = statements.destroyed_key(entry["project"], entry["epoch"])
    signed_by_member(before.key_signed(entry, statement))


def _is_records(value: object) -> bool:
    return is_count(value) and isinstance(value, int) and value < 2**63


def _is_epoch(value: object) -> bool:
    return is_count(value) and isinstance(value, int) and value < 2**32


_PROJECT = {"project": is_text, "agreement": is_hash}
_OWN = {"project": is_text, "member": is_text}
_ACT = {**_PROJECT, "member": is_text}


def _is_sealed(value: object) -> bool:
    return isinstance(value, dict) and all(is_hash(item) for item in value.values())


ACT_RULES: Mapping[str, Rule] = {
    "agreement": Rule({**_PROJECT, "creator": is_text}, _agreement),
    "signature": Rule({**_ACT, "signature": is_signature}, _signing),
    "keys": Rule(
        {"project": is_text, "epoch": is_count, "sender": is_text, "sealed": _is_sealed},
        _sealing,
    ),
    "upload": Rule(
        {
            **_ACT,
            "upload": is_text,
            "records": _is_records,
            "root": is_hash,
            "signature": is_signature,
        },
        _uploading,
    ),
    "run": Rule(
        {**_PROJECT, "run": is_text, "uploads": is_texts, "threshold_permille": is_count},
        _running,
    ),
    "release": Rule(
        {**_ACT, "run": is_text, "minimum_cell": is_count, "result": is_hash}, _releasing
    ),
    "check": Rule({**_ACT, "check": is_text, "records": is_count}, _acts),
    "withdrawal": Rule(
        {**_OWN, "records": _is_records, "root": is_hash, "signature": is_signature}, _withdrawing
    ),
    "destruction": Rule({**_OWN, "epoch": _is_epoch, "records": _is_records}, _concerns),
    "key_destruction": Rule(
        {**_OWN, "epoch": _is_epoch, "signature": is_signature}, _destroying_key
    ),
    "decision": Rule({**_ACT, "commitment": is_hash}, _acts),
    "erasure": Rule({**_PROJECT, **dict.fromkeys(("uploads", "records", "runs"), is_count)}, _made),
}
