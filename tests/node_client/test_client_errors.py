import json
from collections.abc import Sequence
from typing import Any

import grpc
import pytest

from tacit.linkage.errors import CATALOGUE, Code
from tacit.node.client.errors import translate
from tacit.node.client.retry import is_transient

ADDRESS = "coordinator.example:7443"


class Failed(grpc.RpcError, grpc.Call):
    """A call as gRPC raises it."""

    def __init__(
        self,
        status: grpc.StatusCode,
        trailing: Sequence[tuple[str, str | bytes]] = (),
        details: str = "",
    ) -> None:
        super().__init__()
        self._status, self._trailing, self._details = status, trailing, details

    def code(self) -> grpc.StatusCode:
        return self._status

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> tuple[Any, ...]:
        return tuple(self._trailing)

    def initial_metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        return ()

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> float:
        return 0.0

    def cancel(self) -> bool:
        return False

    def add_callback(self, callback: object) -> bool:
        return callback is None


def _failed(reason: str, params: bytes | None = None) -> Failed:
    trailing: list[tuple[str, str | bytes]] = [("tacit-reason", reason)]
    if params is not None:
        trailing.append(("tacit-params-bin", params))
    return Failed(grpc.StatusCode.FAILED_PRECONDITION, trailing)


THEIRS = {Code.STORE_FAILED, Code.STORE_BUSY}


@pytest.mark.parametrize("code", [code for code in Code if code not in THEIRS])
def test_every_reason_comes_back_as_the_code_it_was_raised_with(code: Code) -> None:
    status = grpc.StatusCode[CATALOGUE[code].status]
    error = translate(Failed(status, [("tacit-reason", code.value)]), ADDRESS)
    assert error.code is code


@pytest.mark.parametrize("code", sorted(THEIRS))
def test_a_coordinator_without_its_database_is_asked_again_and_is_not_this_nodes_store(
    code: Code,
) -> None:
    status = grpc.StatusCode[CATALOGUE[code].status]
    error = translate(Failed(status, [("tacit-reason", code.value)]), ADDRESS)
    assert error.code is Code.UNAVAILABLE
    assert is_transient(error)
    assert str(error).startswith(f"The coordinator at {ADDRESS}")


def test_parameters_come_back_and_make_the_same_sentence() -> None:
    error = translate(_failed("OFFSET_MISMATCH", b'{"committed":2000}'), ADDRESS)
    assert error.params["committed"] == 2000
    assert str(error) == "The upload must go on at record 2000."


@pytest.mark.parametrize("params", [b"", b"[]", b"\xff", b'{"committed":{"a":1}}', b'{"code":"x"}'])
def test_parameters_that_are_not_what_they_should_be_do_no_harm(params: bytes) -> None:
    error = translate(_failed("OFFSET_MISMATCH", params), ADDRESS)
    assert error.code is Code.OFFSET_MISMATCH
    assert str(error) == "The upload must go on at record <committed>."


def test_escape_sequences_of_a_hostile_coordinator_do_not_reach_the_terminal() -> None:
    params = json.dumps({"what": "\x1b[2J\u202eproject"}).encode()
    assert str(translate(_failed("NOT_FOUND", params), ADDRESS)) == "There is no such  [2J project."


def test_a_reason_of_a_later_coordinator_is_internal_with_the_reason_in_the_detail() -> None:
    error = translate(_failed("OUT_OF_ORBIT"), ADDRESS)
    assert error.code is Code.INTERNAL
    assert "OUT_OF_ORBIT" in error.detail


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (grpc.StatusCode.UNAVAILABLE, Code.UNAVAILABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Code.UNAVAILABLE),
        (grpc.StatusCode.CANCELLED, Code.CUT_OFF),
        (grpc.StatusCode.UNAUTHENTICATED, Code.UNAUTHENTICATED),
        (grpc.StatusCode.PERMISSION_DENIED, Code.FORBIDDEN),
        (grpc.StatusCode.UNKNOWN, Code.INTERNAL),
        (grpc.StatusCode.UNIMPLEMENTED, Code.INTERNAL),
    ],
)
def test_without_a_reason_the_status_decides(status: grpc.StatusCode, code: Code) -> None:
    error = translate(Failed(status, details="x"), ADDRESS)
    assert error.code is code
    assert error.detail == f"{status.name}: x"


def test_an_unavailable_coordinator_is_named_by_its_address() -> None:
    assert ADDRESS in str(translate(Failed(grpc.StatusCode.UNAVAILABLE), ADDRESS))


def test_a_failed_tls_handshake_is_told_apart_from_an_absent_coordinator() -> None:
    details = "Ssl handshake failed: SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED: self signed"
    error = translate(Failed(grpc.StatusCode.UNAVAILABLE, details=details), ADDRESS)
    assert error.code is Code.UNTRUSTED
    assert ADDRESS in str(error)
