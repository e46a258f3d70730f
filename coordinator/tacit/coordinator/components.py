"""The parts that make up the coordinator. A new service is added to the list here."""

from collections.abc import Callable, Sequence

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.retention import component as retention
from tacit.coordinator.services.checks import component as checks
from tacit.coordinator.services.claims import component as claims
from tacit.coordinator.services.counts import component as counts
from tacit.coordinator.services.decisions import component as decisions
from tacit.coordinator.services.encodings import component as encodings
from tacit.coordinator.services.ledger import component as ledger
from tacit.coordinator.services.membership import component as membership
from tacit.coordinator.services.projects import component as projects
from tacit.coordinator.services.receipts import component as receipts
from tacit.coordinator.services.runs import component as runs

COMPONENTS: Sequence[Callable[[Backend], Component]] = (
    membership,
    projects,
    encodings,
    ledger,
    runs,
    decisions,
    checks,
    counts,
    claims,
    receipts,
    retention,
)
