"""Encodings on their way in: resuming, tampering, replacing."""

import io
import json
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from sqlalchemy import func, select

from agreement_steps import eventually
from coalition import (
    Batch,
    CallError,
    Coalition,
    Members,
    make_record,
    open_channel,
    project_in_force,
)
from tacit.coordinator import uploads as module
from tacit.coordinator.log import configure_log
from tacit.coordinator.store.tables import commitments, records, uploads
from tacit.linkage import merkle, statements
from tacit.v1 import encodings_pb2, ledger_pb2, projects_pb2
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub


def batch_of(members: Members, count: int = 25, **changes: Any) -> Batch:
    project = project_in_force([members.north, members.south], **changes)
    return Batch(members.north, project, [make_record() for _ in range(count)])


def where(batch: Batch, upload_id: str) -> encodings_pb2.Upload:
    request = encodings_pb2.GetUploadRequest(project_id=batch.project.id, upload_id=upload_id)
    return batch.node.stubs.encodings.GetUpload(request).upload


def rows(coalition: Coalition, table: Any, upload_id: str) -> int:
    store = coalition.home.open_store()
    try:
        with store.read() as connection:
            query = select(func.count()).where(table.c.upload_id == upload_id)
            return int(connection.execute(query).scalar_one())
    finally:
        store.close()


def failing(call: Any, *arguments: Any, **named: Any) -> CallError:
    with pytest.raises(CallError) as failure:
        call(*arguments, **named)
    return failure.value


def test_upload_ends_in_the_ledger(members: Members) -> None:
    batch = batch_of(members)
    upload = batch.start()
    assert (upload.record_count, upload.committed, upload.finished) == (25, 0, False)
    assert batch.send(upload.upload_id).committed == 25
    done = batch.finish(upload.upload_id)
    assert done.finished
    ledger = members.coalition.coordinator._backend.ledger
    head = ledger.head(0)
    proof = ledger.prove(done.ledger_index, head)
    leaf = merkle.leaf_hash(proof.entry)
    assert merkle.verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
    entry = json.loads(proof.entry)
    assert entry.pop("time") > 0
    assert entry == {
        "type": "upload",
        "project": batch.project.id,
        "member": members.north.id,
        "agreement": batch.project.agreement.hash.hex(),
        "upload": upload.upload_id,
        "epoch": 1,
        "records": 25,
        "root": batch.root.hex(),
        "signature": batch.signature.hex(),
    }
    request = projects_pb2.GetProjectRequest(project_id=batch.project.id)
    [seen] = members.south.stubs.projects.GetProject(request).project.uploads
    assert (seen.member_id, seen.record_count) == (members.north.id, 25)
    assert rows(members.coalition, commitments, upload.upload_id) == 25


def test_repeating_any_step_changes_nothing(members: Members) -> None:
    batch = batch_of(members)
    first = batch.start()
    assert batch.start() == first
    batch.send(first.upload_id)
    assert batch.start().committed == 25
    done = batch.finish(first.upload_id)
    assert batch.finish(first.upload_id) == done
    assert batch.start() == done


def test_ends_that_overtake_each_other_are_one(members: Members) -> None:
    """A node whose line broke asks again while its first request is still being worked on."""
    batch = batch_of(members, 2000)
    upload = batch.start()
    batch.send(upload.upload_id, size=500)
    with ThreadPoolExecutor(4) as threads:
        ends = list(threads.map(lambda _: batch.finish(upload.upload_id), range(4)))
    assert ends[0].finished
    assert {end.ledger_index for end in ends} == {ends[0].ledger_index}


def test_upload_goes_on_where_a_broken_stream_left_it(members: Members) -> None:
    batch = batch_of(members)
    upload = batch.start()
    told = threading.Event()

    def broken() -> Iterator[encodings_pb2.UploadRecordsRequest]:
        chunks = batch.chunks(upload.upload_id)
        yield next(chunks)
        while where(batch, upload.upload_id).committed < 10:
            told.wait(0.01)
        raise ConnectionAbortedError

    # All coalitions of a process share one log, and the newest has it.
    log = io.StringIO()
    configure_log(log)
    with pytest.raises(CallError):
        batch.node.stubs.encodings.UploadRecords(broken())
    eventually(lambda: "UploadRecords" in log.getvalue())
    [line] = [json.loads(line) for line in log.getvalue().splitlines() if "UploadRecords" in line]
    # gRPC sees its end before it sees that it was broken, now and then.
    assert (line["event"], line["code"] in {"CANCELLED", "OK"}) == ("call", True)
    assert "unforeseen" not in log.getvalue()
    resumed = batch.start()
    assert (resumed.upload_id, resumed.committed) == (upload.upload_id, 10)
    batch.send(upload.upload_id, 10)
    assert batch.finish(upload.upload_id).finished


