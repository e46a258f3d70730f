"""Records that this member's own register holds twice: found, settled by people, remembered."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.plain_similarity import Verdict
from tacit.linkage.schema import LinkageSchema
from tacit.linkage.within import LIKELY, Likeness, Within, find_within
from tacit.linkage.within_groups import same_groups, suspicions
from tacit.node.store.base import Store
from tacit.node.store.duplicates import (
    StoredMark,
    StoredSearch,
    drop_mark,
    get_search,
    list_marks,
    put_mark,
    put_search,
    register_digest,
)
from tacit.node.store.records import get_records, iter_record_ids, iter_records
from tacit.node.times import now_ms

METHOD = 1
"""Counts up when the same register would give other duplicates, so that old searches end."""

Progress = Callable[[int, int], None]
"""Is told how many pairs are compared, of how many."""


@dataclass(frozen=True, slots=True)
class SuspectedPair:
    """Two records that may be one person.

    Attributes:
        records: their ids.
        probability: of being one person, in [0, 1].
        fields: how they compare in each field: agrees, partly, differs or missing.
    """

    records: tuple[str, str]
    probability: float
    fields: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class SuspectedGroup:
    """Records that may all be one person.

    Attributes:
        records: their ids, in the register's order.
        probability: of the weakest pair by which a record came in.
        pairs: the suspected pairs within, the most probable first.
    """

    records: tuple[str, ...]
    probability: float
    pairs: tuple[SuspectedPair, ...]


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """What the register holds twice.

    Attributes:
        records: how many the register holds.
        fields: the compared fields.
        groups: suspected and not settled yet, the most probable first.
        same: records marked as one person, together.
        expected_pairs: how many pairs of records are one person, as estimated, settled ones
            included.
        errors: for each field, how often the records of one person are not equal in it, as
            estimated; worth something only where `expected_pairs` is large.
    """

    records: int
    fields: tuple[str, ...]
    groups: tuple[SuspectedGroup, ...]
    same: tuple[tuple[str, ...], ...]
    expected_pairs: float
    errors: tuple[float, ...]


def find_duplicates(
    store: Store,
    schema: LinkageSchema,
    progress: Progress = lambda _done, _total: None,
    least: float = LIKELY,
) -> DuplicateReport:
    """Compare the register with itself, unless that was done since it last changed.

    Args:
        store: this node's store.
        schema: which fields count, and how they are compared.
        progress: is told how many pairs are compared, of how many.
        least: probability from which two records are suspected.
    """
    with store.read() as connection:
        content = register_digest(connection)
        known = get_search(connection, schema.hash)
        ids = list(iter_record_ids(connection))
        marks = list_marks(connection)
    content = content + METHOD.to_bytes(2, "big")
    if known is not None and known.content == content:
        found = _read(known.document, len(ids))
    else:
        found = _search(store, schema, progress)
        search = StoredSearch(schema.hash, content, _written(found), now_ms())
        with store.write() as connection:
            put_search(connection, search)
    return _report(found, ids, marks, least)


def settle(store: Store, one: str, other: str, *, same: bool) -> None:
    """Note that two records are one person, or different people; what was noted before gives way.

    Raises:
        TacitError: NOT_FOUND where the register lacks one of them; USAGE where they are one record,
            or where other marks say the opposite.
    """
    left, right = sorted((one, other))
    if left == right:
        raise TacitError(Code.USAGE, problem="Name two different records.")
    with store.write() as connection:
        if len(get_records(connection, (left, right))) < 2:  # noqa: PLR2004 (both must be there)
            raise TacitError(Code.NOT_FOUND, what="record of that identifier in the register")
        drop_mark(connection, left, right)
        put_mark(connection, StoredMark(left, right, same, now_ms()))
        _require_consistent(connection)


def unsettle(store: Store, one: str, other: str) -> None:
    """Forget what was noted of two records.

    Raises:
        TacitError: NOT_FOUND; nothing was.
    """
    left, right = sorted((one, other))
    with store.write() as connection:
        if not drop_mark(connection, left, right):
            raise TacitError(Code.NOT_FOUND, what="mark on these two records")


def settled(store: Store) -> tuple[StoredMark, ...]:
    """Give everything that was noted, by record ids."""
    with store.read() as connection:
        return tuple(list_marks(connection))


def marked_same(connection: Connection) -> tuple[tuple[str, ...], ...]:
    """Give the records that are marked as one person, together."""
    return _same([mark for mark in list_marks(connection) if mark.same])


def _same(marks: Sequence[StoredMark]) -> tuple[tuple[str, ...], ...]:
    ids = sorted({record_id for mark in marks for record_id in (mark.left_id, mark.right_id)})
    number = {record_id: index for index, record_id in enumerate(ids)}
    groups = same_groups((number[mark.left_id], number[mark.right_id]) for mark in marks)
    return tuple(tuple(ids[index] for index in group) for group in groups)


def _require_consistent(connection: Connection) -> None:
    marks = list_marks(connection)
    together = {
        record_id: number
        for number, group in enumerate(_same([mark for mark in marks if mark.same]))
        for record_id in group
    }
    for mark in marks:
        if not mark.same and together.get(mark.left_id, -1) == together.get(mark.right_id, -2):
            problem = "Other marks say the opposite of these records; undo those first."
            raise TacitError(Code.USAGE, problem=problem)


def _search(store: Store, schema: LinkageSchema, progress: Progress) -> Within:
    with store.read() as connection:
        rows = [record.fields for record in iter_records(connection)]
    columns = {source: [row.get(source, "") for row in rows] for source in schema.sources}
    return find_within(schema, normalise_columns(schema, columns), progress)


def _report(
    found: Within, ids: Sequence[str], marks: Sequence[StoredMark], least: float
) -> DuplicateReport:
    number = {record_id: index for index, record_id in enumerate(ids)}
    ends = [((number[mark.left_id], number[mark.right_id]), mark.same) for mark in marks]
    groups = suspicions(
        found.pairs,
        same=[pair for pair, same in ends if same],
        different=[pair for pair, same in ends if not same],
        least=least,
    )
    return DuplicateReport(
        records=found.records,
        fields=found.fields,
        groups=tuple(
            SuspectedGroup(
                tuple(ids[index] for index in group.records),
                group.probability,
                tuple(_pair(pair, found.fields, ids) for pair in group.pairs),
            )
            for group in groups
        ),
        same=_same([mark for mark in marks if mark.same]),
        expected_pairs=found.expected,
        errors=found.errors,
    )


def _pair(pair: Likeness, fields: Sequence[str], ids: Sequence[str]) -> SuspectedPair:
    verdicts = dict(zip(fields, pair.verdicts, strict=True))
    return SuspectedPair((ids[pair.left], ids[pair.right]), pair.probability, verdicts)


def _written(found: Within) -> str:
    """Write a search by the records' places in the order of their ids."""
    return json.dumps(
        {
            "fields": found.fields,
            "pairs": [[p.left, p.right, p.probability, p.verdicts] for p in found.pairs],
            "expected": found.expected,
            "errors": found.errors,
        }
    )


def _read(document: str, records: int) -> Within:
    read = json.loads(document)
    pairs = tuple(
        Likeness(left, right, probability, tuple(map(Verdict, verdicts)))
        for left, right, probability, verdicts in read["pairs"]
    )
    fields, errors = tuple(read["fields"]), tuple(read["errors"])
    return Within(records, fields, pairs, read["expected"], errors)
