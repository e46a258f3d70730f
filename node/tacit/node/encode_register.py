"""From the register to the bytes of an upload: normalise, encode, seal, serialise.

The same register, project and randomness (tokens and salts, kept in the store) give the same
bytes, so that an upload that was cut off is the same upload when it goes on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from tacit.linkage import merkle
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.protocol import MAX_SEALED_CLAIM_BYTES
from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.changes import find_changes
from tacit.node.consent import Exclusion
from tacit.node.context import BoundProject
from tacit.node.eligible import Eligible, Selection, select_records
from tacit.node.sealed_claims import ClaimSealer
from tacit.node.store.base import Store
from tacit.node.store.records import StoredRecord
from tacit.node.store.uploads import (
    StoredUpload,
    StoredUploadRecord,
    drop_upload_records,
    list_uploads,
    put_upload,
    put_upload_records,
)
from tacit.node.times import now_ms
from tacit.v1 import encodings_pb2 as encodings

PUBLICATION: Mapping[str, encodings.Publication.ValueType] = {
    "": encodings.PUBLICATION_UNSPECIFIED,
    "allowed": encodings.PUBLICATION_ALLOWED,
    "objected": encodings.PUBLICATION_OBJECTED,
}
"""What travels for the register's word on publication."""

_FIRST_DAY = date(1970, 1, 1)

Progress = Callable[[int, int], None]
"""Is told how many records are encoded, of how many."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An upload that lies ready in the store, or was finished before.

    Attributes:
        upload: its state.
        changed: whether the register, or what may be used of it, changed since the last one.
        records: how many records the project has of this member now.
        withheld: how many records their consent keeps out of the project, by reason.
        held_twice: how many stay out because another record of the same person goes in.
    """

    upload: StoredUpload
    changed: bool
    records: int
    withheld: Mapping[Exclusion, int]
    held_twice: int


def prepare_upload(
    store: Store,
    project: BoundProject,
    today: date,
    progress: Progress,
    *,
    held: bool,
    selection: Selection | None = None,
) -> Prepared:
    """Encode what changed of what the register holds for a project, unless that was done before.

    Args:
        store: this node's store.
        project: whose agreement is in force.
        today: on which consent must hold.
        progress: is told how many records are encoded, of how many.
        held: whether the coordinator still holds this member's last finished upload.
        selection: what goes in on that day, where it is known already.

    Raises:
        TacitError: KEY_MISSING, or BAD_INPUT naming the row of a value that cannot be encoded.
    """
    schema = parse_schema(project.agreement.schema)
    key = project.key()
    chosen = selection or select_records(store, project, today)
    changes = find_changes(store, project, chosen, schema.sources, held=held)
    if changes.nothing_to_do is not None:
        return _prepared(changes.nothing_to_do, chosen, changed=False)
    encoded = encode_records(schema, project, key, changes.records, progress)
    sealer = ClaimSealer(key, project.agreement_hash)
    messages = [
        message.SerializeToString(deterministic=True)
        for message in _messages(changes.records, encoded, sealer)
    ]
    travelling = sorted(
        [
            *zip(changes.tokens, messages, changes.hashes, strict=True),
            *((token, _leaving(token), b"") for token in changes.leaving),
        ]
    )
    upload = StoredUpload(
        digest=digest_of([message for _, message, _ in travelling]),
        project_id=project.id,
        upload_id="",
        epoch=project.epoch,
        record_count=len(chosen.records),
        committed=0,
        root=root_of(chosen.records),
        started_at=now_ms(),
        content=changes.content,
        base_upload_id=changes.base_upload_id,
        travelling=len(travelling) if changes.base_upload_id else None,
    )
    _keep(store, upload, travelling)
    return _prepared(upload, chosen, changed=True)


def _prepared(upload: StoredUpload, chosen: Selection, *, changed: bool) -> Prepared:
    return Prepared(upload, changed, len(chosen.records), chosen.withheld, chosen.held_twice)


