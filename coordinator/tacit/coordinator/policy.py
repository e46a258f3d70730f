"""Who may call what: one row per RPC, and nothing without a row.

The interceptor enforces the rows before a service sees the request, so that a service may take
its caller's rights for granted.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import grpc

from tacit.coordinator.store.members import Member
from tacit.coordinator.store.projects import Project
from tacit.linkage.agreement import Agreement, Purpose
from tacit.linkage.errors import Code, TacitError


class Caller(Enum):
    """Who a caller must be."""

    ANYONE = "anyone"
    MEMBER = "a member of the coalition"
    PARTY = "a member of the project that the first message names"
    NAMED = "a member of that project, or one whom its proposed version names"
    ONCE = "who is a member of that project, or was"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an RPC asks of its caller.

    Attributes:
        caller: who the caller must be.
        bound: the first message carries the agreement's hash, which must be that of the version
            that the project has today.
        either: the first message carries the hash of that version or of the proposed one, and the
            version must name the caller.
        proposed: the first message carries the hash of the proposed version.
        proposer: the caller must have proposed the version with that hash.
        in_force: every member must have signed the agreement, and its last day is not over.
        complete: no party of the agreement may have left the coalition.
        epoch: the linkage key must not be due to be replaced.
        purpose: what the agreement must allow.
        own_upload: the first message names an upload, which must be the caller's in the project.
        run: the first message names a run, which must be the project's.
        signed: the caller's own key must have signed the request.
    """

    caller: Caller
    bound: bool = False
    either: bool = False
    proposed: bool = False
    proposer: bool = False
    in_force: bool = False
    complete: bool = False
    epoch: bool = False
    purpose: Purpose | None = None
    own_upload: bool = False
    run: bool = False
    signed: bool = True


_MEMBER = Rule(Caller.MEMBER)
_PARTY = Rule(Caller.PARTY)
_ACTOR = Rule(Caller.PARTY, bound=True, in_force=True, complete=True)
_UPLOADER = replace(_ACTOR, own_upload=True)

RULES: Mapping[str, Rule] = {
    # An invitation is checked by the service: the caller has no certificate yet.
    "/tacit.v1.EnrolmentService/Enrol": Rule(Caller.ANYONE, signed=False),
    # It tells the clock by which requests are dated, and nothing but that and who the caller is.
    "/tacit.v1.MembershipService/Handshake": Rule(Caller.MEMBER, signed=False),
    "/tacit.v1.MembershipService/ListMembers": _MEMBER,
    "/tacit.v1.MembershipService/RenewCertificate": _MEMBER,
    "/tacit.v1.MembershipService/ConfirmMember": _MEMBER,
    "/tacit.v1.MembershipService/Leave": _MEMBER,
    "/tacit.v1.LedgerService/GetTreeHead": _MEMBER,
    "/tacit.v1.LedgerService/GetConsistencyProof": _MEMBER,
    "/tacit.v1.LedgerService/ListEntries": _MEMBER,
    "/tacit.v1.LedgerService/ListTreeHeads": _MEMBER,
    "/tacit.v1.LedgerService/CosignTreeHead": _MEMBER,
    "/tacit.v1.LedgerService/ListCosignedHeads": _MEMBER,
    # The agreement itself says who the parties are: the service checks that the caller is one.
    "/tacit.v1.ProjectsService/CreateProject": _MEMBER,
    "/tacit.v1.ProjectsService/ListProjects": _MEMBER,
    "/tacit.v1.ProjectsService/GetProject": Rule(Caller.NAMED),
    "/tacit.v1.ProjectsService/ProposeVersion": Rule(Caller.PARTY, bound=True),
    "/tacit.v1.ProjectsService/DropProposal": Rule(Caller.NAMED, proposed=True),
    "/tacit.v1.ProjectsService/SignAgreement": Rule(Caller.NAMED, either=True),
    "/tacit.v1.ProjectsService/PutSealedKeys": Rule(Caller.NAMED, either=True, proposer=True),
    "/tacit.v1.ProjectsService/GetSealedKey": Rule(Caller.NAMED, either=True),
    "/tacit.v1.ProjectsService/StartEpoch": _ACTOR,
    "/tacit.v1.ProjectsService/ReportDestroyed": Rule(Caller.ONCE),
    "/tacit.v1.EncodingsService/StartUpload": replace(_ACTOR, epoch=True),
    "/tacit.v1.EncodingsService/UploadRecords": _UPLOADER,
    "/tacit.v1.EncodingsService/FinishUpload": _UPLOADER,
    # Possible at any time: whatever has become of the agreement, nobody must go on using a record.
    "/tacit.v1.EncodingsService/WithdrawRecords": Rule(Caller.PARTY, bound=True),
    "/tacit.v1.EncodingsService/GetUpload": Rule(Caller.PARTY, own_upload=True),
    "/tacit.v1.RunsService/StartRun": replace(_ACTOR, epoch=True),
    "/tacit.v1.RunsService/GetRun": Rule(Caller.PARTY, run=True),
    "/tacit.v1.RunsService/ListRuns": _PARTY,
    "/tacit.v1.RunsService/WatchRun": Rule(Caller.PARTY, run=True),
    "/tacit.v1.RunsService/GetResults": Rule(Caller.PARTY, bound=True, in_force=True, run=True),
    "/tacit.v1.RunsService/CancelRun": Rule(Caller.PARTY, run=True),
    "/tacit.v1.RunsService/PutSketches": replace(_ACTOR, run=True),
    "/tacit.v1.DecisionsService/Decide": replace(_ACTOR, run=True),
    "/tacit.v1.DecisionsService/ChangeDecision": _ACTOR,
    "/tacit.v1.DecisionsService/ListDecisions": _PARTY,
    "/tacit.v1.ChecksService/RunCheck": replace(_ACTOR, epoch=True, purpose=Purpose.CHECK),
    "/tacit.v1.ChecksService/ListNotices": _PARTY,
    "/tacit.v1.CountsService/GetCount": Rule(
        Caller.PARTY, bound=True, in_force=True, purpose=Purpose.COUNT, run=True
    ),
    "/tacit.v1.ClaimsService/GetClaims": Rule(
        Caller.PARTY, bound=True, in_force=True, purpose=Purpose.ATTRIBUTE, run=True
    ),
    "/tacit.v1.ReceiptsService/ListReceipts": Rule(Caller.ONCE),
}


