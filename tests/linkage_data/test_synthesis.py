"""Synthetic coalitions: the same seed the same data, overlap as asked, noise that grows."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthetic import columns_of
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.synthesis.coalition import synthesise
from tacit.linkage.synthesis.noise import NOISE, noise_of, slip
from tacit.linkage.synthesis.overlap import even_layout
from tacit.linkage.synthesis.persons import people
from tacit.linkage.synthesis.records import Coalition, FileForm
from tacit.linkage.synthesis.romanise import romanise, surname, syllables
from tacit.linkage.synthesis.story import tell_story
from tacit.linkage.synthesis.styles import FIELDS, STYLES
from tacit.linkage.synthesis.writing import DATES, southern

DIGEST = """
import hashlib
from tacit.linkage.synthesis.coalition import synthesise
made = synthesise(7, 40, 11, .4, noise="dirty", duplicates=.1)
print(hashlib.sha256(repr(made.registers + made.truth).encode()).hexdigest())
"""


def holders(coalition: Coalition) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for known in coalition.truth:
        found[known.entity].add(known.slug)
    return found


def rng(seed: int = 0) -> Random:
    return Random(seed)


def test_same_seed_gives_the_same_coalition_in_every_process() -> None:
    made = synthesise(7, 40, 11, 0.4, noise="dirty", duplicates=0.1)
    digest = hashlib.sha256(repr(made.registers + made.truth).encode()).hexdigest()
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Pyongyang"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == digest


def test_other_seeds_give_other_people() -> None:
    one, other = (synthesise(2, 100, seed) for seed in (1, 2))
    same = set(one.registers[0].rows) & set(other.registers[0].rows)
    assert len(same) < 3


def test_overlap_by_hand() -> None:
    # 3 x 100 with .3 shared: 30 each; a quarter of these, 8, among all three; 22 in pairs.
    made = synthesise(3, 100, 5, 0.3)
    sizes = Counter(frozenset(found) for found in holders(made).values())
    assert sizes[frozenset({"member1", "member2", "member3"})] == 8
    pairs = {cell: count for cell, count in sizes.items() if len(cell) == 2}
    assert sum(pairs.values()) == 33
    for member in ("member1", "member2", "member3"):
        assert sum(count for cell, count in pairs.items() if member in cell) == 22
        assert sizes[frozenset({member})] == 70


@given(
    members=st.integers(2, 30),
    records=st.integers(30, 400),
    overlap=st.floats(0, 1),
    several=st.floats(0, 1),
    seed=st.integers(0, 99),
)
@example(members=3, records=33, overlap=1.0, several=0.0, seed=1)
@example(members=4, records=50, overlap=0.04, several=1.0, seed=1)
@example(members=5, records=50, overlap=0.02, several=1.0, seed=1)
@settings(max_examples=60, deadline=None)
def test_overlap_is_exact(
    members: int, records: int, overlap: float, several: float, seed: int
) -> None:
    layout = even_layout(members, records, overlap, several, rng(seed))
    shared = round(overlap * records)
    among_many = round(several * shared) if members > 2 else 0
    odd = members % 2 and (shared - among_many) % 2
    for member, held in enumerate(layout.holdings()):
        assert len(held) == len(set(held)) == records
        assert layout.held(member, 2) == shared
        assert layout.held(member, 3) == among_many + bool(odd)


def test_many_members_share_with_more_than_their_neighbours() -> None:
    layout = even_layout(12, 200, 0.5, 0.3, rng())
    partners = {m for cell in layout.cells if 0 in cell for m in cell} - {0}
    assert len(partners) == 11


@pytest.mark.parametrize(
    ("arguments", "shares"),
    [
        ((0, 10, 1), {}),
        ((31, 10, 1), {}),
        ((3, 0, 1), {}),
        ((3, 100_001, 1), {}),
        ((3, 10, 1, 1.5), {}),
        ((3, 10, 1), {"duplicates": -0.1}),
        ((3, 10, 1), {"several": float("nan")}),
        ((1, 10, 1, 0.5), {}),
        ((["same", "same"], 10, 1), {}),
        ((3, 10, 1), {"noise": "filthy"}),
    ],
)
def test_arguments_out_of_range_are_refused(
    arguments: tuple[int, ...], shares: dict[str, float]
) -> None:
    with pytest.raises(TacitError) as caught:
        synthesise(*arguments, **shares)  # type: ignore[arg-type]
    assert caught.value.code == Code.USAGE


def test_nobody_stands_in_a_register_twice_unless_asked() -> None:
    for duplicates, expected in ((0.0, 100), (0.2, 80)):
        made = synthesise(3, 100, 3, 0.4, duplicates=duplicates)
        for register in made.registers:
            own = [known.entity for known in made.truth if known.slug == register.slug]
            assert len(own) == len(register.rows) == 100
            assert len(set(own)) == expected
            shared = [entity for entity in set(own) if len(holders(made)[entity]) > 1]
            assert len(shared) == round(0.4 * expected)


def test_truth_lies_beside_the_registers_and_not_in_them() -> None:
    made = synthesise(6, 60, 4, 0.5, noise="dirty")
    entities = {known.entity for known in made.truth}
    for register in made.registers:
        values = {value for row in register.rows for value in row}
        assert not values & entities
        assert all(len(row) == len(register.header) for row in register.rows)
        assert not {"entity", "truth"} & {name.casefold() for name in register.header}
        ids = [known.record_id for known in made.truth if known.slug == register.slug]
        assert columns_of(register)["record_id"] == ids
        assert len(set(ids)) == len(ids)


def test_neither_order_nor_identifiers_tell_who_is_shared() -> None:
    made = synthesise(2, 400, 9, 0.5)
    own = [known for known in made.truth if known.slug == "member1"]
    shared = [len(holders(made)[known.entity]) > 1 for known in own]
    # 200 of 400 are shared; were they in order, one half would hold them all.
    assert 60 < sum(shared[:200]) < 140
    numbers = [
        int(known.entity[1:]) for known, is_shared in zip(own, shared, strict=True) if is_shared
    ]
    assert 200 < sum(numbers) / len(numbers) < 400


def test_noise_levels_differ_in_more_and_more_fields() -> None:
    changed = []
    plain = synthesise(6, 150, 8, noise="clean")
    for level in NOISE:
        made = synthesise(6, 150, 8, noise=level)  # type: ignore[arg-type]
        told = sum(len(known.altered) for known in made.truth)
        cells = [
            (one, other)
            for left, right in zip(plain.registers, made.registers, strict=True)
            for rows in zip(left.rows, right.rows, strict=True)
            for one, other in zip(*rows, strict=True)
        ]
        changed.append((told, sum(one != other for one, other in cells)))
    (clean, same), (dirty, some), (very_dirty, many) = changed
    assert same == 0
    assert clean < dirty / 2 < dirty < very_dirty / 1.4
    assert 0 < some < many


def test_clean_registers_have_gaps_but_no_mistakes() -> None:
    made = synthesise(6, 200, 6, noise="clean")
    altered = Counter(role for known in made.truth for role in known.altered)
    assert "name" not in altered
    for register in made.registers:
        columns = columns_of(register)
        assert "" not in columns["name"]
        births = columns["birth_date"]
        assert 0 < births.count("") < 20
        assert any(len(birth.removesuffix("년")) == 4 for birth in births)


def test_consent_is_written_as_the_truth_says() -> None:
    made = synthesise(6, 300, 2)
    said = {"objected", "비공개", "refused"}
    for register in made.registers:
        own = [known for known in made.truth if known.slug == register.slug]
        columns = columns_of(register)
        assert [value in said for value in columns["publication"]] == [k.objected for k in own]
        assert 0 < sum(known.objected for known in own) < 60
        empty = [""] * len(own)
        withheld = [value in {"none", "없음"} for value in columns.get("purposes", empty)]
        expired = ["" < value < "2023" for value in columns.get("consent_expires", empty)]
        expected = [not (w or e) for w, e in zip(withheld, expired, strict=True)]
        assert [known.linkable for known in own] == expected


def test_members_write_differently() -> None:
    made = synthesise(6, 50, 1)
    assert len({register.header for register in made.registers}) == 6
    scripts = [any("가" <= char <= "힣" for char in r.rows[0][1]) for r in made.registers]
    assert scripts == [True, False, False, True, False, False]
    assert {register.form for register in made.registers} == {
        FileForm("xlsx"),
        FileForm("csv", "utf-8", ","),
        FileForm("csv", "utf-8-sig", ";"),
        FileForm("csv", "cp949", ","),
        FileForm("csv", "utf-8", "\t"),
    }
    for register in made.registers:
        "".join(value for row in register.rows for value in row).encode(register.form.encoding)


def test_styles_map_what_fields_there_are() -> None:
    for style in STYLES:
        assert set(style.columns) <= set(FIELDS)
        assert len(set(style.columns.values())) == len(style.columns)
        assert not set(style.constants) & set(style.columns)


# Hand-written after the published rules.
@pytest.mark.parametrize(
    ("hangul", "system", "written"),
    [
        ("철수", "revised", "cheolsu"),
        ("철수", "mccune", "ch'ŏlsu"),
        ("철수", "dprk", "cholsu"),
        ("명국", "revised", "myeongguk"),
        ("명국", "mccune", "myŏngguk"),
        ("영희", "mccune", "yŏnghŭi"),
        ("복남", "mccune", "pongnam"),
        ("신의주", "revised", "sinuiju"),
        ("신의주", "mccune", "shinŭiju"),
        ("청진", "revised", "cheongjin"),
        ("회령", "revised", "hoeryeong"),
        ("선란", "mccune", "sŏllan"),
        ("강릉", "revised", "gangneung"),
        ("부산", "mccune", "pusan"),
        ("함흥", "dprk", "hamhung"),
    ],
)
def test_romanisation(hangul: str, system: str, written: str) -> None:
    assert romanise(hangul, system, rng()) == written


def test_names_in_syllables() -> None:
    assert syllables("명국", "mccune", rng()) == ["myŏng", "guk"]
    assert syllables("복남", "mccune", rng()) == ["pong", "nam"]
    assert syllables("명국", "revised", rng()) == ["myeong", "guk"]
    assert {"-".join(syllables("영희", "passport", rng(seed))) for seed in range(99)} > {
        "young-hee",
        "yeong-hee",
    }


def test_surnames_and_the_initial_law() -> None:
    assert [surname("리", system, rng()) for system in ("revised", "mccune", "dprk")] == [
        "Lee",
        "Yi",
        "Ri",
    ]
    assert {surname("리", "passport", rng(seed)) for seed in range(99)} >= {"Lee", "Yi", "Rhee"}
    assert [southern(word) for word in ("리", "림", "로", "련희", "김")] == [
        "이",
        "임",
        "노",
        "연희",
        "김",
    ]


@given(text=st.text(st.sampled_from("김영희Kim Yŏng-hŭi',"), max_size=12), seed=st.integers(0, 99))
def test_a_slip_is_one_keystroke(text: str, seed: int) -> None:
    slipped = slip(text, rng(seed))
    assert slipped[:1] == text[:1]
    assert abs(len(slipped) - len(text)) <= 1
    if not any(char.isalpha() for char in text[1:]):
        assert slipped == text


def test_people_are_plausible() -> None:
    found = people(3000, rng())
    assert len({person.entity for person in found}) == 3000
    assert all(1870 < person.born.year < person.year <= 2019 for person in found)
    surnames = Counter(person.surname for person in found)
    assert surnames.most_common(1)[0][0] == "김"
    assert 0.17 < surnames["김"] / 3000 < 0.26
    women = sum(person.sex == "f" for person in found) / 3000
    assert 0.25 < women < 0.5
    families = Counter((p.surname, p.father, p.place.county, p.kind, p.year) for p in found)
    assert 150 < sum(count - 1 for count in families.values()) < 350


def test_dates_are_written_in_every_way() -> None:
    day = date(1931, 5, 7)
    assert {name: write(day) for name, write in DATES.items()} == {
        "iso": "1931-05-07",
        "slashes": "1931/05/07",
        "words": "7 May 1931",
        "hangul": "1931년 5월 7일",
        "dots": "07.05.1931",
        "dots_year_first": "1931.5.7",
        "compact": "19310507",
    }


def test_the_story() -> None:
    made = tell_story()
    assert [register.slug for register in made.registers] == ["petition", "centre", "archive"]
    assert [len(register.rows) for register in made.registers] == [2000, 2000, 2000]
    publication = made.publication
    assert publication is not None
    assert publication.file == "to-publish.csv"
    published = [known for known in made.truth if known.published]
    assert {known.slug for known in published} == {"archive"}
    assert columns_of(publication)["record_id"] == [known.record_id for known in published]
    assert set(publication.rows) <= set(made.registers[2].rows)
    others: defaultdict[str, list[bool]] = defaultdict(list)
    for known in made.truth:
        if known.slug != "archive":
            assert not known.published
            others[known.entity].append(known.objected)
    held = [others[known.entity] for known in published if known.entity in others]
    assert len(published) == 125
    assert sum(any(objections) for objections in held) == 50
    assert sum(not any(objections) for objections in held) == 35
    linkable = {(known.slug, known.entity): known.linkable for known in made.truth}
    for known in published:
        assert all(linkable.get((slug, known.entity), True) for slug in ("petition", "centre"))


def test_in_the_story_the_petition_group_documents_first() -> None:
    made = tell_story()
    when = {
        (known.slug, known.entity): day
        for register in made.registers
        for known, day in zip(
            [known for known in made.truth if known.slug == register.slug],
            columns_of(register)["documented_on"],
            strict=True,
        )
    }
    both = [
        (day, when["archive", entity])
        for (slug, entity), day in when.items()
        if slug == "petition" and ("archive", entity) in when
    ]
    assert len(both) == 320  # 6 % of 2,000 with the centre, 10 % without
    assert sum(first < later for first, later in both) / len(both) > 0.9
    forums = Counter(columns_of(made.registers[0])["forum"])
    assert forums["유엔 강제실종실무그룹"] > 1400
    assert sum(known.objected for known in made.truth if known.slug == "petition") > 700


@pytest.mark.parametrize(("records", "members"), [(200, 3), (300, 8)])
def test_small_and_larger_casts_tell_the_story_too(records: int, members: int) -> None:
    made = tell_story(records, 7, members, "dirty")
    assert [len(register.rows) for register in made.registers] == [records] * members
    assert made.publication is not None
    assert len(made.publication.rows) == 125
    objected = {known.entity for known in made.truth if known.objected}
    hidden = [known for known in made.truth if known.published and known.entity in objected]
    assert len(hidden) >= 20


@pytest.mark.parametrize(("records", "members"), [(199, 3), (2000, 2), (2000, 9), (100_001, 3)])
def test_too_small_a_story_is_refused(records: int, members: int) -> None:
    with pytest.raises(TacitError) as caught:
        tell_story(records, 1, members)
    assert caught.value.code == Code.USAGE


def test_noise_is_looked_up_by_name() -> None:
    assert noise_of("clean").typo == 0
    with pytest.raises(TacitError):
        noise_of("spotless")
