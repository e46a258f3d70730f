"""A member's receipts as a file, from the coordinator's keeper to a node that cannot ask any more.

One JSON document, by the layout in docs/protocol.md. Each receipt is signed by itself; nothing
else in the file is, so that it says only where to look.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.json_fields import (
    read_bytes,
    read_document,
    read_list,
    read_number,
    read_text,
    read_time,
)

FORMAT = "tacit receipts 1"


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """An entry of the ledger, canonical JSON, and the coordinator's signature over it."""

    index: int
    entry: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """All receipts of one member.

    Attributes:
        ledger_key: Ed25519 public key under which they are signed, 32 bytes.
        member_id: whose they are.
        written_at: by the coordinator's clock, milliseconds.
        owed: how many more the member was to have then, once its encodings were erased.
        receipts: by index.
    """

    ledger_key: bytes
    member_id: str
    written_at: int
    owed: int
    receipts: tuple[SignedReceipt, ...]


def write_receipts(file: ReceiptFile) -> str:
    """Write receipts as the text of a file."""
    document = {
        "format": FORMAT,
        "ledger_key": file.ledger_key.hex(),
        "member": file.member_id,
        "written_at": file.written_at,
        "owed": file.owed,
        "receipts": [
            {
                "index": item.index,
                "entry": item.entry.decode(),
                "signature": item.signature.hex(),
            }
            for item in file.receipts
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def read_receipts(text: str, where: str) -> ReceiptFile:
    """Read the text of a file.

    Args:
        text: the file's text.
        where: the file's name, for errors.

    Raises:
        TacitError: BAD_INPUT; it is no such file. What it says is not verified.
    """
    try:
        document = read_document(text, FORMAT)
        return ReceiptFile(
            ledger_key=read_bytes(document, "ledger_key", 32),
            member_id=read_text(document["member"]),
            written_at=read_time(document, "written_at"),
            owed=read_number(document, "owed"),
            receipts=tuple(map(_read, read_list(document, "receipts"))),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = "it is no whole file of receipts as `tacit coordinator receipts` writes them"
        raise TacitError(Code.BAD_INPUT, where=where, problem=problem) from error


def _read(document: Mapping[str, Any]) -> SignedReceipt:
    return SignedReceipt(
        index=read_number(document, "index"),
        entry=read_text(document["entry"]).encode(),
        signature=read_bytes(document, "signature", 64),
    )
