from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.agreement_versions import (
    check_successor,
    earlier_hashes,
    ends_at,
    epoch_ends_at,
    has_expired,
    project_id_of,
)
from tacit.linkage.errors import Code, TacitError

PARTIES = tuple(Party(f"m{i}", f"Member {i}", f"0{i}" * 32, f"1{i}" * 32) for i in range(3))
FIRST = Agreement("Project", PARTIES, "{}", nonce="00")
SECOND = replace(FIRST, version=2, supersedes=FIRST.hash.hex(), epoch=2, minimum_cell=11)
THIRD = replace(SECOND, version=3, supersedes=SECOND.hash.hex(), epoch=6)


def test_an_agreement_without_the_later_fields_keeps_its_hash() -> None:
    # As they were signed before versions existed.
    assert FIRST.encode().endswith(b'"strata":{},"threshold_permille":0}')
    assert b"version" not in FIRST.encode()
    assert project_id_of(FIRST.hash) == "p" + sha256(FIRST.encode()).hexdigest()[:32]


def test_a_version_follows_the_one_before() -> None:
    check_successor(FIRST, SECOND, epoch=1)
    check_successor(SECOND, THIRD, epoch=5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 3}, "must be 2"),
        ({"version": 1, "supersedes": ""}, "must be 2"),
        ({"supersedes": "ab" * 32}, "must be 2"),
        ({"epoch": 1}, "'epoch' must be 2"),
        ({"epoch": 3}, "'epoch' must be 2"),
    ],
)
def test_what_does_not_follow(change: dict[str, Any], says: str) -> None:
    with pytest.raises(TacitError, match=says) as caught:
        check_successor(FIRST, replace(SECOND, **change), epoch=1)
    assert caught.value.code is Code.BAD_AGREEMENT


def test_the_chain_of_versions() -> None:
    documents = [FIRST.encode(), SECOND.encode()]
    hashes = [THIRD.hash, SECOND.hash, FIRST.hash]
    assert earlier_hashes(THIRD, documents) == hashes
    assert earlier_hashes(THIRD, documents[::-1]) == hashes
    assert earlier_hashes(FIRST, []) == [FIRST.hash]
    # The chain says what came before; a document that it does not name counts for nothing.
    strange = replace(FIRST, name="Another").encode()
    assert earlier_hashes(THIRD, [strange, SECOND.encode()]) == hashes
    assert earlier_hashes(THIRD, [strange, FIRST.encode()]) == hashes[:2]


def test_an_agreement_holds_to_the_end_of_its_last_day() -> None:
    # 2027-12-31T24:00:00Z is 1,830,297,600 s after 1970.
    ended = replace(FIRST, expires_on="2027-12-31")
    assert ends_at(ended) == 1_830_297_600_000
    assert not has_expired(ended, 1_830_297_599_999)
    assert has_expired(ended, 1_830_297_600_000)
    assert ends_at(FIRST) is None
    assert not has_expired(FIRST, 10**15)


def test_an_epoch_ends_after_its_days() -> None:
    assert epoch_ends_at(replace(FIRST, epoch_days=2), 1_000) == 172_801_000
    assert epoch_ends_at(FIRST, 1_000) == 0
