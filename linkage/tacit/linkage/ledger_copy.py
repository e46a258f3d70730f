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
from tacit.linkage.entry_rules import LATEST
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.merkle import leaf_hash
from tacit.linkage.merkle_tree import MerkleTree

FORMAT = "tacit ledger 1"

_LARGEST = 2**63


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
        document = _document(text)
        return LedgerCopy(
            ledger_key=_bytes(document, "ledger_key", 32),
            authority=bytes.fromhex(document["authority"]),
            copied_at=_time(document, "copied_at"),
            entries=tuple(_text(entry).encode() for entry in _list(document, "entries")),
            heads=tuple(_read_head(head) for head in _list(document, "heads")),
            growth=tuple(_hashes(path) for path in _list(document, "consistency")),
            receipts=tuple(_read_receipt(receipt) for receipt in _list(document, "receipts")),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = "it is not a whole copy of a ledger as `tacit ledger export` writes them"
        raise TacitError(Code.BAD_INPUT, where=where, problem=problem) from error


def _document(text: str) -> dict[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("format")
    return document


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
        size=_number(document, "size"),
        timestamp=_time(document, "timestamp"),
        root=_bytes(document, "root", 32),
        signature=_bytes(document, "signature", 64),
        cosignatures=tuple(
            Cosignature(
                _text(item["member"]), _time(item, "cosigned_at"), _bytes(item, "signature", 64)
            )
            for item in _list(document, "cosignatures")
        ),
    )


def _read_receipt(document: Mapping[str, Any]) -> Receipt:
    fields = document["fields"]
    if not isinstance(fields, dict):
        raise TypeError("fields")
    index = None if document["index"] is None else _number(document, "index")
    return Receipt(index, fields)


def _hashes(path: object) -> tuple[bytes, ...]:
    if not isinstance(path, list):
        raise TypeError("consistency")
    return tuple(bytes.fromhex(item) for item in path)


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document[name]
    if not isinstance(found, list):
        raise TypeError(name)
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _number(document: Mapping[str, Any], name: str) -> int:
    found = document[name]
    if type(found) is not int or not 0 <= found < _LARGEST:
        raise ValueError(name)
    return found


def _time(document: Mapping[str, Any], name: str) -> int:
    found = _number(document, name)
    if found > LATEST:
        raise ValueError(name)
    return found


def _bytes(document: Mapping[str, Any], name: str, length: int) -> bytes:
    found = bytes.fromhex(document[name])
    if len(found) != length:
        raise ValueError(name)
    return found
