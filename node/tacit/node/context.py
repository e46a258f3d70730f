"""A node at work: its store, who it is, its keys, and whom it calls."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tacit.linkage.agreement import Agreement, parse_agreement
from tacit.linkage.agreement_versions import DAY
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.channel import Credentials
from tacit.node.client.retry import RetryPolicy, is_transient
from tacit.node.client.session import Session, Target
from tacit.node.keys import NodeKeys, load_keys
from tacit.node.renewal import has_ended, is_due, renew
from tacit.node.store.agreements import StoredVersion, list_versions
from tacit.node.store.base import Store
from tacit.node.store.identity import Identity, get_identity
from tacit.node.store.projects import StoredProject, get_linkage_key, get_project, list_projects


@dataclass(frozen=True, slots=True)
class Member:
    """Who this node is."""

    identity: Identity
    keys: NodeKeys = field(repr=False)

    @property
    def member_id(self) -> str:
        """The member's identifier in the coalition."""
        return self.identity.member_id


@dataclass(frozen=True, slots=True)
class BoundProject:
    """A project whose agreement this node has signed and every other member too.

    Attributes:
        stored: the project as the store holds it.
        agreement: its agreement, parsed.
        linkage_key: 32 bytes, or None while it has not arrived.
        earlier: versions of the agreement before this one, oldest first; what was recorded under
            them stays recorded.
    """

    stored: StoredProject
    agreement: Agreement
    linkage_key: bytes | None = field(repr=False)
    earlier: tuple[Agreement, ...] = ()

    @property
    def id(self) -> str:
        """The project's identifier."""
        return self.stored.project_id

    @property
    def agreement_hash(self) -> bytes:
        """SHA-256 of the agreement; every request names it."""
        return self.stored.agreement_hash

    @property
    def epoch(self) -> int:
        """Counts the linkage keys; today's."""
        return self.stored.epoch

    @property
    def epoch_started_at(self) -> int:
        """When today's linkage key came into use, milliseconds; 0 where its time has no end."""
        if not self.stored.epoch_ends_at:
            return 0
        return self.stored.epoch_ends_at - self.agreement.epoch_days * DAY

    def version(self, agreement_hash: str) -> Agreement | None:
        """Find the version with a hash (hexadecimal), this one or one that it continues."""
        versions = (*self.earlier, self.agreement)
        return next((each for each in versions if each.hash.hex() == agreement_hash), None)

    def require_own(self, agreement_hash: bytes) -> None:
        """Take an answer only if it was found under the agreement that it was asked under.

        Raises:
            TacitError: UNSIGNED_AGREEMENT.
        """
        if agreement_hash != self.agreement_hash:
            problem = "the answer was found under another one than was asked under"
            raise TacitError(Code.UNSIGNED_AGREEMENT, problem=problem)

    def key(self) -> bytes:
        """Give the linkage key.

        Raises:
            TacitError: KEY_MISSING.
        """
        if self.linkage_key is None:
            raise TacitError(Code.KEY_MISSING)
        return self.linkage_key


def load_member(store: Store) -> Member:
    """Give who this node is.

    Raises:
        TacitError: NOT_ENROLLED.
    """
    with store.read() as connection:
        identity, keys = get_identity(connection), load_keys(connection)
    if identity is None or keys is None:
        raise TacitError(Code.NOT_ENROLLED)
    return Member(identity, keys)


def connect(
    store: Store, policy: RetryPolicy | None = None, clock: Callable[[], float] = time.time
) -> Session:
    """Open a session with this node's coordinator and check that it is the one enrolled with.

    A certificate of whose time a third is left is renewed on the way.

    Args:
        store: this node's store.
        policy: how patiently to wait for a coordinator that is away.
        clock: seconds since 1970.

    Raises:
        TacitError: NOT_ENROLLED, UNAVAILABLE, UNTRUSTED, UNAUTHENTICATED, CERTIFICATE_EXPIRED,
            REVOKED, UNCONFIRMED, VERSION_UNSUPPORTED.
    """
    member = load_member(store)
    ended = has_ended(member.identity.certificate, clock())
    try:
        session = _open(member, RetryPolicy(patience=0.0) if ended else policy, clock)
    except TacitError as error:
        # A certificate that has ended fails in TLS, which tells no reasons.
        if ended and error.code in {Code.UNAVAILABLE, Code.UNTRUSTED}:
            raise TacitError(Code.CERTIFICATE_EXPIRED, error.detail) from error
        raise
    # By the coordinator's clock, which is the one that counts.
    if not is_due(member.identity.certificate, clock() + session.greeting.clock_skew):
        return session
    return _renewed(session, store, member, policy, clock)


