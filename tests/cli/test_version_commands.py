"""From version to version and from key to key by the commands alone, over a real coordinator."""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from plain_pages import plain_pages
from tacit.coordinator.log import configure_log
from tacit.coordinator.revocations import revoke_member
from tacit.linkage.errors import Code, TacitError
from tacit.node.context import connect, find_project, load_member, signed_project
from tacit.node.home import Home, find_home
from tacit.node.key_exchange import Lock, make_next_key
from tacit.node.store.base import open_store
from tacit.node.store.projects import list_linkage_keys
from tacit.v1 import projects_pb2 as projects
from world import OPTIONS, PASSPHRASE, World, fill, make_world, record

NAMES = ("North", "South", "West")
EPOCH_DAYS = 8


@dataclass(frozen=True)
class Coalition:
    """A world of three members who have linked; its stores are closed, for commands to open."""

    world: World
    project: str
    tacit: Callable[..., Any]

    def home(self, name: str) -> Home:
        return find_home(self.world.path / name)

    def run(self, name: str, *words: object, code: int = 0) -> Any:
        """Run a member's command, in JSON."""
        ran = self.told(name, *words, "--json")
        assert ran.code == code, (words, ran)
        return ran.document

    def told(self, name: str, *words: object) -> Any:
        """Run a member's command, for people."""
        return self.tacit(*words, TACIT_HOME=str(self.home(name).path))

    def keys(self, name: str) -> dict[int, bytes]:
        """Give the linkage keys that a member's node holds, by epoch."""
        with open_store(self.home(name), PASSPHRASE) as store, store.read() as connection:
            return {k.epoch: k.key for k in list_linkage_keys(connection, self.project)}

    def on_disk(self, name: str, key: bytes) -> bool:
        """Tell whether a key lies anywhere in a member's store, deciphered."""
        return key in plain_pages(self.home(name), PASSPHRASE)

    def sync(self, name: str) -> Any:
        (done,) = self.run(name, "node", "sync")["projects"]
        return done

    def coordinator(self, statement: str, *values: object) -> None:
        """Change the coordinator's database behind its back."""
        assert self.world.coordinator is not None
        with self.world.coordinator._backend.store.write() as connection:
            connection.exec_driver_sql(statement, values)


@pytest.fixture
def coalition(
    tmp_path: Path, tacit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Coalition]:
    # The coordinator runs in this process: its log is not to mix with what commands say.
    configure_log(io.StringIO())
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    world = make_world(tmp_path)
    for name in NAMES:
        fill(world.join(name), [record(name, number) for number in range(1, 9)])
    last = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=50)
    options = replace(OPTIONS, epoch_days=EPOCH_DAYS, expires_on=last.isoformat())
    project = world.agree("Victims", *NAMES, options=options)
    world.link(project, *NAMES)
    for store in world.nodes.values():
        store.close()
    yield Coalition(world, project, tacit)
    world.close()


def refused(call: Callable[[], object]) -> Code:
    with pytest.raises(TacitError) as caught:
        call()
    return caught.value.code


