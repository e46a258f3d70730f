"""Records that a register holds twice are found, and others are not."""

import itertools
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np
import pytest

from tacit.linkage import within_blocks
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.plain_similarity import Verdict, read_fields
from tacit.linkage.schema import parse_schema
from tacit.linkage.synthesis.coalition import synthesise
from tacit.linkage.synthesis.noise import Level
from tacit.linkage.within import Within, find_within
from tacit.linkage.within_groups import suspicions

VICTIMS = parse_schema((files("tacit.linkage") / "schemas" / "victims.json").read_bytes())


def invented(
    noise: Level, records: int, duplicates: float
) -> tuple[Mapping[str, Sequence[str]], list[str]]:
    """One member's register, normalised, and whom each record stands for."""
    coalition = synthesise(1, records, 5, 0.0, noise=noise, duplicates=duplicates)
    (register,) = coalition.registers
    mapping = tomllib.loads(register.mapping)
    role = {role: column for column, role in mapping["columns"].items()}
    rows = [dict(zip(register.header, row, strict=True)) for row in register.rows]
    columns = {name: [row[role[name]] for row in rows] for name in VICTIMS.sources if name in role}
    entity = {found.record_id: found.entity for found in coalition.truth}
    return normalise_columns(VICTIMS, columns), [entity[row[role["record_id"]]] for row in rows]


def pairs_of(found: Within) -> set[tuple[int, int]]:
    groups = suspicions(found.pairs)
    return {pair for group in groups for pair in itertools.combinations(group.records, 2)}


@pytest.mark.parametrize(
    ("noise", "precision", "recall"), [("clean", 0.92, 0.97), ("dirty", 0.85, 0.8)]
)
def test_finds_most_of_what_is_held_twice(noise: Level, precision: float, recall: float) -> None:
    columns, entity = invented(noise, 1000, 0.1)
    found = find_within(VICTIMS, columns)
    pairs = pairs_of(found)
    true = sum(times * (times - 1) // 2 for times in Counter(entity).values())
    right = sum(entity[left] == entity[right] for left, right in pairs)
    assert true >= 100
    assert right / len(pairs) >= precision
    assert right / true >= recall
    assert found.expected == pytest.approx(true, rel=0.1)


def test_finds_nothing_where_nothing_is_held_twice() -> None:
    columns, entity = invented("dirty", 1000, 0.0)
    assert len(set(entity)) == 1000
    assert len(pairs_of(find_within(VICTIMS, columns))) <= 5


def register(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    """Name, date of birth, father; filled up with people who are all different."""
    names = [f"{a}{b} {c}{d}" for a, b, c, d in itertools.product("bdgk", "ao", "lmnr", "eiu")]
    others = [
        (name, f"19{10 + place % 80}-{1 + place % 12:02}-{1 + place % 28:02}", names[-place])
        for place, name in enumerate(names)
    ]
    columns = list(zip(*rows, *others, strict=True))
    return normalise_columns(
        VICTIMS, dict(zip(("name", "birth_date", "father"), map(list, columns), strict=True))
    )


def test_verdicts_say_what_agreed_and_missing_says_nothing() -> None:
    found = find_within(
        VICTIMS,
        register(
            ("Zoltan Quist", "1931-05-17", "Xaver Quist"),
            ("Zoltan Quist", "1931", "Xaver Quist"),
            ("Olga Weisz", "1940-01-09", "Zoltan Quist"),
        ),
    )
    (pair,) = [p for p in found.pairs if p.probability >= 0.5]
    assert (pair.left, pair.right) == (0, 1)
    named = dict(zip(found.fields, pair.verdicts, strict=True))
    assert named["name"] is Verdict.AGREES
    assert named["birth_year"] is Verdict.AGREES
    assert named["birth_day"] is Verdict.MISSING
    assert named["father"] is Verdict.AGREES
    assert named["sex"] is Verdict.MISSING


def test_equal_rare_values_tell_more_than_equal_common_ones() -> None:
    common = [("Ann Lee", f"19{20 + place}", "") for place in range(30)]
    rare = [("Zoltan Quist", "1931-05-17", ""), ("Zoltan Quist", "1931-05-17", "")]
    both = [("Ann Lee", "1931-05-17", ""), ("Ann Lee", "1931-05-17", "")]
    found = find_within(VICTIMS, register(*rare, *both, *common))
    likeness = {(p.left, p.right): p.probability for p in found.pairs}
    assert likeness[0, 1] > 0.5
    assert likeness[0, 1] > 2 * likeness.get((2, 3), 0.0)
    assert not any(left >= 4 or right >= 4 for left, right in likeness)


@pytest.mark.parametrize("records", [0, 1])
def test_too_few_records_to_compare(records: int) -> None:
    columns = {feature.identifier: ["x"] * records for feature in VICTIMS.features}
    found = find_within(VICTIMS, columns)
    assert (found.records, found.pairs, found.expected) == (records, (), 0.0)


def test_records_that_hold_nothing_are_no_duplicates() -> None:
    columns = {feature.identifier: [""] * 50 for feature in VICTIMS.features}
    assert find_within(VICTIMS, columns).pairs == ()


def test_same_register_gives_same_answer_and_progress_ends_at_the_total() -> None:
    columns, _ = invented("clean", 300, 0.1)
    told: list[tuple[int, int]] = []
    first = find_within(VICTIMS, columns, lambda done, total: told.append((done, total)))
    assert first == find_within(VICTIMS, columns)
    assert told[-1][0] == told[-1][1] == 300 * 299 // 2


def test_blocking_keeps_nearly_all_pairs_with_far_fewer_comparisons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns, entity = invented("dirty", 1500, 0.1)
    monkeypatch.setattr(within_blocks, "ALL_PAIRS", 0)
    left, right = within_blocks.candidate_pairs(read_fields(VICTIMS, columns), 1500)
    assert (left < right).all()
    codes = left * 1500 + right
    assert len(np.unique(codes)) == len(codes) < 0.1 * 1500 * 1499 / 2
    members = np.array(entity)
    reached = int((members[left] == members[right]).sum())
    true = sum(times * (times - 1) // 2 for times in Counter(entity).values())
    assert reached >= 0.97 * true


def test_blocks_are_cut_down_to_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    columns, _ = invented("clean", 1500, 0.1)
    fields = read_fields(VICTIMS, columns)
    monkeypatch.setattr(within_blocks, "ALL_PAIRS", 0)
    many = len(within_blocks.candidate_pairs(fields, 1500)[0])
    monkeypatch.setattr(within_blocks, "BUDGET", 2000)
    assert len(within_blocks.candidate_pairs(fields, 1500)[0]) < many
