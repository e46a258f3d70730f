"""Korean forms of the words that errors carry: what is wrong, what is missing, and where.

Errors carry these words in English, within a process and from coordinator to node, so that a node
can show the words of any coordinator. The table `korean_problems.tsv` has an English template and
its Korean form in each line; a sentence is matched against the templates, and what stood in their
places goes into the Korean one. Places named `problem`, `wants` or `field` hold words and are
translated as well; all others hold names and numbers and stay as they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter

WORDS = frozenset({"problem", "wants", "field"})
"""Places of a template that hold words."""

WHERE: Mapping[str, str] = {
    "{file}, row {row}, {field}": "{file}, {row}행, {field}",
    "{file}, row {row}": "{file}, {row}행",
    "import {n}, row {row}": "{n}번째 가져오기, {row}행",
    "import {n}, row {row}, {field}": "{n}번째 가져오기, {row}행, {field}",
    "record {n}, feature '{feature}'": "레코드 {n}, 특징 '{feature}'",
}
"""Where something is wrong; apart from the table, so that a file's name is never taken for words."""

_FIELDS: Mapping[str, str] = {
    "field '{name}'": "'{name}' 항목",
    "column {n}": "{n}번째 열",
}
_PATTERNS: Mapping[str, str] = {
    "n": r"-?[\d,]+",
    "row": r"\d+",
    "settings": r"\S+\.toml",
    "case": r"\w+",
    "encoding": r"[\w-]+",
}
_JOINTS = (", ", " and ")
_AROUND = 10_000


@dataclass(frozen=True, slots=True)
class _Form:
    """A template made ready: its pattern, the Korean template, and how surely it fits."""

    pattern: re.Pattern[str]
    korean: str
    sureness: int


def korean_params(params: Mapping[str, object]) -> dict[str, object]:
    """Give an error's parameters with the words among them in Korean."""
    translators = {"problem": in_korean, "what": in_korean, "where": where_in_korean}
    return {
        name: translators[name](value) if name in translators and isinstance(value, str) else value
        for name, value in params.items()
    }


def in_korean(sentence: str) -> str:
    """Give the Korean form of an error's words; without one, an answer in English is still one."""
    return _joined(sentence, _forms()) or sentence


def where_in_korean(where: str) -> str:
    """Give file, row and field in Korean; the file's and the field's names stay."""
    return _translated(where, _where_forms()) or where


@cache
def table() -> Mapping[str, str]:
    """Give the table: English template to Korean template."""
    text = (files("tacit.linkage") / "korean_problems.tsv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return dict(_pair(line) for line in lines)


def _pair(line: str) -> tuple[str, str]:
    english, korean = line.split("\t")
    return english, korean


@cache
def _forms() -> tuple[_Form, ...]:
    return _ready(table())


@cache
def _where_forms() -> tuple[_Form, ...]:
    return _ready(WHERE)


@cache
def _field_forms() -> tuple[_Form, ...]:
    return _ready(_FIELDS)


def _ready(templates: Mapping[str, str]) -> tuple[_Form, ...]:
    made = [_form(english, korean) for english, korean in templates.items()]
    return tuple(sorted(made, key=lambda form: -form.sureness))


def _form(english: str, korean: str) -> _Form:
    parts = list(_parts(english))
    pattern = "".join(re.escape(text) + _group(name) for text, name in parts)
    # What says more of itself fits more surely. What comes after other words is to be taken off
    # them first; what begins with a name would swallow words that stand around it.
    sureness = sum(len(text) for text, _ in parts)
    beginning, name = parts[0]
    if not beginning:
        sureness += _AROUND if name in WORDS else -_AROUND
    return _Form(re.compile(pattern, re.DOTALL), korean, sureness)


def _parts(template: str) -> Iterator[tuple[str, str | None]]:
    return ((text, name) for text, name, _, _ in Formatter().parse(template))


def _group(name: str | None) -> str:
    if name is None:
        return ""
    return f"(?P<{name}>{_PATTERNS.get(name, '.*?')})"


def _joined(sentence: str, forms: tuple[_Form, ...]) -> str | None:
    """Translate words, or several that are joined."""
    whole = _translated(sentence, forms)
    if whole is not None:
        return whole
    for joint in _JOINTS:
        at = sentence.rfind(joint)
        while at > 0:
            first = _translated(sentence[:at], forms)
            rest = _joined(sentence[at + len(joint) :], forms) if first else None
            if first and rest:
                return f"{first}, {rest}"
            at = sentence.rfind(joint, 0, at)
    return None


def _translated(sentence: str, forms: tuple[_Form, ...]) -> str | None:
    for form in forms:
        found = form.pattern.fullmatch(sentence)
        if found is not None:
            places = {name: _place(name, text) for name, text in found.groupdict().items()}
            return form.korean.format_map(places)
    return None


def _place(name: str, text: str) -> str:
    if name == "field":
        return _translated(text, _field_forms()) or text
    return in_korean(text) if name in WORDS else text
