"""Penalised Poisson regression, the one fit that both score distributions are made with."""

import numpy as np
from numpy.typing import NDArray

ROUNDS = 80
CONVERGED = 1e-6
_SHORTEST = 1e-4
_LIMIT = 60.0


def penalised_poisson(  # noqa: PLR0917 (all of it is the problem)
    counts: NDArray[np.float64],
    offset: NDArray[np.float64],
    basis: NDArray[np.float64],
    penalty: NDArray[np.float64],
    pull: NDArray[np.float64],
    guess: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Minimise sum(mean - counts log mean) + w Q w / 2 - pull w, mean = exp(basis w + offset).

    Newton's method, each step halved until it improves.

    Args:
        counts: shape (n,), at least 0; need not be whole.
        offset: shape (n,), log exposure.
        basis: shape (n, m).
        penalty: Q, shape (m, m), symmetric; the sum of it and the data must be definite.
        pull: shape (m,).
        guess: first weights.

    Returns:
        The weights w, shape (m,).
    """
    weights = guess.copy()

    def loss(tried: NDArray[np.float64]) -> float:
        log_mean = basis @ tried + offset
        mean = np.exp(np.clip(log_mean, -_LIMIT, _LIMIT))
        return float(mean.sum() - counts @ log_mean + tried @ penalty @ tried / 2 - pull @ tried)

    now = loss(weights)
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(basis @ weights + offset, -_LIMIT, _LIMIT))
        gradient = basis.T @ (counts - mean) - penalty @ weights + pull
        step = np.linalg.solve((basis * mean[:, None]).T @ basis + penalty, gradient)
        share, then = 1.0, loss(weights + step)
        while then > now and share > _SHORTEST:
            share /= 2
            then = loss(weights + share * step)
        if then > now:
            break
        weights += share * step
        if now - then <= CONVERGED * max(1.0, abs(now)):
            break
        now = then
    return weights
