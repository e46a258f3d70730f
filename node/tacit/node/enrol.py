"""Join a coalition: from one line of invitation to a certificate."""

import json
import time
import unicodedata
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import INVITATION_PREFIX, PROTOCOL_VERSION
from tacit.node.client.answers import check_answer
from tacit.node.client.channel import Credentials, open_channel
from tacit.node.client.errors import translated
from tacit.node.client.retry import RetryPolicy, retrying
from tacit.node.client.session import SHORT, software_version
from tacit.node.context import connect
from tacit.node.keys import NodeKeys, certificate_request, ensure_keys
from tacit.node.renewal import NOT_ISSUED
from tacit.node.store.base import Store
from tacit.node.store.identity import Identity, get_identity, put_identity
from tacit.node.times import now_ms
from tacit.v1 import membership_pb2 as membership
from tacit.v1.membership_pb2_grpc import EnrolmentServiceStub

_SECRET_BYTES = 32
_LONGEST = 8192
# JSON can nest without end and write numbers that are none.
_DAMAGED = (ValueError, KeyError, TypeError, OverflowError, RecursionError, x509.InvalidVersion)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says.

    Attributes:
        address: the coordinator's main port, host:port.
        enrol: its enrolment port.
        authority: certificate of the coalition's authority, DER; pinned from now on.
        secret: 32 bytes that only the invited organisation has.
        member: name by which the coalition will know it.
        expires: seconds since 1970.
    """

    address: str
    enrol: str
    authority: bytes
    secret: bytes = field(repr=False)
    member: str
    expires: int


@dataclass(frozen=True, slots=True)
class Membership:
    """What enrolment made of this node.

    Attributes:
        waiting: whether other members must confirm it before it may do anything.
    """

    member_id: str
    name: str
    address: str
    waiting: bool = False


def parse_invitation(text: str) -> Invitation:
    """Read an invitation, however it was pasted.

    Raises:
        TacitError: INVITATION_INVALID.
    """
    line = "".join(text.split())
    if not line.startswith(INVITATION_PREFIX) or len(line) > _LONGEST:
        raise TacitError(Code.INVITATION_INVALID, "not an invitation")
    body = line.removeprefix(INVITATION_PREFIX)
    try:
        raw = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if raw["format"] != 1:
            raise ValueError("format")
        invitation = Invitation(
            address=_text(raw["address"]),
            enrol=_text(raw["enrol"]),
            authority=b64decode(raw["authority"], validate=True),
            secret=bytes.fromhex(raw["secret"]),
            member=_text(raw["member"]),
            expires=int(raw["expires"]),
        )
        x509.load_der_x509_certificate(invitation.authority)
    except _DAMAGED as error:
        raise TacitError(Code.INVITATION_INVALID, f"damaged: {type(error).__name__}") from error
    if len(invitation.secret) != _SECRET_BYTES:
        raise TacitError(Code.INVITATION_INVALID, "the secret has the wrong length")
    return invitation


def enrol(
    store: Store,
    invitation_text: str,
    name: str | None = None,
    policy: RetryPolicy | None = None,
    clock: Callable[[], float] = time.time,
) -> Membership:
    """Enrol this node; cut off and done again with the same invitation it is one enrolment.

    A member whose certificate has ended comes back by an invitation made to renew it.

    Args:
        store: this node's store.
        invitation_text: the line that the coordinator's keeper handed over.
        name: what this organisation takes itself for; must be the invited name, if given.
        policy: how patiently to wait for a coordinator that is away.
        clock: seconds since 1970.

    Raises:
        TacitError: INVITATION_INVALID, EXISTS (this node belongs to a coalition), USAGE (another
            name), UNAVAILABLE, UNTRUSTED or VERSION_UNSUPPORTED.
    """
    invitation = parse_invitation(invitation_text)
    if name is not None and unicodedata.normalize("NFC", name).strip() != invitation.member:
        problem = f"The invitation is for '{invitation.member}', not for '{name}'."
        raise TacitError(Code.USAGE, problem=problem)
    with store.read() as connection:
        identity = get_identity(connection)
    if identity is not None and not _is_for(invitation, identity):
        raise TacitError(Code.EXISTS, what="This node's membership")
    if clock() >= invitation.expires:
        raise TacitError(Code.INVITATION_INVALID, "expired by this machine's clock")
    keys = ensure_keys(store)
    answer = _ask(invitation, _request(invitation, keys), policy or RetryPolicy())
    identity = _identity(invitation, keys, answer)
    with store.write() as connection:
        put_identity(connection, identity)
    # The certificate is tried at once, so that what cannot work is known now.
    joined = Membership(identity.member_id, identity.name, identity.address)
    try:
        connect(store, policy).close()
    except TacitError as error:
        if error.code is not Code.UNCONFIRMED:
            raise
        return replace(joined, waiting=True)
    return joined


def _is_for(invitation: Invitation, identity: Identity) -> bool:
    return (invitation.authority, invitation.member) == (identity.authority, identity.name)


def _request(invitation: Invitation, keys: NodeKeys) -> membership.EnrolRequest:
    request = certificate_request(keys.tls)
    statement = statements.enrolment(
        invitation.secret, request, keys.signing_public, keys.sealing_public
    )
    return membership.EnrolRequest(
        protocol_version=PROTOCOL_VERSION,
        software_version=software_version(),
        invitation=invitation.secret,
        certificate_request=request,
        signing_key=keys.signing_public,
        sealing_key=keys.sealing_public,
        signature=keys.signing.sign(statement),
    )


def _ask(
    invitation: Invitation, request: membership.EnrolRequest, policy: RetryPolicy
) -> membership.EnrolResponse:
    authority = x509.load_der_x509_certificate(invitation.authority).public_bytes(Encoding.PEM)
    with open_channel(invitation.enrol, Credentials(authority)) as channel:
        stub = EnrolmentServiceStub(channel)

        def attempt() -> membership.EnrolResponse:
            with translated(invitation.enrol):
                answer = stub.Enrol(request, timeout=SHORT)
            check_answer(answer)
            return answer

        return retrying(policy, attempt)


def _identity(invitation: Invitation, keys: NodeKeys, answer: membership.EnrolResponse) -> Identity:
    if answer.authority != invitation.authority or answer.member.name != invitation.member:
        detail = "the answer names another authority or another member than the invitation"
        raise TacitError(Code.UNTRUSTED, detail, address=invitation.enrol)
    own = (keys.signing_public, keys.sealing_public)
    if (answer.member.signing_key, answer.member.sealing_key) != own:
        detail = "the answer names other keys than this node's"
        raise TacitError(Code.UNTRUSTED, detail, address=invitation.enrol)
    try:
        authority = x509.load_der_x509_certificate(answer.authority)
        certificate = x509.load_der_x509_certificate(answer.certificate)
        certificate.verify_directly_issued_by(authority)
    except NOT_ISSUED as error:
        detail = "the certificate is not the pinned authority's"
        raise TacitError(Code.UNTRUSTED, detail, address=invitation.enrol) from error
    return Identity(
        member_id=answer.member.member_id,
        name=answer.member.name,
        address=invitation.address,
        authority=answer.authority,
        certificate=answer.certificate,
        ledger_key=answer.ledger_key,
        enrolled_at=now_ms(),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("text")
    return value
