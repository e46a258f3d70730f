"""Initialising a home, its configuration and its keys."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from coalition import Invitation
from tacit.coordinator.config import Config, read_config, render_config
from tacit.coordinator.home import Serving, init_home, open_home
from tacit.coordinator.invitations import invite
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import SERVER_NAME

CONFIG = Config('The "Coalition" 연대', "127.0.0.1:7000", "127.0.0.1:7001")


def test_home_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "home"
    home = init_home(path, CONFIG)
    assert path.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}
    assert open_home(path) == home


def test_second_init_says_so_and_leaves_everything(tmp_path: Path) -> None:
    init_home(tmp_path / "home", CONFIG)
    before = {f.name: f.read_bytes() for f in (tmp_path / "home").iterdir()}
    with pytest.raises(TacitError) as failure:
        init_home(tmp_path / "home", CONFIG)
    assert failure.value.code is Code.EXISTS
    assert {f.name: f.read_bytes() for f in (tmp_path / "home").iterdir()} == before


def test_init_that_was_cut_off_can_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "home"
    init_home(path, CONFIG)
    (path / "coordinator.toml").unlink()
    (path / "ledger.key.new").write_bytes(b"half")
    home = init_home(path, CONFIG)
    home.read_ledger_key(None)
    assert not (path / "ledger.key.new").exists()


def test_no_home(tmp_path: Path) -> None:
    with pytest.raises(TacitError) as failure:
        open_home(tmp_path)
    assert failure.value.code is Code.NOT_FOUND


def test_passphrase_guards_the_keys(tmp_path: Path) -> None:
    home = init_home(tmp_path / "home", CONFIG, "correct horse")
    plain = init_home(tmp_path / "plain", CONFIG)
    key = home.read_ledger_key("correct horse")
    assert key.private_bytes_raw() not in (home.path / "ledger.key").read_bytes()
    plain_key = plain.read_ledger_key(None).private_bytes_raw()
    assert plain_key in (plain.path / "ledger.key").read_bytes()
    home.read_authority("correct horse")
    for wrong in ("wrong", None, ""):
        with pytest.raises(TacitError) as failure:
            home.read_authority(wrong)
        assert failure.value.code is Code.WRONG_PASSPHRASE


@pytest.mark.parametrize("damage", [b"", b"tacit key scrypt", b"x" * 200])
def test_damaged_key_file(tmp_path: Path, damage: bytes) -> None:
    home = init_home(tmp_path / "home", CONFIG)
    (home.path / "ledger.key").write_bytes(damage)
    with pytest.raises(TacitError) as failure:
        home.read_ledger_key(None)
    assert failure.value.code is Code.WRONG_PASSPHRASE


def test_server_certificate_bears_the_protocols_name(tmp_path: Path) -> None:
    authority = init_home(tmp_path / "home", CONFIG).read_authority(None)
    identity = authority.issue_server()
    server, root = x509.load_pem_x509_certificates(identity.chain)
    names = server.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    assert isinstance(names.value, x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == [SERVER_NAME]
    server.verify_directly_issued_by(root)
    assert root == authority.certificate


def test_config_survives_its_file(tmp_path: Path) -> None:
    full = replace(CONFIG, address="a:1", enrol_address="[::1]:2", database="postgresql://h/n")
    file = tmp_path / "coordinator.toml"
    file.write_text(render_config(full), encoding="utf-8")
    assert read_config(file, {}) == full
    assert read_config(file, {"TACIT_COORDINATOR_DATABASE": "x"}).database == "x"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("coalition =", "it is not TOML"),
        ('typo = ""', "unknown key 'typo'"),
        ("listen = 1", "'listen' must be text"),
        ('listen = "nohost"', "'listen' must be host:port"),
        ('listen = "h:70000"', "'listen' must be host:port"),
        ('listen = "h:-1"', "'listen' must be host:port"),
        ('address = "h:0"', "'address' must be host:port"),
        ('coalition = " "', "'coalition' is empty"),
    ],
)
def test_config_that_cannot_be_used(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "coordinator.toml"
    start = "" if "coalition" in line else 'coalition = "C"\n'
    file.write_text(start + line, encoding="utf-8")
    with pytest.raises(TacitError) as failure:
        read_config(file, {})
    assert str(failure.value) == f"coordinator.toml: {problem}."


def test_invitation_names_where_nodes_reach_the_coordinator(tmp_path: Path) -> None:
    home = init_home(tmp_path / "home", CONFIG)
    document = Invitation(invite(home, "North")).document
    assert (document["address"], document["enrol"]) == ("127.0.0.1:7000", "127.0.0.1:7001")
    assert document["member"] == "North"
    assert document["format"] == 1
    public = replace(home, config=replace(CONFIG, address="a.b:1", enrol_address="a.b:2"))
    document = Invitation(invite(public, "South")).document
    assert (document["address"], document["enrol"]) == ("a.b:1", "a.b:2")


def test_invitation_needs_an_address_that_means_something(tmp_path: Path) -> None:
    anywhere = replace(CONFIG, listen="0.0.0.0:7000")
    home = init_home(tmp_path / "home", anywhere)
    free = replace(home, config=replace(CONFIG, listen="127.0.0.1:0"))
    for lost in (home, free):
        with pytest.raises(TacitError) as failure:
            invite(lost, "North")
        assert failure.value.code is Code.USAGE
    free.write_serving(Serving("127.0.0.1:4711", "127.0.0.1:4712", 1))
    assert Invitation(invite(free, "North")).document["address"] == "127.0.0.1:4711"
