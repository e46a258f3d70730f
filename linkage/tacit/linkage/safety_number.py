"""Safety numbers: what two officers read to each other to be sure of each other's keys.

After Signal's "safety numbers": each member's identity gives thirty digits, and the two halves in
ascending order give the number, so that both sides see the same. Half a number has some 99 bits:
nobody finds keys that give the digits of another's.
"""

from hashlib import sha512
from hmac import compare_digest

_GROUPS = 6
_GROUP_DIGITS = 5
_GROUP_BYTES = 5
HALF_DIGITS = _GROUPS * _GROUP_DIGITS
"""Digits of one member's half."""


def half(identity: bytes) -> str:
    """Give one member's half, six groups of five digits.

    Args:
        identity: `statements.member_identity` of the member.
    """
    digest = sha512(b"tacit safety half v1" + identity).digest()
    starts = range(0, _GROUPS * _GROUP_BYTES, _GROUP_BYTES)
    numbers = (int.from_bytes(digest[at : at + _GROUP_BYTES], "big") for at in starts)
    return " ".join(f"{n % 10**_GROUP_DIGITS:0{_GROUP_DIGITS}}" for n in numbers)


def safety_number(one: bytes, other: bytes) -> str:
    """Give the number of two members, twelve groups of five digits; the order does not matter."""
    return " ".join(sorted((half(one), half(other))))


def code_text(number: str) -> str:
    """Give what a QR code of a number holds; whoever scans it can compare it as it is."""
    return f"TACIT:{_digits(number)}"


def same_number(given: str, number: str) -> bool:
    """Tell whether two numbers are the same, however they were typed, pasted or scanned."""
    return compare_digest(_digits(given), _digits(number))


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")