@pytest.mark.parametrize("offset", [0, 5, 11, 24])
def test_wrong_offset_is_told_the_right_one(members: Members, offset: int) -> None:
    batch = batch_of(members)
    upload = batch.start()
    chunk = next(batch.chunks(upload.upload_id))
    batch.node.stubs.encodings.UploadRecords(iter([chunk]))
    error = failing(batch.send, upload.upload_id, offset)
    assert (error.status, error.reason, error.params) == (
        "ABORTED",
        "OFFSET_MISMATCH",
        {"committed": 10},
    )
    assert where(batch, upload.upload_id).committed == 10


def test_chunks_before_a_bad_one_stay(members: Members) -> None:
    batch = batch_of(members)
    spoilt = [*batch.records[:24], make_record(clk=bytes(15))]
    upload = batch.start()
    error = failing(Batch(batch.node, batch.project, spoilt).send, upload.upload_id)
    assert error.reason == "MALFORMED"
    assert error.params == {"problem": "record 24: 'clk' is wrong."}
    assert where(batch, upload.upload_id).committed == 20


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token", bytes(15)),
        ("clk", b""),
        ("clk", bytes(17)),
        ("presence", 4),
        ("presence", 1 << 63),
        ("strata", {"kind": "PLANTED"}),
        ("strata", {"PLANTED": "1969"}),
        ("publication", 3),
        ("purposes", []),
        ("purposes", ["check", "check"]),
        ("purposes", ["PLANTED"]),
        ("purposes", ["check", "PLANTED"]),
        ("claim_commitment", bytes(31)),
        ("sealed_claim", bytes(27)),
        ("sealed_claim", bytes(3073)),
        ("consent_expires", 2_932_897),
    ],
)
def test_record_out_of_form(members: Members, field: str, value: Any) -> None:
    project = project_in_force([members.north, members.south])
    batch = Batch(members.north, project, [make_record(), make_record(**{field: value})])
    error = failing(batch.send, batch.start().upload_id)
    assert error.reason == "MALFORMED"
    assert f"record 1: '{field}'" in error.sentence
    assert "PLANTED" not in error.sentence


def test_purpose_that_was_not_agreed_alone_is_no_consent(members: Members) -> None:
    project = project_in_force([members.north, members.south], purposes=("count",))
    both = Batch(members.north, project, [make_record(purposes=["count", "check"])])
    assert both.upload().finished
    other = Batch(members.north, project, [make_record(purposes=["check"])])
    assert failing(other.upload).params == {"problem": "record 0: 'purposes' is wrong."}


def test_other_and_unknown_are_always_codes(members: Members) -> None:
    project = project_in_force([members.north, members.south])
    strata = [{"kind": "other", "year": "unknown"}, {"kind": "detention"}, {}]
    batch = Batch(members.north, project, [make_record(strata=s) for s in strata])
    assert batch.upload().finished


def test_every_bit_of_a_mask_comes_back(members: Members) -> None:
    """Digest and root are computed from the disk, so a finished upload lies there unchanged."""
    project = project_in_force([members.north, members.south])
    masks = [make_record(presence=mask) for mask in (0, 1, 2, 3)]
    assert Batch(members.north, project, masks).upload().finished


def test_a_token_stands_once_in_an_upload(members: Members) -> None:
    record = make_record()
    project = project_in_force([members.north, members.south])
    for size in (1, 2):
        batch = Batch(members.north, project, [record, make_record(token=record.token)])
        assert failing(batch.send, batch.start().upload_id, 0, size).reason == "MALFORMED"


