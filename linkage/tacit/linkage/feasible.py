"""How closely shown sums tie hidden whole numbers: the attacker's view, by integer programming.

A *world* is an assignment of whole numbers to the hidden cells that agrees with all that is shown.
Where two worlds differ, the shown numbers do not tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

_INTEGER_CELLS = 400  # above this the continuous relaxation is used
_JOINTLY_FROM = 40  # targets from which on worlds are sought for many at once
_SLACK = 1e-6
_ROUNDS = 60
_PAYING = 0.99  # a round pays when it settles a hundredth of what is open


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """Hidden cells, what is shown about them, and the values an attacker wants.

    Attributes:
        truth: shape (cells,), the true values.
        least: shape (cells,), the least value that each cell is known to have.
        equations: shape (equations, cells); the attacker knows equations @ cells.
        targets: shape (targets, cells); the attacker wants targets @ cells.
        low: shape (targets,), least value of each target over the worlds found so far; updated.
        high: shape (targets,), greatest value likewise.
    """

    truth: NDArray[np.int64]
    least: NDArray[np.int64]
    equations: csr_array
    targets: csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def exposed(self, wanted: Iterable[int], width: int) -> int | None:
        """Find the first target of `wanted` whose values over all worlds span less than `width`.

        Every world found for one target counts for all, so few programs are solved. The answer
        depends on optimal values only, never on which of several optimal worlds was found.
        """
        open_targets = np.array([t for t in wanted if self._width(t) < width - _SLACK], np.int64)
        if len(open_targets) > _JOINTLY_FROM:
            open_targets = self._widen_jointly(open_targets, width)
        return next(
            (int(target) for target in open_targets if not self._spans(target, width)), None
        )

    def _widen_jointly(self, targets: NDArray[np.int64], width: int) -> NDArray[np.int64]:
        """Push many targets up in one world, with weights drawn anew each round.

        Returns:
            The targets that are still too narrow when rounds stop paying.
        """
        weights = np.random.default_rng(0)
        for _ in range(_ROUNDS):
            before = len(targets)
            self._widen(-weights.uniform(0.1, 1.0, before) @ self.targets[targets], width)
            targets = targets[(self.high - self.low)[targets] < width - _SLACK]
            if len(targets) <= _JOINTLY_FROM or len(targets) > _PAYING * before:
                break
        return targets

    def _spans(self, target: int, width: int) -> bool:
        row = self.targets[[target]].toarray()[0].astype(np.float64)
        for sign in (1.0, -1.0):
            if self._width(target) < width - _SLACK:
                self._widen(sign * row, 8 * width)
        return self._width(target) >= width - _SLACK

    def _widen(self, objective: NDArray[np.float64], reach: int) -> None:
        values = self.targets @ self._extreme(objective, reach)
        np.minimum(self.low, values, out=self.low)
        np.maximum(self.high, values, out=self.high)

    def _width(self, target: int) -> float:
        return float(self.high[target] - self.low[target])

    def _extreme(self, objective: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
        """Find the world with the least objective, no cell further than `reach` from the truth.

        The reach keeps programs bounded; at worst it hides worlds, which errs to suppressing more.
        """
        known = self.equations @ self.truth
        whole = len(self.truth) <= _INTEGER_CELLS
        solution = milp(
            objective,
            integrality=np.full(len(self.truth), int(whole)),
            bounds=Bounds(np.maximum(self.least, self.truth - reach), self.truth + reach),
            constraints=LinearConstraint(self.equations, known, known),
            options={"mip_rel_gap": 0.0},
        )
        if solution.x is None:  # the truth itself is always a world
            return self.truth.astype(np.float64)
        found = np.asarray(solution.x, np.float64)
        return np.rint(found) if whole else found
