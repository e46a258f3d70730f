"""ClaimsService: who documented what, when, under which petition."""

from collections.abc import Iterator, Mapping

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.claims import Claim, ClaimReader, Inquiry, UploadTrees
from tacit.coordinator.names import member_names
from tacit.coordinator.policy import call_of
from tacit.coordinator.services.convert import head_message, proof_message
from tacit.coordinator.services.pages import in_pages
from tacit.coordinator.services.runs import require_done
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import claims_pb2, claims_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the claims service."""
    service = ClaimsService(backend)
    return Component(
        lambda server: claims_pb2_grpc.add_ClaimsServiceServicer_to_server(service, server)
    )


class ClaimsService(claims_pb2_grpc.ClaimsServiceServicer):
    """Serves `ClaimsService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._trees = UploadTrees(backend.store)

    def GetClaims(  # noqa: N802
        self, request: claims_pb2.GetClaimsRequest, context: grpc.ServicerContext
    ) -> Iterator[claims_pb2.GetClaimsResponse]:
        """Give the claims of the caller's groups; all proofs hold against one head."""
        call = call_of(context)
        with self._backend.store.read() as connection:
            run = require_done(connection, request.run_id)
        head = self._backend.ledger.head(self._backend.now())
        inquiry = Inquiry(
            call.project.id, request.run_id, call.member.id, frozenset(request.group_ids)
        )
        names = member_names(call.agreement, call.member.id)
        found = ClaimReader(self._backend, self._trees, head).groups(inquiry)
        groups = (_group_message(number, claims, names, call.member.id) for number, claims in found)
        sent = False
        for page in in_pages(groups):
            sent = True
            yield claims_pb2.GetClaimsResponse(
                groups=page, head=head_message(head), agreement_hash=run.agreement_hash
            )
        if not sent and inquiry.group_ids:
            raise TacitError(Code.NOT_FOUND, what="match group of yours")


def _group_message(
    number: int, claims: list[Claim], names: Mapping[str, str], caller_id: str
) -> claims_pb2.ClaimGroup:
    return claims_pb2.ClaimGroup(
        group_id=number, claims=[_claim_message(claim, names, caller_id) for claim in claims]
    )


def _claim_message(claim: Claim, names: Mapping[str, str], caller_id: str) -> claims_pb2.Claim:
    held, first = claim.held, claim.first
    return claims_pb2.Claim(
        member=names[held.member_id],
        yours=held.member_id == caller_id,
        token=held.token,
        publication=held.publication,  # type: ignore[arg-type]
        claim_commitment=first.commitment,
        sealed_claim=held.sealed_claim,
        upload_position=first.position,
        upload_size=first.upload_size,
        upload_path=claim.path,
        entry=proof_message(claim.entry),
        rank=claim.rank,
        unchanged=claim.unchanged,
        recorded_at=first.recorded_at,
    )
