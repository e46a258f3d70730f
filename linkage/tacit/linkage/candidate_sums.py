"""Arithmetic over candidates, of which there may be tens of millions, a block at a time.

Whole-array expressions would hold several copies of all candidates at once. Each sum adds in the
order of the candidates, so that the result does not depend on how they are cut into blocks.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 18
"""Candidates in a block: what is worked out for them stays within a few megabytes."""

_Number = TypeVar("_Number", bound=np.generic)


def blocks(length: int) -> Iterator[slice]:
    """Cut `length` candidates into blocks, in order."""
    for start in range(0, length, BLOCK):
        yield slice(start, min(start + BLOCK, length))


def filled(
    length: int, kind: type[_Number], make: Callable[[slice], NDArray[Any]]
) -> NDArray[_Number]:
    """Work an array out block by block.

    Args:
        length: of the array.
        kind: of its elements.
        make: gives the elements of a block.
    """
    out = np.empty(length, kind)
    for part in blocks(length):
        out[part] = make(part)
    return out


def sums(
    group: NDArray[np.integer[Any]], weight: NDArray[Any], groups: int = 0
) -> NDArray[np.float64]:
    """Sum weights by group number; at least `groups` sums."""
    found = np.zeros(max(groups, int(group.max()) + 1 if len(group) else 0))
    for part in blocks(len(group)):
        np.add.at(found, group[part], weight[part])
    return found


def greatest(
    group: NDArray[np.integer[Any]], value: NDArray[np.float64], groups: int
) -> NDArray[np.float64]:
    """Give the greatest value of each group, 0 at least."""
    found = np.zeros(groups)
    for part in blocks(len(group)):
        np.maximum.at(found, group[part], value[part])
    return found
