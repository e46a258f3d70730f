"""Offer a mapping from column names and from what the values look like."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tacit.node.column_words import NO, OBJECTING, SHAPES, WORDS, YES, is_yes_or_no, key, share
from tacit.node.mapping import KEEP, ColumnMapping
from tacit.node.roles import RegisterFields

SAMPLE_ROWS = 200
"""As many rows as a guess is worth."""

_ACCEPTED = 0.5
_NAMED, _LISTED, _WITHIN = 1.0, 0.9, 0.65
_SHAPE_ALONE = 0.4
_SHORTEST_WITHIN = 2
_SHARE_OF_ANSWERS = 0.8


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column seems to be.

    Attributes:
        column: its name.
        role: field or role, or "keep".
        confidence: 0 to 1.
        reason: why, for people; no value.
        doubt: a role that it may be, though not surely enough; empty if none.
    """

    column: str
    role: str
    confidence: float
    reason: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class GuessedMapping:
    """A guess for a whole file.

    Attributes:
        columns: one guess for each column, in the file's order.
        mapping: the mapping that follows.
        missing: required fields or roles that no column seems to be.
    """

    columns: tuple[Guess, ...]
    mapping: ColumnMapping
    missing: tuple[str, ...]


def guess_mapping(
    header: Sequence[str], sample: Iterable[Sequence[str]], fields: RegisterFields
) -> GuessedMapping:
    """Guess what the columns of a file are; every role goes to one column at most.

    Args:
        header: column names.
        sample: some rows, each as wide as the header.
        fields: what columns may be mapped to.
    """
    columns = list(zip(*sample, strict=True)) or [()] * len(header)
    offers = sorted(
        (
            (confidence, -place, role, reason)
            for place, name in enumerate(header)
            for role in fields.all
            for confidence, reason in [_confidence(name, columns[place], role)]
            if confidence > 0
        ),
        reverse=True,
    )
    guesses: dict[int, Guess] = {}
    doubts: dict[int, str] = {}
    taken: set[str] = set()
    for confidence, minus, role, reason in offers:
        place = -minus
        if place in guesses or role in taken:
            continue
        if confidence < _ACCEPTED:
            doubts.setdefault(place, role)
            continue
        guesses[place] = Guess(header[place], role, round(confidence, 2), reason)
        taken.add(role)
    found = tuple(
        guesses.get(place) or Guess(name, KEEP, 0.0, "nothing fits", doubts.get(place, ""))
        for place, name in enumerate(header)
    )
    mapping = ColumnMapping(
        columns={guess.column: guess.role for guess in found},
        values=_answers(found, columns),
    )
    missing = [] if "record_id" in taken else ["record_id"]
    missing += [] if taken & set(fields.names) else list(fields.names)
    return GuessedMapping(found, mapping, tuple(missing))


def write_guess(guess: GuessedMapping, file: str, fields: RegisterFields) -> str:
    """Write a guess as a TOML mapping file with comments, for an officer to correct.

    It holds column names and answers such as yes and no, and no other value of the file.
    """
    lines = [
        f"# How Tacit reads {_one_line(file)}. This is a guess: correct it, then import.",
        "# Each column is mapped to a field or role, or",
        '#   "keep"    shown beside matches and used for nothing else',
        '#   "ignore"  not stored at all',
        f"# Fields of the schema: {', '.join(fields.names)}",
        f"# Roles: {', '.join(role for role in fields.all if role not in fields.names)}",
    ]
    lines += [f"# MISSING: a column for {role}" for role in guess.missing]
    lines += ["format = 1", "", "[columns]"]
    lines += [f"{_quoted(g.column)} = {_quoted(g.role)}  # {_comment(g)}" for g in guess.columns]
    lines += ["", "# Values that every record has, such as:", '# forum = "WGEID"', "[constants]"]
    lines += [f"{_quoted(k)} = {_quoted(v)}" for k, v in guess.mapping.constants.items()]
    lines += ["", "# What written values stand for, one table for each column, such as:"]
    lines += ['# [values."공개거부"]', '# "예" = "objected"']
    for column, table in guess.mapping.values.items():
        lines += ["", f"[values.{_quoted(column)}]"]
        lines += [f"{_quoted(k)} = {_quoted(v)}" for k, v in table.items()]
    return "\n".join(lines) + "\n"


def _confidence(name: str, values: Sequence[str], role: str) -> tuple[float, str]:
    named, reason = _by_name(key(name), role)
    shape = SHAPES.get(role)
    if shape is None or not any(value.strip() for value in values):
        return named, reason
    likeness = shape(values)
    if not named:
        alone = role in {"birth_date", "sex", "name"} and likeness > _SHARE_OF_ANSWERS
        return (_SHAPE_ALONE, "values look like it") if alone else (0.0, "")
    words = f"{reason}, {likeness:.0%} of the values look like it"
    # An identifier that is not unique is hardly one; other values may be written unusually.
    floor = 0.6 if role == "record_id" else 0.7
    return named * (floor + (1 - floor) * likeness), words


def _by_name(name: str, role: str) -> tuple[float, str]:
    words = [key(word) for word in WORDS.get(role, ())]
    if name == key(role):
        return _NAMED, "same name"
    if name in words:
        # Names listed first are surer: "등록번호" rather than "번호" for record_id.
        return _LISTED - 0.002 * words.index(name), "known name"
    within = [w for w in words if len(w) >= _SHORTEST_WITHIN and w in name and not w.isascii()]
    within += [w for w in words if len(w) > 2 * _SHORTEST_WITHIN and w in name and w.isascii()]
    if within:
        return _WITHIN * (0.85 + 0.15 * max(map(len, within)) / len(name)), "name holds a known one"
    return 0.0, ""


def _answers(
    guesses: Sequence[Guess], columns: Sequence[Sequence[str]]
) -> Mapping[str, Mapping[str, str]]:
    """Say what yes and no stand for in a column on publication, which its name decides."""
    tables: dict[str, dict[str, str]] = {}
    for guess, values in zip(guesses, columns, strict=True):
        answers = share(values, is_yes_or_no) >= _SHARE_OF_ANSWERS
        if guess.role != "publication" or not answers:
            continue
        objecting = any(word in key(guess.column) for word in OBJECTING)
        # Not to object is less than to allow.
        yes, no = ("objected", "") if objecting else ("allowed", "objected")
        written = {value.strip().casefold() for value in values}
        tables[guess.column] = {
            answer: meaning
            for pair in zip(YES, NO, strict=True)
            if written & set(pair)
            for answer, meaning in zip(pair, (yes, no), strict=True)
        }
    return tables


def _comment(guess: Guess) -> str:
    if guess.role != KEEP:
        return f"{guess.confidence:.0%}: {guess.reason}"
    return f"{guess.reason}; perhaps {guess.doubt}" if guess.doubt else guess.reason


def _quoted(text: str) -> str:
    # A TOML basic string escapes as JSON does, and column names hold no control characters.
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
