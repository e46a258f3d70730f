"""Every sentence that an error can carry has a Korean form, with the same names in it."""

import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from problem_sentences import PLACE, Collector, read_sources
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.korean_problems import WHERE, in_korean, table, where_in_korean
from tacit.node.sources.problems import InputRefused, Problem

ROOT = Path(__file__).resolve().parents[2]
CARRIERS = {"Problem": 1, "Finding": 1, "_DocumentError": 0, "InvalidValueError": 1}
"""What is made with a sentence, and at which place it gets it."""
TABLES = (
    "_SIGNATURES",
    "_check_documented",
    "_check_id",
    "_check_claim_text",
    "_check_publication",
    "_check_purposes",
    "_expectation",
    "_flaw",
    "_mistyped",
    "_problems",
    "_text_expectation",
    "_without_truth",
    "calendar_date",
    "flaw_of",
)
"""Functions and tables that hold sentences and are called by no name of their own."""
NO_WORDS = {
    "",
    "utf-8",
    "utf-8-sig",
    "victims",
    "mapping",
    "columns",
    "constants",
    "group_id",
    "serve",
    "values.{}",
}
"""Names that the flow meets: of encodings, tables, files and commands."""
NOT_OURS = ("(click)", "(jsonschema)")


def paths() -> list[Path]:
    parts = ("cli", "node", "coordinator", "linkage")
    return [path for part in parts for path in sorted((ROOT / part).rglob("*.py"))]


@cache
def carried() -> frozenset[str]:
    """Every template in the sources that an error can carry as its words."""
    collector = Collector(read_sources(paths()))
    found = collector.collect(CARRIERS, TABLES, ("problem", "what"))
    return frozenset(text for text in found if has_words(text) and text not in NO_WORDS)


def has_words(template: str) -> bool:
    return any(letter.isalpha() for letter in template.replace(PLACE, ""))


def unnamed(template: str) -> str:
    """Write a template with places without names, as the sources have them."""
    parts = string.Formatter().parse(template)
    return "".join(text + (PLACE if name is not None else "") for text, name, _, _ in parts)


