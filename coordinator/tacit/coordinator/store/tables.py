"""Every table of the coordinator's database.

No column can hold a victim's name: records are keyed encodings, random tokens, presence masks and
coarse strata. Times are milliseconds since 1970-01-01T00:00:00Z. Identifiers are random text.

The tables are declared by concern in `declared`; this module holds all of them.
"""

from tacit.coordinator.store.declared.agreements import (
    agreement_signatures,
    agreement_versions,
    ended_epochs,
)
from tacit.coordinator.store.declared.answers import (
    checks,
    cosignatures,
    ledger_entries,
    notices,
    receipts,
    releases,
    tree_heads,
)
from tacit.coordinator.store.declared.base import Mask, metadata
from tacit.coordinator.store.declared.encodings import commitments, delta_records, records, uploads
from tacit.coordinator.store.declared.findings import decisions, run_constraints, sketches
from tacit.coordinator.store.declared.linking import (
    group_links,
    group_records,
    groups,
    run_calibrations,
    run_inputs,
    run_tasks,
    runs,
)
from tacit.coordinator.store.declared.membership import (
    confirmations,
    invitations,
    members,
    project_members,
    projects,
    sealed_keys,
)

__all__ = [
    "Mask",
    "agreement_signatures",
    "agreement_versions",
    "checks",
    "commitments",
    "confirmations",
    "cosignatures",
    "decisions",
    "delta_records",
    "ended_epochs",
    "group_links",
    "group_records",
    "groups",
    "invitations",
    "ledger_entries",
    "members",
    "metadata",
    "notices",
    "project_members",
    "projects",
    "receipts",
    "records",
    "releases",
    "run_calibrations",
    "run_constraints",
    "run_inputs",
    "run_tasks",
    "runs",
    "sealed_keys",
    "sketches",
    "tree_heads",
    "uploads",
]
