"""What the protocol's comments say that each RPC asks of its caller, and how to call any of them.

Written from the comments, not taken from the coordinator's own policy. An RPC that is not in it
fails `tests/coordinator/test_policy.py`.
"""

import importlib
import pkgutil
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

import tacit.v1
from coalition import CallError

# Needs of the caller: "party" of the project, "force" of the agreement, "whole" where no party has
# left the coalition, "epoch" where the linkage key is not due to be replaced, "proposer" of the
# version, "proposal" that is open, "upload" of its own, "run" of the project, or a purpose. A
# version that is proposed will do where "either" is said; "once" a member of the project is enough
# where that is said, and to be "named" by a proposed version. All but the "unsigned" are signed by
# the caller. Whoever sends a hash is held to it.
TABLE: dict[str, set[str]] = {
    "EnrolmentService/Enrol": {"invitation", "unsigned"},
    "MembershipService/Handshake": {"unsigned"},
    "MembershipService/ListMembers": set(),
    "MembershipService/RenewCertificate": set(),
    "MembershipService/ConfirmMember": set(),
    "MembershipService/Leave": set(),
    "LedgerService/GetTreeHead": set(),
    "LedgerService/GetConsistencyProof": set(),
    "LedgerService/ListEntries": set(),
    "LedgerService/ListTreeHeads": set(),
    "LedgerService/CosignTreeHead": set(),
    "LedgerService/ListCosignedHeads": set(),
    "ProjectsService/CreateProject": set(),
    "ProjectsService/ListProjects": set(),
    "ProjectsService/GetProject": {"party", "named"},
    "ProjectsService/ProposeVersion": {"party"},
    "ProjectsService/DropProposal": {"party", "named", "proposal"},
    "ProjectsService/SignAgreement": {"party", "named", "either"},
    "ProjectsService/PutSealedKeys": {"party", "named", "either", "proposer"},
    "ProjectsService/GetSealedKey": {"party", "named", "either"},
    "ProjectsService/StartEpoch": {"party", "force", "whole"},
    "ProjectsService/ReportDestroyed": {"party", "once"},
    "EncodingsService/StartUpload": {"party", "force", "whole", "epoch"},
    "EncodingsService/UploadRecords": {"party", "force", "whole", "upload"},
    "EncodingsService/GetUpload": {"party", "upload"},
    "EncodingsService/WithdrawRecords": {"party"},
    "EncodingsService/FinishUpload": {"party", "force", "whole", "upload"},
    "RunsService/StartRun": {"party", "force", "whole", "epoch"},
    "RunsService/GetRun": {"party", "run"},
    "RunsService/ListRuns": {"party"},
    "RunsService/WatchRun": {"party", "run"},
    "RunsService/GetResults": {"party", "force", "run"},
    "RunsService/CancelRun": {"party", "run"},
    "RunsService/PutSketches": {"party", "force", "whole", "run"},
    "DecisionsService/Decide": {"party", "force", "whole", "run"},
    "DecisionsService/ChangeDecision": {"party", "force", "whole"},
    "DecisionsService/ListDecisions": {"party"},
    "ChecksService/RunCheck": {"party", "force", "whole", "epoch", "check"},
    "ChecksService/ListNotices": {"party"},
    "CountsService/GetCount": {"party", "force", "count", "run"},
    "ClaimsService/GetClaims": {"party", "force", "attribute", "run"},
    "ReceiptsService/ListReceipts": {"party", "once"},
}
PURPOSES = {"check", "count", "attribute"}


def _discover() -> dict[str, MethodDescriptor]:
    """Find every RPC of the package tacit.v1 in the generated descriptors."""
    found = {}
    for module in pkgutil.iter_modules(tacit.v1.__path__):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(f"tacit.v1.{module.name}").DESCRIPTOR
            for service in file.services_by_name.values():
                for method in service.methods:
                    found[f"{service.name}/{method.name}"] = method
    return found


METHODS = _discover()


def needing(*needs: str) -> list[str]:
    """Give the RPCs that have all of these needs."""
    return [name for name in METHODS if set(needs) <= TABLE.get(name, set())]


MAIN = [name for name in METHODS if "invitation" not in TABLE.get(name, set())]
BOUND = [name for name in MAIN if "agreement_hash" in METHODS[name].input_type.fields_by_name]


def path_of(name: str) -> str:
    """Give an RPC's full name on the wire."""
    method = METHODS[name]
    return f"/{method.containing_service.full_name}/{method.name}"


def body_of(name: str, fields: dict[str, Any]) -> Any:
    """Make an RPC's request from those of the fields that it has."""
    known = METHODS[name].input_type.fields_by_name
    make = GetMessageClass(METHODS[name].input_type)
    return make(**{key: value for key, value in fields.items() if key in known})


def call(channel: grpc.Channel, name: str, fields: dict[str, Any]) -> CallError | None:
    """Call any RPC with one message; on the wire all four kinds look the same."""
    stub: Any = channel.stream_stream(
        path_of(name),
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=lambda data: data,
    )
    return outcome(stub, iter([body_of(name, fields)]))


def outcome(stub: Any, requests: Any, metadata: Any = ()) -> CallError | None:
    """Make a call; gives why it was refused, or None."""
    try:
        list(stub(requests, timeout=20, metadata=metadata))
    except grpc.RpcError as error:
        return CallError(error)
    return None
