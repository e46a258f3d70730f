"""Hold what a coordinator's database has against what was acknowledged, and against itself."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from kill_promises import Promises
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.tables import metadata
from tacit.linkage import merkle, statements
from tacit.linkage.merkle_tree import MerkleTree
from tacit.linkage.signing import verifies

Row = Mapping[str, Any]
# Their rows are counted and not read: they are many.
LARGE = {
    "records", "delta_records", "commitments", "group_records", "group_links", "groups", "run_tasks",
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What the database holds at one moment."""

    rows: Mapping[str, list[Row]]
    records: Mapping[str, Counter[bytes]]
    commitments: Mapping[str, list[bytes]]
    groups: Counter[str]
    tasks: Counter[str]
    deltas: Counter[str]
    tokens: frozenset[bytes]

    @property
    def entries(self) -> list[bytes]:
        return [bytes(row["entry"]) for row in self.rows["ledger_entries"]]


def read(store: Store, commitments_of: set[str]) -> Held:
    """Read the database at one moment; of commitments only those of these uploads."""
    with store.read() as connection:
        rows = {
            table.name: _rows(connection, table)
            for table in metadata.sorted_tables
            if table.name not in LARGE
        }
        tables = metadata.tables
        tokens: dict[str, Counter[bytes]] = defaultdict(Counter)
        records = tables["records"]
        for row in connection.execute(select(records.c.upload_id, records.c.token)):
            tokens[row.upload_id][bytes(row.token)] += 1
        kept: dict[str, list[bytes]] = defaultdict(list)
        table = tables["commitments"]
        query = select(table.c.upload_id, table.c.commitment).order_by(table.c.position)
        for row in connection.execute(query.where(table.c.upload_id.in_(commitments_of))):
            kept[row.upload_id].append(bytes(row.commitment))
        return Held(
            rows,
            tokens,
            kept,
            _counts(connection, tables["groups"].c.run_id),
            _counts(connection, tables["run_tasks"].c.run_id),
            _counts(connection, tables["delta_records"].c.upload_id),
            frozenset(_tokens(connection)),
        )


def _tokens(connection: Connection) -> Iterator[bytes]:
    """Give every token that stands anywhere but in `records`."""
    for name, column in (
        ("commitments", "token"),
        ("delta_records", "token"),
        ("decisions", "token"),
        ("decisions", "other_token"),
    ):
        for token in connection.scalars(select(metadata.tables[name].c[column])):
            yield bytes(token)


def _rows(connection: Connection, table: Table) -> list[Row]:
    query = select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]


def _counts(connection: Connection, column: Column[str]) -> Counter[str]:
    query = select(column.label("name"), func.count().label("number")).group_by(column)
    return Counter({row.name: row.number for row in connection.execute(query)})


def losses(promises: Promises, held: Held, seen: list[bytes], key: bytes) -> list[str]:
    """Say what was acknowledged and is not there, or is not as it was.

    Args:
        promises: what was acknowledged before `held` was read.
        held: the database.
        seen: the ledger's entries as they were read before; grows.
        key: the ledger's public key.
    """
    found = [*promises.broken, *_history(promises, held, seen, key)]
    found += _heads(promises, held)
    found += _uploads(promises, held)
    found += _withdrawn(promises, held)
    found += _members(promises, held)
    found += _agreements(promises, held)
    found += _runs(promises, held)
    return found


def _history(promises: Promises, held: Held, seen: list[bytes], key: bytes) -> Iterator[str]:
    entries = held.entries
    if entries[: len(seen)] != seen:
        yield "entries that were there before have changed or are gone"
    seen[:] = entries
    for index, entry in promises.entries.items():
        if entries[index : index + 1] != [entry]:
            yield f"entry {index}, which a member has read, is not there any more"
    for index, kind in promises.indices.items():
        if index >= len(entries) or json.loads(entries[index])["type"] != kind:
            yield f"entry {index}, acknowledged as {kind}, is not there"
    for index, entry, signature in promises.receipts:
        if entries[index : index + 1] != [entry]:
            yield f"a receipt's entry {index} is not in the ledger"
        if not verifies(key, signature, statements.receipt(index, entry)):
            yield f"the receipt of entry {index} is not signed"


