"""What commands say: one JSON document for programs, or tables and sentences for people.

Results go to standard output. Progress bars and asides go to standard error, and only where that
is a terminal, so that a command in a pipe or a cron job is quiet.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import IO, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tacit.cli.language import Language, translate
from tacit.linkage.korean_problems import in_korean

PIPED_WIDTH = 160
Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how a command answers.

    Attributes:
        json: whether the answer is one JSON document.
        language: `en` or `ko`, for sentences and headings.
        debug: whether an unforeseen error shows its stack.
    """

    json: bool = False
    language: Language = "en"
    debug: bool = False

    def text(self, text: str, /, **params: object) -> str:
        """Give a sentence or heading in the chosen language."""
        return translate(text, self.language, **params)

    def words(self, words: str, /) -> str:
        """Give the words of an error or warning of the lower layers in the chosen language."""
        return in_korean(words) if self.language == "ko" else words

    def document(self, value: object) -> None:
        """Write the JSON document, where one is asked for; dataclasses and bytes are understood."""
        if self.json:
            text = json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def say(self, text: str, /, **params: object) -> None:
        """Write a sentence of the answer, for people."""
        if not self.json:
            console(sys.stdout).print(self.text(text, **params), markup=False, highlight=False)

    def heading(self, text: str, /, **params: object) -> None:
        """Write a heading of the answer, for people."""
        if not self.json:
            screen = console(sys.stdout)
            screen.print(self.text(text, **params), style="bold", markup=False, highlight=False)

    def note(self, text: str, /, **params: object) -> None:
        """Write an aside to a terminal; programs and pipes do not get it."""
        if not self.json and sys.stderr.isatty():
            message = self.text(text, **params)
            console(sys.stderr).print(message, style="dim", markup=False, highlight=False)

    def warn(self, text: str, /, **params: object) -> None:
        """Write a warning to standard error, always."""
        message = self.text(text, **params)
        console(sys.stderr).print(message, style="yellow", markup=False, highlight=False)

    def table(
        self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], /
    ) -> None:
        """Write a table, for people. Title and column names are translated, cells are not."""
        if self.json:
            return
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        shown = [[cell(value) for value in row] for row in rows]
        for index, name in enumerate(columns):
            numeric = bool(shown) and all(_is_number(row[index]) for row in shown)
            table.add_column(
                self.text(name), justify="right" if numeric else "left", overflow="fold"
            )
        for row in shown:
            table.add_row(*map(escape, row))
        screen = console(sys.stdout)
        if title:
            screen.print(self.text(title), style="bold", markup=False, highlight=False)
        screen.print(table)

    @contextmanager
    def progress(self, text: str, /) -> Iterator[Advance]:
        """Show a progress bar while a block runs; yields `advance(done, total)`."""
        quiet = self.json or not sys.stderr.isatty()
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console(sys.stderr),
            transient=True,
            disable=quiet,
        )
        with bar:
            task = bar.add_task(self.text(text), total=None)

            def advance(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total or None)

            yield advance


def console(stream: IO[str]) -> Console:
    """Give a rich console on `stream`; NO_COLOR is honoured by rich, a pipe gets a fixed width."""
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(file=stream, width=width, soft_wrap=False, emoji=False)


def cell(value: object) -> str:
    """Write one table cell."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def moment(milliseconds: int) -> str:
    """Write a time given in milliseconds since 1970 as UTC; "-" for none."""
    if not milliseconds:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def plain(value: object) -> Any:
    """Turn a result into what JSON can hold: dataclasses to objects, bytes to hexadecimal."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def _is_number(text: str) -> bool:
    return text in {"-", "*", "★"} or text.replace(",", "").replace(".", "", 1).isdigit()
