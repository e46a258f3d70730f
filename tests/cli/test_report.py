"""The demo's chart, report and scores, by hand-computed values."""

import re
import xml.etree.ElementTree as ET

import pytest

from tacit.cli.demo.chart import Bar, upset
from tacit.cli.demo.report import Section, Table, render
from tacit.cli.demo.scoring import (
    Key,
    Truth,
    check_scores,
    found_pairs,
    score,
    true_pairs,
)

HOSTILE = "<script>alert('x')</script>"
SVG = "{http://www.w3.org/2000/svg}"


def test_chart_is_well_formed_and_escaped() -> None:
    members = [(HOSTILE, 12), ("나", None)]
    bars = [Bar((HOSTILE,), 20), Bar(("나",), None), Bar((HOSTILE, "나"), 0)]
    chart = ET.fromstring(upset(members, bars, 10))
    texts = [element.text for element in chart.iter(f"{SVG}text")]
    assert f"{HOSTILE} (12)" in texts
    assert "< 10" in texts
    assert "20" in texts
    assert not list(chart.iter(f"{SVG}script"))


def test_bars_are_in_proportion() -> None:
    chart = ET.fromstring(upset([("a", 1), ("b", 1)], [Bar(("a",), 100), Bar(("b",), 50)], 10))
    heights = [
        int(element.attrib["height"])
        for element in chart.iter(f"{SVG}rect")
        if element.attrib.get("stroke")
    ]
    assert heights == [170, 85]


def test_dots_show_who_is_in_a_combination() -> None:
    chart = ET.fromstring(upset([("a", 1), ("b", 1), ("c", 1)], [Bar(("a", "c"), 5)], 3))
    fills = [element.attrib["fill"] for element in chart.iter(f"{SVG}circle")]
    assert fills[0] == fills[2] != fills[1]
    assert len(list(chart.iter(f"{SVG}line"))) == 1


def test_report_escapes_what_comes_from_records() -> None:
    table = Table((HOSTILE, "표"), [(HOSTILE, "열")], [[HOSTILE], [3]])
    section = Section((HOSTILE, "절"), [(HOSTILE, "문단")], [table], None)
    page = render((HOSTILE, "제목"), (HOSTILE, "여는 말"), [section], (HOSTILE, "끝"))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 9
    assert re.search(r'<td class="n">3</td>', page)


def test_scores_by_hand() -> None:
    found = score({1, 2, 3, 4}, {2, 3, 9})
    assert found.precision == 0.5
    assert found.recall == pytest.approx(2 / 3)
    assert found.f1 == pytest.approx(4 / 7)
    empty = score(set(), set())
    assert (empty.precision, empty.recall, empty.f1) == (1.0, 1.0, 1.0)
    assert score({1}, {2}).f1 == 0.0


TRUTH: dict[Key, Truth] = {
    ("a", "1"): Truth("x", objected=True, linkable=True),
    ("b", "1"): Truth("x", objected=False, linkable=True),
    ("b", "2"): Truth("x", objected=False, linkable=True),
    ("c", "1"): Truth("x", objected=True, linkable=False),
    ("c", "2"): Truth("y", objected=False, linkable=True),
}


def test_true_pairs_cross_members_and_respect_consent() -> None:
    assert true_pairs(TRUTH) == {(("a", "1"), ("b", "1")), (("a", "1"), ("b", "2"))}


def test_found_pairs_are_put_together_from_what_each_member_sees() -> None:
    results = {
        "a": {"groups": [{"group_id": 5, "own": [{"record_id": "1"}]}]},
        "b": {"groups": [{"group_id": 5, "own": [{"record_id": "2"}]}]},
        "c": {"groups": []},
    }
    assert found_pairs(results) == {(("a", "1"), ("b", "2"))}


def test_check_scores() -> None:
    check = {
        "rows": [
            {"label": "1", "objected": False, "holders": [{"member": "A"}, {"member": "C"}]},
            {"label": "2", "objected": True, "holders": []},
        ]
    }
    holders, objections = check_scores(check, "b", {"A": "a", "C": "c"}, TRUTH)
    assert (holders.found, holders.true, holders.right) == (2, 2, 1)
    assert (objections.found, objections.true, objections.right) == (1, 2, 1)
