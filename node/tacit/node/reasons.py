"""Sketch this member's matched records, so that both members learn which fields agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.protocol import CHUNK_RECORDS, MAX_MESSAGE_BYTES
from tacit.linkage.reasons import reason_key, sketch_bytes, sketches
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.client.session import Session
from tacit.node.context import BoundProject
from tacit.node.store.base import Store
from tacit.node.store.projects import get_tokens
from tacit.node.store.records import StoredRecord, get_records
from tacit.node.store.results import list_groups
from tacit.v1 import runs_pb2 as runs


@dataclass(frozen=True, slots=True)
class _Matched:
    """A record of this member's in a match group, as the register has it now."""

    group_id: int
    token: bytes
    record: StoredRecord


def send_sketches(session: Session, store: Store, project: BoundProject, run_id: str) -> None:
    """Sketch the records that a fetched run matched, and send the sketches.

    They are sent once: a record that is changed later is compared as it was. Nothing is kept here.

    Raises:
        TacitError: KEY_MISSING, or what the connection raises.
        InvalidValueError: the register holds a value that cannot be encoded.
    """
    schema, matched = parse_schema(project.agreement.schema), _matched(store, project, run_id)
    most = min(CHUNK_RECORDS, MAX_MESSAGE_BYTES // 2 // sketch_bytes(schema))
    for start in range(0, len(matched), most):
        request = runs.PutSketchesRequest(
            project_id=project.id,
            agreement_hash=project.agreement_hash,
            run_id=run_id,
            sketches=_sketch(schema, project, run_id, matched[start : start + most]),
        )
        session.ask(session.runs.PutSketches, request)


def _matched(store: Store, project: BoundProject, run_id: str) -> Sequence[_Matched]:
    with store.read() as connection:
        tokens = get_tokens(connection, project.id).values()
        known = {token.token: token.record_id for token in tokens}
        own = [
            (group.group_id, record.token)
            for group in list_groups(connection, run_id)
            for record in group.records
            if record.yours and record.token in known
        ]
        register = get_records(connection, [known[token] for _, token in own])
    return [
        _Matched(group_id, token, register[known[token]])
        for group_id, token in own
        if known[token] in register
    ]


def _sketch(
    schema: LinkageSchema, project: BoundProject, run_id: str, matched: Sequence[_Matched]
) -> Iterator[runs.Sketch]:
    key, epoch = project.key(), project.epoch
    columns = {
        source: [item.record.fields.get(source, "") for item in matched]
        for source in schema.sources
    }
    made = sketches(
        schema,
        normalise_columns(schema, columns),
        [reason_key(key, project.id, epoch, run_id, item.group_id) for item in matched],
        [item.token for item in matched],
    )
    for item, parts in zip(matched, made, strict=True):
        yield runs.Sketch(group_id=item.group_id, token=item.token, parts=parts)