def _leaving(token: bytes) -> bytes:
    return encodings.EncodedRecord(token=token).SerializeToString(deterministic=True)


def encode_records(
    schema: LinkageSchema,
    project: BoundProject,
    key: bytes,
    records: Sequence[Eligible],
    progress: Progress,
) -> EncodedSet:
    """Encode the records' identifying fields under a project's linkage key.

    Raises:
        TacitError: BAD_INPUT naming the row of a value that cannot be encoded.
    """
    columns = {
        source: [item.record.fields.get(source, "") for item in records]
        for source in schema.sources
    }
    try:
        return encode_columns(schema, project, key, columns, progress)
    except TacitError as error:
        number = error.params.get("record")
        if error.code is not Code.BAD_INPUT or not isinstance(number, int):
            raise
        where = f"{_row(records[number - 1].record)}, {error.params.get('feature')}"
        problem = error.params.get("problem")
        raise TacitError(Code.BAD_INPUT, where=where, problem=problem) from error


def encode_columns(
    schema: LinkageSchema,
    project: BoundProject,
    key: bytes,
    columns: Mapping[str, Sequence[str]],
    progress: Progress,
) -> EncodedSet:
    """Normalise and encode raw columns under a project's linkage key.

    Args:
        schema: the project's.
        project: whose id and epoch the encoding is bound to.
        key: the linkage key, 32 bytes.
        columns: register field to raw values, of equal lengths.
        progress: is told how many records are encoded, of how many.

    Raises:
        TacitError: BAD_INPUT; the parameter `record` counts from 1.
    """
    normalised = normalise_columns(schema, columns)
    total = len(next(iter(normalised.values())))
    done = 0

    def advance(records: int) -> None:
        nonlocal done
        done += records
        progress(done, total)

    secret = derive_secret(key, project.id, project.epoch, schema.hash)
    return Encoder(schema, secret).encode(normalised, advance)


def digest_of(messages: Sequence[bytes]) -> bytes:
    """Give the digest that StartUpload announces: SHA-256 over length-prefixed records."""
    digest = sha256()
    for message in messages:
        digest.update(len(message).to_bytes(4, "big") + message)
    return digest.digest()


def root_of(records: Sequence[Eligible]) -> bytes:
    """Give the Merkle root over the claim commitments, in upload order."""
    return merkle.root([merkle.leaf_hash(item.commitment) for item in records])


def _messages(
    records: Sequence[Eligible], encoded: EncodedSet, sealer: ClaimSealer
) -> Iterator[encodings.EncodedRecord]:
    for index, item in enumerate(records):
        token = item.token
        sealed = sealer.seal(item.claim, token.salt, token.token)
        if len(sealed) > MAX_SEALED_CLAIM_BYTES:
            problem = "forum, petition and source of consent are too long together"
            raise TacitError(Code.BAD_INPUT, where=_row(item.record), problem=problem)
        yield encodings.EncodedRecord(
            token=token.token,
            clk=encoded.clk_bytes(index),
            presence=int(encoded.presence[index]),
            strata=item.strata,
            publication=PUBLICATION[item.record.publication],
            claim_commitment=item.commitment,
            sealed_claim=sealed,
            purposes=item.purposes,
            consent_expires=_days(item.record.consent_expires),
        )


def _days(day: str) -> int:
    return (date.fromisoformat(day) - _FIRST_DAY).days if day else 0


def _row(record: StoredRecord) -> str:
    return f"import {record.import_id}, row {record.row_number}"


def _keep(
    store: Store, upload: StoredUpload, travelling: Sequence[tuple[bytes, bytes, bytes]]
) -> None:
    with store.write() as connection:
        for old in list_uploads(connection, upload.project_id):
            if old.finished_at is None:
                drop_upload_records(connection, old.digest)
        put_upload(connection, upload)
        put_upload_records(
            connection,
            (
                StoredUploadRecord(upload.digest, position, token, message, content)
                for position, (token, message, content) in enumerate(travelling)
            ),
        )
