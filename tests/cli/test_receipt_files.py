"""Receipts for who has left: the keeper writes a file, the departed node takes it in."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tacit.coordinator.log import configure_log
from tacit.linkage import statements
from tacit.linkage.canonical import canonical
from world import PASSPHRASE, World, fill, make_world, record

Tacit = Callable[..., Any]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Serve two members who have uploaded; their stores are closed, for commands to open."""
    # The coordinator runs in this process: its log is not to mix with what commands say.
    configure_log(io.StringIO())
    monkeypatch.setenv("TACIT_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("TACIT_COORDINATOR_HOME", str(tmp_path / "coordinator"))
    world = make_world(tmp_path)
    for name in ("North", "South"):
        fill(world.join(name), [record(name, number) for number in range(8)])
    world.agree("Gangneung", "North", "South")
    for store in world.nodes.values():
        store.close()
    yield world
    world.close()


def export(tacit: Tacit, member: str, file: Path) -> Any:
    """Write a member's receipts until none is owed."""
    until = time.monotonic() + 20
    while True:
        words = ("coordinator", "receipts", member, "--out", file, "--force", "--json")
        done = tacit(*words).document
        if not done["owed"]:
            return done
        assert time.monotonic() < until, done
        time.sleep(0.1)


def test_who_has_left_gets_its_receipts_in_a_file(
    served: World, tacit: Tacit, tmp_path: Path
) -> None:
    def node(member: str, *words: object) -> Any:
        return tacit(*words, TACIT_HOME=str(served.path / member))

    for name in ("North", "South"):
        assert node(name, "node", "sync").code == 0
    node("South", "node", "withdraw", "--record", "South-003", "--yes")
    left = node("South", "node", "leave", "--yes").out
    listed = tacit("coordinator", "members", "--json").document["members"]
    [member_id] = [item["member_id"] for item in listed if item["name"] == "South"]
    assert f"`tacit coordinator receipts {member_id} --out FILE`" in " ".join(left.split())
    alone = node("South", "node", "receipts")
    assert (alone.code, "records withdrawn" in alone.out) == (0, True)
    assert "take it in with `tacit node receipts --from FILE`" in " ".join(alone.err.split())

    file, of_north = tmp_path / "south.json", tmp_path / "north.json"
    done = export(tacit, "South", file)
    assert (done["member_id"], done["standing"], done["receipts"]) == (member_id, "revoked", 2)
    assert (export(tacit, "North", of_north)["standing"], file.stat().st_size > 0) == (
        "member",
        True,
    )
    again = tacit("coordinator", "receipts", member_id, "--out", file)
    assert (again.code, "exists already" in again.err) == (5, True)
    assert tacit("coordinator", "receipts", "Nobody", "--out", tmp_path / "x").code == 4
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["north.json", "south.json"]
    assert not list(tmp_path.glob(".tacit-*"))
    ledger = tmp_path / "ledger.json"
    tacit("ledger", "export", ledger, "--coordinator", served.home.path)

    served.stop()
    _refused(node, served, file, of_north)
    taken = node("South", "node", "receipts", "--from", file, "--json").document
    assert [item["kind"] for item in taken["receipts"]] == ["withdrawal", "destruction"]
    assert (taken["new"], taken["complete"], taken["receipts"][1]["records"]) == (1, True, 7)
    shown = node("South", "node", "receipts", "Gangneung", "--from", file, "--lang", "ko")
    assert (shown.code, "부호화된 값 파기" in shown.out) == (0, True)
    assert node("South", "node", "receipts", "--from", file, "--json").document["new"] == 0
    assert node("South", "ledger", "verify", "--file", ledger, "--compare").code == 0
    assert node("South", "node", "receipts", "--json").document["receipts"] == taken["receipts"]
    _contradicted(node, served, file)


def _refused(node: Callable[..., Any], served: World, file: Path, of_north: Path) -> None:
    """Files that are not what they should be are refused, and nothing of them is kept."""
    true = json.loads(file.read_text("utf-8"))
    first, last = true["receipts"]
    more = {**last, "entry": last["entry"].replace('"records":7', '"records":8')}
    assert more != last
    other = json.loads(of_north.read_text("utf-8"))
    # Somebody else's receipt, well signed, under this member's name.
    theirs = _receipt(served, {**json.loads(last["entry"]), "member": other["member"]}, 99)
    signed, owned, ours = "did not sign what it says of entry", "another member", true["member"]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"receipts": [first, more]}, signed),
        ({"receipts": [first, {**last, "index": last["index"] + 1}]}, signed),
        ({"receipts": [first, {**last, "signature": first["signature"]}]}, signed),
        ({"receipts": [first, theirs]}, f"{owned} than this node's, which is {ours}"),
        (other, owned),
        ({"ledger_key": "00" * 32}, "another coordinator"),
        ({"format": "tacit ledger 1"}, "no whole file of receipts"),
        ({"receipts": [{**last, "index": -1}]}, "no whole file of receipts"),
    ]
    altered = file.with_name("altered.txt")
    for changes, sentence in cases:
        altered.write_text(json.dumps({**true, **changes}), "utf-8")
        ran = node("South", "node", "receipts", "--from", altered)
        assert (ran.code, sentence in " ".join(ran.err.split())) == (3, True), ran
    told = node("South", "node", "receipts", "--from", of_north, "--lang", "ko").err
    assert f"이 노드의 회원({ours})이 아닌 다른 회원의 확인서입니다." in " ".join(told.split())
    assert len(node("South", "node", "receipts", "--json").document["receipts"]) == 1


def _receipt(served: World, entry: dict[str, Any], index: int) -> dict[str, Any]:
    key, text = served.home.read_ledger_key(None), canonical(entry)
    signature = key.sign(statements.receipt(index, text)).hex()
    return {"index": index, "entry": text.decode(), "signature": signature}


def _contradicted(node: Callable[..., Any], served: World, file: Path) -> None:
    """The coordinator signs something else in the same place; or speaks of unknown projects."""
    true = json.loads(file.read_text("utf-8"))
    entry, index = json.loads(true["receipts"][1]["entry"]), true["receipts"][1]["index"]
    elsewhere = _receipt(served, {**entry, "project": "unknown"}, 98)
    file.write_text(json.dumps({**true, "receipts": [elsewhere]}), "utf-8")
    taken = node("South", "node", "receipts", "--from", file, "--json").document
    assert (taken["foreign"], taken["complete"], len(taken["receipts"])) == (1, False, 2)
    other = _receipt(served, {**entry, "records": 1}, index)
    file.write_text(json.dumps({**true, "receipts": [other]}), "utf-8")
    assert node("South", "node", "receipts", "--from", file).code == 9


def test_a_file_says_what_is_still_owed(served: World, tacit: Tacit, tmp_path: Path) -> None:
    file, home = tmp_path / "north.json", {"TACIT_HOME": str(served.path / "North")}
    assert tacit("node", "sync", **home).code == 0
    served.stop()
    shut = tacit("coordinator", "revoke", "North", "--yes")
    assert "--out FILE" in " ".join(shut.out.split())
    early = tacit("coordinator", "receipts", "North", "-o", file)
    assert (early.code, "1 more are owed" in early.err) == (0, True)
    taken = tacit("node", "receipts", "--from", file)
    assert (taken.code, "1 more were owed" in " ".join(taken.err.split())) == (0, True)
    served.start()
    assert export(tacit, "North", file)["receipts"] == 1
    taken = tacit("node", "receipts", "--from", file, "--json").document
    assert (taken["new"], taken["complete"], taken["receipts"][0]["records"]) == (1, True, 8)
