"""Values that break things, and marks by which content is known again where it must not be.

Everything random comes through `random.Random`, so that one generator serves a seed, Hypothesis
(`st.randoms`) and atheris (`Guided`).
"""

import base64
import random
from collections.abc import Sequence
from typing import TypeVar

MARK = "Qz7Zeugin"
"""Stands in whatever is made up as content: it may show up in no log, error, metric or file."""

_T = TypeVar("_T")
_MARK = MARK.encode()
# The bytes of base64 that do not depend on what stands before or after.
_BASE64 = [base64.b64encode(b"\0" * shift + _MARK)[4:11] for shift in range(3)]
TRACES = tuple(
    {MARK, _MARK.hex(), _MARK.hex().upper(), MARK.encode("utf-16-le").hex()}
    | {core.decode() for core in _BASE64}
)
"""How the mark looks in a text: plain, hexadecimal or base64 at any of its three alignments."""

WHOLE = (
    0,
    1,
    2,
    3,
    7,
    8,
    63,
    64,
    127,
    128,
    255,
    256,
    999,
    1000,
    1001,
    2**16 - 1,
    2**16,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**53,
    2**53 + 1,
    2**63 - 1,
    2**63,
    2**64 - 1,
    253_402_300_799_999,
    253_402_300_800_000,
    8_640_000_000_000_001,
)
REAL = (0.0, -0.0, 0.5, 1.0, -1.0, 1e308, 5e-324, float("inf"), float("-inf"), float("nan"))
LENGTHS = (0, 1, 2, 15, 16, 17, 27, 28, 31, 32, 33, 63, 64, 65, 127, 128, 129, 512, 1024, 4097)
TEXTS = (
    "",
    " ",
    "\x00",
    f"{MARK}\x00",
    f"{MARK} 김순희",
    f"\u202e{MARK}",
    f"{MARK}\r\n{{'x': 1}}",
    "%s%n{0}{name}",
    f"{{{MARK}}}",
    "../../etc/passwd",
    "' OR 1=1; --",
    "\U0010ffff\ufffe\ufeff",
    "é" * 7,
    "-1",
    "NaN",
    "1e999",
    "9" * 5000,
    "0" * 32,
    "[" * 3000,
    "{}",
    "null",
    '{"a":' * 400,
    "\\ud800",
)


class Guided(random.Random):
    """A generator whose draws are what a fuzzer mutates: bytes; zeros once they have ended."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data = data
        self._at = 0

    def getrandbits(self, k: int, /) -> int:
        size = (k + 7) // 8
        taken = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(taken, "big") & ((1 << k) - 1)

    def random(self) -> float:
        return self.getrandbits(16) / 2**16

    def seed(self, *_: object, **__: object) -> None:
        """Draws come from the data alone."""


def coin(rng: random.Random, one_in: int) -> bool:
    """Be true once in so many times."""
    return rng.randrange(one_in) == 0


def pick(rng: random.Random, values: Sequence[_T]) -> _T:
    """Draw one."""
    return values[rng.randrange(len(values))]


def text(rng: random.Random, known: Sequence[str] = ()) -> str:
    """Draw a text: one that is known, one that breaks things, or one of any length."""
    kind = rng.randrange(8)
    if known and kind < 3:
        return pick(rng, known)
    if known and kind == 3:
        right = pick(rng, known)
        return right[: rng.randrange(len(right) + 1)] + pick(rng, TEXTS)
    if kind < 7:
        return pick(rng, TEXTS)
    return MARK * pick(rng, (1, 3, 100, 2000))


def octets(rng: random.Random, known: Sequence[bytes] = ()) -> bytes:
    """Draw bytes: some that are known, those with some of them changed, or any number of any."""
    kind = rng.randrange(8)
    if known and kind < 3:
        return pick(rng, known)
    if known and kind == 3:
        return damaged(rng, pick(rng, known))
    length = pick(rng, LENGTHS)
    if kind < 6:
        return (_MARK * (length // len(_MARK) + 1))[:length]
    return rng.randbytes(min(length, 128)) if kind == 6 else bytes(length)


def whole(rng: random.Random, low: int, high: int, known: Sequence[int] = ()) -> int:
    """Draw a number that the type can hold, most often one at which something ends."""
    kind = rng.randrange(6)
    if known and kind < 2:
        return min(max(pick(rng, known) + rng.randrange(-1, 2), low), high)
    if kind == 5:
        return rng.randrange(low, high + 1)
    number = pick(rng, WHOLE) * (-1 if low < 0 and coin(rng, 3) else 1)
    return min(max(number, low), high)


def damaged(rng: random.Random, data: bytes, other: bytes = b"") -> bytes:
    """Change bytes somewhere: turn, cut, put in, double, or splice with other ones."""
    changed = bytearray(data)
    for _ in range(pick(rng, (1, 1, 1, 2, 4, 16))):
        at = rng.randrange(len(changed) + 1)
        to = min(len(changed), at + pick(rng, (1, 1, 2, 4, 32)))
        kind = rng.randrange(8)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(changed):
            changed[at] = pick(rng, (0, 0x7F, 0x80, 0xFF, 0xC0, 0xED, 0x22, 0x2C, 0x0A))
        elif kind == 2:
            del changed[at:to]
        elif kind == 3:
            changed[at:at] = rng.randbytes(pick(rng, (1, 2, 9)))
        elif kind == 4:
            changed[at:at] = changed[at:to]
        elif kind == 5:
            changed[at:at] = pick(rng, TEXTS)[:200].encode("utf-8", "surrogatepass")
        elif kind == 6:
            del changed[at:]
        elif other:
            start = rng.randrange(len(other) + 1)
            changed[at:to] = other[start : start + pick(rng, (4, 64, 4096))]
    return bytes(changed)