def _renewed(
    session: Session,
    store: Store,
    member: Member,
    policy: RetryPolicy | None,
    clock: Callable[[], float],
) -> Session:
    """Renew the certificate and come back with it; what is only away now is asked another time."""
    try:
        renew(session, store, member.identity, member.keys)
    except TacitError as error:
        if is_transient(error):
            return session
        session.close()
        raise
    session.close()
    return _open(load_member(store), policy, clock)


def _open(member: Member, policy: RetryPolicy | None, clock: Callable[[], float]) -> Session:
    address = member.identity.address
    session = Session(Target(address, credentials_of(member), policy or RetryPolicy(), clock))
    greeting = session.greeting
    if (greeting.member_id, greeting.ledger_key) != (
        member.member_id,
        member.identity.ledger_key,
    ):
        session.close()
        detail = "the handshake names another member or another ledger key than enrolment did"
        raise TacitError(Code.UNTRUSTED, detail, address=address)
    return session


def credentials_of(member: Member) -> Credentials:
    """Give what this node shows to its coordinator, and what it trusts."""
    return Credentials(
        authority=_pem(member.identity.authority),
        certificate=_pem(member.identity.certificate),
        private_key=member.keys.tls_pem(),
        signing=member.keys.signing,
    )


def find_project(store: Store, wanted: str | None = None) -> StoredProject:
    """Find a project in the store by identifier, by its name, or because it is the only one.

    Raises:
        TacitError: NOT_FOUND, or USAGE where more than one could be meant.
    """
    with store.read() as connection:
        exact = get_project(connection, wanted) if wanted else None
        known = list_projects(connection)
    if exact is not None:
        return exact
    fitting = [p for p in known if wanted is None or parse_agreement(p.agreement).name == wanted]
    if not fitting:
        raise TacitError(Code.NOT_FOUND, what="project; `tacit node sync` asks the coordinator")
    if len(fitting) > 1:
        ids = ", ".join(project.project_id for project in fitting)
        problem = f"More than one project could be meant; name one by its identifier: {ids}"
        raise TacitError(Code.USAGE, problem=problem)
    return fitting[0]


def signed_project(store: Store, wanted: str | None = None) -> BoundProject:
    """Find a project that data may flow under.

    Raises:
        TacitError: NOT_IN_FORCE where this node or another member has not signed;
            AGREEMENT_EXPIRED or NOT_NAMED where the project is over; or what `find_project`
            raises.
    """
    stored = find_project(store, wanted)
    refuse_over(stored)
    if stored.signed_at is None or not stored.in_force:
        raise TacitError(Code.NOT_IN_FORCE)
    agreement = parse_agreement(stored.agreement)
    if agreement.hash != stored.agreement_hash:
        raise TacitError(Code.SIGNATURE_INVALID, "the stored agreement has another hash")
    with store.read() as connection:
        key = get_linkage_key(connection, stored.project_id, stored.epoch, stored.agreement_hash)
        known = list_versions(connection, stored.project_id)
    earlier = _earlier(known, agreement)
    return BoundProject(stored, agreement, None if key is None else key.key, earlier)


def refuse_over(project: StoredProject) -> None:
    """Go on only with a project that is not over for this node.

    Raises:
        TacitError: AGREEMENT_EXPIRED or NOT_NAMED.
    """
    if project.over == "expired":
        raise TacitError(Code.AGREEMENT_EXPIRED, day=parse_agreement(project.agreement).expires_on)
    if project.over:
        raise TacitError(Code.NOT_NAMED)


def _earlier(known: Iterable[StoredVersion], agreement: Agreement) -> tuple[Agreement, ...]:
    """Follow the chain of `supersedes` back from a version, through what the store holds."""
    by_hash = {version.agreement_hash: version.agreement for version in known}
    found: list[Agreement] = []
    before = agreement.supersedes
    while before and (document := by_hash.get(bytes.fromhex(before))) is not None:
        version = parse_agreement(document)
        found.append(version)
        before = version.supersedes
    return tuple(reversed(found))


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
