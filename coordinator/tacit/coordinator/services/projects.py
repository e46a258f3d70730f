"""Linkage projects: agreements, signatures under them, sealed linkage keys."""

import grpc
from sqlalchemy import Connection

from tacit.coordinator.agreements import check_agreement, project_id_of
from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.policy import Call, call_of
from tacit.coordinator.sealed_keys import put_sealed_keys
from tacit.coordinator.services.project_message import project_message
from tacit.coordinator.signatures import verify
from tacit.coordinator.store.members import Member
from tacit.coordinator.store.projects import (
    Project,
    Signature,
    add_project,
    add_signature,
    find_project,
    find_project_by_hash,
    find_sealed_key,
    list_projects,
    list_signatures,
)
from tacit.linkage import statements
from tacit.linkage.agreement import parse_agreement
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
        agreement = parse_agreement(request.agreement)
        if agreement.party(caller.id) is None:
            raise TacitError(Code.FORBIDDEN, "the agreement does not name the caller")
        verify(caller.signing_key, request.signature, statements.agreement(agreement.hash))
        now = self._backend.now()
        with self._backend.store.write() as connection:
            project = find_project_by_hash(connection, agreement.hash)
            if project is not None and project.creator_id != caller.id:
                raise TacitError(Code.EXISTS, what="A project with this agreement")
            if project is None:
                check_agreement(connection, agreement)
                project = Project(
                    project_id_of(agreement.hash),
                    request.agreement,
                    agreement.hash,
                    caller.id,
                    now,
                    in_force=False,
                )
                add_project(connection, project, [p.member_id for p in agreement.members])
                self._backend.ledger.append(
                    connection,
                    "agreement",
                    now,
                    project=project.id,
                    agreement=agreement.hash.hex(),
                    creator=caller.id,
                )
                self._sign(connection, project, caller, request.signature)
            message = project_message(connection, project)
        return projects_pb2.CreateProjectResponse(project=message)

    def SignAgreement(  # noqa: N802
        self, request: projects_pb2.SignAgreementRequest, context: grpc.ServicerContext
    ) -> projects_pb2.SignAgreementResponse:
        """Enter the caller's signature; signing twice is signing once."""
        call = call_of(context)
        statement = statements.agreement(call.project.agreement_hash)
        verify(call.member.signing_key, request.signature, statement)
        with self._backend.store.write() as connection:
            signed = {s.member_id for s in list_signatures(connection, call.project.id)}
            if call.member.id not in signed:
                self._sign(connection, call.project, call.member, request.signature)
            message = project_message(connection, _fresh(connection, call))
        return projects_pb2.SignAgreementResponse(project=message)

    def GetProject(  # noqa: N802
        self,
        request: projects_pb2.GetProjectRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> projects_pb2.GetProjectResponse:
        """Give a project."""
        with self._backend.store.read() as connection:
            message = project_message(connection, _fresh(connection, call_of(context)))
        return projects_pb2.GetProjectResponse(project=message)

    def ListProjects(  # noqa: N802
        self,
        request: projects_pb2.ListProjectsRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> projects_pb2.ListProjectsResponse:
        """Give the projects whose agreement names the caller."""
        with self._backend.store.read() as connection:
            projects = list_projects(connection, call_of(context).member.id)
            messages = [project_message(connection, project) for project in projects]
        return projects_pb2.ListProjectsResponse(projects=messages)

    def PutSealedKeys(  # noqa: N802
        self, request: projects_pb2.PutSealedKeysRequest, context: grpc.ServicerContext
    ) -> projects_pb2.PutSealedKeysResponse:
        """Keep the linkage key, sealed to each member."""
        put_sealed_keys(self._backend, call_of(context), request)
        return projects_pb2.PutSealedKeysResponse()

    def GetSealedKey(  # noqa: N802
        self,
        request: projects_pb2.GetSealedKeyRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> projects_pb2.GetSealedKeyResponse:
        """Give the linkage key as it is sealed to the caller."""
        call = call_of(context)
        with self._backend.store.read() as connection:
            key = find_sealed_key(connection, call.project.id, call.agreement.epoch, call.member.id)
        if key is None:
            raise TacitError(Code.KEY_MISSING)
        sealed = projects_pb2.SealedKey(
            recipient_id=key.recipient_id, ciphertext=key.ciphertext, signature=key.signature
        )
        return projects_pb2.GetSealedKeyResponse(
            epoch=key.epoch, sender_id=key.sender_id, key=sealed
        )

    def _sign(
        self, connection: Connection, project: Project, member: Member, signature: bytes
    ) -> None:
        now = self._backend.now()
        index = self._backend.ledger.append(
            connection,
            "signature",
            now,
            project=project.id,
            agreement=project.agreement_hash.hex(),
            member=member.id,
            signature=signature.hex(),
        )
        add_signature(connection, project.id, Signature(member.id, signature, now), index)


def _fresh(connection: Connection, call: Call) -> Project:
    """Read the project again within this transaction: others may have signed since admission."""
    return find_project(connection, call.project.id, call.member.id) or call.project
