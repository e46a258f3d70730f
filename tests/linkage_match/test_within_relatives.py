"""People of one household are not one person, and one person who moved is not two."""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from tacit.linkage.infer import infer_schema
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.plain_similarity import Field
from tacit.linkage.schema import parse_schema
from tacit.linkage.within import Within, find_within
from tacit.linkage.within_relatives import Relatives, first_relatives

COLUMNS = ("given_name", "surname", "birth_date", "street", "town", "phone")
LETTERS = ("bdfgklmnprstvz", "aeiou")


def word(random_: random.Random, letters: int) -> str:
    return "".join(random_.choice(LETTERS[place % 2]) for place in range(letters)).title()


def household(random_: random.Random, names: Sequence[str], people: int) -> list[list[str]]:
    surname, town = word(random_, 7), f"Port {random_.choice('ABCDEFGHIJKL')}ville"
    home = f"{random_.randint(1, 200)} {word(random_, 8)} Street"
    phone = f"0{random_.randint(10**8, 10**9 - 1)}"
    return [
        [
            given,
            surname,
            f"{random_.randint(1930, 2010)}-{random_.randint(1, 12):02}-{random_.randint(1, 28):02}",
            home,
            town,
            phone if random_.random() < 0.7 else "",
        ]
        for given in random_.sample(names, people)
    ]


def register(homes: int, repeated: int, *, moved: bool = False) -> list[list[str]]:
    """Households of one to three; then so many of these people again, with a name misspelt."""
    random_ = random.Random(11)
    names = [word(random_, 6) for _ in range(80)]
    rows = [row for home in range(homes) for row in household(random_, names, 1 + home % 3)]
    for row in random_.sample(rows, repeated):
        given, surname, born = row[:3]
        place = household(random_, names, 1)[0][3:] if moved else row[3:]
        rows.append([given, surname[:-1] + "x", born, *place])
    return rows


def found_in(rows: Sequence[Sequence[str]]) -> Within:
    columns: Mapping[str, list[str]] = {
        name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)
    }
    schema = parse_schema(infer_schema([columns]))
    return find_within(schema, normalise_columns(schema, columns))


def likely(found: Within) -> set[tuple[int, int]]:
    return {(pair.left, pair.right) for pair in found.pairs if pair.probability >= 0.5}


def test_relatives_are_not_one_person() -> None:
    rows = register(200, 0)
    assert len(rows) == 399  # 67 + 67 * 2 + 66 * 3; 67 + 66 * 3 pairs live together
    found = found_in(rows)
    assert len(likely(found)) <= 2
    assert found.expected <= 3


def test_who_is_held_twice_is_found_among_relatives() -> None:
    rows = register(200, 40)
    true = {
        (left, right)
        for right in range(399, 439)
        for left in range(right)
        if (rows[left][0], rows[left][2]) == (rows[right][0], rows[right][2])
    }
    assert len(true) == 40
    pairs = likely(found_in(rows))
    assert len(pairs & true) >= 38
    assert len(pairs - true) <= 2


def test_who_moved_is_not_taken_for_a_relative() -> None:
    pairs = likely(found_in(register(200, 40, moved=True)))
    assert sum(right >= 399 for _, right in pairs) >= 36
    assert sum(right < 399 for _, right in pairs) <= 2


def fields(*normalisers: str) -> list[Field]:
    return [Field(name, (), name) for name in normalisers]


def test_likelihood_is_of_what_is_shared_or_a_strangers() -> None:
    relatives = Relatives(np.array([[0.5, 0.1, 0.2], [0.0, 0.0, 0.0]]), np.zeros(2))
    levels = np.array([[0, 3], [1, 4], [3, 4], [4, 4]], np.uint8)
    chance = np.log([[0.1, 0.9], [0.05, 1.0], [0.8, 1.0], [1.0, 1.0]])
    # A fifth compares as strangers do: .5 + .2 * .1, .1 + .2 * .05, .2 * .8; missing says nothing.
    expected = np.log([0.52 * 0.9, 0.11, 0.16, 1.0])
    np.testing.assert_allclose(relatives.log_likelihood(levels, chance), expected, atol=1e-12)


def test_learns_what_relatives_share() -> None:
    both = fields("place", "year")
    levels = np.array([[0, 3]] * 60 + [[3, 3]] * 20 + [[4, 4]] * 20, np.uint8)
    chance = np.log(np.where(levels == 0, 1e-9, np.where(levels == 4, 1.0, 0.99)))
    learnt = first_relatives(both).learnt(both, levels, chance, np.ones(100))
    # Four pairs of belief beside 80 that have the field.
    np.testing.assert_allclose(learnt.seen, [80, 80])
    np.testing.assert_allclose(learnt.shared[0], [(1.6 + 60) / 84, 0.2 / 84, 0.2 / 84], atol=1e-6)
    np.testing.assert_allclose(learnt.shared[1], [0.16 / 84, 0.02 / 84, 0.02 / 84], atol=1e-6)


def test_only_different_names_and_dates_make_relatives() -> None:
    kinds = fields("name", "name", "year", "place")
    seen = np.full(4, 10.0)

    def told(*shared: float, seen: np.ndarray[tuple[int], np.dtype[np.float64]] = seen) -> bool:
        return Relatives(np.outer(shared, [1.0, 0, 0]), seen).are_told_apart(kinds)

    assert told(0.1, 0.9, 0.1, 0.9)
    assert not told(0.9, 0.9, 0.1, 0.1)
    assert not told(0.1, 0.9, 0.9, 0.9)
    assert not told(0.1, 0.9, 0.1, 0.9, seen=np.array([2.0, 10, 10, 10]))
    assert not told(0.1, 0.9, 0.1, 0.9, seen=np.array([10.0, 10, 2, 10]))
