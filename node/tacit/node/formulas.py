"""Text that a spreadsheet would take for a formula (CWE-1236)."""

import re

_LEADING = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SIGNED = re.compile(r"[+\-\uff0b\uff0d].*[(|!]", re.DOTALL)
_NUMBER = re.compile(r"[+\-]?\d+(?:[.,]\d+)*")


def looks_like_formula(text: str) -> bool:
    """Whether text read from a file is a formula rather than a value.

    A leading = or @ never begins a value of a register; a leading + or - does (a telephone
    number, a dash for nothing), unless a call, a pipe or a reference to a sheet follows.
    """
    start = text.lstrip()
    return start.startswith(("=", "@", "\uff1d", "\uff20")) or bool(_SIGNED.match(start))


def escape_cell(text: str) -> str:
    """Make text safe to write into CSV or XLSX: an apostrophe before what could be a formula."""
    if text.lstrip(" ").startswith(_LEADING) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