@dataclass(frozen=True, slots=True)
class Call:
    """What the interceptor found out about a call it let through.

    Attributes:
        method: full name of the RPC.
        caller: the member who calls; None only where anyone may.
        bound_project: the project named and its parsed agreement, where the rule asks for one.
        fingerprint: SHA-256 of the certificate shown; empty where anyone may call.
        ends_at: when that certificate ends, milliseconds.
        ended: set when the caller's access ends while the call is in hand; what waits heeds it.
    """

    method: str
    caller: Member | None = None
    bound_project: tuple[Project, Agreement] | None = None
    fingerprint: bytes = b""
    ends_at: int = 0
    ended: threading.Event = field(default_factory=threading.Event, compare=False)

    @property
    def member(self) -> Member:
        """The member who calls.

        Raises:
            TacitError: INTERNAL, the RPC's rule does not ask for a member.
        """
        if self.caller is None:
            raise TacitError(Code.INTERNAL, f"{self.method} has no caller")
        return self.caller

    @property
    def project(self) -> Project:
        """The project that the first message names; the caller is a member of it.

        Raises:
            TacitError: INTERNAL, the RPC's rule does not ask for a project.
        """
        return self._project()[0]

    @property
    def agreement(self) -> Agreement:
        """The agreement of that project.

        Raises:
            TacitError: INTERNAL, the RPC's rule does not ask for a project.
        """
        return self._project()[1]

    def _project(self) -> tuple[Project, Agreement]:
        if self.bound_project is None:
            raise TacitError(Code.INTERNAL, f"{self.method} has no project")
        return self.bound_project


_ATTRIBUTE = "tacit_call"


def attach(context: grpc.ServicerContext, call: Call) -> None:
    """Hand `call` to the service along with gRPC's own context."""
    setattr(context, _ATTRIBUTE, call)


def call_of(context: grpc.ServicerContext) -> Call:
    """Give a service what the interceptor found out about its caller.

    Raises:
        TacitError: INTERNAL, the call did not come through the interceptor.
    """
    call = getattr(context, _ATTRIBUTE, None)
    if not isinstance(call, Call):
        raise TacitError(Code.INTERNAL, "a call went past the interceptor")
    return call
