"""Deciding whether a call may go on: the certificate first, then the policy's row."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.newcomers import confirmed_of
from tacit.coordinator.policy import RULES, Call, Caller, Rule
from tacit.coordinator.store.access import owns_upload, run_state
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.members import REVOKED, WAITING, Member, member_by_fingerprint
from tacit.coordinator.store.projects import Project, find_project
from tacit.coordinator.store.runs import ERASED
from tacit.coordinator.store.standing import is_next, take_next
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate that a caller showed: SHA-256 of its DER, and its end in milliseconds."""

    fingerprint: bytes
    ends_at: int


def admit(store: Store, method: str, message: Any, context: grpc.ServicerContext, at: int) -> Call:
    """Hold a call against its rule.

    Args:
        store: where members and projects are looked up, each time anew.
        method: full name of the RPC.
        message: the request, or the first one of a stream.
        context: gRPC's context of the call.
        at: the time, milliseconds.

    Raises:
        TacitError: whatever the caller lacks. What is not the caller's does not exist for it.
    """
    rule = RULES.get(method)
    if rule is None:
        raise TacitError(Code.FORBIDDEN, f"{method} has no rule")
    if rule.caller is Caller.ANYONE:
        return Call(method)
    shown = _shown(context)
    with store.read() as connection:
        member = recognise(connection, shown, at)
        renewed = is_next(connection, shown.fingerprint)
        project = None
        if rule.caller is not Caller.MEMBER:
            project = _project(connection, rule, member, message)
    if renewed:
        # Only now is it sure that the node has the new certificate, so only now the old one dies.
        with store.write() as connection:
            take_next(connection, shown.fingerprint)
    return Call(method, member, project, shown.fingerprint, shown.ends_at)


def recognise(connection: Connection, shown: Shown, at: int) -> Member:
    """Give the member who showed a certificate, if it may call at all.

    Raises:
        TacitError: CERTIFICATE_EXPIRED, UNAUTHENTICATED, REVOKED or UNCONFIRMED.
    """
    # TLS looks at a certificate's end when a connection begins, and a connection may last.
    if at >= shown.ends_at:
        raise TacitError(Code.CERTIFICATE_EXPIRED)
    member = member_by_fingerprint(connection, shown.fingerprint)
    if member is None:
        raise TacitError(Code.UNAUTHENTICATED, "certificate of no member")
    if member.standing == REVOKED:
        raise TacitError(Code.REVOKED)
    if member.standing == WAITING:
        confirmed, needed = confirmed_of(connection, member)
        raise TacitError(Code.UNCONFIRMED, confirmed=confirmed, needed=needed)
    return member


def _shown(context: grpc.ServicerContext) -> Shown:
    # A list of bytes, whatever the stubs say.
    shown: Any = context.auth_context().get("x509_pem_cert")
    if not shown:
        raise TacitError(Code.UNAUTHENTICATED, "no client certificate")
    certificate = x509.load_pem_x509_certificate(shown[0])
    fingerprint = sha256(certificate.public_bytes(Encoding.DER)).digest()
    return Shown(fingerprint, int(certificate.not_valid_after_utc.timestamp() * 1000))


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
