"""What the coordinator says went wrong, as the same `TacitError` that it raised there.

The reason and the parameters travel in trailing metadata ("tacit-reason", "tacit-params-bin").
Where there is no reason, gRPC itself failed, and the status says how.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from tacit.linkage.errors import Code, TacitError

REASON_KEY = "tacit-reason"
PARAMS_KEY = "tacit-params-bin"
_MAX_TEXT = 500

_BY_STATUS = {
    grpc.StatusCode.UNAVAILABLE: Code.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Code.UNAVAILABLE,
    grpc.StatusCode.UNAUTHENTICATED: Code.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED: Code.FORBIDDEN,
    # Without a reason: gRPC gives none to who reads no answers, nor when the coordinator stops.
    grpc.StatusCode.CANCELLED: Code.CUT_OFF,
}
# The store that the coordinator cannot use is its own. Under its own code that would read as if
# this node's were damaged, and would not be asked again.
_THEIRS = {Code.STORE_FAILED, Code.STORE_BUSY}
# gRPC reports a failed TLS handshake as UNAVAILABLE; only its text tells the two apart.
_FULL_MARK = "Concurrent RPC limit exceeded"
_UNTRUSTED_MARKS = ("certificate_verify_failed", "certificate verify failed", "hostname")


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn any `grpc.RpcError` of the block into the `TacitError` it stands for."""
    try:
        yield
    except grpc.RpcError as error:
        raise translate(error, address) from error


def translate(error: grpc.RpcError, address: str) -> TacitError:
    """Find the catalogue's error for a failed call.

    Args:
        error: what gRPC raised; a `grpc.Call` too wherever a call was made.
        address: whom the node spoke to, for the sentence.
    """
    call: object = error
    if not isinstance(call, grpc.Call):
        return TacitError(Code.INTERNAL, f"gRPC: {type(error).__name__}")
    metadata = {str(key): value for key, value in call.trailing_metadata() or ()}
    status = call.code()
    detail = f"{status.name}: {_clean(call.details() or '')}"
    reason = metadata.get(REASON_KEY)
    if reason is not None:
        return _from_reason(_text(reason), metadata.get(PARAMS_KEY), detail, address)
    if status is grpc.StatusCode.UNAVAILABLE and _is_untrusted(detail):
        return TacitError(Code.UNTRUSTED, detail, address=address)
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED and _FULL_MARK in detail:
        return TacitError(Code.BUSY, detail)
    return TacitError(_BY_STATUS.get(status, Code.INTERNAL), detail, address=address)


def _from_reason(reason: str, params: object, detail: str, address: str) -> TacitError:
    if reason not in Code.__members__:
        # A newer coordinator may know more reasons than this node.
        return TacitError(Code.INTERNAL, f"unknown reason {_clean(reason)}; {detail}")
    code = Code(reason)
    if code in _THEIRS:
        return TacitError(Code.UNAVAILABLE, f"{reason} there; {detail}", address=address)
    return TacitError(code, detail, **{"address": address, **_params(params)})


def _params(raw: object) -> dict[str, Any]:
    if raw is None:
        return {}
    try:
        decoded = json.loads(raw if isinstance(raw, bytes) else str(raw))
    except ValueError:
        return {}
    if not isinstance(decoded, dict):
        return {}
    # "code" and "detail" are the error's own arguments, never parameters of its sentence.
    return {
        key: _clean(value) if isinstance(value, str) else value
        for key, value in decoded.items()
        if key.isidentifier()
        and key not in {"self", "code", "detail"}
        and isinstance(value, str | int)
    }


def _clean(text: str) -> str:
    """Drop what could steer a terminal: the text comes from another machine."""
    return "".join(char if char.isprintable() else " " for char in text)[:_MAX_TEXT]


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _is_untrusted(detail: str) -> bool:
    return any(mark in detail.lower() for mark in _UNTRUSTED_MARKS)
