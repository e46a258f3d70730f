"""Import a file into the register: all of it in one transaction, or nothing."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from tacit.linkage.codes import OTHER, recognise
from tacit.linkage.errors import Code, TacitError
from tacit.node.mapping import ColumnMapping, check_columns, validate_mapping
from tacit.node.register.reading import RowReader
from tacit.node.roles import STRATA, RegisterFields
from tacit.node.sources.base import Source
from tacit.node.sources.problems import InputRefused, Problem, Problems
from tacit.node.store.base import Store
from tacit.node.store.imports import StoredImport, begin_import, end_import
from tacit.node.store.records import (
    StoredRecord,
    count_records,
    delete_records,
    forget_previous,
    get_records,
    iter_record_ids,
    keep_previous,
    put_records,
)
from tacit.node.times import milliseconds

BATCH = 1000

Progress = Callable[[int], None]
"""Is told how many rows have been read."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    Attributes:
        replace: the file is the whole register: records that it does not hold are withdrawn.
        skip_bad: leave out rows with problems, and report them, instead of refusing the file.
        problem_limit: how many problems to report in full.
    """

    replace: bool = False
    skip_bad: bool = False
    problem_limit: int = 100


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        import_id: counts imports from 1.
        file: name of the file.
        rows: rows read, blank ones left out.
        new: records that were not in the register.
        changed: records that differ from what the register held.
        unchanged: records that do not.
        withdrawn: records erased because the file no longer holds them.
        skipped: rows left out because of problems.
        total: records in the register now.
        problems: what was wrong with the rows left out, the first of them in full.
        more_problems: how many problems there were beyond these.
        notes: what was found out about the file.
        unrecognised: stratum to the number of records whose value is in no code list.
    """

    import_id: int
    file: str
    rows: int
    new: int
    changed: int
    unchanged: int
    withdrawn: int
    skipped: int
    total: int
    problems: tuple[Problem, ...] = ()
    more_problems: int = 0
    notes: tuple[str, ...] = ()
    unrecognised: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    good: int = 0
    unrecognised: dict[str, int] = field(default_factory=dict)
    first_rows: dict[str, int] = field(default_factory=dict)


def import_register(
    store: Store,
    source: Source,
    mapping: ColumnMapping,
    fields: RegisterFields,
    now: dt.datetime,
    *,
    options: ImportOptions | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Read a file through a mapping and bring the register up to it.

    The records as they were before stay in the store, so that the import can be undone, until
    the next import.

    Args:
        store: this node's store.
        source: the opened file.
        mapping: what its columns are.
        fields: the schema's fields.
        now: the time, with its zone; no record can be documented later than its day.
        options: how to import.
        progress: is told how many rows have been read, every thousand.

    Raises:
        InputRefused: the file has problems, all of which it carries; the store is as before.
        TacitError: BAD_MAPPING, USAGE or STORE_FAILED; the store is as before.
    """
    chosen = options or ImportOptions()
    if chosen.replace and chosen.skip_bad:
        problem = (
            "Rows cannot be skipped in a file that replaces the register: "
            "their records would be withdrawn."
        )
        raise TacitError(Code.USAGE, problem=problem)
    validate_mapping(mapping, fields)
    check_columns(mapping, source.header, source.name)
    work = _Import(source, mapping, fields, now, options=chosen, progress=progress)
    with store.write() as connection:
        return work.run(connection)


class _Import:
    """One import on its way."""

    def __init__(
        self,
        source: Source,
        mapping: ColumnMapping,
        fields: RegisterFields,
        now: dt.datetime,
        *,
        options: ImportOptions,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._mapping = mapping
        self._now = now
        self._options = options
        self._progress = progress or (lambda _: None)
        self._reader = RowReader(source.name, source.header, mapping, fields, now.date())
        self._problems = Problems(options.problem_limit)
        self._tally = _Tally()

    def run(self, connection: Connection) -> ImportReport:
        forget_previous(connection)
        entry = begin_import(
            connection,
            self._source.name,
            self._source.digest,
            self._mapping.encode(),
            milliseconds(self._now),
            replaced=self._options.replace,
        )
        batch: list[StoredRecord] = []
        for record in self._records():
            batch.append(replace(record, import_id=entry.import_id))
            if len(batch) == BATCH:
                self._store(connection, batch)
                batch = []
        self._store(connection, batch)
        self._require_clean()
        return self._finish(connection, entry)

    def _records(self) -> Iterator[StoredRecord]:
        for row in self._source.rows(self._problems):
            self._tally.rows += 1
            if self._tally.rows % BATCH == 0:
                self._progress(self._tally.rows)
            read = self._reader.read(row)
            if isinstance(read, list):
                for problem in read:
                    self._problems.add(problem)
            elif self._is_first(read):
                self._tally.good += 1
                self._count_strata(read)
                yield read
        self._progress(self._tally.rows)

    def _is_first(self, record: StoredRecord) -> bool:
        first = self._tally.first_rows.setdefault(record.record_id, record.row_number)
        if first == record.row_number:
            return True
        sentence = f"row {first} has the same identifier"
        self._problems.add(
            Problem(self._source.name, sentence, record.row_number, "field 'record_id'")
        )
        return False

    def _count_strata(self, record: StoredRecord) -> None:
        for dimension in STRATA:
            if recognise(dimension, getattr(record, dimension)) == OTHER:
                known = self._tally.unrecognised
                known[dimension] = known.get(dimension, 0) + 1

    def _store(self, connection: Connection, batch: list[StoredRecord]) -> None:
        if not batch or (self._problems.found and not self._options.skip_bad):
            return  # nothing of this file will stay
        held = get_records(connection, [record.record_id for record in batch])
        changed = [r for r in batch if r.record_id in held and not _same(r, held[r.record_id])]
        new = [record for record in batch if record.record_id not in held]
        written = changed + new
        keep_previous(connection, [record.record_id for record in written])
        put_records(connection, written)
        self._tally.new += len(new)
        self._tally.changed += len(changed)
        self._tally.unchanged += len(batch) - len(written)

    def _require_clean(self) -> None:
        if not self._options.skip_bad:
            self._problems.raise_if_any()
        if self._tally.good:
            return
        self._problems.raise_if_any()
        raise InputRefused([Problem(self._source.name, "it has a header but no records")])

    def _finish(self, connection: Connection, entry: StoredImport) -> ImportReport:
        gone: list[str] = []
        if self._options.replace:
            ids = iter_record_ids(connection)
            gone = [record_id for record_id in ids if record_id not in self._tally.first_rows]
            keep_previous(connection, gone)
            delete_records(connection, gone)
        tally = self._tally
        skipped = self._problems.rows
        done = replace(
            entry,
            new=tally.new,
            changed=tally.changed,
            unchanged=tally.unchanged,
            withdrawn=len(gone),
            skipped=skipped,
        )
        end_import(connection, done)
        return ImportReport(
            import_id=done.import_id,
            file=self._source.name,
            rows=tally.good + skipped,
            new=tally.new,
            changed=tally.changed,
            unchanged=tally.unchanged,
            withdrawn=len(gone),
            skipped=skipped,
            total=count_records(connection),
            problems=tuple(self._problems.found),
            more_problems=self._problems.more,
            notes=self._source.notes,
            unrecognised=dict(sorted(tally.unrecognised.items())),
        )


def _same(left: StoredRecord, right: StoredRecord) -> bool:
    return replace(left, import_id=0, row_number=0) == replace(right, import_id=0, row_number=0)
