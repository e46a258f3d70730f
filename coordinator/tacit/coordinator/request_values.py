"""Values that the protocol's types can hold and no database can: numbers of 64 bits, and NUL.

Held against every message as it comes in, so that services may look up what they are asked for.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from tacit.linkage.errors import Code, TacitError

LARGEST = 2**63 - 1
"""Largest number that a column holds."""

_WIDE = frozenset({FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64})


def check_values(message: Any) -> None:
    """Check the fields of a message; those of messages within it are their service's to check.

    Raises:
        TacitError: MALFORMED, naming the field.
    """
    wide, texts = _fields(message.DESCRIPTOR)
    for name, repeated in wide:
        value = getattr(message, name)
        require_in_range(name, value if repeated else [value])
    for name, repeated in texts:
        value = getattr(message, name)
        if any("\0" in item for item in value) if repeated else "\0" in value:
            raise TacitError(Code.MALFORMED, problem=f"'{name}' is no text.")


def require_in_range(name: str, numbers: Iterable[int]) -> None:
    """Check the values of a field of 64 bits.

    Raises:
        TacitError: MALFORMED, naming the field.
    """
    if any(number > LARGEST for number in numbers):
        raise TacitError(Code.MALFORMED, problem=f"'{name}' is out of range.")


@lru_cache(maxsize=256)
def _fields(
    descriptor: Descriptor,
) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    found = [(field.type, (field.name, bool(field.is_repeated))) for field in descriptor.fields]
    return (
        tuple(named for kind, named in found if kind in _WIDE),
        tuple(named for kind, named in found if kind == FieldDescriptor.TYPE_STRING),
    )
