import datetime as dt
from dataclasses import replace

import pytest

from tacit.linkage.agreement import Agreement, Purpose
from tacit.node.consent import Exclusion, allowed_purposes, count_exclusions, exclusion
from tacit.node.formulas import escape_cell, looks_like_formula
from tacit.node.register import words
from tacit.node.store.records import StoredRecord

TODAY = dt.date(2026, 11, 22)
ALL = Agreement("coalition", (), "")
COUNT = replace(ALL, purposes=(Purpose.COUNT,))


def record(purposes: tuple[str, ...] = (), expires: str = "") -> StoredRecord:
    return StoredRecord("1", {}, {}, purposes=purposes, consent_expires=expires)


@pytest.mark.parametrize(
    ("held", "agreement", "allowed", "reason"),
    [
        (record(), ALL, ("check", "count", "attribute"), None),
        (record(), COUNT, ("count",), None),
        (record(("check", "count")), ALL, ("check", "count"), None),
        (record(("check",)), COUNT, (), Exclusion.OTHER_PURPOSES),
        (record(("none",)), ALL, (), Exclusion.NO_PURPOSE),
        (record(expires="2026-11-22"), COUNT, ("count",), None),
        (record(expires="2026-11-21"), COUNT, (), Exclusion.EXPIRED),
        (record(("none",), "2020-01-01"), ALL, (), Exclusion.EXPIRED),
    ],
)
def test_consent(
    held: StoredRecord, agreement: Agreement, allowed: tuple[str, ...], reason: Exclusion | None
) -> None:
    assert allowed_purposes(held, agreement, TODAY) == allowed
    assert exclusion(held, agreement, TODAY) is reason


def test_exclusions_are_counted() -> None:
    records = [record(), record(("none",)), record(("none",)), record(expires="2000-01-01")]
    assert count_exclusions(records, ALL, TODAY) == {
        Exclusion.NO_PURPOSE: 2,
        Exclusion.EXPIRED: 1,
    }


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("allowed", "allowed"),
        (" Public ", "allowed"),
        ("공개 동의", "allowed"),
        ("objected", "objected"),
        ("비공개", "objected"),
        ("공개 거부", "objected"),
        ("부동의", "objected"),
        ("", ""),
        ("미상", ""),
        ("yes", None),
        ("예", None),
        ("perhaps", None),
    ],
)
def test_publication(text: str, meaning: str | None) -> None:
    assert words.publication(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", ()),
        ("check", ("check",)),
        ("attribute, Count", ("count", "attribute")),
        ("확인·집계", ("check", "count")),
        ("전체", ("check", "count", "attribute")),
        ("none", ("none",)),
        ("없음", ("none",)),
        ("check none", None),
        ("sell", None),
    ],
)
def test_purposes(text: str, meaning: tuple[str, ...] | None) -> None:
    assert words.purposes(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2020-01-02", dt.date(2020, 1, 2)),
        ("2020.1.2.", dt.date(2020, 1, 2)),
        ("2020/01/02", dt.date(2020, 1, 2)),
        ("20200102", dt.date(2020, 1, 2)),
        ("2020년 1월 2일", dt.date(2020, 1, 2)),
        ("2020-01-02 03:04:05", dt.date(2020, 1, 2)),
        ("２０２０-01-02", dt.date(2020, 1, 2)),
        ("2020-02-29", dt.date(2020, 2, 29)),
        ("2021-02-29", "that month does not have that day"),
        ("2021-00-01", "there is no such month"),
        ("1821-01-01", "the year lies before 1900"),
        ("2020", "not a full date; write YYYY-MM-DD"),
        ("02/01/2020", "not a full date; write YYYY-MM-DD"),
    ],
)
def test_calendar_dates(text: str, meaning: dt.date | str) -> None:
    assert words.calendar_date(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1950-13-01", "there is no such month"),
        ("1950-13", "there is no such month"),
        ("1950.02.30", "that month does not have that day"),
        ("1950년 13월", "there is no such month"),
        ("1950-01-32", "that month does not have that day"),
        ("1900-02-29", "that month does not have that day"),
        ("1952-02-29", None),
        ("1950-00-00", None),
        ("0000-00-00", None),
        ("1950", None),
        ("19501301", None),
        ("13/01/1950", None),
        ("about 1950", None),
        ("", None),
    ],
)
def test_impossible_dates(text: str, meaning: str | None) -> None:
    assert words.impossible_date(text) == meaning


@pytest.mark.parametrize(
    ("text", "formula", "escaped"),
    [
        ("=1+1", True, "'=1+1"),
        (" =1+1", True, "' =1+1"),
        ("@SUM(A1)", True, "'@SUM(A1)"),
        ("＝1+1", True, "'＝1+1"),
        ("+cmd|' /C calc'!A0", True, "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd|x", True, "'-2+3+cmd|x"),
        ("-", False, "'-"),
        ("-5", False, "-5"),
        ("+82-10-1234-5678", False, "'+82-10-1234-5678"),
        ("\tx", False, "'\tx"),
        ("홍길동", False, "홍길동"),
        ("a=b", False, "a=b"),
        ("", False, ""),
    ],
)
def test_formulas(text: str, formula: bool, escaped: str) -> None:
    assert looks_like_formula(text) is formula
    assert escape_cell(text) == escaped
