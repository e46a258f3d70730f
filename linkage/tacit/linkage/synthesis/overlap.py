"""Which invented people are in which registers, exactly as many together as was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tacit.linkage.errors import Code, TacitError

Cell = tuple[int, ...]
PAIR, TRIPLE = 2, 3


@dataclass(frozen=True, slots=True)
class Layout:
    """How many people are held by exactly which members.

    Attributes:
        members: how many members there are.
        cells: indices of members, ascending, to the number of people that these hold.
    """

    members: int
    cells: Mapping[Cell, int]

    @property
    def people(self) -> int:
        """How many people there are."""
        return sum(self.cells.values())

    def held(self, member: int, least: int = 1) -> int:
        """Count the people that a member and at least `least` - 1 others hold."""
        return sum(n for cell, n in self.cells.items() if member in cell and len(cell) >= least)

    def holdings(self) -> list[list[int]]:
        """Give each member's people, by number; people are numbered cell after cell."""
        lists: list[list[int]] = [[] for _ in range(self.members)]
        start = 0
        for cell, count in self.cells.items():
            for member in cell:
                lists[member].extend(range(start, start + count))
            start += count
        return lists


def even_layout(members: int, records: int, overlap: float, several: float, rng: Random) -> Layout:
    """Spread people over members that all hold equally many and share equally much.

    Of every member's people exactly round(`overlap` * records) are held by others too, and of
    these round(`several` * shared) by at least two others. Where pairs cannot come out even (an
    odd number for each of an odd number of members), each member has one more among several.

    Args:
        members: at least 1.
        records: people that each member holds.
        overlap: 0 to 1.
        several: 0 to 1; nothing with fewer than three members.
        rng: chooses who shares with whom.

    Raises:
        TacitError: USAGE; there is nobody to share with, or too little to divide evenly.
    """
    shared = round(overlap * records)
    if members == 1 and shared:
        raise TacitError(Code.USAGE, problem="A single member shares records with nobody.")
    many = round(several * shared) if members >= TRIPLE else 0
    pairs = shared - many
    if members % 2 and pairs % 2:
        many, pairs = many + 1, pairs - 1
    cells: dict[Cell, int] = {}
    for cell in (*_groups(members, pairs, PAIR, rng), *_groups(members, many, TRIPLE, rng)):
        cells[cell] = cells.get(cell, 0) + 1
    alone: dict[Cell, int] = {(member,): records - shared for member in range(members)}
    return Layout(members, {**dict(sorted(cells.items())), **alone})


def _groups(members: int, each: int, size: int, rng: Random) -> list[Cell]:
    """Divide `each` places of every member into groups of `size`, the last ones larger."""
    total = members * each
    if not total:
        return []
    if total < size:
        raise TacitError(Code.USAGE, problem="Too few records for this overlap.")
    sizes = [size] * (total // size)
    for place in range(total % size):
        sizes[-1 - place % len(sizes)] += 1
    if max(sizes) > members:
        raise TacitError(Code.USAGE, problem="Too few records for this overlap.")
    places = _rounds(members, each, max(sizes), rng)
    groups: list[Cell] = []
    start = 0
    for width in sizes:
        groups.append(tuple(sorted(places[start : start + width])))
        start += width
    return groups


def _rounds(members: int, rounds: int, apart: int, rng: Random) -> Sequence[int]:
    """Shuffle all members again and again so that none returns within `apart` places."""
    places: list[int] = []
    for _ in range(rounds):
        late = places[len(places) - apart + 1 :] if apart > 1 else []
        fresh = [member for member in range(members) if member not in late]
        rng.shuffle(fresh)
        rng.shuffle(order := list(late))
        places += fresh + order if len(fresh) >= apart - 1 else _turn(places, members)
    return places


def _turn(places: Sequence[int], members: int) -> Sequence[int]:
    """Repeat the last round: with so few members no other order keeps them apart."""
    return places[-members:] if places else range(members)
