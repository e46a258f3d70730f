"""CountsService: joint, deduplicated counts under disclosure control."""

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.counting import choose_tables, released_count, require_dimensions
from tacit.coordinator.names import member_names
from tacit.coordinator.policy import call_of
from tacit.coordinator.services.runs import require_done
from tacit.linkage.counts import CountResult, CountTable
from tacit.v1 import counts_pb2, counts_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the count service."""
    service = CountsService(backend)
    return Component(
        lambda server: counts_pb2_grpc.add_CountsServiceServicer_to_server(service, server)
    )


class CountsService(counts_pb2_grpc.CountsServiceServicer):
    """Serves `CountsService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def GetCount(  # noqa: N802
        self, request: counts_pb2.GetCountRequest, context: grpc.ServicerContext
    ) -> counts_pb2.GetCountResponse:
        """Give the run's count; the first time it is asked for releases it."""
        call = call_of(context)
        agreement = call.agreement
        with self._backend.store.read() as connection:
            run = require_done(connection, request.run_id)
        require_dimensions(list(request.by), agreement)
        result, index = released_count(self._backend, run, agreement, call.member.id)
        names = member_names(agreement, call.member.id)
        message = _message(
            choose_tables(result, list(request.by)),
            [names[party.member_id] for party in agreement.members],
        )
        message.run_id = run.id
        message.agreement_hash = run.agreement_hash
        message.ledger_index = index
        return message


def _message(result: CountResult, names: list[str]) -> counts_pb2.GetCountResponse:
    return counts_pb2.GetCountResponse(
        minimum_cell=result.minimum,
        distinct=_cell(result.distinct),
        records=_cell(result.records),
        members=[
            counts_pb2.MemberCount(member=name, cell=_cell(count))
            for name, count in zip(names, result.members, strict=True)
        ],
        overlap=[
            counts_pb2.OverlapRow(
                members=[names[member] for member in row.members], cell=_cell(row.count)
            )
            for row in result.overlap
        ],
        tables=[_table(table) for table in result.tables],
    )


def _table(table: CountTable) -> counts_pb2.CountTable:
    return counts_pb2.CountTable(
        dimension=table.dimension,
        rows=[counts_pb2.CountRow(key=row.key, cell=_cell(row.count)) for row in table.rows],
        total=_cell(table.total),
    )


def _cell(count: int | None) -> counts_pb2.Cell:
    return counts_pb2.Cell(suppressed=True) if count is None else counts_pb2.Cell(count=count)
