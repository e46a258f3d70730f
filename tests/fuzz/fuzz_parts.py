"""The parts of coordinator and node that take messages apart, without store or network around them."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from coalition import Node, make_agreement, make_record
from fuzz_messages import altered, made, mangled, right, rpcs
from fuzz_values import coin, pick
from linking import SCHEMA_TEXT, encode, person
from tacit.coordinator.checking import Announced, Query, batch_digest, encode_batch, gather_batch
from tacit.coordinator.record_rules import record_from, record_message, rules_of
from tacit.coordinator.request_signatures import receiving
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.client.answers import check_answer
from tacit.v1 import checks_pb2, encodings_pb2

Read = Callable[[bytes], object]
Part = tuple[str, Read, Sequence[bytes], Callable[[random.Random, bytes], bytes]]
NAMES = ("upload records", "check batch", "answers")
"""Of all parts, in order."""

_RECORDS = 5


def parts() -> list[Part]:
    """Give each part: its name, what reads a message's bytes, right messages, a way to change."""
    agreement = _agreement()
    return [
        ("upload records", _records(agreement), [_upload()], _changer(_UPLOAD)),
        ("check batch", _batch(agreement), [_asked()], _changer(_CHECK)),
        ("answers", _answers, _right_answers(), _change_answer),
    ]


_UPLOAD = encodings_pb2.UploadRecordsRequest
_CHECK = checks_pb2.RunCheckRequest
_ANSWERS = [method.output_type for method in rpcs().values()]


def _agreement() -> Agreement:
    nodes = [Node(), Node()]
    for number, node in enumerate(nodes):
        node.member.member_id, node.member.name = f"m{number}", f"Member {number}"
    return make_agreement(nodes, schema=SCHEMA_TEXT, check_minimum_batch=1)


def _upload() -> bytes:
    batch = encode([person(number) for number in range(_RECORDS)])
    records = [make_record(clk=batch.clk_bytes(number)) for number in range(_RECORDS)]
    return _UPLOAD(project_id="p", upload_id="u", records=records).SerializeToString()


def _asked() -> bytes:
    batch = encode([person(number) for number in range(_RECORDS)])
    queries = [
        checks_pb2.CheckQuery(clk=batch.clk_bytes(n), presence=int(batch.presence[n]))
        for n in range(_RECORDS)
    ]
    return _CHECK(check_id=bytes(16), total=_RECORDS, queries=queries).SerializeToString()


def _records(agreement: Agreement) -> Read:
    rules = rules_of(agreement, parse_schema(agreement.schema))
    receive = receiving(_UPLOAD.FromString)

    def read(content: bytes) -> object:
        chunk = receive(content).parsed()
        for position, record in enumerate(chunk.records, chunk.offset):
            rules.check(position, record)
        return [record_message(record_from(record)) for record in chunk.records]

    return read


def _batch(agreement: Agreement) -> Read:
    schema, receive = parse_schema(agreement.schema), receiving(_CHECK.FromString)

    def read(content: bytes) -> object:
        first = receive(content).parsed()
        queries = [Query(item.clk, item.presence) for item in first.queries]
        said = Announced(first.check_id, first.total, first.digest or batch_digest(queries))
        return encode_batch(gather_batch(said, queries, agreement), schema)

    return read


def _answers(content: bytes) -> object:
    """Check an answer as a session does; its first byte says of which RPC it is."""
    kind = _ANSWERS[content[0] % len(_ANSWERS)] if content else _ANSWERS[0]
    try:
        message = GetMessageClass(kind).FromString(content[1:])
    except DecodeError as error:
        # gRPC makes an error of the call of it.
        raise TacitError(Code.INTERNAL) from error
    check_answer(message)
    return None


def _right_answers() -> list[bytes]:
    rng = random.Random(0)
    return [
        bytes([number]) + right(rng, kind, {}).SerializeToString()
        for number, kind in enumerate(_ANSWERS)
    ]


def _changer(kind: Any) -> Callable[[random.Random, bytes], bytes]:
    def change(rng: random.Random, content: bytes) -> bytes:
        if coin(rng, 4):
            return mangled(rng, content)
        if coin(rng, 6):
            return bytes(made(rng, kind.DESCRIPTOR, {}).SerializeToString())
        return bytes(altered(rng, kind.FromString(content), {}).SerializeToString())

    return change


def _change_answer(rng: random.Random, content: bytes) -> bytes:
    kind = pick(rng, range(len(_ANSWERS)))
    body = made(rng, _ANSWERS[kind], {}).SerializeToString()
    return bytes([kind]) + (mangled(rng, body, content) if coin(rng, 4) else body)
