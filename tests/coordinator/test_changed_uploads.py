"""Uploads of what has changed: base and changes make what a whole upload would have made."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from coalition import Batch, CallError, Members, Project, make_record, project_in_force
from tacit.coordinator.record_rules import record_message
from tacit.coordinator.store.tables import commitments, delta_records, records, uploads
from tacit.coordinator.store.uploads import Record
from tacit.linkage import merkle, statements
from tacit.v1 import encodings_pb2

Held = Mapping[bytes, encodings_pb2.EncodedRecord]


@dataclass(frozen=True)
class Change(Batch):
    """What turns `base` into `whole`, in the order of tokens."""

    base: str = ""
    whole: Sequence[encodings_pb2.EncodedRecord] = ()

    @cached_property
    def root(self) -> bytes:
        return merkle.root([merkle.leaf_hash(r.claim_commitment) for r in self.whole])

    @cached_property
    def signature(self) -> bytes:
        statement = statements.upload(self.project.agreement.hash, len(self.whole), self.root)
        return self.node.signing_key.sign(statement)

    def start(self, **changes: Any) -> encodings_pb2.Upload:
        announced = {
            "record_count": len(self.whole),
            "base_upload_id": self.base,
            "travelling": len(self.records),
        }
        return super().start(**{**announced, **changes})

    def upload(self, size: int = 10) -> encodings_pb2.Upload:
        """Send it, cut off and begun again after every chunk."""
        upload = self.start()
        while upload.committed < len(self.records) and not upload.finished:
            chunk = next(self.chunks(upload.upload_id, upload.committed, size))
            self.node.stubs.encodings.UploadRecords(iter([chunk]))
            before, upload = upload, self.start()
            assert upload.upload_id == before.upload_id
            assert upload.committed == chunk.offset + len(chunk.records)
        return self.finish(upload.upload_id)


def change(members: Members, project: Project, base: str, before: Held, after: Held) -> Change:
    left = before.keys() - after.keys()
    moved = [
        *(encodings_pb2.EncodedRecord(token=token) for token in left),
        *(item for token, item in after.items() if before.get(token) != item),
    ]
    moved.sort(key=lambda item: item.token)
    whole = [after[token] for token in sorted(after)]
    return Change(members.north, project, moved, base, whole)


def stored(members: Members, upload_id: str) -> list[encodings_pb2.EncodedRecord]:
    """Read what the database holds of an upload; its positions count from 0."""
    names = [column.name for column in list(records.columns)[2:]]
    with members.coalition.coordinator._backend.store.read() as connection:
        rows = connection.execute(
            select(records).where(records.c.upload_id == upload_id).order_by(records.c.position)
        ).all()
        kept = connection.execute(
            select(commitments.c.token, commitments.c.commitment)
            .where(commitments.c.upload_id == upload_id)
            .order_by(commitments.c.position)
        ).all()
        left = select(func.count()).select_from(delta_records)
        assert connection.execute(left).scalar_one() == 0
    assert [row.position for row in rows] == list(range(len(rows)))
    made = [record_message(Record(**{n: row._mapping[n] for n in names})) for row in rows]
    assert [tuple(row) for row in kept] == [(m.token, m.claim_commitment) for m in made]
    return made


def by_token(*items: encodings_pb2.EncodedRecord) -> dict[bytes, encodings_pb2.EncodedRecord]:
    return {item.token: item for item in items}


@pytest.fixture(scope="module")
def project(members: Members) -> Project:
    return project_in_force([members.north, members.south])


def begin(members: Members, project: Project, held: Held) -> str:
    whole = [held[token] for token in sorted(held)]
    return Batch(members.north, project, whole).upload().upload_id


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), steps=st.lists(st.integers(0, 6), min_size=1, max_size=4))
def test_any_changes_one_after_the_other(
    members: Members, project: Project, seed: int, steps: list[int]
) -> None:
    draw = random.Random(seed)
    held = by_token(*(make_record() for _ in range(draw.randrange(1, 12))))
    base = begin(members, project, held)
    for moves in steps:
        after = dict(held)
        for _ in range(moves):
            kind = draw.choice(["new", "changed", "leaving"])
            token = draw.choice(sorted(after)) if after else b""
            if kind == "new" or not token:
                after.update(by_token(make_record()))
            elif kind == "changed":
                after[token] = make_record(token=token, publication=draw.randrange(3))
            else:
                del after[token]
        if after == held:
            continue
        made = change(members, project, base, held, after)
        finished = made.upload(size=draw.randrange(1, 4))
        assert finished.record_count == len(after)
        assert stored(members, finished.upload_id) == [after[token] for token in sorted(after)]
        held, base = after, finished.upload_id


def test_what_came_in_between_makes_it_another_base(members: Members, project: Project) -> None:
    held = by_token(*(make_record() for _ in range(3)))
    base = begin(members, project, held)
    after = {**held, **by_token(make_record())}
    late = change(members, project, base, held, after)
    begun = late.start()
    late.send(begun.upload_id)
    other = {**held, **by_token(make_record())}
    # Announcing something else gives the first one up.
    newer = change(members, project, base, held, other).upload()
    with pytest.raises(CallError) as refused:
        late.start()
    assert refused.value.reason == "NOT_FOUND"
    with pytest.raises(CallError) as refused:
        late.finish(begun.upload_id)
    assert refused.value.reason == "NOT_FOUND"
    assert stored(members, newer.upload_id) == [other[token] for token in sorted(other)]


def test_a_root_that_is_not_the_wholes_is_refused(members: Members, project: Project) -> None:
    held = by_token(*(make_record() for _ in range(3)))
    base = begin(members, project, held)
    made = change(members, project, base, held, {**held, **by_token(make_record())})
    upload = made.start()
    made.send(upload.upload_id)
    wrong = merkle.root([merkle.leaf_hash(r.claim_commitment) for r in made.records])
    statement = statements.upload(project.agreement.hash, len(made.whole), wrong)
    with pytest.raises(CallError) as refused:
        made.finish(upload.upload_id, root=wrong, signature=made.node.signing_key.sign(statement))
    assert refused.value.reason == "DIGEST_MISMATCH"
    assert made.finish(upload.upload_id).finished
    short = Change(members.north, project, [], base, made.whole[:1])
    with pytest.raises(CallError) as refused:
        short.start()
    assert refused.value.reason == "NOT_FOUND"


def test_only_an_upload_with_a_base_lets_records_leave(members: Members, project: Project) -> None:
    record = make_record()
    gone = encodings_pb2.EncodedRecord(token=record.token)
    whole = Batch(members.north, project, [gone])
    with pytest.raises(CallError) as refused:
        whole.upload()
    assert refused.value.reason == "MALFORMED"
    base = begin(members, project, by_token(record))
    half = encodings_pb2.EncodedRecord(token=record.token, presence=1)
    made = Change(members.north, project, [half], base, [])
    with pytest.raises(CallError) as refused:
        made.upload()
    assert refused.value.reason == "MALFORMED"
    elsewhere = project_in_force([members.north, members.south])
    with pytest.raises(CallError) as refused:
        Change(members.north, elsewhere, [gone], base, []).start()
    assert refused.value.reason == "NOT_FOUND"


def test_digest_is_over_what_travels(members: Members, project: Project) -> None:
    held = by_token(*(make_record() for _ in range(4)))
    base = begin(members, project, held)
    new = make_record()
    made = change(members, project, base, held, {**held, **by_token(new)})
    serial = new.SerializeToString(deterministic=True)
    assert made.digest == sha256(len(serial).to_bytes(4, "big") + serial).digest()
    finished = made.upload()
    with members.coalition.coordinator._backend.store.read() as connection:
        row = connection.execute(select(uploads).where(uploads.c.id == finished.upload_id)).one()
        older = select(func.count()).select_from(records).where(records.c.upload_id == base)
        assert connection.execute(older).scalar_one() == 0
    assert (row.record_count, row.travelling, row.base_id, row.root) == (5, 1, base, made.root)
