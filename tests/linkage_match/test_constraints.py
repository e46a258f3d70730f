"""Known links and non-links: what follows from them, and when they contradict each other."""

import pytest

from tacit.linkage.constraints import Constraints, known_groups, rivals
from tacit.linkage.errors import Code, TacitError


def test_known_links_carry_over_a_third() -> None:
    links = (((2, 0), (1, 5)), ((0, 3), (1, 5)), ((0, 1), (1, 1)), ((0, 1), (1, 1)))
    assert known_groups(Constraints(same=links)) == (((0, 1), (1, 1)), ((0, 3), (1, 5), (2, 0)))
    assert known_groups(Constraints()) == ()
    assert known_groups(Constraints(same=(((0, 1), (0, 1)),))) == ()


def test_non_links_hold_both_ways() -> None:
    found = rivals(Constraints(different=(((0, 1), (1, 2)), ((2, 2), (0, 1)))))
    assert found == {(0, 1): {(1, 2), (2, 2)}, (1, 2): {(0, 1)}, (2, 2): {(0, 1)}}


def test_a_non_link_within_known_links_is_a_contradiction() -> None:
    links = (((0, 3), (1, 5)), ((1, 5), (2, 7)))
    with pytest.raises(TacitError) as caught:
        known_groups(Constraints(same=links, different=(((2, 7), (0, 3)),)))
    assert caught.value.code is Code.CONTRADICTION
    assert str(caught.value) == (
        "Known links and non-links contradict each other: record 7 of set 2 and record 3 of set 0"
        " are a known non-link, and known links make them one"
    )
    assert caught.value.sentence("ko") == (
        "알려진 연결과 비연결이 서로 모순됩니다: 집합 2의 레코드 7와(과) 집합 0의 레코드 3은(는)"
        " 서로 다른 사람으로 알려져 있으나 알려진 연결로는 한 사람이 됩니다."
    )


def test_a_record_is_no_non_link_of_itself() -> None:
    with pytest.raises(TacitError, match="record 3 of set 0 and record 3 of set 0"):
        known_groups(Constraints(different=(((0, 3), (0, 3)),)))


def test_two_records_of_a_deduplicated_set_are_not_one() -> None:
    links = (((0, 3), (1, 5)), ((1, 5), (0, 4)))
    with pytest.raises(TacitError) as caught:
        known_groups(Constraints(same=links, several=frozenset({1})))
    assert caught.value.code is Code.CONTRADICTION
    assert str(caught.value).endswith(
        "known links make records 3 and 4 of set 0 one, and that set holds nobody twice"
    )
    assert known_groups(Constraints(same=links, several=frozenset({0}))) == (
        ((0, 3), (0, 4), (1, 5)),
    )
