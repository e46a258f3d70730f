"""What came of a synchronisation."""

from collections.abc import Mapping
from dataclasses import dataclass

from tacit.linkage.errors import TacitError
from tacit.node.due import Due
from tacit.node.fetch import RunView
from tacit.node.project_views import ProjectView

WAITS = (
    "your signature",
    "your signature on version {version}",
    "signatures",
    "key",
    "records",
    "a new version without {names}",
    "a new version: this one has expired",
    "a version that names you",
)
"""Everything that a project can wait for before records are uploaded."""


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What was uploaded to a project.

    Attributes:
        records: records in this member's current upload.
        travelled: records that had to be sent now, and tokens of those that left the upload.
        withdrawn: records whose withdrawal the coordinator confirmed now.
        forgotten: records that were withdrawn and that this store knows nothing of; told once.
        withheld: records that their consent keeps out of the project.
        withheld_reasons: the same by reason.
        held_twice: records that stay out because another record of the same person goes in.
        suspected: groups of records that may be one person held twice, and are not settled yet.
        sent: whether anything had to be sent now; False where the coordinator held it already.
        ledger_index: the upload's entry in the ledger.
    """

    records: int
    travelled: int
    withdrawn: int
    forgotten: int
    withheld: int
    withheld_reasons: Mapping[str, int]
    held_twice: int
    suspected: int
    sent: bool
    ledger_index: int


@dataclass(frozen=True, slots=True)
class ProjectSync:
    """What came of one project.

    Attributes:
        project: as it stands now.
        upload: None where nothing could be uploaded yet; `waiting_for` says why.
        waiting_for: template of what is waited for, as in `WAITS`, or empty.
        waiting_names: values for its places.
        run: the newest finished run, whose results are in the store; None where there is none.
        new_notices: how many notices of others' checks are new.
        due: what ends soon.
    """

    project: ProjectView
    upload: UploadReport | None
    waiting_for: str
    waiting_names: Mapping[str, object]
    run: RunView | None
    new_notices: int
    due: tuple[Due, ...] = ()

    @property
    def waiting(self) -> str:
        """What is waited for, in English."""
        return self.waiting_for.format_map(self.waiting_names)


@dataclass(frozen=True, slots=True)
class ProjectFailure:
    """A project that could not be synchronised; the others were.

    Attributes:
        name: as the agreement has it.
        error: why; its code and sentence are for people, its detail for the log.
    """

    project_id: str
    name: str
    error: TacitError


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What came of a synchronisation.

    Attributes:
        clock_skew: the coordinator's clock minus this machine's, seconds.
        clock_is_off: whether one of the two is so wrong that dates may be too.
        projects: what came of each project that could be synchronised.
        failures: why others could not.
        unusable: identifiers of projects whose agreements this node cannot accept.
        ended: names of projects that go on without this node, as it learnt just now.
        ledger_size: entries in the ledger, whose head this node has cosigned.
        ledger_agreeing: the other members whose last cosigned head is part of the same history.
    """

    member: str
    address: str
    coordinator_version: str
    clock_skew: float
    clock_is_off: bool
    projects: tuple[ProjectSync, ...]
    failures: tuple[ProjectFailure, ...]
    unusable: tuple[str, ...]
    ended: tuple[str, ...]
    ledger_size: int
    ledger_agreeing: tuple[str, ...]
