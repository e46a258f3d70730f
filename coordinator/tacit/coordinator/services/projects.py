"""ProjectsService: linkage projects, the versions of their agreements, epochs and sealed keys."""

import grpc

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.destruction import report_destroyed
from tacit.coordinator.epochs import start_epoch
from tacit.coordinator.policy import call_of
from tacit.coordinator.proposals import projects_naming
from tacit.coordinator.receipts import receipt_message
from tacit.coordinator.sealed_keys import get_sealed_key, put_sealed_keys
from tacit.coordinator.services.project_message import project_message
from tacit.coordinator.store.projects import read_project
from tacit.coordinator.versions import (
    create_project,
    drop_proposal,
    propose_version,
    sign_agreement,
)
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import projects_pb2, projects_pb2_grpc


def component(backend: Backend) -> Component:
    """Make the projects service."""
    service = ProjectsService(backend)
    return Component(
        lambda server: projects_pb2_grpc.add_ProjectsServiceServicer_to_server(service, server)
    )


class ProjectsService(projects_pb2_grpc.ProjectsServiceServicer):
    """Serves `ProjectsService`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def CreateProject(  # noqa: N802
        self, request: projects_pb2.CreateProjectRequest, context: grpc.ServicerContext
    ) -> projects_pb2.CreateProjectResponse:
        """Enter an agreement and the caller's signature; the same again gives the same project."""
        caller = call_of(context).member
        project_id = create_project(self._backend, caller, request.agreement, request.signature)
        return projects_pb2.CreateProjectResponse(project=self._message(project_id, caller.id))

    def ProposeVersion(  # noqa: N802
        self, request: projects_pb2.ProposeVersionRequest, context: grpc.ServicerContext
    ) -> projects_pb2.ProposeVersionResponse:
        """Enter the next version and the caller's signature; the same again is once."""
        call = call_of(context)
        propose_version(self._backend, call, request.agreement, request.signature)
        message = self._message(call.project.id, call.member.id)
        return projects_pb2.ProposeVersionResponse(project=message)

    def DropProposal(  # noqa: N802
        self, request: projects_pb2.DropProposalRequest, context: grpc.ServicerContext
    ) -> projects_pb2.DropProposalResponse:
        """Drop the proposed version; the one before goes on."""
        call = call_of(context)
        drop_proposal(self._backend, call, request.agreement_hash)
        message = self._message(call.project.id, call.member.id)
        return projects_pb2.DropProposalResponse(project=message)

    def SignAgreement(  # noqa: N802
        self, request: projects_pb2.SignAgreementRequest, context: grpc.ServicerContext
    ) -> projects_pb2.SignAgreementResponse:
        """Enter the caller's signature; signing twice is signing once."""
        call = call_of(context)
        sign_agreement(self._backend, call, request.agreement_hash, request.signature)
        message = self._message(call.project.id, call.member.id)
        return projects_pb2.SignAgreementResponse(project=message)

    def GetProject(  # noqa: N802
        self,
        request: projects_pb2.GetProjectRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> projects_pb2.GetProjectResponse:
        """Give a project."""
        call = call_of(context)
        message = self._message(call.project.id, call.member.id)
        return projects_pb2.GetProjectResponse(project=message)

    def ListProjects(  # noqa: N802
        self,
        request: projects_pb2.ListProjectsRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> projects_pb2.ListProjectsResponse:
        """Give the projects whose agreement, in force or proposed, names the caller."""
        caller, now = call_of(context).member, self._backend.now()
        with self._backend.store.read() as connection:
            projects = projects_naming(connection, caller.id, now)
            messages = [project_message(connection, item, caller.id, now) for item in projects]
        return projects_pb2.ListProjectsResponse(projects=messages)

    def PutSealedKeys(  # noqa: N802
        self, request: projects_pb2.PutSealedKeysRequest, context: grpc.ServicerContext
    ) -> projects_pb2.PutSealedKeysResponse:
        """Keep a version's linkage key, sealed to each member."""
        put_sealed_keys(self._backend, call_of(context), request)
        return projects_pb2.PutSealedKeysResponse()

    def GetSealedKey(  # noqa: N802
        self, request: projects_pb2.GetSealedKeyRequest, context: grpc.ServicerContext
    ) -> projects_pb2.GetSealedKeyResponse:
        """Give the linkage key as it is sealed to the caller."""
        with self._backend.store.read() as connection:
            key = get_sealed_key(connection, call_of(context), request.agreement_hash)
        sealed = projects_pb2.SealedKey(
            recipient_id=key.recipient_id, ciphertext=key.ciphertext, signature=key.signature
        )
        return projects_pb2.GetSealedKeyResponse(
            epoch=key.epoch, sender_id=key.sender_id, key=sealed
        )

    def StartEpoch(  # noqa: N802
        self, request: projects_pb2.StartEpochRequest, context: grpc.ServicerContext
    ) -> projects_pb2.StartEpochResponse:
        """Begin the next epoch with a new linkage key."""
        call = call_of(context)
        start_epoch(self._backend, call, request)
        message = self._message(call.project.id, call.member.id)
        return projects_pb2.StartEpochResponse(project=message)

    def ReportDestroyed(  # noqa: N802
        self, request: projects_pb2.ReportDestroyedRequest, context: grpc.ServicerContext
    ) -> projects_pb2.ReportDestroyedResponse:
        """Record that the caller's node has destroyed the linkage key of an ended epoch."""
        receipt = report_destroyed(
            self._backend, call_of(context), request.epoch, request.signature
        )
        return projects_pb2.ReportDestroyedResponse(receipt=receipt_message(receipt))

    def _message(self, project_id: str, caller_id: str) -> projects_pb2.Project:
        with self._backend.store.read() as connection:
            project = read_project(connection, project_id)
            if project is None:
                raise TacitError(Code.NOT_FOUND, what="project")
            return project_message(connection, project, caller_id, self._backend.now())
