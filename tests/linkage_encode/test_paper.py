"""A head's form on paper, and the slips that people make when they copy it."""

from datetime import date

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.paper import PaperHead, put_on_paper, read_paper

KEY, ROOT = bytes(32), b"\x01" * 32
# 2026-11-22 in UTC.
TIME = 1_795_348_799_000


def test_a_head_on_paper_is_this() -> None:
    paper = put_on_paper(KEY, 42, TIME, ROOT)
    size, day, code = paper.text.split()
    assert (size, day, len(code), code.count("-")) == ("42", "2026-11-22", 54, 10)
    assert read_paper(paper.text) == paper
    assert paper.is_of(KEY, ROOT)
    assert not paper.is_of(KEY, bytes(32))
    assert not paper.is_of(b"\x01" * 32, ROOT)
    assert not PaperHead(41, paper.day, paper.code).is_of(KEY, ROOT)


def test_what_looks_alike_is_read_alike() -> None:
    text = put_on_paper(KEY, 42, TIME, ROOT).text
    size, day, code = text.split()
    alike = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert read_paper(f" {size}  {day}\n{alike} ").text == text
    assert read_paper(f"1,042 {day} {_code(1042)}").size == 1042


def _code(size: int) -> str:
    return put_on_paper(KEY, size, TIME, ROOT).text.split()[2]


def test_every_slip_of_one_character_is_noticed() -> None:
    size, day, code = put_on_paper(KEY, 42, TIME, ROOT).text.split()
    for at, letter in enumerate(code):
        if letter == "-":
            continue
        slipped = code[:at] + ("2" if letter != "2" else "3") + code[at + 1 :]
        with pytest.raises(TacitError) as caught:
            read_paper(f"{size} {day} {slipped}")
        assert caught.value.code is Code.USAGE
    for wrong in (f"43 {day} {code}", f"{size} 2026-11-23 {code}"):
        with pytest.raises(TacitError):
            read_paper(wrong)


@pytest.mark.parametrize(
    "text",
    ["", "42", "42 2026-11-22", "x 2026-11-22 A", "42 2026-13-01 A", "42 2026-11-22 A", "-1"],
)
def test_what_is_no_such_form_is_refused(text: str) -> None:
    with pytest.raises(TacitError) as caught:
        read_paper(text)
    assert "eleven groups of four" in str(caught.value.params["problem"])


def test_the_day_is_in_utc() -> None:
    assert put_on_paper(KEY, 1, 0, ROOT).day == date(1970, 1, 1)
