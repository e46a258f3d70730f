"""What a score says of a pair of records with given fields in common, kept from a linkage.

A linkage learns it from all its pairs; a check of a few records, which has too few to learn it
from, uses what the last linkage learnt.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidate_rows import BINS, CELLS, bin_of
from tacit.linkage.match_scores import match_density
from tacit.linkage.patterns import Patterns
from tacit.linkage.score import ScoreModel

_FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Likelihoods of scores by pattern of common fields.

    Attributes:
        patterns: of common fields.
        rates: of non-matches, shape (P, BINS).
        share: of matches in each bin of the undamped score, shape (CELLS,).
        prior: share of matches among all pairs.
    """

    patterns: Patterns
    rates: NDArray[np.float64]
    share: NDArray[np.float64]
    prior: float

    def odds(self, score: NDArray[np.float64], common: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Give the odds of pairs being matches, rivals apart.

        Args:
            score: of each pair.
            common: mask of the fields that both of its records have.
        """
        pattern = self.patterns.of(common)
        ratio = np.clip(score / self.patterns.factor[pattern], 0, 1)
        density = match_density(self.share, self.patterns, ratio, pattern)
        found: NDArray[np.float64] = self.prior * density / self.rates[pattern, bin_of(score)]
        return found

    def to_bytes(self) -> bytes:
        """Write as JSON; numbers as little-endian 32-bit floats of their logarithms."""
        document = {
            "format": _FORMAT,
            "masks": [int(mask) for mask in self.patterns.masks],
            "rates": _pack(self.rates),
            "share": _pack(self.share),
            "prior": self.prior,
        }
        return json.dumps(document, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes, model: ScoreModel) -> "Calibration":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the data are something else.
        """
        document = json.loads(data)
        if document.get("format") != _FORMAT:
            raise ValueError("not a calibration of this format")
        masks = np.array(document["masks"], np.uint64)
        rates = _unpack(document["rates"]).reshape(len(masks), BINS)
        share = _unpack(document["share"]).reshape(CELLS)
        return cls(Patterns.from_masks(masks, model), rates, share, float(document["prior"]))


def _pack(values: NDArray[np.float64]) -> str:
    logs = np.log(np.maximum(values, 1e-300))
    return b64encode(logs.astype("<f4").tobytes()).decode()


def _unpack(text: str) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.exp(np.frombuffer(b64decode(text), "<f4").astype(np.float64))
    return found
