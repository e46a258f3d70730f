import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tacit.linkage.agreement import Agreement, Party, Purpose, parse_agreement, validate_agreement
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError

PARTIES = tuple(
    Party(f"m{i:02d}", f"Member {i}", f"{i:02x}" * 32, f"{i + 100:02x}" * 32) for i in range(31)
)
AGREEMENT = Agreement(
    name="Missing persons",
    members=PARTIES[:3],
    schema="{}",
    strata={"kind": ("arrest", "other"), "year": ("1999",)},
    nonce="ab" * 16,
)


def document(**changes: Any) -> bytes:
    return canonical({**json.loads(AGREEMENT.encode()), **changes})


def refused(written: bytes) -> str:
    with pytest.raises(TacitError) as caught:
        parse_agreement(written)
    assert caught.value.code is Code.BAD_AGREEMENT
    return caught.value.sentence()


def test_what_is_written_is_read() -> None:
    written = AGREEMENT.encode()
    read = parse_agreement(written)
    assert read == AGREEMENT
    assert read.encode() == written
    assert read.hash == AGREEMENT.hash == sha256(written).digest()
    assert read.purposes == (Purpose.CHECK, Purpose.COUNT, Purpose.ATTRIBUTE)


def test_party() -> None:
    assert AGREEMENT.party("m01") == PARTIES[1]
    assert AGREEMENT.party("m09") is None


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"members": PARTIES[:2]},
        {"members": (*PARTIES[:2], replace(PARTIES[2], signing_key="ff" * 32))},
        {"schema": "{ }"},
        {"purposes": (Purpose.COUNT,)},
        {"strata": {}},
        {"minimum_cell": 11},
        {"check_minimum_batch": 6},
        {"check_maximum_batch": 9},
        {"check_budget": 1},
        {"threshold_permille": 1},
        {"precision_permille": 1},
        {"reasons": True},
        {"repeating": ("m00", "m02")},
        {"retention_days": 1},
        {"epoch": 2},
        {"nonce": ""},
        {"version": 2, "supersedes": "cd" * 32},
        {"expires_on": "2028-02-29"},
        {"epoch_days": 1},
    ],
)
def test_every_field_is_bound_into_the_hash(change: dict[str, Any]) -> None:
    other = replace(AGREEMENT, **change)
    validate_agreement(other)
    assert other.hash != AGREEMENT.hash
    assert parse_agreement(other.encode()) == other


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("minimum_cell", 3, 1000),
        ("check_minimum_batch", 1, 10_000),
        ("check_maximum_batch", 1, 100_000),
        ("check_budget", 1, 10_000_000),
        ("threshold_permille", 0, 1000),
        ("precision_permille", 0, 999),
        ("retention_days", 1, 3650),
        ("epoch", 1, 1_000_000),
        ("format", 1, 1),
        ("version", 1, 10_000),
        ("epoch_days", 0, 3650),
    ],
)
def test_limits(field: str, low: int, high: int) -> None:
    for right in (low, high):
        changes: dict[str, Any] = {field: right}
        if field == "version" and right > 1:
            changes["supersedes"] = "ab" * 32
        written = replace(AGREEMENT, **changes).encode()
        assert parse_agreement(written).encode() == written
    for wrong in (low - 1, high + 1, True, "5", None):
        assert f"'{field}'" in refused(document(**{field: wrong}))


FIRST = json.loads(AGREEMENT.encode())["members"][0]
SECOND = json.loads(AGREEMENT.encode())["members"][1]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not JSON"),
        (document(extra=1), "unknown field 'extra'"),
        (b"{}", "missing"),
        (AGREEMENT.encode() + b" ", "canonical"),
        (AGREEMENT.encode().replace(b'{"check_budget"', b'{"name":"x","check_budget"'), "canon"),
        (document(name=" "), "'name'"),
        (document(name=5), "'name'"),
        (document(members=[]), "fewer than two"),
        (document(members=[FIRST]), "fewer than two"),
        (replace(AGREEMENT, members=PARTIES).encode(), "more than thirty"),
        (document(members=[SECOND, FIRST]), "in order"),
        (document(members=[FIRST, FIRST]), "in order"),
        (document(members=[FIRST, {**SECOND, "member_id": 1}]), "'members'"),
        (document(members=[FIRST, {**SECOND, "member_id": []}]), "'members'"),
        (document(members=[FIRST, {**SECOND, "name": 1}]), "'members'"),
        (document(members=[FIRST, {**SECOND, "signing_key": "ab"}]), "32 bytes"),
        (document(members=[FIRST, {**SECOND, "signing_key": "AB" * 32}]), "32 bytes"),
        (document(members=[FIRST, {**SECOND, "signing_key": "xy" * 32}]), "32 bytes"),
        (document(members=[FIRST, {**SECOND, "sealing_key": 7}]), "'members'"),
        (document(members=[FIRST, {"member_id": "x"}]), "missing"),
        (document(members=[1, 2]), "wrong type"),
        (document(members="ab"), "wrong type"),
        (document(schema={}), "'schema'"),
        (document(purposes=[]), "'purposes'"),
        (document(purposes=["gossip"]), "wrong type"),
        (document(purposes=["count", "count"]), "'purposes' names one"),
        (document(disclose_members=False), "'disclose_members'"),
        (document(disclose_members="yes"), "'disclose_members'"),
        (document(strata=[]), "wrong type"),
        (document(strata={"kind": "abc"}), "canonical"),
        (document(strata={"kind": [1]}), "'strata'"),
        (document(threshold_permille=1, precision_permille=1), "'precision_permille' must be 0"),
        (document(reasons=1), "'reasons'"),
        (document(repeating=[1]), "'repeating'"),
        (document(repeating=["m02", "m00"]), "'repeating'"),
        (document(repeating=["m00", "m00"]), "'repeating'"),
        (document(repeating=["m30"]), "'repeating'"),
        (document(repeating="m00"), "'repeating'"),
        (document(nonce=1), "'nonce'"),
        (document(version=2), "'supersedes' must be empty in version 1"),
        (document(supersedes="ab" * 32), "'supersedes' must be empty in version 1"),
        (document(version=2, supersedes="AB" * 32), "'supersedes' is not a hash"),
        (document(version=2, supersedes=7), "'supersedes' is not text"),
        (document(expires_on=20281231), "'expires_on' is not text"),
        (document(expires_on="2027-02-29"), "'expires_on' is not a date"),
        (document(expires_on="20271231"), "'expires_on' is not a date"),
        (document(version=1), "canonical"),
        (document(epoch_days=0), "canonical"),
        (document(expires_on=""), "canonical"),
        (document().replace(b'"epoch":1', b'"epoch":1.0'), "'epoch'"),
        (document().replace(b'"nonce":"', b'"nonce":1.5,"x":"'), "unknown field 'x'"),
        (document(nonce="").replace(b'"nonce":""', b'"nonce":1.5'), "'nonce'"),
        (document(nonce="").replace(b'"nonce":""', b'"nonce":"\\ud800"'), "canonical"),
    ],
)
def test_broken_agreements(written: bytes, says: str) -> None:
    assert says in refused(written)


def test_names_may_be_withheld_where_nothing_is_attributed() -> None:
    quiet = replace(AGREEMENT, purposes=(Purpose.CHECK, Purpose.COUNT), disclose_members=False)
    assert parse_agreement(quiet.encode()) == quiet
