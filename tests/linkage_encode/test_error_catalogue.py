from string import Formatter

import grpc
import pytest

from tacit.linkage.errors import CATALOGUE, Code, TacitError


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_code_has_an_entry() -> None:
    assert set(CATALOGUE) == set(Code)
    assert all(code.value == code.name for code in Code)


@pytest.mark.parametrize("code", Code)
def test_entry(code: Code) -> None:
    entry = CATALOGUE[code]
    assert entry.status in grpc.StatusCode.__members__
    assert entry.status != "OK"
    assert 0 < entry.exit_code < 256
    assert entry.sentence.strip()
    assert entry.korean.strip()
    assert placeholders(entry.sentence) == placeholders(entry.korean)
    assert "" not in placeholders(entry.sentence), "placeholders must be named"
    alone = {"{problem}", "{where}: {problem}"}
    if entry.sentence not in alone:
        assert any("가" <= letter <= "힣" for letter in entry.korean)
        assert entry.sentence != entry.korean


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_missing_parameter_shows_as_its_name(code: Code, language: str) -> None:
    sentence = TacitError(code).sentence(language)
    for name in placeholders(CATALOGUE[code].sentence):
        assert f"<{name}>" in sentence


def test_a_sentence_shows_parameters_and_never_the_detail() -> None:
    error = TacitError(Code.NOT_FOUND, "row 7 of table x", what="project")
    assert str(error) == "There is no such project."
    assert error.sentence("ko") == "찾을 수 없습니다: 프로젝트."
    assert error.args == ("NOT_FOUND",)
    assert error.detail == "row 7 of table x"
    assert error.entry is CATALOGUE[Code.NOT_FOUND]


def test_braces_in_a_parameter_are_text() -> None:
    problem = "{where} {0} {"
    assert TacitError(Code.USAGE, problem=problem).sentence() == problem
