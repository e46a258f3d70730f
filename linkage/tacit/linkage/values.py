"""Bring one feature's values into the form that is hashed, as clkhash does, or say what is wrong.

Validation and formatting are clkhash's own wherever anything is unusual. The usual cases take short
cuts over a whole chunk that give the same text: value by value they would cost more than all the
hashing.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from tacit.linkage.clkhash_import import comparators, field_formats
from tacit.linkage.plain_dates import plain_dates

PLAIN_DATE = re.compile(r"%([Ymd])([-/.]?)%([Ymd])([-/.]?)%([Ymd])")


class InvalidValueError(Exception):
    """A value does not fit its feature; neither message nor cause holds the value.

    Attributes:
        index: position of the value in the sequence that was read.
    """

    def __init__(self, index: int, expectation: str) -> None:
        super().__init__(expectation)
        self.index = index


class ValueForm:
    """How one feature's values are read.

    Args:
        spec: clkhash's `FieldSpec` of the feature.

    Attributes:
        special: text by value for those that say nothing, "" and the schema's missing sentinel;
            a record with one of them does not have the feature.
    """

    def __init__(self, spec: Any) -> None:
        self._spec = spec
        self._short_cut = _short_cut(spec)
        missing = spec.hashing_properties.missing_value
        # An empty value is missing in every format, though clkhash refuses an empty number, date or
        # code; for text clkhash hashes nothing either.
        self.special = {"": ""}
        if missing is not None:
            self.special[missing.sentinel] = missing.replace_with

    def texts(self, values: Sequence[str]) -> list[str]:
        """Give the texts that are split into tokens; an empty text has none.

        Raises:
            InvalidValueError: a value does not fit the feature's format.
        """
        special = self.special
        if special.keys().isdisjoint(values):
            quick = self._short_cut(list(values))
        else:
            rest = iter(self._short_cut([value for value in values if value not in special]))
            quick = [special[value] if value in special else next(rest) for value in values]
        if None not in quick:
            return cast("list[str]", quick)
        return [
            self._text(index, value) if text is None else text
            for index, (value, text) in enumerate(zip(values, quick, strict=True))
        ]

    def _text(self, index: int, value: str) -> str:
        try:
            self._spec.validate(value)
            text: str = self._spec.format_value(value)
        except ValueError:
            pass
        else:
            return text
        # Raised here so that clkhash's error, which quotes the value, is not its context.
        raise self.invalid(index)

    def invalid(self, index: int) -> InvalidValueError:
        """Make the error for the value at `index`."""
        return InvalidValueError(index, _expectation(self._spec))


# Gives the texts of ordinary values, with None where clkhash must decide.
ShortCut = Callable[[list[str]], Sequence[str | None]]


def _short_cut(spec: Any) -> ShortCut:
    match spec:
        case field_formats.DateSpec():
            found = PLAIN_DATE.fullmatch(spec.format)
            if found is None or sorted(found.groups()[::2]) != ["Y", "d", "m"]:
                return _ask
            return partial(plain_dates, found.groups())
        case field_formats.EnumSpec():
            return lambda values: values if spec.values.issuperset(values) else _ask(values)
        case field_formats.StringSpec():
            return lambda values: values if _fits(spec, values) else _ask(values)
        case _:
            return _ask


def _ask(values: list[str]) -> list[None]:
    return [None] * len(values)


def _fits(spec: Any, values: list[str]) -> bool:
    try:
        "".join(values).encode(spec.hashing_properties.encoding)
    except UnicodeEncodeError:
        return False
    if spec.regex_based:
        return all(map(spec.regex.fullmatch, values))
    if spec.case != "mixed":
        change = str.lower if spec.case == "lower" else str.upper
        if any(
            changed != value for changed, value in zip(map(change, values), values, strict=True)
        ):
            return False
    lengths = [len(value) for value in values] or [spec.min_length or 0]
    return (spec.min_length is None or min(lengths) >= spec.min_length) and (
        spec.max_length is None or max(lengths) <= spec.max_length
    )


def _expectation(spec: Any) -> str:
    match spec:
        case field_formats.DateSpec():
            return f"the value is not a date in the form {spec.format}"
        case field_formats.EnumSpec():
            return "the value is not one of those that the schema lists"
        case field_formats.IntegerSpec():
            bounds = [
                text
                for text, bound in (
                    (f"at least {spec.minimum}", spec.minimum),
                    (f"at most {spec.maximum}", spec.maximum),
                )
                if bound is not None
            ]
            if not bounds:
                return "the value is not a whole number"
            return f"the value is not a whole number {' and '.join(bounds)}"
        case _:
            return _text_expectation(spec)


def _text_expectation(spec: Any) -> str:
    wants = [f"in {spec.hashing_properties.encoding}"]
    if spec.regex_based:
        wants.append("that fits the schema's pattern")
    else:
        wants += [
            text
            for text, applies in (
                (f"in {spec.case} case", spec.case != "mixed"),
                (f"of at least {spec.min_length} characters", spec.min_length),
                (f"of at most {spec.max_length} characters", spec.max_length),
            )
            if applies
        ]
    if isinstance(spec.hashing_properties.comparator, comparators.NumericComparison):
        wants.append("that reads as a number")
    return f"the value is not text {', '.join(wants)}"
