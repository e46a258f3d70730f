"""Columns of several files that make one field."""

from collections.abc import Sequence

import pytest

from tacit.linkage.column_groups import Field, Reading, Table, fields


def readings(*files: str, korean: bool = False, alike: bool = True) -> list[tuple[Reading, ...]]:
    """Give the readings of each field of files that have these columns."""
    tables: list[Table] = [{name: ["x", "y"] for name in names.split()} for names in files]
    return [field.readings for field in make(tables, korean=korean, alike=alike)]


def make(tables: Sequence[Table], *, korean: bool = False, alike: bool = True) -> list[Field]:
    return fields(tables, lambda _one, _other: alike, lambda _readings: korean)


def test_the_same_columns_stay_as_they_are() -> None:
    same = "first_name surname dob city note"
    assert readings(same, same) == [((name,),) for name in same.split()]
    assert readings(same) == [((name,),) for name in same.split()]


def test_what_one_file_of_several_has_is_left_out() -> None:
    assert readings("name dob", "name city") == [(("name",),)]


def test_columns_of_other_names_are_put_together() -> None:
    assert readings("name dob sex", "성명 생년월일 성별", "full_name birth gender") == [
        (("name",), ("성명",), ("full_name",)),
        (("dob",), ("생년월일",), ("birth",)),
        (("sex",), ("성별",), ("gender",)),
    ]


def test_columns_of_one_file_are_no_alternatives_of_each_other() -> None:
    assert readings("city town", "city town") == [(("city",),), (("town",),)]
    # The third file's place goes to the first field that its file lacks.
    assert readings("city town", "city town", "place") == [(("city",), ("place",)), (("town",),)]


def test_columns_of_other_kinds_of_value_stay_apart() -> None:
    assert readings("birth x", "born x", alike=False) == [(("x",),)]


def test_names_in_several_scripts_and_aliases_are_alternatives() -> None:
    assert readings("name_ko name_en alias", "이름 한자 가명") == [
        (("name_ko",), ("name_en",), ("이름",), ("한자",), ("alias",), ("가명",)),
    ]


def test_parts_of_names_are_joined_where_another_file_has_the_whole() -> None:
    assert readings("full_name", "first_name last_name") == [
        (("full_name",), ("last_name", "first_name")),
    ]
    # Where all have the whole, parts stand beside it.
    both = "full_name first_name last_name"
    assert readings(both, both) == [(("full_name",),), (("first_name",),), (("last_name",),)]


def test_parts_of_korean_names_are_joined() -> None:
    assert readings("given surname", "이름 성", korean=True) == [
        (("surname", "given"), ("성", "이름")),
    ]
    assert readings("given surname", "이름 성") == [
        (("given",), ("이름",)),
        (("surname",), ("성",)),
    ]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("nom prenom", [(("nom",),), (("prenom",),)]),
        ("nombre apellidos", [(("nombre",),), (("apellidos",),)]),
        ("nom", [(("nom",),)]),
    ],
)
def test_a_word_for_name_may_mean_a_part(columns: str, expected: list[tuple[Reading, ...]]) -> None:
    assert readings(columns, columns) == expected
    assert readings("nom prenom", "surname given") == [
        (("nom",), ("surname",)),
        (("prenom",), ("given",)),
    ]


def test_parts_of_dates_are_joined() -> None:
    assert readings("dob", "birth_day birth_month birth_year", "yob") == [
        (("dob",), ("birth_year", "birth_month", "birth_day"), ("yob",)),
    ]
    parts = "birth_year birth_month birth_day"
    assert readings(parts, parts) == [(("birth_year", "birth_month", "birth_day"),)]
    assert readings("birth_day", "birth_day") == [(("birth_day",),)]


def values(*numbers: int) -> list[str]:
    return [f"value {number}" for number in numbers]


def test_columns_whose_names_say_nothing_are_matched_by_values() -> None:
    tables = [
        {"a1": values(*range(50)), "a2": values(*range(100, 150))},
        {"b1": values(*range(110, 160)), "b2": values(*range(900, 950))},
        {"c": values(*range(120, 170))},
    ]
    assert [field.readings for field in make(tables)] == [(("a2",), ("b1",), ("c",))]
    assert [field.files for field in make(tables)] == [{0, 1, 2}]
    assert make(tables, alike=False) == []
