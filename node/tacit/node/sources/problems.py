"""What is wrong with a file, said with file, row and field and never with a value."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.korean_problems import in_korean, where_in_korean


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        file: name of the file, without its folders.
        sentence: what is wrong; no value from the file.
        row: number of the row, the header being row 1 where the file begins with it; None where
            it concerns the whole file.
        field: register field or role, or the column's number, as a person would look for it.
    """

    file: str
    sentence: str
    row: int | None = None
    field: str | None = None

    @property
    def where(self) -> str:
        """File, row and field."""
        row = "" if self.row is None else f", row {self.row}"
        return f"{self.file}{row}" + ("" if self.field is None else f", {self.field}")

    def say(self, language: str = "en") -> str:
        """Say it to a person, in `en` or `ko`."""
        if language == "ko":
            return f"{where_in_korean(self.where)}: {in_korean(self.sentence)}"
        return f"{self.where}: {self.sentence}"

    def __str__(self) -> str:
        return self.say()


class InputRefused(TacitError):  # noqa: N818 (a TacitError like every other)
    """A file that cannot be taken in; the first problem makes the sentence.

    Args:
        problems: what is wrong, in the file's order; not empty.
        more: how many problems were found beyond these.
    """

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        first = problems[0]
        others = len(problems) - 1 + more
        tail = f" ({others} more)" if others else ""
        super().__init__(
            Code.BAD_INPUT,
            where=first.where,
            problem=first.sentence + tail,
            file=first.file,
            row=first.row,
            field=first.field,
        )
        self.problems = tuple(problems)
        self.more = more


def refuse(
    file: str, sentence: str, row: int | None = None, field_name: str | None = None
) -> InputRefused:
    """Make the error for a file that cannot be read on."""
    return InputRefused([Problem(file, sentence, row, field_name)])


@dataclass(slots=True)
class Problems:
    """Gathers problems, the first of them in full and the others as a number.

    Attributes:
        limit: how many to keep in full.
        found: those kept.
        more: how many came after.
        rows: how many rows have problems; they come row by row.
    """

    limit: int = 100
    found: list[Problem] = field(default_factory=list)
    more: int = 0
    rows: int = 0
    _last_row: int | None = None

    def add(self, problem: Problem) -> None:
        """Take note of a problem."""
        if problem.row is not None and problem.row != self._last_row:
            self.rows += 1
            self._last_row = problem.row
        if len(self.found) < self.limit:
            self.found.append(problem)
        else:
            self.more += 1

    def __len__(self) -> int:
        return len(self.found) + self.more

    def raise_if_any(self) -> None:
        """Refuse the file if anything was found.

        Raises:
            InputRefused: something was found.
        """
        if self.found:
            raise InputRefused(self.found, self.more)
