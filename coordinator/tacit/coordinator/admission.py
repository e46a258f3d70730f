"""Deciding whether a call may go on: the certificate first, then the policy's row."""

from hashlib import sha256
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.policy import RULES, Call, Caller, Rule
from tacit.coordinator.store.access import owns_upload, run_state
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.members import Member, member_by_fingerprint
from tacit.coordinator.store.projects import Project, find_project
from tacit.coordinator.store.runs import ERASED
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError


def admit(store: Store, method: str, message: Any, context: grpc.ServicerContext) -> Call:
    """Hold a call against its rule.

    Args:
        store: where members and projects are looked up, each time anew.
        method: full name of the RPC.
        message: the request, or the first one of a stream.
        context: gRPC's context of the call.

    Raises:
        TacitError: whatever the caller lacks. What is not the caller's does not exist for it.
    """
    rule = RULES.get(method)
    if rule is None:
        raise TacitError(Code.FORBIDDEN, f"{method} has no rule")
    if rule.caller is Caller.ANYONE:
        return Call(method)
    fingerprint = _fingerprint(context)
    with store.read() as connection:
        member = member_by_fingerprint(connection, fingerprint)
        if member is None:
            raise TacitError(Code.UNAUTHENTICATED, "certificate of no member")
        if rule.caller is Caller.MEMBER:
            return Call(method, member)
        return Call(method, member, _project(connection, rule, member, message))


def _fingerprint(context: grpc.ServicerContext) -> bytes:
    # A list of bytes, whatever the stubs say.
    shown: Any = context.auth_context().get("x509_pem_cert")
    if not shown:
        raise TacitError(Code.UNAUTHENTICATED, "no client certificate")
    certificate = x509.load_pem_x509_certificate(shown[0])
    return sha256(certificate.public_bytes(Encoding.DER)).digest()


def _project(
    connection: Connection, rule: Rule, member: Member, message: Any
) -> tuple[Project, Agreement]:
    project = find_project(connection, message.project_id, member.id)
    if project is None:
        raise TacitError(Code.NOT_FOUND, what="project")
    agreement = agreement_of(project.agreement)
    if rule.bound and message.agreement_hash != project.agreement_hash:
        raise TacitError(Code.AGREEMENT_STALE)
    if rule.in_force and not project.in_force:
        raise TacitError(Code.NOT_IN_FORCE)
    if rule.creator and project.creator_id != member.id:
        raise TacitError(Code.FORBIDDEN, "not the project's creator")
    if rule.purpose is not None and rule.purpose not in agreement.purposes:
        raise TacitError(Code.PURPOSE_NOT_AGREED, purpose=rule.purpose.value)
    if rule.own_upload and not owns_upload(connection, message.upload_id, project.id, member.id):
        raise TacitError(Code.NOT_FOUND, what="upload")
    if rule.run:
        _require_run(connection, message.run_id, project, agreement)
    return project, agreement


def _require_run(
    connection: Connection, run_id: str, project: Project, agreement: Agreement
) -> None:
    state = run_state(connection, run_id, project.id)
    if state == ERASED:
        what = f"run any more: results are erased after {agreement.retention_days} days, as agreed"
        raise TacitError(Code.NOT_FOUND, what=what)
    if state is None:
        raise TacitError(Code.NOT_FOUND, what="run")
