"""Read the fields of a JSON document that somebody else wrote; what has another shape is refused.

All functions raise KeyError, TypeError or ValueError, which the reader of a whole document turns
into an error about its file.
"""

import json
from collections.abc import Mapping
from typing import Any

from tacit.linkage.entry_rules import LATEST

_LARGEST = 2**63


def read_document(text: str, format_name: str) -> dict[str, Any]:
    """Read an object that names its own format."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != format_name:
        raise ValueError("format")
    return document


def read_list(document: Mapping[str, Any], name: str) -> list[Any]:
    """Read a list."""
    found = document[name]
    if not isinstance(found, list):
        raise TypeError(name)
    return found


def read_text(value: object) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def read_number(document: Mapping[str, Any], name: str) -> int:
    """Read a whole number from 0 on that a database can hold."""
    found = document[name]
    if type(found) is not int or not 0 <= found < _LARGEST:
        raise ValueError(name)
    return found


def read_time(document: Mapping[str, Any], name: str) -> int:
    """Read milliseconds since 1970 that a date can have."""
    found = read_number(document, name)
    if found > LATEST:
        raise ValueError(name)
    return found


def read_bytes(document: Mapping[str, Any], name: str, length: int) -> bytes:
    """Read bytes of a known length, in hexadecimal."""
    found = bytes.fromhex(document[name])
    if len(found) != length:
        raise ValueError(name)
    return found
