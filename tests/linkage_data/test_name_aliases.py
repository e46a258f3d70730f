"""One value may hold several names: each becomes an alternative."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.linkage.normalise.aliases import MOST, aliases
from tacit.linkage.normalise.names import MOST as MOST_ALTERNATIVES
from tacit.linkage.normalise.names import name
from tacit.linkage.normalise.text import ALTERNATIVE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("김철수", ["김철수"]),
        ("김철수/金哲洙", ["김철수", "金哲洙"]),
        ("김철수(金哲洙)", ["김철수", "金哲洙"]),
        ("김철수金哲洙", ["김철수", "金哲洙"]),
        ("김철수 金哲洙 Kim Chol Su", ["김철수", "金哲洙", "Kim Chol Su"]),
        ("Kim Chol-su (alias Kim Yong-nam)", ["Kim Chol-su", "Kim Yong-nam"]),
        ("Kim Chol-su a.k.a. Kim Yong-nam", ["Kim Chol-su", "Kim Yong-nam"]),
        ("Kim Chol-su AKA Kim Yong-nam", ["Kim Chol-su", "Kim Yong-nam"]),
        ("Kim Chol-su; Kim Yong-nam", ["Kim Chol-su", "Kim Yong-nam"]),
        ("Kim Chol-su / Kim Yong-nam", ["Kim Chol-su", "Kim Yong-nam"]),
        ("Kim Chol-su | 김영남", ["Kim Chol-su", "김영남"]),
        ("김철수 (본명 김영남)", ["김철수", "김영남"]),
        ("본명: 이영희 가명: 김순자", ["이영희", "김순자"]),
        ("김철수 일명 김영남", ["김철수", "김영남"]),
        ("김철수, 김영남", ["김철수", "김영남"]),
        ("Ким Чен Ын (Kim Jong Un)", ["Ким Чен Ын", "Kim Jong Un"]),
        ("Иванова Анна, урожд. Петрова", ["Иванова Анна", "Иванова Петрова"]),
        ("Mary Smith née Jones", ["Mary Smith", "Mary Jones"]),
        ("Smith, Mary (nee Jones)", ["Smith, Mary", "Jones, Mary"]),
        # No aliases.
        ("KIM, Chol Su", ["KIM, Chol Su"]),
        ("John (Jack) Smith", ["John   Smith"]),
        ("김철수 (35세)", ["김철수"]),
        ("김철수(여)", ["김철수"]),
        ("김철수 (정치인)", ["김철수"]),
        ("김철수 (가명)", ["김철수"]),
        ("가예명", ["가예명"]),
        ("John G. Smith", ["John G. Smith"]),
        ("(unnamed)", ["unnamed"]),
    ],
)
def test_aliases(written: str, expected: list[str]) -> None:
    assert [" ".join(found.split()) for found in aliases(written)] == [
        " ".join(one.split()) for one in expected
    ]


def test_alternatives_that_coincide_are_one() -> None:
    assert name("김철수; Kim Chol-su; KIM Cheolsoo") == "kim colso"
    assert name("김철수") == "kim colso"


def test_there_are_not_too_many() -> None:
    many = "; ".join(f"김{one}수" for one in "영철민상동기")
    assert len(aliases(many)) == MOST
    assert name("李英姬; 金正恩; 崔竜海; 朴民洙").count(ALTERNATIVE) < MOST_ALTERNATIVES


@settings(deadline=None)  # the first call reads the tables
@given(st.text(st.sampled_from("김이李金КимЁキム・Lee()（）;/|,.-' \x1f본명일aka née")))
def test_mixed_text_never_fails_and_has_no_empty_alternative(written: str) -> None:
    found = name(written)
    assert all(found.split(ALTERNATIVE)) or not found


def test_a_register_is_normalised_in_seconds() -> None:
    written = [f"{s}{a}{b}" for s in "김이박최정" for a in "영철민상동" for b in "수희남호미"]
    written += ["Kim Chol Su", "Ким Чен Ын", "金正恩", "キム・ジョンウン", "Иван Петров"] * 25
    name("Ким")
    start = time.perf_counter()
    for value in written:
        name(value)
    assert (time.perf_counter() - start) / len(written) < 0.002