@pytest.mark.parametrize("size", [0, 1001])
def test_chunk_must_have_the_right_size(members: Members, size: int) -> None:
    batch = batch_of(members, 1001)
    upload = batch.start()
    chunk = encodings_pb2.UploadRecordsRequest(
        project_id=batch.project.id,
        agreement_hash=batch.project.agreement.hash,
        upload_id=upload.upload_id,
        records=batch.records[:size],
    )
    assert failing(batch.node.stubs.encodings.UploadRecords, iter([chunk])).reason == "MALFORMED"


def test_empty_stream(members: Members) -> None:
    empty: Iterator[encodings_pb2.UploadRecordsRequest] = iter([])
    call = members.north.stubs.encodings.UploadRecords
    assert failing(call, empty).reason == "MALFORMED"


def test_more_records_than_announced(members: Members) -> None:
    batch = batch_of(members, 5)
    upload = batch.start()
    more = Batch(batch.node, batch.project, [*batch.records, make_record()])
    assert failing(more.send, upload.upload_id).reason == "MALFORMED"


def test_unfinished_upload_cannot_end(members: Members) -> None:
    batch = batch_of(members)
    upload = batch.start()
    error = failing(batch.finish, upload.upload_id)
    assert (error.reason, error.params) == ("OFFSET_MISMATCH", {"committed": 0})


def test_other_records_than_announced(members: Members) -> None:
    batch = batch_of(members, 5)
    upload = batch.start()
    other = [*batch.records[:4], make_record()]
    swapped = Batch(batch.node, batch.project, other)
    swapped.send(upload.upload_id)
    error = failing(swapped.finish, upload.upload_id)
    assert (error.status, error.reason) == ("DATA_LOSS", "DIGEST_MISMATCH")
    assert failing(where, batch, upload.upload_id).reason == "NOT_FOUND"
    assert batch.upload().finished


def test_order_is_part_of_what_was_announced(members: Members) -> None:
    batch = batch_of(members, 5)
    upload = batch.start()
    turned = Batch(batch.node, batch.project, [*batch.records][::-1])
    turned.send(upload.upload_id)
    assert failing(turned.finish, upload.upload_id).reason == "DIGEST_MISMATCH"


def test_root_and_signature_must_be_true(members: Members) -> None:
    batch = batch_of(members, 5)
    upload = batch.start()
    batch.send(upload.upload_id)
    root = secrets.token_bytes(32)
    key = batch.node.signing_key
    of_other_root = key.sign(statements.upload(batch.project.agreement.hash, 5, root))
    for changes, reason in (
        ({"root": root, "signature": of_other_root}, "DIGEST_MISMATCH"),
        ({"root": b""}, "DIGEST_MISMATCH"),
        ({"signature": of_other_root}, "SIGNATURE_INVALID"),
        ({"signature": bytes(64)}, "SIGNATURE_INVALID"),
    ):
        assert failing(batch.finish, upload.upload_id, **changes).reason == reason
    assert batch.finish(upload.upload_id).finished
    # What has ended, ended so.
    for changes in ({"root": root}, {"signature": of_other_root}):
        assert failing(batch.finish, upload.upload_id, **changes).reason == "OFFSET_MISMATCH"