def test_a_version_without_a_member_and_the_keys_that_follow(coalition: Coalition) -> None:
    told, run = coalition.told, coalition.run
    first = coalition.keys("North")[1]
    assert coalition.on_disk("North", first)
    _hidden(coalition, first)
    # Nothing is proposed unseen, nor what would change nothing.
    asked = told("North", "project", "propose", "--remove", "West", "--minimum-cell", "5")
    assert asked.code == 2
    assert "West leaves." in asked.out
    assert "was: Published counts from 1 to 2 are suppressed." in asked.out
    assert told("North", "project", "propose", "--minimum-cell", "3", "--yes").code == 2
    words = ("project", "propose", "--remove", "West", "--minimum-cell", "5", "--yes")
    offered = run("North", *words)
    assert (offered["version"], offered["proposal"]["version"]) == (1, 2)
    assert offered["proposal"]["unsigned"] == ["South"]
    assert sorted(offered["proposal"]["members"]) == ["North", "South"]
    # The first version goes on meanwhile, and whoever is concerned is told.
    warned = told("South", "node", "sync")
    assert "Victims: version 2 is proposed." in warned.err
    assert told("West", "node", "sync").err == ""
    assert "West이(가) 나갑니다." in told("West", "project", "show", "--lang", "ko").out
    (status,) = run("South", "node", "status")["projects"]
    assert (status["version"], status["proposed"], status["proposal_signed"]) == (1, 2, False)
    shown = told("South", "project", "sign", "--lang", "ko")
    assert shown.code == 2
    assert "2판, North의 제안" in shown.out
    assert "이후: West이(가) 나갑니다." in shown.out
    assert "회원: North, South." in shown.out or "회원: South, North." in shown.out
    # It is declined, and proposed again.
    assert told("South", "project", "drop").code == 2
    assert run("South", "project", "drop", "--yes")["dropped"]
    assert run("South", "project", "drop", "--yes", code=4)["error"]["code"] == "NOT_FOUND"
    assert run("North", *words)["proposal"]["signed"] == ["North"]
    signed = run("South", "project", "sign", "--yes")
    assert (signed["version"], signed["in_force"], signed["proposal"]) == (2, True, None)
    assert (signed["epoch"], signed["key_state"]) == (2, "held")
    assert not coalition.on_disk("South", first)
    # What was found under the first version is gone on both sides.
    assert run("South", "results", code=4)["error"]["code"] == "NOT_FOUND"
    for name in ("North", "South"):
        done = coalition.sync(name)
        assert (done["version"], done["upload"]["records"], done["upload"]["sent"]) == (2, 8, True)
    second = coalition.keys("North")
    assert second == coalition.keys("South")
    assert second.keys() == {2}
    assert second[2] != first
    assert coalition.on_disk("North", second[2])
    assert not coalition.on_disk("North", first)
    run("North", "link")
    assert len(run("North", "results")["groups"]) == 8
    _removed(coalition, first, second[2])
    _receipts(coalition)
    _next_epoch(coalition, second[2])


def _hidden(coalition: Coalition, first: bytes) -> None:
    """The coordinator stops listing the project to West, and the ledger does not say why."""
    coalition.coordinator("CREATE TABLE kept AS SELECT * FROM project_members")
    west = "SELECT id FROM members WHERE name = 'West'"
    coalition.coordinator(f"DELETE FROM project_members WHERE member_id IN ({west})")
    error = coalition.run("West", "node", "sync", code=9)["error"]
    assert error["code"] == "UNSIGNED_AGREEMENT"
    assert "lists 'Victims' no longer" in error["message"]
    assert coalition.keys("West") == {1: first}
    coalition.coordinator("DELETE FROM project_members")
    coalition.coordinator("INSERT INTO project_members SELECT * FROM kept")
    coalition.coordinator("DROP TABLE kept")


def _removed(coalition: Coalition, first: bytes, second: bytes) -> None:
    """West sees that it is over, has no key any more, and gets no other."""
    assert coalition.on_disk("West", first)
    ended = coalition.run("West", "node", "sync")
    assert (ended["projects"], ended["ended_projects"]) == ([], ["Victims"])
    assert coalition.run("West", "node", "sync")["ended_projects"] == []
    assert not coalition.on_disk("West", first)
    assert not coalition.on_disk("West", second)
    assert coalition.run("West", "results", code=8)["error"]["code"] == "NOT_NAMED"
    assert (
        "발효된 판에 본인이 없습니다"
        in coalition.told("West", "node", "status", "--lang", "ko").err
    )
    with open_store(coalition.home("North"), PASSPHRASE) as store:
        version = find_project(store).agreement_hash
    with open_store(coalition.home("West"), PASSPHRASE) as store, connect(store) as session:
        request = projects.GetSealedKeyRequest(project_id=coalition.project, agreement_hash=version)
        assert refused(lambda: session.ask(session.projects.GetSealedKey, request)) in {
            Code.NOT_FOUND,
            Code.FORBIDDEN,
        }


def _receipts(coalition: Coalition) -> None:
    for name in NAMES:
        kept = coalition.run(name, "node", "receipts")["receipts"]
        destroyed = [item for item in kept if item["kind"] == "key_destruction"]
        assert len(destroyed) == 1, name
    assert coalition.told("North", "ledger", "verify").code == 0


