"""Safety numbers: the same for both, another for other keys."""

from hashlib import sha512

from tacit.linkage import statements
from tacit.linkage.safety_number import code_text, half, safety_number, same_number

ONE = statements.member_identity(b"authority", "m1", "북녘", bytes(32), bytes(32))
OTHER = statements.member_identity(b"authority", "m2", "South", bytes([1]) * 32, bytes(32))


def test_a_half_is_six_groups_of_the_digest() -> None:
    digest = sha512(b"tacit safety half v1" + ONE).digest()
    groups = [int.from_bytes(digest[5 * i : 5 * i + 5], "big") % 100_000 for i in range(6)]
    assert half(ONE) == " ".join(f"{group:05d}" for group in groups)
    assert len(half(ONE)) == 35


def test_both_sides_see_the_same_number() -> None:
    number = safety_number(ONE, OTHER)
    assert number == safety_number(OTHER, ONE) == " ".join(sorted((half(ONE), half(OTHER))))
    assert len(number.replace(" ", "")) == 60


def test_everything_about_a_member_counts() -> None:
    arguments = (b"authority", "m1", "북녘", bytes(32), bytes(32))
    others = (b"other", "m3", "South", bytes([1]) * 32, bytes([1]) * 32)
    numbers = {half(ONE)}
    for place, value in enumerate(others):
        changed = (*arguments[:place], value, *arguments[place + 1 :])
        numbers.add(half(statements.member_identity(*changed)))  # type: ignore[arg-type]
    assert len(numbers) == 6


def test_numbers_compare_however_they_came() -> None:
    number = safety_number(ONE, OTHER)
    assert same_number(code_text(number), number)
    assert same_number(number.replace(" ", "\n"), number)
    assert not same_number("", number)
    assert not same_number(number[:-1] + str((int(number[-1]) + 1) % 10), number)
    # A name's letters beside it do no harm; digits of other scripts are no digits.
    assert not same_number(number[:-1] + "٣", number[:-1] + "3")
