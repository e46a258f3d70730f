"""Finding out why a coordinator cannot be reached: name, port, TLS, whose certificate."""

import datetime as dt
import os
import socket
import ssl
from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from tacit.cli.doctor.places import Limits, day
from tacit.cli.doctor.troubles import Finding, Trouble
from tacit.linkage.protocol import SERVER_NAME

_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")
_LONGEST_NAME = 100


def proxy_variable(environment: Mapping[str, str] = os.environ) -> str:
    """Name the variable that makes gRPC use a proxy; empty where none does.

    gRPC reads these three, in lower case and in this order.
    """
    return next((name for name in _PROXIES if environment.get(name)), "")


def look_at_address(
    address: str, authority: x509.Certificate, now: dt.datetime, limits: Limits
) -> Finding:
    """Connect without any proxy, as far as it goes, and say where it ends.

    Args:
        address: host:port of a coordinator.
        authority: that must have issued what is shown there.
        now: the time by this machine.
        limits: how patient to be.
    """
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        connection = socket.create_connection((host, int(port)), limits.patience)
    except socket.gaierror:
        return Finding("network", Trouble.NAME_UNKNOWN, {"host": host})
    except ConnectionRefusedError:
        return Finding("network", Trouble.PORT_CLOSED, {"address": address})
    except OSError:
        return Finding("network", Trouble.NO_ANSWER, {"address": address})
    with connection:
        try:
            shown = _certificate(connection)
        except (OSError, ValueError):
            return Finding("network", Trouble.NOT_TLS, {"address": address})
    return _judge(address, shown, authority, now)


def _certificate(connection: socket.socket) -> x509.Certificate:
    """Take whatever certificate is shown: it is to be judged, and nothing is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(connection, server_hostname=SERVER_NAME) as wrapped:
        return x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")


def _judge(
    address: str, shown: x509.Certificate, authority: x509.Certificate, now: dt.datetime
) -> Finding:
    try:
        shown.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        issuer = "".join(c if c.isprintable() else " " for c in shown.issuer.rfc4514_string())
        params = {"address": address, "issuer": issuer[:_LONGEST_NAME] or "-"}
        return Finding("network", Trouble.OTHER_AUTHORITY, params)
    start, end = shown.not_valid_before_utc, shown.not_valid_after_utc
    if not start <= now < end:
        dates = {"address": address, "start": day(start), "end": day(end)}
        return Finding("network", Trouble.SERVER_CERTIFICATE_DATES, dates)
    return Finding("network")
