"""Ask a coordinator's health service, as a supervisor would."""

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import SERVER_NAME

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "*": "127.0.0.1"}  # noqa: S104 (looked up, not bound)


def ask_health(authority: x509.Certificate, address: str, timeout: float) -> None:
    """Ask on the enrolment port, which needs no client certificate.

    Args:
        authority: the coalition's certificate authority.
        address: host:port where the coordinator listens.
        timeout: seconds.

    Raises:
        TacitError: UNAVAILABLE; it does not answer, or says that it does not work.
    """
    host, _, port = address.rpartition(":")
    target = f"{_EVERYWHERE.get(host, host)}:{port}"
    options = (("grpc.ssl_target_name_override", SERVER_NAME), ("grpc.enable_http_proxy", 0))
    credentials = grpc.ssl_channel_credentials(authority.public_bytes(Encoding.PEM))
    with grpc.secure_channel(target, credentials, options) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=timeout
            )
        except grpc.RpcError as error:
            raise TacitError(Code.UNAVAILABLE, "no answer", address=target) from error
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        raise TacitError(Code.UNAVAILABLE, "not serving", address=target)
