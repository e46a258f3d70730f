"""Disclosure control: which counts of a release have to stay hidden.

Counts from 1 to minimum - 1 are suppressed (primary suppression). Because distinct victims, member
totals, records and every table are sums of the same cells, further counts are suppressed until an
attacker who solves all the sums together, and who knows that a hidden cell is not zero, cannot tie
any hidden count to a span narrower than the minimum (complementary suppression; see Hundepool et
al., Statistical Disclosure Control, 2012, chapter 4). Zeros are shown.

What it does not hide: what a reader knows besides. A member that sees its own match groups knows
the overlap with its own records, whatever the release holds.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack

from tacit.linkage.count_system import DISTINCT, System, build_system, sizes, unlisted
from tacit.linkage.feasible import Attack
from tacit.linkage.release import FULL_OVERLAP_MEMBERS, CountResult
from tacit.linkage.release_making import make_release
from tacit.linkage.tabulation import Tabulation

_TRIMMED_CELLS = 200  # above this no superfluous suppression is taken back


@dataclass(slots=True, eq=False)
class _State:
    """Which counts are hidden, and what the search has found so far.

    Attributes:
        system: the counts.
        minimum: smallest count that is shown.
        public: readers know the members' totals and the records from elsewhere.
        hidden: shape (counts,), which counts are hidden.
        given: shape (counts,), which counts follow from what readers know from elsewhere, whatever
            the release hides; they are guarded against other readers only.
    """

    system: System
    minimum: int
    public: bool
    hidden: NDArray[np.bool_]
    given: NDArray[np.bool_]
    low: NDArray[np.float64] = field(init=False)
    high: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.low = self.system.values.astype(np.float64)
        self.high = self.low.copy()

    def showing(self, index: int) -> "_State":
        """Start anew with one count shown."""
        hidden = self.hidden.copy()
        hidden[index] = False
        return _State(self.system, self.minimum, self.public, hidden, self.given)


def protect(exact: Tabulation, minimum: int, *, sizes_public: bool = True) -> CountResult:
    """Suppress what would tell of fewer than `minimum` victims.

    Args:
        exact: the exact counts.
        minimum: smallest count that is shown.
        sizes_public: see `tacit.linkage.counts.count_victims`.

    Returns:
        A release; equal input gives an equal release.
    """
    system = build_system(exact)
    public = sizes_public and exact.members > 2  # noqa: PLR2004
    hidden = (system.values > 0) & (system.values < minimum)
    if exact.members > FULL_OVERLAP_MEMBERS:
        hidden |= unlisted(system, minimum)
    primary = hidden.copy()
    given = np.zeros(len(hidden), np.bool_)
    if public:
        given = _given(_State(system, minimum, public, system.values > 0, sizes(system)))
    state = _State(system, minimum, public, hidden, given)
    _hide_enough(state)
    if int(_free(state).sum()) <= _TRIMMED_CELLS:
        state = _trim(state, primary)
    shown = {
        key: int(value)
        for key, value, is_hidden in zip(system.keys, system.values, state.hidden, strict=True)
        if not is_hidden
    }
    return make_release(exact, minimum, shown)


def _given(everything: _State) -> NDArray[np.bool_]:
    """Mark what the members' totals alone tell, with every other count hidden."""
    while (exposed := _exposed(everything)) is not None:
        everything.given[exposed] = True
    return everything.given


def _hide_enough(state: _State) -> None:
    """Hide one count after the other until none is exposed."""
    while (exposed := _exposed(state)) is not None:
        for index in _next(state, exposed):
            state.hidden[index] = True


def _exposed(state: _State) -> int | None:
    """Find a hidden count that the shown ones tie too closely."""
    wanted = state.hidden.copy()
    if state.system.members > FULL_OVERLAP_MEMBERS:  # a large combination is unlisted, not secret
        large = state.system.values >= state.minimum
        wanted &= ~(large & np.array([key[0] == "overlap" for key in state.system.keys]))
    if not state.public:
        return _attack(state, ~state.hidden, wanted)
    exposed = _attack(state, ~state.hidden | sizes(state.system), wanted & ~state.given)
    return _attack(state, ~state.hidden, wanted & state.given) if exposed is None else exposed


def _attack(state: _State, known: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> int | None:
    targets = np.flatnonzero(wanted)
    if not len(targets):
        return None
    system, free = state.system, _free(state)
    equations = vstack([system.balance, system.rows[np.flatnonzero(known)]], format="csr")[:, free]
    touching = np.flatnonzero(np.diff(equations.indptr))
    shortened = system.members > FULL_OVERLAP_MEMBERS
    in_overlap = np.array([key[0] == "overlap" for key in system.keys[: len(free)]], np.bool_)
    attack = Attack(
        truth=system.truth[free],
        least=np.where(in_overlap & shortened, 0, 1)[free],
        equations=equations[touching],
        targets=system.rows[targets][:, free],
        low=state.low[targets],
        high=state.high[targets],
    )
    offset = system.rows[targets] @ np.where(free, 0, system.truth)
    attack.low[:] -= offset
    attack.high[:] -= offset
    found = attack.exposed(range(len(targets)), state.minimum)
    # Worlds of this search stay worlds when more is hidden.
    state.low[targets] = attack.low + offset
    state.high[targets] = attack.high + offset
    return None if found is None else int(targets[found])


def _free(state: _State) -> NDArray[np.bool_]:
    return state.hidden[: len(state.system.truth)]


def _next(state: _State, exposed: int) -> list[int]:
    """Choose what to hide next for the sake of a count that is exposed.

    The smallest count beside it, the totals last; equal counts in the release's order.
    """
    block = state.system.keys[exposed][0]
    # Where readers know the members' totals anyway, hiding those helps no other count.
    totals = [] if state.public and not state.given[exposed] else ["records", "member"]
    blocks = [block] if block.startswith("table ") else ["size", "overlap", *totals]
    for wanted in blocks:
        if shown := _shown(state, wanted):
            return shown[:1]
    if not state.hidden[state.system.keys.index(DISTINCT)]:
        return [state.system.keys.index(DISTINCT), *_openings(state)]
    return [int(index) for index in np.flatnonzero(~state.hidden & (state.system.values > 0))][:1]


def _openings(state: _State) -> list[int]:
    """Give the smallest cell of each table that hides none: together they tell the total."""
    blocks = dict.fromkeys(key[0] for key in state.system.keys if key[0].startswith("table "))
    closed = [
        block
        for block in blocks
        if not any(
            hidden and key[0] == block
            for key, hidden in zip(state.system.keys, state.hidden, strict=True)
        )
    ]
    return [index for block in closed for index in _shown(state, block)[:1]]


def _shown(state: _State, block: str) -> list[int]:
    """List the shown counts of a block that are not zero, the smallest first."""
    system = state.system
    inside = [
        index
        for index, key in enumerate(system.keys)
        if key[0] == block and not state.hidden[index] and system.values[index]
    ]
    return sorted(inside, key=lambda index: int(system.values[index]))


def _trim(state: _State, primary: NDArray[np.bool_]) -> _State:
    """Show again what was hidden on the way but need not be, the largest counts first.

    What the others then tell is shown with it, as long as it is nothing primary.
    """
    secondary = [int(index) for index in np.flatnonzero(state.hidden & ~primary)]
    for index in sorted(secondary, key=lambda index: -int(state.system.values[index])):
        if state.hidden[index]:
            attempt = state.showing(index)
            while (exposed := _exposed(attempt)) is not None and not primary[exposed]:
                attempt = attempt.showing(exposed)
            state = attempt if exposed is None else state
    return state
