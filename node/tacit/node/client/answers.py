"""What every answer of a coordinator must be, whatever it says: values that have a meaning.

A coordinator may be wrong or hostile, and protobuf lets through numbers for which there is no word,
times outside of the calendar, and scores that are no numbers. They are refused here, once for all
calls, before anything is stored or shown.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from tacit.linkage.entry_rules import LATEST
from tacit.linkage.errors import Code, TacitError

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _Check:
    """One field: what its values must be, or that they are messages to look into."""

    name: str
    repeated: bool
    holds: Callable[[Any], bool] | None
    problem: str


def check_answer(message: Message) -> None:
    """Check every value in a message and in the messages within it.

    Raises:
        TacitError: BAD_ANSWER, naming the field.
    """
    for check in _checks(message.DESCRIPTOR):
        value = getattr(message, check.name)
        if check.holds is not None:
            if not all(map(check.holds, value if check.repeated else (value,))):
                raise TacitError(Code.BAD_ANSWER, problem=check.problem)
        elif check.repeated:
            for part in value:
                check_answer(part)
        elif message.HasField(check.name):
            check_answer(value)


@lru_cache(maxsize=256)
def _checks(descriptor: Descriptor) -> Sequence[_Check]:
    found = [_check(field) for field in descriptor.fields]
    return tuple(check for check in found if check is not None)


def _check(field: FieldDescriptor) -> _Check | None:
    name, repeated = field.name, bool(field.is_repeated)
    if field.message_type is not None:
        # What maps hold are texts and numbers that are looked up, never counted with.
        is_map = field.message_type.GetOptions().map_entry
        return None if is_map else _Check(name, repeated, None, "")
    if field.enum_type is not None:
        problem = f"'{name}' has a value that this version does not know."
        return _Check(name, repeated, _known(field.enum_type), problem)
    if field.type not in _RULES:
        return None
    return _Check(name, repeated, _RULES[field.type], f"'{name}' is out of range.")


def _known(enum: EnumDescriptor) -> Callable[[Any], bool]:
    return frozenset(enum.values_by_number).__contains__


# Every signed number of the protocol is a time.
_RULES: dict[int, Callable[[Any], bool]] = {
    FieldDescriptor.TYPE_INT64: lambda value: 0 <= value <= LATEST,
    FieldDescriptor.TYPE_UINT64: lambda value: value <= _LARGEST,
    FieldDescriptor.TYPE_DOUBLE: math.isfinite,
    FieldDescriptor.TYPE_STRING: lambda value: "\0" not in value,
}