def test_an_upload_that_ended_or_was_given_up_meanwhile_does_not_end(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_of(members, 3)
    upload = batch.start()
    batch.send(upload.upload_id)

    def end(*_: bytes) -> None:
        # Who has the key can sign the same in several ways.
        monkeypatch.setattr(module, "verify", lambda *_: None)
        batch.finish(upload.upload_id, signature=bytes(64))

    monkeypatch.setattr(module, "verify", end)
    assert failing(batch.finish, upload.upload_id).reason == "OFFSET_MISMATCH"
    other, newer = (Batch(batch.node, batch.project, [make_record()]) for _ in range(2))
    upload = other.start()
    other.send(upload.upload_id)
    monkeypatch.setattr(module, "verify", lambda *_: newer.start())
    assert failing(other.finish, upload.upload_id).reason == "NOT_FOUND"


@pytest.mark.parametrize(
    "changes",
    [{"digest": bytes(31)}, {"epoch": 2}, {"record_count": 10_000_001}],
)
def test_announcements_out_of_form(members: Members, changes: dict[str, Any]) -> None:
    assert failing(batch_of(members).start, **changes).reason == "MALFORMED"


def test_a_digest_stands_for_one_announcement(members: Members) -> None:
    batch = batch_of(members, 3)
    upload = batch.start()
    for changes in ({"record_count": 4}, {"base_upload_id": upload.upload_id}):
        assert failing(batch.start, **changes).reason == "MALFORMED"


def test_later_upload_replaces_the_earlier_in_one_step(members: Members) -> None:
    first = batch_of(members, 5)
    old = first.upload()
    second = Batch(first.node, first.project, [*first.records[:3], make_record()])
    upload = second.start()
    second.send(upload.upload_id)
    assert rows(members.coalition, records, old.upload_id) == 5
    done = second.finish(upload.upload_id)
    assert done.ledger_index > old.ledger_index
    assert rows(members.coalition, records, old.upload_id) == 0
    assert rows(members.coalition, commitments, old.upload_id) == 5
    store = members.coalition.coordinator._backend.store
    with store.read() as connection:
        query = select(uploads.c.id).where(
            uploads.c.project_id == first.project.id, ~uploads.c.superseded
        )
        assert connection.execute(query).scalars().all() == [upload.upload_id]
    # What was replaced can be uploaded anew.
    again = first.upload()
    assert again.upload_id != old.upload_id
    assert again.finished


def test_another_announcement_gives_up_the_unfinished_one(members: Members) -> None:
    first = batch_of(members, 15)
    upload = first.start()
    first.node.stubs.encodings.UploadRecords(iter([next(first.chunks(upload.upload_id))]))
    second = Batch(first.node, first.project, [make_record()])
    second.start()
    assert failing(where, first, upload.upload_id).reason == "NOT_FOUND"
    assert rows(members.coalition, records, upload.upload_id) == 0


def test_a_member_may_withdraw_everything(members: Members) -> None:
    first = batch_of(members, 5)
    first.upload()
    nothing = Batch(first.node, first.project, []).upload()
    assert (nothing.finished, nothing.record_count) == (True, 0)


def test_unknown_fields_are_not_what_was_announced(members: Members) -> None:
    """A field that the coordinator does not keep would not come back to anyone."""
    batch = batch_of(members, 2)
    serial = batch.records[0].SerializeToString() + b"\x9a\x06\x01x"
    odd = encodings_pb2.EncodedRecord.FromString(serial)
    assert failing(Batch(batch.node, batch.project, [odd]).upload).reason == "DIGEST_MISMATCH"


def test_two_senders_of_one_upload_do_not_interleave(members: Members) -> None:
    batch = batch_of(members, 200)
    upload = batch.start()
    errors: list[CallError] = []

    def send() -> None:
        try:
            batch.send(upload.upload_id)
        except CallError as error:
            errors.append(error)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {error.reason for error in errors} <= {"OFFSET_MISMATCH"}
    if len(errors) == 2:
        batch.send(upload.upload_id, where(batch, upload.upload_id).committed)
    assert batch.finish(upload.upload_id).finished


def test_message_beyond_the_limit(members: Members) -> None:
    credentials = (members.north.authority, members.north.certificate, members.north.tls_key)
    address = members.coalition.serving.address
    with open_channel(address, *credentials) as channel:
        huge = encodings_pb2.UploadRecordsRequest(upload_id="x" * (5 * 1024 * 1024))
        with pytest.raises(grpc.RpcError) as failure:
            EncodingsServiceStub(channel).UploadRecords(iter([huge]))
        assert "RESOURCE_EXHAUSTED" in str(failure.value)


def test_ledger_only_grows(members: Members) -> None:
    stub = members.north.stubs.ledger
    old = stub.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head
    assert stub.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head == old
    batch_of(members, 3).upload()
    new = stub.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head
    # One agreement, two signatures, in force, one upload.
    assert new.tree_size == old.tree_size + 5
    request = ledger_pb2.GetConsistencyProofRequest(
        first_size=old.tree_size, second_size=new.tree_size
    )
    path = stub.GetConsistencyProof(request).path
    sizes = (old.tree_size, new.tree_size)
    assert merkle.verify_consistency(*sizes, path, old.root_hash, new.root_hash)
    from_nothing = ledger_pb2.GetConsistencyProofRequest(second_size=new.tree_size + 1)
    assert failing(stub.GetConsistencyProof, from_nothing).reason == "NOT_FOUND"
