"""DecisionsService: what members decided about matches."""

from collections.abc import Iterable, Sequence

import grpc
from sqlalchemy import Connection

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.decisions import JUDGEMENTS, Pair, contested, decide
from tacit.coordinator.epochs import current
from tacit.coordinator.names import member_names
from tacit.coordinator.policy import Call, call_of
from tacit.coordinator.results import shown_purposes
from tacit.coordinator.services.runs import require_done
from tacit.coordinator.store.decisions import Decision, find_decision, of_member, records_shown
from tacit.coordinator.store.groups import Held, held_records
from tacit.coordinator.store.sets import allows
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import decisions_pb2, decisions_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the decisions service."""
    service = DecisionsService(backend)
    return Component(
        lambda server: decisions_pb2_grpc.add_DecisionsServiceServicer_to_server(service, server)
    )


class DecisionsService(decisions_pb2_grpc.DecisionsServiceServicer):
    """Serves `DecisionsService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def Decide(  # noqa: N802
        self, request: decisions_pb2.DecideRequest, context: grpc.ServicerContext
    ) -> decisions_pb2.DecideResponse:
        """Keep a decision about two records of a match group."""
        call = call_of(context)
        with self._backend.store.write() as connection:
            current(connection, call, self._backend.now())
            require_done(connection, request.run_id)
            pair = _pair(connection, call, request, self._backend.day)
            made = decide(self._backend, connection, call, pair, request.judgement)
            message = _told(connection, call, made)
        return decisions_pb2.DecideResponse(decision=message)

    def ChangeDecision(  # noqa: N802
        self, request: decisions_pb2.ChangeDecisionRequest, context: grpc.ServicerContext
    ) -> decisions_pb2.ChangeDecisionResponse:
        """Decide anew about a pair that the caller decided about before."""
        call = call_of(context)
        with self._backend.store.write() as connection:
            current(connection, call, self._backend.now())
            found = find_decision(connection, call.project.id, call.member.id, request.ledger_index)
            if found is None:
                raise TacitError(Code.MALFORMED, problem="there is no such decision of yours.")
            pair = Pair(found.token, found.other_id, found.other_token)
            made = decide(self._backend, connection, call, pair, request.judgement)
            message = _told(connection, call, made)
        return decisions_pb2.ChangeDecisionResponse(decision=message)

    def ListDecisions(  # noqa: N802
        self, request: decisions_pb2.ListDecisionsRequest, context: grpc.ServicerContext
    ) -> decisions_pb2.ListDecisionsResponse:
        """Give what was decided about the caller's records, oldest first."""
        del request
        call = call_of(context)
        with self._backend.store.read() as connection:
            made = _visible(connection, call, self._backend.day)
        disputed = contested(made)
        return decisions_pb2.ListDecisionsResponse(
            decisions=[
                _message(call, item, contested=item.pair in disputed)
                for item in made
                if item.same is not None
            ]
        )


def _pair(
    connection: Connection, call: Call, request: decisions_pb2.DecideRequest, day: int
) -> Pair:
    """Find the two records in the group as the caller sees it."""
    groups = held_records(connection, request.run_id, [request.group_id], day)
    held = groups[request.group_id]
    purposes = shown_purposes(call.agreement)
    shown = [item for item in held if allows(item.purposes, purposes)]
    names = member_names(call.agreement, call.member.id)
    own = _first(
        item for item in shown if (item.member_id, item.token) == (call.member.id, request.token)
    )
    others = [item for item in shown if names[item.member_id] == request.member and item is not own]
    other = _first(others[request.place : request.place + 1])
    if own is None or other is None:
        raise TacitError(Code.NOT_FOUND, what="pair in a match group of yours")
    return Pair(own.token, other.member_id, other.token)


def _first(items: Iterable[Held]) -> Held | None:
    return next(iter(items), None)


def _visible(connection: Connection, call: Call, day: int) -> Sequence[Decision]:
    """Give the decisions of which both records show in results."""
    made = of_member(connection, call.project.id, call.member.id)
    ends = {end for item in made for end in item.ends}
    purposes = shown_purposes(call.agreement)
    shown = records_shown(connection, call.project.id, ends, purposes, day)
    return [item for item in made if shown.issuperset(item.ends)]


def _told(connection: Connection, call: Call, made: Decision) -> decisions_pb2.Decision:
    about = of_member(connection, call.project.id, call.member.id)
    return _message(call, made, contested=made.pair in contested(about))


def _message(call: Call, item: Decision, *, contested: bool) -> decisions_pb2.Decision:
    yours = item.member_id == call.member.id
    names = member_names(call.agreement, call.member.id)
    return decisions_pb2.Decision(
        ledger_index=item.ledger_index,
        token=item.token if yours else item.other_token,
        member=names[item.other_id if yours else item.member_id],
        yours=yours,
        judgement=JUDGEMENTS[item.same],
        decided_at=item.decided_at,
        contested=contested,
    )
