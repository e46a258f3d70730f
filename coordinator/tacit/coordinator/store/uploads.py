"""Uploads and their records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, Table, delete, exists, insert, select, update

from tacit.coordinator.store.runs import LIVE
from tacit.coordinator.store.tables import (
    commitments,
    delta_records,
    records,
    run_inputs,
    runs,
    uploads,
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A member's upload; times in milliseconds.

    Attributes:
        record_count: records it has once it is finished; what is withdrawn later counts too.
        committed: of the records that travel, those that are on disk.
        base_id: the upload that it changes, or None where it comes whole.
        travelling: how many records travel, or None where all do.
        withdrawn: how many its member has withdrawn since.
    """

    id: str
    project_id: str
    member_id: str
    agreement_hash: bytes
    epoch: int
    digest: bytes
    record_count: int
    started_at: int
    committed: int = 0
    finished: bool = False
    finished_at: int | None = None
    root: bytes | None = None
    signature: bytes | None = None
    ledger_index: int | None = None
    superseded: bool = False
    base_id: str | None = None
    travelling: int | None = None
    withdrawn: int = 0

    @property
    def expected(self) -> int:
        """How many records travel."""
        return self.record_count if self.travelling is None else self.travelling

    @property
    def held(self) -> int:
        """How many records its member has not withdrawn since."""
        return self.record_count - self.withdrawn


@dataclass(frozen=True, slots=True)
class Record:
    """An encoded record as it lies in the database; see `EncodedRecord` of the protocol."""

    token: bytes
    clk: bytes
    presence: int
    strata: Mapping[str, str]
    publication: int
    purposes: Sequence[str]
    claim_commitment: bytes
    sealed_claim: bytes
    consent_expires: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """What finishing an upload adds to it; time in milliseconds."""

    root: bytes
    signature: bytes
    finished_at: int
    ledger_index: int


_FIELDS = tuple(field.name for field in fields(Record))


def add_upload(connection: Connection, upload: Upload) -> None:
    """Enter an upload that has just begun."""
    connection.execute(insert(uploads).values(**asdict(upload)))


def find_upload(connection: Connection, upload_id: str) -> Upload | None:
    """Find an upload by its identifier."""
    row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).mappings()
    found = row.one_or_none()
    return None if found is None else Upload(**found)


def live_uploads(connection: Connection, project_id: str, member_id: str) -> list[Upload]:
    """Give a member's uploads that no later one has replaced: the current and the unfinished."""
    query = (
        select(uploads)
        .where(
            uploads.c.project_id == project_id,
            uploads.c.member_id == member_id,
            ~uploads.c.superseded,
        )
        .order_by(uploads.c.started_at, uploads.c.id)
    )
    return [Upload(**row) for row in connection.execute(query).mappings()]


def current_uploads(connection: Connection, project_id: str) -> list[Upload]:
    """Give each member's finished upload that counts now, in order of member."""
    query = (
        select(uploads)
        .where(uploads.c.project_id == project_id, uploads.c.finished, ~uploads.c.superseded)
        .order_by(uploads.c.member_id)
    )
    return [Upload(**row) for row in connection.execute(query).mappings()]


def drop_upload(connection: Connection, upload_id: str) -> None:
    """Forget an unfinished upload that its member has given up."""
    for table in (records, delta_records):
        connection.execute(delete(table).where(table.c.upload_id == upload_id))
    connection.execute(delete(uploads).where(uploads.c.id == upload_id, ~uploads.c.finished))


def add_records(
    connection: Connection, upload: Upload, offset: int, chunk: Sequence[Record]
) -> None:
    """Append records, or changes of its base, to an upload from position `offset` on.

    Raises:
        sqlalchemy.exc.IntegrityError: a token stands in the upload already.
    """
    rows = [
        {"upload_id": upload.id, "position": position, **_values(record)}
        for position, record in enumerate(chunk, offset)
    ]
    connection.execute(insert(_arriving(upload)), rows)
    connection.execute(
        update(uploads).where(uploads.c.id == upload.id).values(committed=offset + len(rows))
    )


def read_records(connection: Connection, upload: Upload) -> Iterator[Record]:
    """Give what came of an unfinished upload in order, a few thousand in memory at a time."""
    table = _arriving(upload)
    columns = [table.c[name] for name in _FIELDS]
    query = select(*columns).where(table.c.upload_id == upload.id).order_by(table.c.position)
    stream = connection.execute(query.execution_options(yield_per=2000))
    for row in stream.mappings():
        yield Record(**row)


def _arriving(upload: Upload) -> Table:
    return records if upload.base_id is None else delta_records


def finish_upload(connection: Connection, upload: Upload, finish: Finish) -> None:
    """Make an upload its member's current one, in place of all earlier ones.

    The commitments are set apart, so that they outlive the records. Records of replaced uploads
    are erased, but for those that a run under way has taken as its input.
    """
    for earlier in live_uploads(connection, upload.project_id, upload.member_id):
        if earlier.id != upload.id:
            _supersede(connection, earlier)
    connection.execute(
        update(uploads).where(uploads.c.id == upload.id).values(finished=True, **asdict(finish))
    )
    own = records.c.upload_id == upload.id
    rows = select(records.c.upload_id, records.c.position, records.c.token)
    copied = rows.add_columns(records.c.claim_commitment).where(own)
    columns = ["upload_id", "position", "token", "commitment"]
    connection.execute(insert(commitments).from_select(columns, copied))


def _supersede(connection: Connection, upload: Upload) -> None:
    if not upload.finished:
        drop_upload(connection, upload.id)
        return
    connection.execute(update(uploads).where(uploads.c.id == upload.id).values(superseded=True))
    used = exists().where(
        run_inputs.c.upload_id == upload.id,
        run_inputs.c.run_id == runs.c.id,
        runs.c.state.in_(LIVE),
    )
    connection.execute(delete(records).where(records.c.upload_id == upload.id, ~used))


def _values(record: Record) -> dict[str, object]:
    return {
        "token": record.token,
        "clk": record.clk,
        "presence": record.presence,
        "strata": dict(record.strata),
        "publication": record.publication,
        "purposes": list(record.purposes),
        "claim_commitment": record.claim_commitment,
        "sealed_claim": record.sealed_claim,
        "consent_expires": record.consent_expires,
    }
