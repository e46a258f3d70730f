"""`tacit node`: a member's own node: its store, its register, its membership."""

import click

from tacit.cli.command import LazyGroup

COMMANDS = {
    "init": ("tacit.cli.node_setup", "init", "Make a node: an encrypted store and keys."),
    "enrol": ("tacit.cli.node_setup", "enrol", "Join a coalition with an invitation."),
    "members": ("tacit.cli.node_members", "members", "List the members and how they stand."),
    "safety-number": ("tacit.cli.node_members", "safety_number", "Compare keys with a member."),
    "confirm": ("tacit.cli.node_members", "confirm", "Confirm a newcomer who waits."),
    "mapping": ("tacit.cli.node_register", "mapping", "Guess what a file's columns are."),
    "import": ("tacit.cli.node_register", "import_command", "Import records from CSV or XLSX."),
    "undo": ("tacit.cli.node_register", "undo", "Undo the last import."),
    "duplicates": ("tacit.cli.node_duplicates", "duplicates", "Find records held twice."),
    "weights": ("tacit.cli.node_weights", "weights", "Learn how well fields tell people apart."),
    "sync": ("tacit.cli.node_sync", "sync", "Exchange everything with the coordinator."),
    "withdraw": ("tacit.cli.node_withdraw", "withdraw_command", "Take records out for good."),
    "reinstate": ("tacit.cli.node_withdraw", "reinstate_command", "Let a record in again."),
    "receipts": ("tacit.cli.node_receipts", "receipts", "List the receipts for what was erased."),
    "passphrase": ("tacit.cli.node_backup", "passphrase", "Change the passphrase of a node."),
    "backup": ("tacit.cli.node_backup", "backup", "Copy a node into one encrypted file."),
    "restore": ("tacit.cli.node_backup", "restore", "Make a node again from a backup."),
    "doctor": ("tacit.cli.doctor.command", "node_doctor", "Find what is wrong, and what to do."),
    "leave": ("tacit.cli.node_members", "leave", "Leave the coalition for good."),
    "status": ("tacit.cli.node_status", "status", "Show how this node stands."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def node() -> None:
    """Keep a member's register and keys."""
