"""Records held twice: found once for each state of the register, settled by people."""

import itertools
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.plain_similarity import Verdict
from tacit.linkage.schema import parse_schema
from tacit.linkage.within import Within, find_within
from tacit.node import duplicates
from tacit.node.duplicates import DuplicateReport, find_duplicates, settle, settled, unsettle
from tacit.node.store.base import Store
from tacit.node.store.duplicates import get_search
from tacit.node.store.records import StoredRecord, delete_records, put_records
from tacit.node.store.tables import duplicate_marks, duplicate_searches
from tacit.node.store.versions import VERSION, bring_up_to_date

SCHEMA = parse_schema((files("tacit.linkage") / "schemas" / "victims.json").read_bytes())


def people() -> Iterator[StoredRecord]:
    """P000 and P001 are one person, as are P002 and P003; all others are different."""
    twice = [
        {"name": "홍길동", "birth_date": "1931-05-17", "father": "홍판서"},
        {"name": "Hong Kil-tong", "birth_date": "1931-05-17", "father": ""},
        {"name": "Zoltan Quist", "birth_date": "1950-01-09", "father": "Xaver Quist"},
        {"name": "Quist, Zoltan", "birth_date": "1950", "father": "Xaver Quist"},
    ]
    names = [f"{a}{b} {c}{d}" for a, b, c, d in itertools.product("bdgk", "ao", "lmnr", "eiu")]
    others = [
        {
            "name": name,
            "birth_date": f"19{10 + place % 80}-{1 + place % 12:02}-{1 + place % 28:02}",
            "father": names[-1 - place],
        }
        for place, name in enumerate(names)
    ]
    for number, fields in enumerate([*twice, *others]):
        yield StoredRecord(f"P{number:03}", fields, {})


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as connection:
        put_records(connection, people())
    return store


def groups(report: DuplicateReport) -> list[tuple[str, ...]]:
    return sorted(group.records for group in report.groups)


def test_finds_records_with_score_and_reason(filled: Store) -> None:
    report = find_duplicates(filled, SCHEMA)
    assert groups(report) == [("P000", "P001"), ("P002", "P003")]
    (first,) = [group for group in report.groups if group.records == ("P000", "P001")]
    (pair,) = first.pairs
    assert 0.5 <= pair.probability == first.probability <= 1
    assert pair.fields["name"] is not Verdict.DIFFERS
    assert pair.fields["birth_year"] is Verdict.AGREES
    assert pair.fields["father"] is Verdict.MISSING
    assert report.records == 100
    assert (report.same, len(report.errors)) == ((), len(report.fields))


def test_marks_settle_groups_until_they_are_undone(filled: Store) -> None:
    settle(filled, "P001", "P000", same=True)
    settle(filled, "P002", "P003", same=False)
    report = find_duplicates(filled, SCHEMA)
    assert (groups(report), report.same) == ([], (("P000", "P001"),))
    assert [(m.left_id, m.right_id, m.same) for m in settled(filled)] == [
        ("P000", "P001", True),
        ("P002", "P003", False),
    ]
    unsettle(filled, "P000", "P001")
    assert groups(find_duplicates(filled, SCHEMA)) == [("P000", "P001")]
    settle(filled, "P002", "P003", same=True)
    assert find_duplicates(filled, SCHEMA).same == (("P002", "P003"),)


def test_unchanged_register_is_not_compared_again(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = find_duplicates(filled, SCHEMA)
    calls: list[object] = []

    def counted(*given: Any) -> Within:
        calls.append(given)
        return find_within(*given)

    monkeypatch.setattr(duplicates, "find_within", counted)
    assert find_duplicates(filled, SCHEMA) == first
    settle(filled, "P002", "P003", same=False)
    assert groups(find_duplicates(filled, SCHEMA)) == [("P000", "P001")]
    assert not calls
    with filled.write() as connection:
        delete_records(connection, ["P001"])
    assert groups(find_duplicates(filled, SCHEMA)) == []
    assert len(calls) == 1


def test_nothing_is_kept_of_records_that_are_gone(filled: Store) -> None:
    settle(filled, "P000", "P001", same=True)
    settle(filled, "P002", "P003", same=False)
    find_duplicates(filled, SCHEMA)
    with filled.write() as connection:
        delete_records(connection, ["P001"])
    assert [(mark.left_id, mark.right_id) for mark in settled(filled)] == [("P002", "P003")]
    find_duplicates(filled, SCHEMA)
    with filled.read() as connection:
        kept = connection.execute(duplicate_marks.select()).all()
        assert [row.left_id for row in kept] == ["P002"]
        assert len(connection.execute(duplicate_searches.select()).all()) == 1


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [("P000", "P000", Code.USAGE), ("P000", "nobody", Code.NOT_FOUND)],
)
def test_marks_name_two_records_of_the_register(
    filled: Store, one: str, other: str, code: Code
) -> None:
    with pytest.raises(TacitError) as caught:
        settle(filled, one, other, same=True)
    assert caught.value.code is code
    with pytest.raises(TacitError) as caught:
        unsettle(filled, one, other)
    assert caught.value.code is Code.NOT_FOUND


@pytest.mark.parametrize("same_first", [True, False])
def test_contradictions_are_refused_and_change_nothing(filled: Store, same_first: bool) -> None:
    marks = [("P000", "P001", True), ("P001", "P002", True), ("P000", "P002", False)]
    *before, (one, other, same) = marks if same_first else [marks[2], *marks[:2]]
    for left, right, agreed in before:
        settle(filled, left, right, same=agreed)
    held = settled(filled)
    with pytest.raises(TacitError) as caught:
        settle(filled, one, other, same=same)
    assert caught.value.code is Code.USAGE
    assert settled(filled) == held


def test_register_without_records_has_no_duplicates(store: Store) -> None:
    report = find_duplicates(store, SCHEMA)
    assert (report.records, report.groups) == (0, ())


def test_store_of_the_first_version_gets_the_tables(filled: Store) -> None:
    with filled.write() as connection:
        duplicate_marks.drop(connection)
        duplicate_searches.drop(connection)
        connection.exec_driver_sql("PRAGMA user_version = 1")
        bring_up_to_date(connection, 2)
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
    settle(filled, "P002", "P003", same=True)
    find_duplicates(filled, SCHEMA)
    with filled.read() as connection:
        assert get_search(connection, SCHEMA.hash) is not None
