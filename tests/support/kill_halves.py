"""Find what was done by half: an act without its entry, an entry without its act."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from kill_findings import Held

# Type of an entry: the table of its act, the field that names it, and the column that does.
ACTS = {
    "enrolment": ("members", "member", "id"),
    "upload": ("uploads", "upload", "id"),
    "run": ("runs", "run", "id"),
    "release": ("releases", "run", "run_id"),
    "check": ("checks", "check", "check_id"),
    "agreement": ("projects", "project", "id"),
    "in_force": ("agreement_versions", "agreement", "agreement_hash"),
    "signature": ("agreement_versions", "agreement", "agreement_hash"),
    "proposal": ("agreement_versions", "agreement", "agreement_hash"),
    "epoch": ("projects", "project", "id"),
}


def halves(held: Held) -> list[str]:
    """Say what was done by half."""
    entries = [json.loads(entry) for entry in held.entries]
    indices = [row["index"] for row in held.rows["ledger_entries"]]
    found = [] if indices == list(range(len(entries))) else ["the ledger's indices have gaps"]
    found += _entries_without_acts(held, entries)
    found += _acts_without_entries(held, entries)
    found += _half_uploads(held)
    found += _half_runs(held)
    found += _half_versions(held)
    return found


def _name(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _entries_without_acts(held: Held, entries: list[dict[str, Any]]) -> Iterator[str]:
    known = {
        kind: {_name(row[column]) for row in held.rows[table]}
        for kind, (table, _, column) in ACTS.items()
    }
    for index, entry in enumerate(entries):
        kind = entry["type"]
        if kind in ACTS and entry[ACTS[kind][1]] not in known[kind]:
            yield f"entry {index} says {kind}, and there is none"


def _acts_without_entries(held: Held, entries: list[dict[str, Any]]) -> Iterator[str]:
    for table, kind in (
        ("members", "enrolment"), ("confirmations", "confirmation"), ("agreement_signatures", "signature"),
        ("uploads", "upload"), ("runs", "run"), ("releases", "release"), ("checks", "check"),
        ("decisions", "decision"), ("notices", "check"),
    ):  # fmt: skip
        for row in held.rows[table]:
            index = row["ledger_index"]
            if index is None:
                if row.get("finished") or row.get("state") == "done":
                    yield f"a row of {table} is done and has no entry"
            elif index >= len(entries) or entries[index]["type"] != kind:
                yield f"a row of {table} names entry {index}, which is not of type {kind}"
    for row in held.rows.get("receipts", []):
        entry = entries[row["ledger_index"]] if row["ledger_index"] < len(entries) else {}
        if (entry.get("member"), entry.get("project")) != (row["member_id"], row["project_id"]):
            yield f"a receipt names entry {row['ledger_index']}, which is another's"
    sealed = {(e["project"], e["epoch"]) for e in entries if e["type"] == "keys"}
    for row in held.rows["sealed_keys"]:
        if (row["project_id"], row["epoch"]) not in sealed:
            yield f"a sealed key of {row['project_id']} is not in the ledger"


def _half_uploads(held: Held) -> Iterator[str]:
    now = {(row["agreement_hash"], row["epoch"]) for row in held.rows["projects"]}
    for row in held.rows["uploads"]:
        there = held.records.get(row["id"], Counter())
        number = sum(there.values())
        if len(there) != number:
            yield f"upload {row['id']} holds a record twice"
        if number > row["record_count"]:
            yield f"upload {row['id']} holds more than was announced"
        changes = held.deltas.get(row["id"], 0) if row["base_id"] else number
        if not row["finished"] and changes != row["committed"]:
            yield f"upload {row['id']} has committed {row['committed']} and holds {changes}"
        if row["finished"] and not row["superseded"]:
            missing = row["record_count"] - row["withdrawn"] - number
            if missing:
                yield f"upload {row['id']} counts and misses {missing} records"
            if (row["agreement_hash"], row["epoch"]) not in now:
                yield f"upload {row['id']} counts and is of an agreement or epoch that is over"


def _half_versions(held: Held) -> Iterator[str]:
    signed = Counter(row["agreement_hash"] for row in held.rows["agreement_signatures"])
    current = {
        row["agreement_hash"]: json.loads(row["agreement"])
        for row in held.rows["agreement_versions"]
        if row["state"] == "current"
    }
    for row in held.rows["projects"]:
        agreement = current.get(row["agreement_hash"])
        if agreement is None:
            yield f"project {row['id']} has an agreement that is not its current version"
            continue
        whole = signed[row["agreement_hash"]] == len(agreement["members"])
        if row["in_force"] != whole:
            yield f"project {row['id']} is in force although not all have signed, or is not"
        members = {
            m["member_id"] for m in held.rows["project_members"] if m["project_id"] == row["id"]
        }
        if members != {party["member_id"] for party in agreement["members"]}:
            yield f"project {row['id']} has other members than its agreement"


def _half_runs(held: Held) -> Iterator[str]:
    for row in held.rows["runs"]:
        run_id, state = row["id"], row["state"]
        groups = held.groups.get(run_id, 0)
        if state == "done" and groups != row["group_count"]:
            yield f"run {run_id} says {row['group_count']} groups and has {groups}"
        # What is erased goes in batches.
        if state not in {"done", "erased"} and groups:
            yield f"run {run_id} is {state} and has groups"
        if state not in {"queued", "comparing", "solving"} and held.tasks.get(run_id):
            yield f"run {run_id} is {state} and keeps tasks"
