"""Entries about what is done under agreements: uploads, runs, what was asked, published, erased.

An act may only be entered once what it rests on is there: a member uploads under a version that is
in force and that it signed, a run reads uploads of the epoch that runs. Signatures of members that
entries carry are verified with the keys those members enrolled with.
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
from tacit.linkage.entry_versions import (
    ACT,
    PROJECT,
    acts,
    concerns,
    in_force,
    is_epoch,
    made,
    over,
)


def _acting(entry: Document, before: Before) -> None:
    acts(entry, before)


def _erasing(entry: Document, before: Before) -> None:
    made(entry, before)


def _uploading(entry: Document, before: Before) -> None:
    project = acts(entry, before)
    if "epoch" in entry:
        needs(project.epoch in {None, entry["epoch"]}, "epoch")
    statement = statements.upload(
        bytes.fromhex(entry["agreement"]), entry["records"], bytes.fromhex(entry["root"])
    )
    signed_by_member(before.key_signed(entry, statement))
    before.uploads[entry["upload"]] = (entry["project"], project.epoch)


def _running(entry: Document, before: Before) -> None:
    project = in_force(entry, before)
    # What was made with one linkage key never meets what was made with another.
    now = (entry["project"], project.epoch)
    needs(all(before.uploads.get(item) == now for item in entry["uploads"]), "uploads")
    before.runs[entry["run"]] = entry["project"]


def _releasing(entry: Document, before: Before) -> None:
    acts(entry, before)
    needs(before.runs.get(entry["run"]) == entry["project"], "run")


def _withdrawing(entry: Document, before: Before) -> None:
    concerns(entry, before)
    may_act(entry, before, "member")
    root = bytes.fromhex(entry["root"])
    statement = statements.withdrawal(entry["project"], root, entry["records"])
    signed_by_member(before.key_signed(entry, statement))


def _destroying_key(entry: Document, before: Before) -> None:
    over(entry, before)
    may_act(entry, before, "member")
    statement = statements.destroyed_key(entry["project"], entry["epoch"])
    signed_by_member(before.key_signed(entry, statement))


def _destroying(entry: Document, before: Before) -> None:
    over(entry, before)


def _is_records(value: object) -> bool:
    return is_count(value) and isinstance(value, int) and value < 2**63


_OWN = {"project": is_text, "member": is_text}

ACT_RULES: Mapping[str, Rule] = {
    "upload": Rule(
        {
            **ACT,
            "upload": is_text,
            "records": _is_records,
            "root": is_hash,
            "signature": is_signature,
        },
        _uploading,
    ),
    "run": Rule(
        {**PROJECT, "run": is_text, "uploads": is_texts, "threshold_permille": is_count},
        _running,
    ),
    "release": Rule(
        {**ACT, "run": is_text, "minimum_cell": is_count, "result": is_hash}, _releasing
    ),
    "check": Rule({**ACT, "check": is_text, "records": is_count}, _acting),
    "withdrawal": Rule(
        {**_OWN, "records": _is_records, "root": is_hash, "signature": is_signature}, _withdrawing
    ),
    "destruction": Rule({**_OWN, "epoch": is_epoch, "records": _is_records}, _destroying),
    "key_destruction": Rule(
        {**_OWN, "epoch": is_epoch, "signature": is_signature}, _destroying_key
    ),
    "decision": Rule({**ACT, "commitment": is_hash}, _acting),
    "erasure": Rule(
        {**PROJECT, **dict.fromkeys(("uploads", "records", "runs"), is_count)}, _erasing
    ),
}
