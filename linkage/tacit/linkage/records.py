"""The immutable seam between encoding and matching."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class EncodedSet:
    """The encoded records of one member.

    Attributes:
        clks: shape (records, l / 64), uint64, little-endian words over the CLK's bytes, where
            bit i of the CLK is bit (7 - i mod 8) of byte i div 8.
        presence: shape (records,), uint64; bit f is set where the record has feature f.
    """

    clks: NDArray[np.uint64]
    presence: NDArray[np.uint64]

    def __post_init__(self) -> None:
        if self.clks.ndim != 2 or len(self.clks) != len(self.presence):  # noqa: PLR2004
            raise ValueError("one presence mask is needed for each CLK")

    def __len__(self) -> int:
        return len(self.clks)

    def clk_bytes(self, index: int) -> bytes:
        """Give one CLK as it travels, l / 8 bytes."""
        return bytes(self.clks[index].astype("<u8").tobytes())


def from_bytes(clks: Sequence[bytes], presence: Sequence[int]) -> EncodedSet:
    """Gather CLKs that travelled one by one.

    Raises:
        ValueError: the CLKs differ in length, or the length is not a multiple of 8 bytes.
    """
    if not clks:
        return EncodedSet(np.zeros((0, 0), np.uint64), np.zeros(0, np.uint64))
    if len({len(clk) for clk in clks}) != 1 or len(clks[0]) % 8:
        raise ValueError("CLKs must have one length, a multiple of 64 bits")
    words = np.frombuffer(b"".join(clks), "<u8").reshape(len(clks), -1).astype(np.uint64)
    return EncodedSet(words, np.asarray(presence, np.uint64))
