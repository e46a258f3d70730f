"""Codes, numbers and categories."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from tacit.linkage.codes import OTHER, UNKNOWN, recognise
from tacit.linkage.normalise.text import text

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")

# A number and its unit; the places before and after the point are those of a double.
_QUANTITY = re.compile(r"(?:[^\W\d]+\.?\s*|[$€£¥₩]\s*)?([+-]?[\d,]{1,15}(?:\.\d{1,6})?)\s*\D*")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def code(value: str) -> str:
    """Normalise an identifier or postcode: letters and digits only, capitals."""
    return _NOT_ALPHANUMERIC.sub("", unicodedata.normalize("NFKC", value)).upper()


def number(value: str) -> str:
    """Normalise a number: digit groups joined, no leading or trailing zeros, no exponent.

    What is not a number comes back as text, so that it can still agree with itself.
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    try:
        parsed = Decimal(re.sub(r"(?<=\d)[,\s](?=\d{3}(?!\d))", "", plain))
    except InvalidOperation:
        return text(value)
    if not parsed.is_finite() or abs(parsed.adjusted()) > 40:  # noqa: PLR2004
        return text(value)
    written = format(parsed.normalize(), "f")
    return "0" if written == "-0" else written


def quantity(value: str) -> str:
    """Normalise a number that is compared by nearness: 45세, 172.5 cm and 1,234 are 45, 172.5, 1234.

    What holds no number, or several, is missing, since only numbers can be near each other.
    """
    found = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if found is None:
        return ""
    written = found[1].replace(",", "") if _GROUPED.fullmatch(found[1]) else found[1]
    return number(written.replace(",", "."))


def category(value: str) -> str:
    """Normalise a category: folded words, one space apart."""
    return text(value)


def sex(value: str) -> str:
    """Normalise a sex as registers write it, in English, Korean or Russian: `m`, `f` or missing.

    A value that is none of these comes back as text.
    """
    found = recognise("sex", value)
    if found == UNKNOWN:
        return ""
    return text(value) if found == OTHER else found
