"""What holds for every command: one JSON document, documented exit codes, quiet in a pipe."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tacit.cli.failures import EXIT_MEANINGS, frames, report
from tacit.cli.language import language_of, translate
from tacit.cli.output import Output, cell, moment, plain
from tacit.linkage.errors import CATALOGUE, Code, TacitError

# Commands that would do something for minutes; their own tests run them.
LONG = {("demo",), ("synth",)}
ESCAPE = "\x1b"


def arguments(command: click.Command, folder: Path) -> list[str]:
    """Give every required argument and option of a command a value that leads nowhere."""
    words = []
    for parameter in command.params:
        if not parameter.required:
            continue
        value = str(folder / "missing.csv")
        if isinstance(parameter.type, click.types.IntParamType):
            value = "1"
        if isinstance(parameter.type, click.Choice):
            value = str(parameter.type.choices[0])
        words += [value] if isinstance(parameter, click.Argument) else [parameter.opts[0], value]
    return words


def test_every_command_takes_the_common_options(
    commands: list[tuple[tuple[str, ...], click.Command]],
) -> None:
    for path, command in commands:
        names = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--lang", "--debug"} <= names, path
        assert command.help, path


def test_every_command_answers_with_one_document(
    commands: list[tuple[tuple[str, ...], click.Command]],
    tacit: Callable[..., Any],
    tmp_path: Path,
) -> None:
    for path, command in commands:
        if path in LONG:
            continue
        home = tmp_path / "-".join(path)
        ran = tacit(
            *path,
            *arguments(command, tmp_path),
            "--json",
            TACIT_PASSPHRASE="a passphrase",
            TACIT_HOME=str(home / "node"),
            TACIT_COORDINATOR_HOME=str(home / "coordinator"),
        )
        document = ran.document
        assert ran.code in EXIT_MEANINGS, path
        if ran.code:
            assert document["error"]["exit_code"] == ran.code, path
            assert document["error"]["code"] in CATALOGUE, path
            assert document["error"]["code"] != Code.INTERNAL, (path, ran)
        assert ran.err == "", path


@pytest.mark.parametrize("words", [["nonsense"], ["node", "nonsense"], ["errors", "--nonsense"]])
def test_wrong_words(tacit: Callable[..., Any], words: list[str]) -> None:
    ran = tacit(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "nonsense" in ran.err
    ran = tacit(*words, "--json")
    assert ran.document["error"]["code"] == "USAGE"
    assert ran.document["error"]["exit_code"] == 2
    assert ran.err == ""


def test_korean_by_option_and_setting(tacit: Callable[..., Any]) -> None:
    assert "종료 코드" in tacit("errors", "--lang", "ko").out
    assert "종료 코드" not in tacit("errors").out
    assert "종료 코드" in tacit("errors", TACIT_LANG="ko_KR.UTF-8").out
    assert "오류" in tacit("schema", "validate", "none.json", TACIT_LANG="ko").err


@pytest.mark.parametrize(
    ("option", "setting", "language"),
    [
        (None, "", "en"),
        ("ko", "en", "ko"),
        (None, "ko-KR", "ko"),
        (None, "KO", "ko"),
        (None, "de", "en"),
        ("en", "ko", "en"),
    ],
)
def test_language(
    monkeypatch: pytest.MonkeyPatch, option: str | None, setting: str, language: str
) -> None:
    monkeypatch.setenv("TACIT_LANG", setting)
    assert language_of(option) == language


def test_untranslated_text_stays_english() -> None:
    assert translate("No such {thing}.", "ko", thing="x") == "No such x."


def test_pipes_get_no_colour_and_no_bars(tacit_process: Callable[..., Any]) -> None:
    ran = tacit_process("errors", FORCE_COLOR="")
    assert ran.code == 0
    assert ESCAPE not in ran.out
    assert ran.err == ""


def test_reader_that_goes_away() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tacit.cli.main", "errors", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_group_alone_shows_its_help(tacit: Callable[..., Any]) -> None:
    ran = tacit("node")
    assert ran.code == 2
    assert "Commands:" in ran.out + ran.err


@pytest.mark.parametrize("code", list(Code))
def test_every_code_ends_as_documented(
    code: Code, capsys: pytest.CaptureFixture[str], surroundings: None
) -> None:
    assert report(TacitError(code), Output()) == CATALOGUE[code].exit_code
    assert capsys.readouterr().err.startswith("Error: ")


def test_unforeseen_error_shows_no_value(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, surroundings: None
) -> None:
    def fail(name: str) -> None:
        raise ValueError(f"cannot read {name}")

    try:
        fail("Hong Gildong")
    except ValueError as caught:
        error = caught
    assert report(error, Output(debug=True)) == 70
    shown = capsys.readouterr()
    log = (tmp_path / "log" / "errors.log").read_text("utf-8")
    for text in (shown.out, shown.err, log, frames(error)):
        assert "Gildong" not in text
    assert "ValueError" in shown.err
    assert "test_manners.py" in log
    assert str(tmp_path / "log") in shown.err


def test_unwritable_log_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TACIT_LOG_DIR", str(tmp_path / "file"))
    assert report(RuntimeError(), Output()) == 70
    assert "could not be written" in capsys.readouterr().err


def test_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KeyboardInterrupt(), Output()) == 130
    assert report(click.Abort(), Output(language="ko")) == 130
    assert "중단" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="signals differ")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_with_their_codes(number: int, code: int) -> None:
    script = (
        "import os, sys, tacit.cli.main as m\n"
        "m.run = (lambda run: lambda words: run(words))(m.run)\n"
        "import tacit.cli.errors as e\n"
        f"e.exit_codes = lambda: os.kill(os.getpid(), {int(number)})\n"
        "sys.argv = ['tacit', 'errors', '--json']\n"
        "m.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == code, done.stderr


def test_plain_and_cells() -> None:
    assert plain({"a": (b"\x01", Code.USAGE, None, 1.5), 2: Path("x")}) == {
        "a": ["01", "USAGE", None, 1.5],
        "2": "x",
    }
    assert [cell(v) for v in (None, True, 12345, 0.12345, b"\xff", "x")] == [
        "-",
        "yes",
        "12,345",
        "0.123",
        "ff",
        "x",
    ]
    assert moment(0) == "-"
    assert moment(1_600_000_000_000) == "2020-09-13 12:26:40 UTC"
