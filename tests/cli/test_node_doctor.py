"""Every trouble that the node's doctor knows, really there, is found and named."""

import datetime as dt
import io
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import update

from coalition import certificate_request
from tacit.cli.doctor.node import examine_node
from tacit.cli.doctor.places import Limits, lifetime, look_at_certificate, now_utc
from tacit.cli.doctor.troubles import Finding, Trouble
from tacit.coordinator.authority import Authority, create_authority
from tacit.coordinator.log import configure_log
from tacit.linkage.protocol import SERVER_NAME
from tacit.node.client import session
from tacit.node.home import Home
from tacit.node.store.base import create_store, open_store
from tacit.node.store.tables import identity
from tacit.node.store.versions import VERSION
from world import COST, PASSPHRASE, World, make_world

QUICK = Limits(free_bytes=0, patience=2.0)
CHECKS = ["home", "disk", "store", "membership", "certificate", "certificate", "network", "clock"]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("grpc_proxy", "https_proxy", "http_proxy", "no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    configure_log(io.StringIO())
    made = make_world(tmp_path_factory.mktemp("doctor"))
    made.join("North").close()
    yield made
    made.close()


@pytest.fixture
def home(world: World) -> Iterator[Home]:
    """A node that is well; whatever a test does to its store is undone."""
    found = Home(world.path / "North")
    kept = found.store.read_bytes()
    yield found
    for leftover in found.path.glob("store.db-*"):
        leftover.unlink()
    found.store.write_bytes(kept)


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A node that has not enrolled."""
    made = Home(tmp_path / "bare")
    create_store(made, PASSPHRASE, COST).close()
    return made


def troubles(home: Home, limits: Limits = QUICK, **changes: object) -> dict[Trouble, Finding]:
    findings = list(examine_node(home, PASSPHRASE, limits, **changes))  # type: ignore[arg-type]
    return {finding.trouble: finding for finding in findings if finding.trouble is not None}


def move(home: Home, **values: object) -> None:
    """Change what the node knows of its membership."""
    with open_store(home, PASSPHRASE) as store, store.write() as connection:
        connection.execute(update(identity).values(**values))


def test_a_well_node(home: Home) -> None:
    findings = list(examine_node(home, PASSPHRASE, QUICK))
    assert [(f.check, f.trouble) for f in findings] == [(check, None) for check in CHECKS]


def test_others_can_read(bare: Home) -> None:
    bare.path.chmod(0o755)
    bare.key.chmod(0o644)
    findings = list(examine_node(bare, PASSPHRASE, QUICK))
    told = {f.advice("en") for f in findings if f.trouble is Trouble.HOME_OPEN}
    assert told == {f"Run: chmod 700 {bare.path}", f"Run: chmod 600 {bare.key}"}


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder closed to root too")
def test_home_that_cannot_be_written() -> None:
    assert list(troubles(Home(Path("/proc/self")))) == [Trouble.HOME_UNWRITABLE]


def test_disk_nearly_full(bare: Home) -> None:
    found = troubles(bare, Limits(free_bytes=1 << 60, patience=2.0))
    assert int(str(found[Trouble.DISK_FULL].params["free"])) < 1 << 60


def test_locked_damaged_newer_older_and_wrong_passphrase(bare: Home) -> None:
    with open_store(bare, PASSPHRASE) as store:
        assert list(troubles(bare)) == [Trouble.STORE_LOCKED]
        with store.write() as connection:
            connection.exec_driver_sql("PRAGMA user_version = 99")
    newer = troubles(bare)
    assert list(newer) == [Trouble.STORE_NEWER]
    assert "version 99" in newer[Trouble.STORE_NEWER].sentence("en")
    wrong = [f.trouble for f in examine_node(bare, "another", QUICK)]
    assert wrong == [None, None, Trouble.PASSPHRASE_WRONG]
    content = bytearray(bare.store.read_bytes())
    content[len(content) // 2] ^= 1
    bare.store.write_bytes(content)
    assert list(troubles(bare)) == [Trouble.STORE_DAMAGED]
    bare.store.unlink()
    assert list(troubles(bare)) == [Trouble.STORE_DAMAGED]


def test_older_store_is_brought_up_to_date(bare: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tacit.node.store.versions.VERSION", VERSION)
    monkeypatch.setattr("tacit.cli.doctor.node.VERSION", VERSION + 1)
    found = troubles(bare)
    assert list(found) == [Trouble.STORE_OLDER, Trouble.NOT_ENROLLED]
    assert found[Trouble.STORE_OLDER].weight.value == "note"


def test_not_enrolled(bare: Home) -> None:
    assert list(troubles(bare)) == [Trouble.NOT_ENROLLED]


@pytest.mark.parametrize(
    ("days", "trouble"),
    [
        (-30, Trouble.CERTIFICATE_NOT_YET),
        (30 * 365, Trouble.CERTIFICATE_ENDED),
    ],
)
def test_certificate_dates(home: Home, days: int, trouble: Trouble) -> None:
    found = troubles(home, clock=lambda: now_utc() + dt.timedelta(days=days))
    assert trouble in found


@pytest.mark.parametrize("lasting", [9, 90])
def test_a_certificate_ends_soon_by_its_own_measure(lasting: int) -> None:
    made = create_authority("Coalition")
    authority = Authority(made.certificate, made.key, lasting)
    request = certificate_request(ec.generate_private_key(ec.SECP256R1()))
    own = x509.load_der_x509_certificate(authority.issue_client(request, "m1").der)
    least = lifetime(own) * Limits().share

    def found(gone: float) -> Trouble | None:
        now = own.not_valid_before_utc + lifetime(own) * gone
        return look_at_certificate(own, "node's", now, least).trouble

    # It renews itself when a third is left; half of that third later nothing seems to.
    assert found(0.83) is None
    assert found(0.84) is Trouble.CERTIFICATE_ENDS_SOON


def test_certificate_ends_soon(home: Home) -> None:
    found = troubles(home, Limits(free_bytes=0, share=1.01, patience=2.0))
    assert list(found) == [Trouble.CERTIFICATE_ENDS_SOON]
    assert "인증서가" in found[Trouble.CERTIFICATE_ENDS_SOON].sentence("ko")


def test_clock_off(home: Home, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.coordinator is not None
    backend = world.coordinator._backend
    ahead = backend.now() + 600_000
    now = backend.now
    object.__setattr__(backend, "now", lambda: ahead)
    try:
        found = troubles(home)
    finally:
        object.__setattr__(backend, "now", now)
    assert list(found) == [Trouble.CLOCK_OFF]
    assert 590 <= int(str(found[Trouble.CLOCK_OFF].params["seconds"])) <= 600


def test_name_port_and_silence(home: Home) -> None:
    move(home, address="no-such-host.invalid:7443")
    assert list(troubles(home)) == [Trouble.NAME_UNKNOWN]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    move(home, address=f"127.0.0.1:{port}")
    assert list(troubles(home)) == [Trouble.PORT_CLOSED]
    with full_backlog() as port:
        move(home, address=f"127.0.0.1:{port}")
        assert list(troubles(home)) == [Trouble.NO_ANSWER]


@contextmanager
def full_backlog() -> Iterator[int]:
    """A port where no connection is ever taken: the queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        yield port
        for one in waiting:
            one.close()


@contextmanager
def answering(context: ssl.SSLContext | None) -> Iterator[str]:
    """Something else than a coordinator: TLS with another certificate, or plain HTTP."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                one, _ = server.accept()
            except OSError:
                return
            try:
                if context is None:
                    one.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://login.example\r\n\r\n")
                    one.close()
                else:
                    with context.wrap_socket(one, server_side=True) as wrapped:
                        wrapped.recv(1)
            except OSError:
                one.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def tls(folder: Path, authority: Authority, start: dt.datetime, days: int) -> ssl.SSLContext:
    """A TLS server's context with a certificate of these dates; its key lies in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SERVER_NAME)]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(names, critical=False)
        .sign(authority.key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(certificate.public_bytes(Encoding.PEM) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.set_alpn_protocols(["h2"])
    return context


def test_no_tls_interception_and_an_expired_server(
    home: Home, world: World, tmp_path: Path
) -> None:
    with answering(None) as address:
        move(home, address=address)
        assert list(troubles(home)) == [Trouble.NOT_TLS]
    from tacit.coordinator.authority import create_authority  # noqa: PLC0415

    stranger = create_authority("somebody's firewall")
    yesterday = now_utc() - dt.timedelta(days=1)
    with answering(tls(tmp_path, stranger, yesterday, 30)) as address:
        move(home, address=address)
        found = troubles(home)
    assert list(found) == [Trouble.OTHER_AUTHORITY]
    assert "Tacit coalition" in found[Trouble.OTHER_AUTHORITY].sentence("en")
    ours = world.home.read_authority(None)
    with answering(tls(tmp_path, ours, yesterday - dt.timedelta(days=30), 30)) as address:
        move(home, address=address)
        assert list(troubles(home)) == [Trouble.SERVER_CERTIFICATE_DATES]


def test_proxy_in_the_way_and_beside_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    found = troubles(home)
    assert list(found) == [Trouble.PROXY_IN_THE_WAY]
    assert "no_proxy" in found[Trouble.PROXY_IN_THE_WAY].advice("en")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    beside = troubles(home)
    assert list(beside) == [Trouble.PROXY_SET]
    assert beside[Trouble.PROXY_SET].weight.value == "note"


def test_other_protocol_and_unknown_member(
    home: Home, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as older:
        older.setattr(session, "OLDEST_PROTOCOL_VERSION", 99)
        assert list(troubles(home)) == [Trouble.VERSION_MISMATCH]
    # Of this authority, and of no member.
    with open_store(home, PASSPHRASE) as store:
        from tacit.node.keys import ensure_keys  # noqa: PLC0415

        key = ensure_keys(store).tls
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )
    stray = world.home.read_authority(None).issue_client(request, "nobody")
    move(home, certificate=stray.der)
    found = troubles(home)
    assert list(found) == [Trouble.MEMBER_UNKNOWN]
    assert "인증서를" in found[Trouble.MEMBER_UNKNOWN].sentence("ko")


def test_whatever_else_the_coordinator_says(home: Home) -> None:
    move(home, ledger_key=bytes(32))
    found = troubles(home)
    assert list(found) == [Trouble.REFUSED]
    assert "UNTRUSTED" in found[Trouble.REFUSED].advice("en")
