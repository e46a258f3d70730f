"""Checks that this node made, and notices that others asked about its records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tacit.node.store.rows import every, one, put, put_all
from tacit.node.store.tables import check_answers, checks, notices


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """A check.

    Attributes:
        check_id: 16 random bytes, made before asking.
        source: name of the file that was checked.
        digest: of the queries; the same file asked again after a crash is the same check.
        answered_at: None until every answer is stored.
    """

    check_id: bytes
    project_id: str
    source: str
    digest: bytes
    total: int
    asked_at: int
    answered_at: int | None = None
    threshold: float | None = None
    budget_left: int | None = None
    ledger_index: int | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """Another member's record that matches a query.

    Attributes:
        query: position in the file, from 0.
        label: the row's own identifier in the file.
    """

    check_id: bytes
    query: int
    member: str
    label: str
    objects: bool
    score: float


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """Someone asked, and so many of this node's records were found."""

    project_id: str
    ledger_index: int
    member: str
    asked_at: int
    records: int
    seen_at: int


def put_check(connection: Connection, check: StoredCheck) -> None:
    """Keep a check's state."""
    put(connection, checks, check)


def unanswered_check(connection: Connection, project_id: str, digest: bytes) -> StoredCheck | None:
    """Give the check of these queries that was asked but not answered, if any."""
    query = (
        select(checks)
        .where(
            checks.c.project_id == project_id,
            checks.c.digest == digest,
            checks.c.answered_at.is_(None),
        )
        .order_by(checks.c.asked_at)
        .limit(1)
    )
    return one(connection, query, StoredCheck)


def list_checks(connection: Connection, project_id: str) -> Sequence[StoredCheck]:
    """Give a project's checks, newest first."""
    query = (
        select(checks).where(checks.c.project_id == project_id).order_by(checks.c.asked_at.desc())
    )
    return every(connection, query, StoredCheck)


def put_answers(connection: Connection, answers: Iterable[StoredAnswer]) -> None:
    """Keep answers."""
    put_all(connection, check_answers, answers)


def list_answers(connection: Connection, check_id: bytes) -> Sequence[StoredAnswer]:
    """Give a check's answers, by query and member."""
    query = (
        select(check_answers)
        .where(check_answers.c.check_id == check_id)
        .order_by(check_answers.c.query, check_answers.c.member)
    )
    return every(connection, query, StoredAnswer)


def put_notices(connection: Connection, items: Iterable[StoredNotice]) -> None:
    """Keep notices."""
    put_all(connection, notices, items)


def list_notices(connection: Connection, project_id: str) -> Sequence[StoredNotice]:
    """Give a project's notices, newest first."""
    query = (
        select(notices)
        .where(notices.c.project_id == project_id)
        .order_by(notices.c.ledger_index.desc())
    )
    return every(connection, query, StoredNotice)
