"""Every trouble that the coordinator's doctor knows, really there, is found and named."""

import datetime as dt
import io
import socket
import sqlite3
import string
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coalition import Coalition, start_coalition
from tacit.cli.doctor.coordinator import examine_coordinator
from tacit.cli.doctor.places import Limits, now_utc
from tacit.cli.doctor.troubles import Finding, Trouble, Weight, words
from tacit.cli.korean import KOREAN
from tacit.coordinator.config import Config, render_config
from tacit.coordinator.home import Home, init_home
from tacit.coordinator.log import configure_log
from tacit.coordinator.store.engine import connect_store
from tacit.coordinator.store.migrate import migrate

CONFIG = Config("C", "127.0.0.1:0", "127.0.0.1:0")
QUICK = Limits(free_bytes=0, patience=1.0)
CHECKS = ["home", "disk", "keys", "certificate", "database", "ledger", "clock", "members"]


@pytest.fixture(autouse=True)
def quiet() -> None:
    configure_log(io.StringIO())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A coordinator that does not run."""
    return init_home(tmp_path / "home", CONFIG)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Coalition]:
    """A coordinator that runs, with a member."""
    coalition = start_coalition(tmp_path / "running")
    with coalition.home.locked():
        coalition.enrol("North")
        yield coalition
    coalition.close()


def troubles(
    home: Home, limits: Limits = QUICK, passphrase: str | None = None, **changes: Any
) -> dict[Trouble, Finding]:
    """What is found beyond that the coordinator does not run."""
    found = examine_coordinator(home, passphrase, limits, **changes)
    return {
        finding.trouble: finding
        for finding in found
        if finding.trouble not in {None, Trouble.NOT_SERVING}
    }


def execute(home: Home, statement: str) -> None:
    with closing(sqlite3.connect(home.database_file)) as connection, connection:
        connection.execute(statement)


def test_a_well_coordinator(home: Home, running: Coalition) -> None:
    stopped = [(f.check, f.trouble) for f in examine_coordinator(home, None, QUICK)]
    well = [(check, None) for check in CHECKS]
    assert stopped == [*well, ("service", Trouble.NOT_SERVING), ("ports", None)]
    serving = [(f.check, f.trouble) for f in examine_coordinator(running.home, None, QUICK)]
    assert serving == [*well, ("service", None)]


def test_home_and_disk(home: Home) -> None:
    (home.path / "ledger.key").chmod(0o644)
    found = troubles(home, Limits(free_bytes=1 << 60, patience=1.0))
    assert list(found) == [Trouble.HOME_OPEN, Trouble.DISK_FULL]
    assert "ledger.key" in found[Trouble.HOME_OPEN].advice("ko")


def test_keys(tmp_path: Path) -> None:
    guarded = init_home(tmp_path / "guarded", CONFIG, "right one")
    assert list(troubles(guarded)) == [Trouble.KEY_PASSPHRASE_WRONG]
    assert list(troubles(guarded, passphrase="wrong")) == [Trouble.KEY_PASSPHRASE_WRONG]
    assert troubles(guarded, passphrase="right one") == {}
    other = init_home(tmp_path / "other", CONFIG)
    (other.path / "authority.pem").write_bytes((guarded.path / "authority.pem").read_bytes())
    assert list(troubles(other)) == [Trouble.KEY_MISMATCH]
    (other.path / "ledger.key").unlink()
    assert list(troubles(other)) == [Trouble.KEY_MISSING]


def test_authority_dates(home: Home) -> None:
    for days, trouble in (
        (-3, Trouble.CERTIFICATE_NOT_YET),
        (20 * 365 - 100, Trouble.CERTIFICATE_ENDS_SOON),
        (21 * 365, Trouble.CERTIFICATE_ENDED),
    ):
        found = troubles(home, clock=lambda d=days: now_utc() + dt.timedelta(days=d))
        assert list(found) == [trouble]


def test_members_certificates(running: Coalition) -> None:
    found = troubles(running.home, replace(QUICK, share=1.01))
    assert list(found) == [Trouble.MEMBERS_END_SOON]
    assert found[Trouble.MEMBERS_END_SOON].params["n"] == 1
    execute(running.home, "UPDATE members SET standing = 'revoked'")
    assert troubles(running.home, replace(QUICK, share=1.01)) == {}


def test_clock_behind_the_ledger(running: Coalition) -> None:
    found = troubles(running.home, clock=lambda: now_utc() - dt.timedelta(hours=1))
    assert list(found) == [Trouble.CLOCK_BEHIND_LEDGER]
    assert 3590 <= int(str(found[Trouble.CLOCK_BEHIND_LEDGER].params["seconds"])) <= 3600


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger_entries SET entry = x'00'", "does not verify at entry 0"),
        ("UPDATE tree_heads SET root = x'00'", "not what was signed at 1 entries"),
        ("UPDATE tree_heads SET signature = root", "no valid signature"),
    ],
)
def test_a_broken_ledger(running: Coalition, statement: str, said: str) -> None:
    running.coordinator._backend.ledger.head(running.coordinator._backend.now())
    assert troubles(running.home) == {}
    execute(running.home, statement)
    found = troubles(running.home)
    assert list(found) == [Trouble.LEDGER_BROKEN]
    assert said in found[Trouble.LEDGER_BROKEN].sentence("en")
    assert "원장" in found[Trouble.LEDGER_BROKEN].sentence("ko")


def test_database_of_another_version(home: Home, tmp_path: Path) -> None:
    execute(home, "UPDATE alembic_version SET version_num = '9999'")
    assert list(troubles(home)) == [Trouble.DATABASE_NEWER]
    home.database_file.unlink()
    store = connect_store(home.database_url)
    with store.write() as connection:
        migrate(connection, "0001")
    store.close()
    assert list(troubles(home)) == [Trouble.MIGRATIONS_PENDING]
    with closing(sqlite3.connect(home.database_file)) as connection:
        # Looking changes nothing.
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0001",)
        ]


def test_database_locked_damaged_and_gone(home: Home) -> None:
    with closing(sqlite3.connect(home.database_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert list(troubles(home)) == [Trouble.DATABASE_LOCKED]
        other.execute("ROLLBACK")
    content = bytearray(home.database_file.read_bytes())
    content[4096:6000] = bytes(1904)
    home.database_file.write_bytes(content)
    assert list(troubles(home)) == [Trouble.DATABASE_DAMAGED]
    home.database_file.unlink()
    assert list(troubles(home)) == [Trouble.DATABASE_UNREACHABLE]
    assert not home.database_file.exists()


def test_postgresql_that_is_not_there(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"postgresql://tacit:secret@127.0.0.1:{port}/tacit"
    found = troubles(replace(home, config=replace(CONFIG, database=url)))
    assert list(found) == [Trouble.DATABASE_UNREACHABLE]
    assert "secret" not in found[Trouble.DATABASE_UNREACHABLE].sentence("en")


def test_ports_and_addresses(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        found = troubles(replace(home, config=replace(CONFIG, enrol_listen=address)))
    assert list(found) == [Trouble.PORT_TAKEN]
    assert found[Trouble.PORT_TAKEN].params == {"address": address, "key": "enrol_listen"}
    found = troubles(replace(home, config=replace(CONFIG, listen="0.0.0.0:0")))
    assert list(found) == [Trouble.ADDRESS_MISSING]


def test_what_nodes_find_at_the_address(running: Coalition, tmp_path: Path) -> None:
    well = replace(running.home.config, address=running.serving.address)
    assert troubles(replace(running.home, config=well)) == {}
    stranger = start_coalition(tmp_path / "stranger")
    other = replace(running.home.config, address=stranger.serving.address)
    found = troubles(replace(running.home, config=other))
    stranger.close()
    assert list(found) == [Trouble.OTHER_AUTHORITY]
    closed = replace(running.home.config, enrol_address=stranger.serving.address)
    assert list(troubles(replace(running.home, config=closed))) == [Trouble.ADDRESS_UNREACHED]


def test_a_coordinator_that_does_not_work(running: Coalition) -> None:
    running.coordinator._health._probes["database"] = lambda: False  # type: ignore[index]
    assert list(troubles(running.home)) == [Trouble.UNWELL]


def test_every_trouble_has_words() -> None:
    assert set(words()) == set(Trouble)
    for trouble, found in words().items():
        for english, korean in (
            (found.sentence, found.korean),
            (found.advice, found.korean_advice),
        ):
            names = [
                {name for _, name, _, _ in string.Formatter().parse(text) if name}
                for text in (english, korean)
            ]
            assert names[0] == names[1], trouble
            assert english
            assert any("가" <= letter <= "힣" for letter in korean.replace("{problem}", "가"))
    assert {weight.value for weight in Weight} - {"ok"} <= set(KOREAN)


def test_every_trouble_is_produced_by_a_test() -> None:
    folder = Path(__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.glob("test_*_doctor.py"))
    assert [trouble.name for trouble in Trouble if f"Trouble.{trouble.name}" not in text] == []


def test_commands(tacit: Callable[..., Any], tmp_path: Path) -> None:
    home = init_home(tmp_path / "coordinator", CONFIG)
    well = tacit("coordinator", "doctor", "--json")
    assert (well.code, well.document["healthy"]) == (0, True)
    assert {found["check"] for found in well.document["findings"]} <= set(KOREAN)
    (home.path / "coordinator.toml").write_text(
        render_config(replace(CONFIG, listen="0.0.0.0:0")), "utf-8"
    )
    bad = tacit("coordinator", "doctor", "--json")
    assert (bad.code, bad.document["healthy"]) == (1, False)
    [finding] = [f for f in bad.document["findings"] if f["weight"] == "warning"]
    assert (finding["check"], finding["trouble"]) == ("address", "address-missing")
    assert "'address'" in finding["advice"]
    korean = tacit("coordinator", "doctor", "--lang", "ko")
    assert korean.code == 1
    assert "주소: 주의." in korean.out
    node = {"TACIT_PASSPHRASE": "a long passphrase"}
    assert tacit("node", "doctor").code == 4
    assert tacit("node", "init", **node).code == 0
    told = tacit("node", "doctor", "--json", **node)
    assert told.code == 1
    assert [f["trouble"] for f in told.document["findings"] if f["trouble"]] == ["not-enrolled"]
    assert {found["check"] for found in told.document["findings"]} <= set(KOREAN)
    wrong = tacit("node", "doctor", "--json", TACIT_PASSPHRASE="another one")
    assert wrong.document["findings"][-1]["trouble"] == "passphrase-wrong"