def places(template: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def hangul(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


def test_every_carried_sentence_has_a_korean_form() -> None:
    known = {unnamed(english) for english in table()}
    assert len(carried()) > 200
    assert sorted(carried() - known) == []


def test_no_korean_form_outlived_its_sentence() -> None:
    text = (ROOT / "linkage/tacit/linkage/korean_problems.tsv").read_text("utf-8")
    stale, ours = [], True
    for line in text.splitlines():
        english = line.split("\t")[0]
        if line.startswith("# "):
            ours = not any(name in line for name in NOT_OURS)
        elif ours and has_words(unnamed(english)) and unnamed(english) not in carried():
            stale.append(english)
    assert stale == []


def test_a_new_sentence_would_be_noticed(tmp_path: Path) -> None:
    module = tmp_path / "new.py"
    module.write_text(
        "def _bad(problem):\n    return TacitError(Code.USAGE, problem=problem)\n"
        "def wrapped(n):\n    raise _bad(f'only {n} left')\n"
        "def named():\n    said = 'said by name'\n    raise TacitError(Code.USAGE, problem=said)\n"
        'def missing(x):\n    raise TacitError(Code.NOT_FOUND, what=f"new {x}")\n'
        "def told(ok):\n    return 'told one' if ok else other()\n"
        "def other():\n    return 'told another'\n"
        "def row(f):\n    return Problem(f, told(f), 3)\n"
        "def joined(tail):\n    end = ' (tail)' if tail else ''\n    return Problem('f', 'a' + end)\n",
        encoding="utf-8",
    )
    found = Collector(read_sources([module])).collect(CARRIERS)
    expected = {"only {} left", "said by name", "new {}", "told one", "told another"}
    assert found == expected | {"a", "a (tail)", PLACE}


def test_korean_forms() -> None:
    for english, korean in table().items():
        assert set(places(korean)) == set(places(english)), english
        assert hangul(korean) or not has_words(unnamed(english)) or "{problem}" in korean, english
        assert not korean.endswith(("다", "오")), korean


def test_every_sentence_finds_its_own_form() -> None:
    """With names in its places, a sentence becomes its own Korean form and no other."""
    inside = {"problem": "it is empty", "wants": "in lower case"}
    given = {"settings": "x.toml", **inside}
    for english, korean in table().items():
        names = {name: given.get(name, "7") for name in places(english)}
        shown = {
            name: in_korean(words) if name in inside else words for name, words in names.items()
        }
        assert in_korean(english.format_map(names)) == korean.format_map(shown), english


def test_every_where_finds_its_own_form() -> None:
    for english, korean in WHERE.items():
        names = dict.fromkeys(places(english), "7")
        assert where_in_korean(english.format_map(names)) == korean.format_map(names)


def test_names_are_kept() -> None:
    error = InputRefused([Problem("project, it is empty.csv", "it is empty", 7, "field 'name'")])
    assert (
        error.sentence("ko") == "project, it is empty.csv, 7행, 'name' 항목: 파일이 비어 있습니다."
    )
    assert Problem("run", "it is empty").say("ko") == "run: 파일이 비어 있습니다."
    said = "column 'project': there is no field or role 'it is empty'; there are name, run"
    assert TacitError(Code.BAD_MAPPING, problem=said).sentence("ko") == (
        "매핑을 사용할 수 없습니다: 열 'project': 'it is empty'(이)라는 항목이나 역할은 없습니다."
        " 있는 것: name, run."
    )


def test_lists_of_wants() -> None:
    words = "the value is not text in utf-8, of at least 2 characters, of at most 9 characters"
    assert (
        in_korean(words) == "값이 다음 조건의 텍스트가 아닙니다: 인코딩 utf-8, 2자 이상, 9자 이하."
    )
    words = "the value is not a whole number at least 1 and at most 3"
    assert in_korean(words) == "값이 다음 조건의 정수가 아닙니다: 1 이상, 3 이하."


def test_a_wrong_schema_in_korean(tacit: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"version": 3, "features": [], "clkConfig": {"l": "x"}}', encoding="utf-8")
    said = tacit("schema", "validate", path, "--lang", "ko").err.strip()
    for sentence in (
        "'clkConfig' 안에서: 'kdf' 속성이 필요합니다.",
        "'clkConfig.l' 안에서: 'x'의 형식이 'integer'이(가) 아닙니다.",
    ):
        assert sentence in said
    assert "; " not in said


def test_unknown_words_stay_english() -> None:
    assert in_korean("Something else: it failed.") == "Something else: it failed."
    assert in_korean("coordinator.toml: 'x' must be text.") == (
        "coordinator.toml: 'x'은(는) 텍스트여야 합니다."
    )
    assert in_korean("words of a later coordinator") == "words of a later coordinator"


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    path = tmp_path / "bad.csv"
    path.write_text("id,name,dob\n1,Kim,1950-13-01\n", encoding="utf-8")
    return path


def test_import_refused_in_korean(tacit: Callable[..., Any], bad_file: Path) -> None:
    settings = {"TACIT_PASSPHRASE": "a long passphrase"}
    assert tacit("node", "init", **settings).code == 0
    ran = tacit("node", "import", bad_file, "--lang", "ko", **settings)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("오류: bad.csv, 2행, 'birth_date' 항목: 그런 달은 없습니다.")
    told = tacit("node", "import", bad_file, "--lang", "ko", "--json", **settings).document["error"]
    assert (told["code"], told["exit_code"]) == ("BAD_INPUT", 3)
    assert told["message"] == ran.err.removeprefix("오류: ").rstrip("\n")
    assert told["problems"] == [told["message"]]
    for said in (ran.err, told["message"]):
        assert not any(value in said for value in ("Kim", "1950", "13"))
    english = tacit("node", "import", bad_file, "--lang", "en", "--json", **settings).document
    assert english["error"]["code"] == "BAD_INPUT"
    assert not hangul(english["error"]["message"])


def test_rows_left_out_in_korean(tacit: Callable[..., Any], bad_file: Path) -> None:
    settings = {"TACIT_PASSPHRASE": "a long passphrase", "TACIT_LANG": "ko"}
    assert tacit("node", "init", **settings).code == 0
    with bad_file.open("a", encoding="utf-8") as file:
        file.write("2,Lee,1951-01-01\n")
    words = ("node", "import", bad_file, "--skip-bad")
    assert "건너뜀: bad.csv, 2행, 'birth_date' 항목: 그런 달은" in tacit(*words, **settings).err
    problem = tacit(*words, "--json", **settings).document["problems"][0]
    assert problem["sentence"].startswith("그런 달은 없습니다.")
    assert (problem["file"], problem["row"]) == ("bad.csv", 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["node", "nonsense"], "'nonsense' 명령이 없습니다."),
        (["node", "sync", "--every", "0"], "'--every'의 값이 잘못되었습니다: 0은(는)"),
        (["node", "status"], "의 노드(`tacit node init`을 실행하십시오)."),
        (["schema", "validate", "none.json"], "찾을 수 없습니다: 'none.json' 파일."),
        (["schema", "infer"], "인자가 필요합니다."),
    ],
)
def test_other_errors_in_korean(tacit: Callable[..., Any], words: list[str], said: str) -> None:
    ran = tacit(*words, "--lang", "ko", TACIT_LANG="ko")
    assert ran.code != 0
    assert said in ran.err
