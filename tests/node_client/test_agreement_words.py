from dataclasses import fields, replace

import pytest

from tacit.linkage.agreement import Agreement, Party, Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_changes import Change, changes
from tacit.node.agreement_words import safety_number, terms
from tacit.node.agreement_writing import Wishes, next_version
from tacit.node.members import KnownMember

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
        {"schema": "{ }"},
        {"expires_on": "2027-12-31"},
        {"epoch_days": 30},
        {"version": 2},
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


THIRD = Party("m3", "West", "66" * 32, "77" * 32)
NORTH, SOUTH = AGREEMENT.members


@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_that_a_version_changes_goes_unsaid(language: str) -> None:
    others: dict[str, object] = {
        "name": "Other",
        "members": (NORTH, SOUTH, THIRD),
        "schema": "{ }",
        "purposes": (Purpose.COUNT,),
        "strata": {"kind": ("abduction", "arrest"), "year": ("1969",)},
        "minimum_cell": 8,
        "disclose_members": False,
        "check_minimum_batch": 7,
        "check_maximum_batch": 98,
        "check_budget": 1235,
        "threshold_permille": 812,
        "precision_permille": 950,
        "reasons": True,
        "repeating": ("m2",),
        "retention_days": 57,
        "expires_on": "2027-12-31",
        "epoch_days": 30,
    }
    # What a version is told apart by, and the key that each begins with, is told with it.
    beside = {"epoch", "nonce", "format", "version", "supersedes"}
    assert others.keys() | beside == {field.name for field in fields(Agreement)}
    assert changes(AGREEMENT, AGREEMENT, language) == ()
    for name, value in others.items():
        (change,) = changes(AGREEMENT, replace(AGREEMENT, **{name: value}), language)  # type: ignore[arg-type]
        assert change.new, name
        assert change.old != change.new, name


def test_changes_are_told_sentence_by_sentence() -> None:
    after = replace(
        AGREEMENT,
        members=(replace(NORTH, signing_key="ab" * 32), THIRD),
        minimum_cell=20,
        expires_on="2027-12-31",
    )
    assert changes(AGREEMENT, after) == (
        Change(
            "북녘 has keys that begin with 11111111, 22222222.",
            "북녘 has keys that begin with abababab, 22222222.",
        ),
        Change("", "West joins."),
        Change("", "South leaves."),
        Change(
            "Published counts from 1 to 6 are suppressed.",
            "Published counts from 1 to 19 are suppressed.",
        ),
        Change(
            "The agreement has no end.",
            "The agreement holds until the end of 2027-12-31 (UTC); then encodings, results and"
            " linkage keys are erased, here and at the coordinator.",
        ),
    )
    assert changes(AGREEMENT, after, "ko")[1:3] == (
        Change("", "West이(가) 참여합니다."),
        Change("", "South이(가) 나갑니다."),
    )


def known(party: Party, *, you: bool = False, standing: str = "member") -> KnownMember:
    keys = bytes.fromhex(party.signing_key), bytes.fromhex(party.sealing_key)
    return KnownMember(party.member_id, party.name, you, standing, (), 0, False, False, *keys)


COALITION = (known(NORTH, you=True), known(SOUTH), known(THIRD))


def test_the_next_version_changes_what_is_wished_and_continues_the_one_before() -> None:
    before = replace(AGREEMENT, repeating=("m2",), epoch=3)
    wishes = Wishes(add=("West",), remove=("South",), values={"minimum_cell": 9})
    after = next_version(before, 5, wishes, COALITION)
    assert after.members == (NORTH, THIRD)
    assert (after.version, after.supersedes, after.epoch) == (2, before.hash.hex(), 6)
    assert (after.minimum_cell, after.repeating, after.retention_days) == (9, (), 56)
    assert len(after.nonce) == 32
    same = next_version(before, 3, Wishes(new_key=True), COALITION)
    assert changes(before, same) == ()
    assert next_version(before, 3, Wishes(repeating=("m1",)), COALITION).repeating == ("m1",)


@pytest.mark.parametrize(
    ("wishes", "code", "says"),
    [
        (Wishes(), Code.USAGE, "--new-key"),
        (Wishes(values={"minimum_cell": 7}), Code.USAGE, "Nothing would change"),
        (Wishes(remove=("West",)), Code.NOT_FOUND, "West"),
        (Wishes(remove=("South",)), Code.BAD_AGREEMENT, "fewer than two"),
        (Wishes(add=("West",), remove=("m1",)), Code.BAD_AGREEMENT, "does not name this member"),
        (Wishes(add=("East",)), Code.NOT_FOUND, "East"),
        (Wishes(values={"epoch_days": -1}), Code.BAD_AGREEMENT, "'epoch_days'"),
    ],
)
def test_versions_that_cannot_be(wishes: Wishes, code: Code, says: str) -> None:
    with pytest.raises(TacitError, match=says) as caught:
        next_version(AGREEMENT, 1, wishes, COALITION)
    assert caught.value.code is code


def test_who_has_left_cannot_be_added() -> None:
    left = (*COALITION[:2], known(THIRD, standing="left"))
    with pytest.raises(TacitError) as caught:
        next_version(AGREEMENT, 1, Wishes(add=("m3",)), left)
    assert caught.value.sentence() == ("The agreement cannot be used: 'West' is not a member today")
