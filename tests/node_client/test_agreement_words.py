from dataclasses import replace

import pytest

from tacit.linkage.agreement import Agreement, Party, Purpose
from tacit.node.agreement_words import safety_number, terms

AGREEMENT = Agreement(
    "Victims",
    (Party("m1", "북녘", "11" * 32, "22" * 32), Party("m2", "South", "33" * 32, "44" * 32)),
    "{}",
    strata={"kind": ("abduction",), "year": ("1969",)},
    minimum_cell=7,
    check_minimum_batch=6,
    check_maximum_batch=99,
    check_budget=1234,
    retention_days=56,
)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_term_that_binds_is_said(language: str) -> None:
    text = " ".join(terms(AGREEMENT, language))
    for said in ("북녘", "South", "kind, year", "6", "99", "1234", "56"):
        assert said in text


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "change",
    [
        {"purposes": (Purpose.COUNT,)},
        {"strata": {}},
        {"minimum_cell": 8},
        {"disclose_members": False},
        {"check_budget": 1235},
        {"threshold_permille": 812},
        {"precision_permille": 950},
        {"reasons": True},
        {"repeating": ("m2",)},
        {"retention_days": 57},
    ],
)
def test_another_agreement_reads_otherwise(language: str, change: dict[str, object]) -> None:
    changed = replace(AGREEMENT, **change)  # type: ignore[arg-type]
    assert len(terms(changed, language)) == len(terms(AGREEMENT, language))
    assert terms(changed, language) != terms(AGREEMENT, language)


def test_a_safety_number_is_sixty_digits_and_depends_on_every_key() -> None:
    number = safety_number(AGREEMENT.hash)
    assert [len(group) for group in number.split(" ")] == [5] * 12
    assert number.replace(" ", "").isdigit()
    own, other = AGREEMENT.members
    swapped = replace(AGREEMENT, members=(own, replace(other, sealing_key="55" * 32)))
    assert safety_number(swapped.hash) != number
