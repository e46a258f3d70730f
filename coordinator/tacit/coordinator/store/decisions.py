"""Decisions on who is who, and the constraints that runs take from them, at rest."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select

from tacit.coordinator.store.sets import allows, in_time
from tacit.coordinator.store.tables import decisions, records, run_constraints, uploads

_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of `decisions`: what `member_id` decided about its own record and another's.

    `same` is None where the member has taken its decision back.
    """

    project_id: str
    member_id: str
    token: bytes
    other_id: str
    other_token: bytes
    same: bool | None
    decided_at: int
    salt: bytes
    ledger_index: int

    @property
    def ends(self) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
        """The two records by member and token, the decider's first."""
        return (self.member_id, self.token), (self.other_id, self.other_token)

    @property
    def pair(self) -> frozenset[tuple[str, bytes]]:
        """The two records, whoever decided."""
        return frozenset(self.ends)


@dataclass(frozen=True, slots=True)
class RunConstraint:
    """A known link or non-link as a run takes it: sets by index, records by upload position."""

    left_set: int
    left: int
    right_set: int
    right: int
    same: bool


def put_decision(connection: Connection, decision: Decision) -> None:
    """Keep a decision in place of what its member decided about the same pair before."""
    connection.execute(
        delete(decisions).where(
            decisions.c.project_id == decision.project_id,
            decisions.c.member_id == decision.member_id,
            decisions.c.token == decision.token,
            decisions.c.other_id == decision.other_id,
            decisions.c.other_token == decision.other_token,
        )
    )
    connection.execute(insert(decisions).values(**asdict(decision)))


def newest_entry(connection: Connection, project_id: str) -> int | None:
    """Give the ledger index of the last decision in a project, or None where there is none."""
    query = select(func.max(decisions.c.ledger_index)).where(decisions.c.project_id == project_id)
    newest: int | None = connection.execute(query).scalar_one()
    return newest


def of_project(connection: Connection, project_id: str) -> list[Decision]:
    """Give a project's decisions, oldest first."""
    return _read(connection, decisions.c.project_id == project_id)


def of_member(connection: Connection, project_id: str, member_id: str) -> list[Decision]:
    """Give the decisions about a member's records, its own and others', oldest first."""
    concerned = or_(decisions.c.member_id == member_id, decisions.c.other_id == member_id)
    return _read(connection, decisions.c.project_id == project_id, concerned)


def find_decision(
    connection: Connection, project_id: str, member_id: str, ledger_index: int
) -> Decision | None:
    """Find a member's own decision by its entry in the ledger."""
    found = _read(
        connection,
        decisions.c.project_id == project_id,
        decisions.c.member_id == member_id,
        decisions.c.ledger_index == ledger_index,
    )
    return found[0] if found else None


def _read(connection: Connection, *where: ColumnElement[bool]) -> list[Decision]:
    query = select(decisions).where(*where).order_by(decisions.c.ledger_index)
    return [Decision(**row) for row in connection.execute(query).mappings()]


def records_shown(
    connection: Connection,
    project_id: str,
    ends: Collection[tuple[str, bytes]],
    purposes: Collection[str],
    day: int,
) -> frozenset[tuple[str, bytes]]:
    """Give those records, by member and token, that current uploads hold for one of `purposes`.

    Consent is that of `day`, in days since 1970-01-01.
    """
    query = select(uploads.c.id, uploads.c.member_id).where(
        uploads.c.project_id == project_id, uploads.c.finished, ~uploads.c.superseded
    )
    shown: set[tuple[str, bytes]] = set()
    for upload in connection.execute(query).all():
        wanted = sorted(token for member_id, token in ends if member_id == upload.member_id)
        for start in range(0, len(wanted), _BATCH):
            found = select(records.c.token, records.c.purposes).where(
                records.c.upload_id == upload.id,
                records.c.token.in_(wanted[start : start + _BATCH]),
                in_time(day),
            )
            shown.update(
                (upload.member_id, row.token)
                for row in connection.execute(found)
                if allows(row.purposes, purposes)
            )
    return frozenset(shown)


def forget_withdrawn(connection: Connection, project_id: str, member_id: str) -> None:
    """Forget the decisions about records that a member's current upload no longer holds."""

    def gone(member: ColumnElement[str], token: ColumnElement[bytes]) -> ColumnElement[bool]:
        held = exists().where(
            uploads.c.project_id == project_id,
            uploads.c.member_id == member_id,
            uploads.c.finished,
            ~uploads.c.superseded,
            records.c.upload_id == uploads.c.id,
            records.c.token == token,
        )
        return (member == member_id) & ~held

    connection.execute(
        delete(decisions).where(
            decisions.c.project_id == project_id,
            or_(
                gone(decisions.c.member_id, decisions.c.token),
                gone(decisions.c.other_id, decisions.c.other_token),
            ),
        )
    )


def count_older(connection: Connection, project_id: str, before: int) -> int:
    """Count the decisions that were made before a time."""
    query = select(func.count()).select_from(decisions).where(*_older(project_id, before))
    return int(connection.execute(query).scalar_one())


def erase_older(connection: Connection, project_id: str, before: int) -> None:
    """Erase the decisions that were made before a time."""
    connection.execute(delete(decisions).where(*_older(project_id, before)))


def _older(project_id: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return decisions.c.project_id == project_id, decisions.c.decided_at < before


def positions_of(
    connection: Connection, upload_id: str, tokens: Collection[bytes]
) -> dict[bytes, int]:
    """Give where records stand in an upload, by token; those it does not hold are left out."""
    found: dict[bytes, int] = {}
    wanted = sorted(tokens)
    for start in range(0, len(wanted), _BATCH):
        query = select(records.c.token, records.c.position).where(
            records.c.upload_id == upload_id,
            records.c.token.in_(wanted[start : start + _BATCH]),
        )
        found.update((row.token, row.position) for row in connection.execute(query))
    return found


def put_constraints(
    connection: Connection, run_id: str, constraints: Iterable[RunConstraint]
) -> None:
    """Pin what is known to a run, in place of what was pinned before."""
    drop_constraints(connection, run_id)
    rows = [{"run_id": run_id, **asdict(item)} for item in constraints]
    if rows:
        connection.execute(insert(run_constraints), rows)


def drop_constraints(connection: Connection, run_id: str) -> None:
    """Forget what was pinned to a run."""
    connection.execute(delete(run_constraints).where(run_constraints.c.run_id == run_id))


def constraints_of(connection: Connection, run_id: str) -> list[RunConstraint]:
    """Give what is pinned to a run, in order."""
    columns = [column for column in run_constraints.c if column.name != "run_id"]
    query = select(*columns).where(run_constraints.c.run_id == run_id).order_by(*columns[:4])
    return [RunConstraint(**row) for row in connection.execute(query).mappings()]