def _next_epoch(coalition: Coalition, second: bytes) -> None:
    """The second key's time is over: whoever synchronises first makes the third."""
    coalition.world.clock.days_ahead(EPOCH_DAYS - 1)
    assert "the linkage key is used until" in coalition.told("North", "node", "sync").err
    coalition.world.clock.days_ahead(EPOCH_DAYS + 1)
    assert coalition.run("North", "link", code=8)["error"]["code"] == "EPOCH_ENDED"
    # While a version is proposed, which would bring a key of its own, the old one goes on.
    coalition.run("South", "project", "propose", "--new-key", "--yes")
    coalition.run("North", "link")
    assert coalition.sync("North")["epoch"] == 2
    coalition.run("North", "project", "drop", "--yes")
    # South makes one as well, and is too late.
    with open_store(coalition.home("South"), PASSPHRASE) as store:
        bound = signed_project(store)
        lock = Lock(bound.id, bound.agreement, 3, "", frozenset())
        make_next_key(store, load_member(store), lock)
    done = coalition.sync("North")
    assert (done["version"], done["epoch"], done["upload"]["sent"]) == (2, 3, True)
    third = coalition.keys("North")
    assert coalition.sync("South")["upload"]["sent"]
    assert coalition.keys("South") == third
    assert third.keys() == {3}
    for name in ("North", "South"):
        assert not coalition.on_disk(name, second)
    coalition.run("South", "link")
    claims = coalition.run("South", "claims")
    # What was recorded under the first version keeps its place.
    assert len(claims["groups"]) == 8
    recorded = {c["ledger_index"] for group in claims["groups"] for c in group["claims"]}
    assert len(recorded) == 2
    _under_another_hash(coalition)


def _under_another_hash(coalition: Coalition) -> None:
    """The coordinator says of a run that it was made under another agreement."""
    coalition.coordinator("UPDATE runs SET agreement_hash = zeroblob(32)")
    for words in (("claims",), ("link",)):
        error = coalition.run("South", *words, code=9)["error"]
        assert error["code"] == "UNSIGNED_AGREEMENT"
    assert "서명하지 않은 협약" in coalition.told("South", "claims", "--lang", "ko").err


def test_who_leaves_is_replaced_and_an_end_is_an_end(coalition: Coalition) -> None:
    told, run = coalition.told, coalition.run
    revoke_member(coalition.world.home, "West")
    assert coalition.sync("North")["waiting_for"] == "a new version without West"
    assert len(run("North", "results")["groups"]) == 8
    assert "West이(가) 없는 새 판" in told("North", "node", "sync", "--lang", "ko").out
    assert run("North", "link", code=8)["error"]["code"] == "MEMBER_GONE"
    assert "--remove NAME" in told("North", "project", "show").out
    last = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=20)
    words = ("--remove", "West", "--expires", last.isoformat(), "--epoch-days", "0", "--yes")
    assert told("North", "project", "propose", "--expires", "31.12.2027", "--yes").code == 2
    left = run("North", "project", "propose", "--minimum-cell", "9", "--yes", code=8)["error"]
    assert left["code"] == "MEMBER_GONE"
    run("North", "project", "propose", *words)
    run("South", "project", "sign", "--yes")
    for name in ("North", "South"):
        assert coalition.sync(name)["waiting_for"] == ""
    run("North", "link")
    warned = told("North", "node", "status")
    assert "Victims: the agreement ends in 20 days." in warned.err
    key = coalition.keys("North")[2]
    coalition.world.clock.days_ahead(21.5)
    done = coalition.sync("North")
    assert (done["over"], done["waiting_for"]) == (
        "expired",
        "a new version: this one has expired",
    )
    assert not coalition.on_disk("North", key)
    assert run("North", "results", code=8)["error"]["code"] == "AGREEMENT_EXPIRED"
    assert "협약이 끝났습니다" in told("North", "node", "sync", "--lang", "ko").err
    # A later version goes on, with a key of its own.
    run("North", "project", "propose", "--expires", "never", "--yes")
    revived = run("South", "project", "sign", "--yes")
    assert (revived["version"], revived["over"], revived["key_state"]) == (3, "", "held")
    assert coalition.sync("North")["upload"]["sent"]
    assert coalition.keys("North").keys() == {3}
