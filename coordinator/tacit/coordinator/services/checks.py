"""ChecksService: the check before a victim is taken on or published."""

import itertools
from collections.abc import Iterator

import grpc

from tacit.coordinator.answering import Answering
from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.checking import (
    Announced,
    Asker,
    Query,
    Question,
    commit_check,
    encode_batch,
    gather_batch,
)
from tacit.coordinator.documents import schema_of
from tacit.coordinator.names import member_names, names_ever
from tacit.coordinator.policy import call_of
from tacit.coordinator.store.checks import notices_for
from tacit.linkage.protocol import CHUNK_RECORDS
from tacit.v1 import checks_pb2, checks_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the check service."""
    service = ChecksService(backend)
    return Component(
        lambda server: checks_pb2_grpc.add_ChecksServiceServicer_to_server(service, server)
    )


class ChecksService(checks_pb2_grpc.ChecksServiceServicer):
    """Serves `ChecksService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def RunCheck(  # noqa: N802
        self, request_iterator: Iterator[checks_pb2.RunCheckRequest], context: grpc.ServicerContext
    ) -> Iterator[checks_pb2.RunCheckResponse]:
        """Commit a batch, compare it with all other members' records, answer, forget it."""
        call = call_of(context)
        first = next(request_iterator)
        messages = itertools.chain([first], request_iterator)
        batch = gather_batch(
            Announced(first.check_id, first.total, first.digest),
            (Query(item.clk, item.presence) for message in messages for item in message.queries),
            call.agreement,
        )
        schema = schema_of(call.agreement.schema)
        queries = encode_batch(batch, schema)
        project = call.project
        asker = Asker(
            call.member.id, project.id, call.agreement, project.agreement_hash, project.epoch
        )
        question = commit_check(self._backend, asker, first.check_id, batch)
        answering = Answering(self._backend, question, queries, call.agreement)
        names = member_names(call.agreement, call.member.id)
        yield _progress(asker, question, 0)
        for holders in answering.steps():
            yield _progress(asker, question, holders * len(batch) // len(question.holders))
        for start in range(0, len(batch), CHUNK_RECORDS):
            message = _progress(asker, question, len(batch))
            message.threshold = answering.threshold
            message.answers.extend(
                checks_pb2.CheckAnswer(
                    query=start + place,
                    holders=[
                        checks_pb2.Holder(
                            member=names[item.member_id], objects=item.objects, score=item.score
                        )
                        for item in found
                    ],
                )
                for place, found in enumerate(answering.answers[start : start + CHUNK_RECORDS])
            )
            yield message

    def ListNotices(  # noqa: N802
        self,
        request: checks_pb2.ListNoticesRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> checks_pb2.ListNoticesResponse:
        """Tell the caller how often its records were found by checks, and by whose."""
        call = call_of(context)
        with self._backend.store.read() as connection:
            notices = notices_for(connection, call.project.id, call.member.id)
            names = names_ever(connection, call.project, call.member.id)
        return checks_pb2.ListNoticesResponse(
            notices=[
                checks_pb2.Notice(
                    member=names[notice.asker_id],
                    asked_at=notice.asked_at,
                    records=notice.records,
                    ledger_index=notice.ledger_index,
                )
                for notice in notices
            ]
        )


def _progress(asker: Asker, question: Question, done: int) -> checks_pb2.RunCheckResponse:
    return checks_pb2.RunCheckResponse(
        agreement_hash=asker.agreement_hash,
        done=done,
        total=question.check.total,
        budget_left=question.budget_left,
        ledger_index=question.check.ledger_index,
    )
