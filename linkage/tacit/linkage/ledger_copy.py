"""A whole ledger outside of the coordinator: entries, signed heads, cosignatures, proofs.

As a file it is one JSON document, which `tacit ledger verify` checks without any network, and
which others can check by the layout in docs/protocol.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from tacit.linkage.canonical import Json
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.json_fields import (
    read_bytes,
    read_document,
    read_list,
    read_number,
    read_text,
    read_time,
)
from tacit.linkage.merkle import leaf_hash
from tacit.linkage.merkle_tree import MerkleTree

FORMAT = "tacit ledger 1"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A member's Ed25519 signature over a head, and when by the member's clock, milliseconds."""

    member_id: str
    cosigned_at: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class CopiedHead:
    """A head as the coordinator signed it, and who cosigned it; `timestamp` in milliseconds."""

    size: int
    timestamp: int
    root: bytes
    signature: bytes
    cosignatures: tuple[Cosignature, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a member remembers of an entry about itself: some of its fields.

    `index` is None where the member does not remember at which place it stands.
    """

    index: int | None
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class LedgerCopy:
    """A ledger as somebody was shown it.

    Attributes:
        ledger_key: Ed25519 public key under which heads are signed, 32 bytes.
        authority: the coalition's certificate, DER, which members' signatures name.
        copied_at: by the clock of whoever copied it, milliseconds.
        entries: from index 0 on, each canonical JSON.
        heads: by size.
        growth: proof that each head is a beginning of the next, one fewer than heads.
        receipts: what the member who made the copy remembers; empty in a coordinator's copy.
    """

    ledger_key: bytes
    authority: bytes
    copied_at: int
    entries: tuple[bytes, ...]
    heads: tuple[CopiedHead, ...]
    growth: tuple[tuple[bytes, ...], ...] = ()
    receipts: tuple[Receipt, ...] = ()


def tree_of(entries: Sequence[bytes]) -> MerkleTree:
    """Build the tree over entries."""
    tree = MerkleTree()
    tree.extend(leaf_hash(entry) for entry in entries)
    return tree


def with_growth(copy: LedgerCopy) -> LedgerCopy:
    """Add the proofs that each head is a beginning of the next, made from the entries.

    Where entries are missing the proof is left empty, so that it does not verify.
    """
    tree = tree_of(copy.entries)
    pairs = pairwise(head.size for head in copy.heads)
    return replace(copy, growth=tuple(_path(tree, *pair) for pair in pairs))


def _path(tree: MerkleTree, first: int, second: int) -> tuple[bytes, ...]:
    try:
        return tuple(tree.consistency_path(first, second))
    except IndexError:
        return ()


def write_copy(copy: LedgerCopy) -> str:
    """Write a copy as the text of a file."""
    document = {
        "format": FORMAT,
        "ledger_key": copy.ledger_key.hex(),
        "authority": copy.authority.hex(),
        "copied_at": copy.copied_at,
        "entries": [entry.decode() for entry in copy.entries],
        "heads": [_head_document(head) for head in copy.heads],
        "consistency": [[item.hex() for item in path] for path in copy.growth],
        "receipts": [{"index": r.index, "fields": dict(r.fields)} for r in copy.receipts],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def read_copy(text: str, where: str) -> LedgerCopy:
    """Read the text of a file.

    Args:
        text: the file's text.
        where: the file's name, for errors.

    Raises:
        TacitError: BAD_INPUT; it is not such a copy. What it says may still be wrong.
    """
    try:
        document = read_document(text, FORMAT)
        return LedgerCopy(
            ledger_key=read_bytes(document, "ledger_key", 32),
            authority=bytes.fromhex(document["authority"]),
            copied_at=read_time(document, "copied_at"),
            entries=tuple(read_text(entry).encode() for entry in read_list(document, "entries")),
            heads=tuple(_read_head(head) for head in read_list(document, "heads")),
            growth=tuple(_hashes(path) for path in read_list(document, "consistency")),
            receipts=tuple(_read_receipt(receipt) for receipt in read_list(document, "receipts")),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = "it is not a whole copy of a ledger as `tacit ledger export` writes them"
        raise TacitError(Code.BAD_INPUT, where=where, problem=problem) from error


def _head_document(head: CopiedHead) -> dict[str, Any]:
    return {
        "size": head.size,
        "timestamp": head.timestamp,
        "root": head.root.hex(),
        "signature": head.signature.hex(),
        "cosignatures": [
            {
                "member": item.member_id,
                "cosigned_at": item.cosigned_at,
                "signature": item.signature.hex(),
            }
            for item in head.cosignatures
        ],
    }


def _read_head(document: Mapping[str, Any]) -> CopiedHead:
    return CopiedHead(
        size=read_number(document, "size"),
        timestamp=read_time(document, "timestamp"),
        root=read_bytes(document, "root", 32),
        signature=read_bytes(document, "signature", 64),
        cosignatures=tuple(
            Cosignature(
                read_text(item["member"]),
                read_time(item, "cosigned_at"),
                read_bytes(item, "signature", 64),
            )
            for item in read_list(document, "cosignatures")
        ),
    )


def _read_receipt(document: Mapping[str, Any]) -> Receipt:
    fields = document["fields"]
    if not isinstance(fields, dict):
        raise TypeError("fields")
    index = None if document["index"] is None else read_number(document, "index")
    return Receipt(index, fields)


def _hashes(path: object) -> tuple[bytes, ...]:
    if not isinstance(path, list):
        raise TypeError("consistency")
    return tuple(bytes.fromhex(item) for item in path)
