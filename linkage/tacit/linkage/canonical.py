"""Canonical JSON (RFC 8785), restricted to what Tacit signs: no floats."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

_SCALAR = json.JSONEncoder(ensure_ascii=False)

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: Json) -> bytes:
    """Serialise `value` to the one byte string that stands for it.

    Keys are sorted by UTF-16 code units (RFC 8785 section 3.2.3); numbers must be integers.

    Raises:
        TypeError: a float, a non-string key or any other type.
    """
    return _text(value).encode()


def _text(value: Json) -> str:
    if value is None or isinstance(value, bool | int | str):
        return _SCALAR.encode(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys must be strings")
        items = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_text(key)}:{_text(item)}" for key, item in items) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(_text(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no canonical form")
