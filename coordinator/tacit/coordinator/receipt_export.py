"""All receipts of one member as a file, for who cannot ask any more because it has left."""

import time
from dataclasses import dataclass

from tacit.coordinator.home import Home
from tacit.coordinator.ledger import Ledger
from tacit.coordinator.receipts import signed
from tacit.coordinator.store.epochs import owed
from tacit.coordinator.store.members import Member, find_member
from tacit.coordinator.store.receipts import list_all_receipts
from tacit.linkage.receipt_file import ReceiptFile


@dataclass(frozen=True, slots=True)
class ExportedReceipts:
    """Whose receipts were read, and what the file is to hold."""

    member: Member
    file: ReceiptFile


def export_receipts(home: Home, organisation: str, passphrase: str | None) -> ExportedReceipts:
    """Read a member's receipts, of a member of any standing; works beside a running coordinator.

    Args:
        home: the coordinator's.
        organisation: the member, by name or identifier.
        passphrase: of the coordinator's keys, if they have one.

    Raises:
        TacitError: NOT_FOUND, WRONG_PASSPHRASE, or what opening the database raises.
    """
    key = home.read_ledger_key(passphrase)
    store = home.open_store()
    try:
        ledger = Ledger(store, key)
        with store.read() as connection:
            member = find_member(connection, organisation)
            kept = list_all_receipts(connection, member.id)
            waiting = sum(item.member_id == member.id for item in owed(connection))
    finally:
        store.close()
    receipts = tuple(signed(ledger, item) for item in kept)
    now = time.time_ns() // 1_000_000
    file = ReceiptFile(ledger.public_key, member.id, now, waiting, receipts)
    return ExportedReceipts(member, file)
