"""Commands about members: comparing numbers, confirming, renewing, revoking, leaving."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno

from tacit.coordinator.log import configure_log
from tacit.linkage.safety_number import code_text
from world import PASSPHRASE, World, make_world

Tacit = Callable[..., Any]
Node = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # The coordinator runs in this process: its log is not to mix with what commands say.
    configure_log(io.StringIO())
    world = make_world(tmp_path_factory.mktemp("members"), confirmations=2)
    world.join("North")
    world.nodes["South"] = world.new_store("South")
    for store in world.nodes.values():
        store.close()
    yield world
    world.close()


@pytest.fixture
def node(served: World, tacit: Tacit, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Run `tacit node ...` as a member; `tacit coordinator ...` knows its home too."""
    monkeypatch.setenv("TACIT_COORDINATOR_HOME", str(served.path / "coordinator"))
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)

    def call(member: str, *words: object) -> Any:
        return tacit("node", *words, TACIT_HOME=str(served.path / member))

    return call


def test_a_newcomer_is_confirmed_by_its_number(node: Node, tacit: Tacit, tmp_path: Path) -> None:
    invitation = tmp_path / "south.invitation"
    invitation.write_text(tacit("coordinator", "invite", "South").out)
    joined = node("South", "enrol", invitation)
    assert joined.code == 0
    assert "Other members must confirm you first" in joined.out
    waiting = node("South", "sync")
    assert (waiting.code, "0 of 1 members have confirmed it" in waiting.err) == (8, True)
    assert "대기: 1명 중 0명 확인" in node("North", "members", "--lang", "ko").out
    half = node("South", "safety-number", "--json").document["number"]
    assert node("North", "confirm", "South").code == 2
    wrong = half[:-1] + str((int(half[-1]) + 1) % 10)
    assert node("North", "confirm", "South", "--number", wrong).code == 9
    assert node("North", "confirm", "South", "--number", half).out == (
        "You confirmed South. It is a member now.\n"
    )
    [north, south] = node("South", "members", "--json").document["members"]
    assert (north["name"], north["compared"], north["you"]) == ("North", False, False)
    assert (south["standing"], south["confirmed_by"], south["you"]) == ("member", ["North"], True)


def test_both_see_one_number_and_its_code(node: Node) -> None:
    shown = node("South", "safety-number", "North", "--qr")
    number = " ".join(shown.out.splitlines()[1].split() + shown.out.splitlines()[2].split())
    assert number == node("North", "safety-number", "South", "--json").document["number"]
    # The drawn code, two rows to a line, is that of the text that other nodes compare.
    drawn = [line for line in shown.out.splitlines() if set(line) <= set("█▀▄ ") and line]
    modules = [
        list(row) for row in segno.make(code_text(number), micro=False).matrix_iter(border=2)
    ]
    modules.append([1] * len(modules[0]))
    for at, line in enumerate(drawn):
        upper, lower = modules[2 * at], modules[2 * at + 1]
        assert line == "".join({(1, 1): " ", (0, 0): "█", (0, 1): "▀", (1, 0): "▄"}[u, w]
                               for u, w in zip(upper, lower, strict=True))  # fmt: skip
    assert 2 * len(drawn) == len(modules)
    assert node("South", "safety-number", "--compared").code == 2
    compared = node("South", "safety-number", "North", "--number", code_text(number))
    assert "You have compared it." in compared.out
    assert node("South", "safety-number", "North", "--number", "1").code == 9


def test_a_changed_key_is_loud(node: Node, tacit: Tacit, served: World, tmp_path: Path) -> None:
    assert node("North", "members").code == 0
    assert tacit("coordinator", "revoke", "South").code == 2
    revoked = tacit("coordinator", "revoke", "South", "--yes")
    assert "South is shut out" in revoked.out
    assert node("South", "sync").code == 6
    served.new_store("South again").close()
    invitation = tmp_path / "again.invitation"
    invitation.write_text(tacit("coordinator", "invite", "South").out)
    assert node("South again", "enrol", invitation).code == 0
    # While it waits it harms nobody, but is shown.
    assert node("North", "sync").code == 0
    assert "KEYS CHANGED" in node("North", "members").out
    loud = node("North", "safety-number", "South")
    assert (loud.code, "South has other keys than this node knows" in loud.err) == (9, True)
    assert node("North", "confirm", "South", "--yes").code == 0
    assert node("North", "members").code == 0
    listed = tacit("coordinator", "members", "--json").document["members"]
    assert sorted(member["standing"] for member in listed) == ["member", "member", "revoked"]


def test_an_invitation_renews_only_who_is_a_member(tacit: Tacit, node: Node) -> None:
    del node
    assert tacit("coordinator", "invite", "North").code == 5
    assert tacit("coordinator", "invite", "Nobody", "--renew").code == 4
    line = tacit("coordinator", "invite", "North", "--renew").out
    assert line.startswith("tacit-invitation:")


def test_leaving_is_for_good(node: Node) -> None:
    assert node("South again", "leave").code == 2
    left = node("South again", "leave", "--yes", "--json").document
    # It has uploaded nothing.
    assert (left["left"], left["receipts_owed"]) == ("South", 0)
    assert node("South again", "sync").code == 6