def _heads(promises: Promises, held: Held) -> Iterator[str]:
    tree = MerkleTree()
    tree.extend(merkle.leaf_hash(entry) for entry in held.entries)
    heads = {row["size"]: bytes(row["root"]) for row in held.rows["tree_heads"]}
    for size, root in (*promises.heads.items(), *heads.items()):
        if size > len(tree) or tree.root(size) != root:
            yield f"a head of size {size} is not of this history"
        elif not merkle.verify_consistency(
            size, len(tree), tree.consistency_path(size, len(tree)), root, tree.root(len(tree))
        ):
            yield f"a head of size {size} is not consistent with the newest"
    signed = {(r["member_id"], r["size"]): r["cosigned_at"] for r in held.rows["cosignatures"]}
    for place, at in promises.cosigned.items():
        if signed.get(place, 0) < at:
            yield f"a cosignature of size {place[1]} is gone"


def _uploads(promises: Promises, held: Held) -> Iterator[str]:
    rows = {row["id"]: row for row in held.rows["uploads"]}
    entries = held.entries
    for upload_id, (member, root, count, index) in promises.uploads.items():
        row = rows.get(upload_id)
        if row is None or not row["finished"]:
            yield f"upload {upload_id} was finished and is not"
            continue
        entry = json.loads(entries[index]) if index < len(entries) else {}
        said = (entry.get("upload"), entry.get("root"), entry.get("records"), entry.get("member"))
        if said != (upload_id, root.hex(), count, member):
            yield f"upload {upload_id} is not in the ledger as it was acknowledged"
        if (row["ledger_index"], bytes(row["root"]), row["record_count"]) != (index, root, count):
            yield f"upload {upload_id} has another root or entry"
        if upload_id in held.commitments or not count:
            leaves = [merkle.leaf_hash(item) for item in held.commitments[upload_id]]
            if merkle.root(leaves) != root:
                yield f"upload {upload_id} holds other commitments"
    for upload_id, committed in promises.started.items():
        row = rows.get(upload_id)
        if row is not None and row["committed"] < committed:
            yield f"upload {upload_id} went back behind what was acknowledged"


def _withdrawn(promises: Promises, held: Held) -> Iterator[str]:
    gone = {token for (_, token), sure in promises.withdrawn.items() if sure}
    for upload_id, tokens in held.records.items():
        back = len(gone & set(tokens))
        if back:
            yield f"upload {upload_id} holds {back} withdrawn records"
    if gone & held.tokens:
        yield f"{len(gone & held.tokens)} withdrawn records are still known by their tokens"


def _members(promises: Promises, held: Held) -> Iterator[str]:
    rows = {row["id"]: row for row in held.rows["members"]}
    for member_id, key in promises.members.items():
        if member_id not in rows or bytes(rows[member_id]["signing_key"]) != key:
            yield f"member {member_id} enrolled and is not there"
    for member_id, given in promises.certificates.items():
        row = rows.get(member_id, {})
        kept = [row.get(name) for name in ("fingerprint", "next_fingerprint")]
        if not set(given) & set(kept):
            yield f"the last certificate of {member_id} is gone"


def _agreements(promises: Promises, held: Held) -> Iterator[str]:
    entries = [json.loads(entry) for entry in held.entries]
    made = {(e["project"], e["agreement"]) for e in entries if "agreement" in e}
    for project, agreement in promises.agreements:
        if (project, agreement.hex()) not in made:
            yield f"project {project} was made and is not there"
    signed = {
        (e["project"], e["agreement"], e["member"]): e["signature"]
        for e in entries
        if e["type"] == "signature"
    }
    for (project, agreement, member), signature in promises.signatures.items():
        if signed.get((project, agreement.hex(), member)) != signature.hex():
            yield f"a signature under {project} is gone"
    sealed = {
        (e["project"], e["epoch"], recipient)
        for e in entries
        if e["type"] == "keys"
        for recipient in e["sealed"]
    }
    for place in promises.sealed - sealed:
        yield f"a sealed key of {place[0]} is not in the ledger"


def _runs(promises: Promises, held: Held) -> Iterator[str]:
    rows = {row["id"]: row for row in held.rows["runs"]}
    for run_id in promises.runs:
        if rows.get(run_id, {}).get("state") not in {"done", "erased"}:
            yield f"run {run_id} was done and is not"
    released = {row["run_id"] for row in held.rows["releases"]}
    for run_id in set(promises.releases) - released:
        yield f"a release of run {run_id} is gone"
