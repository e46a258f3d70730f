"""clkhash and anonlink: one Bloom filter for each record, Dice, greedy solving.

FEBRL 4 has the schema of their tutorial (clkhash, docs/tutorial_api.ipynb, its second one). The
other data sets have none; theirs follow its manner: bigrams for text, positional unigrams for
digits, 100 to 200 bits a feature.
"""

import io
import warnings
from collections.abc import Mapping
from csv import writer
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from bench_curve import Point, Truth, at, best, count, curve, groups, one_to_one
from bench_data import DataSet
from tacit.linkage.cluster import Pairs
from tacit.linkage.evaluate import true_pairs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # they import pkg_resources, which warns of its own end
    from anonlink.candidate_generation import find_candidate_pairs
    from anonlink.similarities import dice_coefficient
    from anonlink.solving import greedy_solve, probabilistic_greedy_solve
    from clkhash.clk import generate_clk_from_csv
    from clkhash.schema import from_json_dict

TUTORIAL_THRESHOLD = 0.8
MOST_CANDIDATES = 40
"""For each record: the lowest threshold looked at leaves about so many pairs."""
SAMPLE = 300
"""Records of each file from which that threshold is found."""
SECRET = "secret"

BIGRAMS = {"type": "ngram", "n": 2}
DIGITS = {"type": "ngram", "n": 1, "positional": True}
WHOLE = {"type": "exact"}

SCHEMAS: Mapping[str, Mapping[str, tuple[Mapping[str, Any], int]]] = {
    "febrl4": {
        "given_name": (BIGRAMS, 200),
        "surname": (BIGRAMS, 200),
        "street_number": (DIGITS, 100),
        "address_1": (BIGRAMS, 100),
        "address_2": (BIGRAMS, 100),
        "suburb": (BIGRAMS, 100),
        "postcode": (DIGITS, 100),
        "state": (BIGRAMS, 100),
        "date_of_birth": (DIGITS, 200),
    },
    "historical": {
        "first_name": (BIGRAMS, 150),
        "surname": (BIGRAMS, 200),
        "dob": (BIGRAMS, 200),
        "birth_place": (BIGRAMS, 100),
        "postcode_fake": (BIGRAMS, 150),
        "occupation": (BIGRAMS, 50),
    },
    "synthetic": {
        "name": (BIGRAMS, 300),
        "sex": (WHOLE, 50),
        "birth_date": (DIGITS, 200),
        "birth_place": (BIGRAMS, 100),
        "father": (BIGRAMS, 100),
    },
}
"""Feature to how its values are taken apart and how many bits it sets."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What the linker reached.

    Attributes:
        best: at the threshold that only truth can tell.
        usual: at the tutorials' threshold.
        way: how pairs were solved where `best` is.
        curve: at every threshold, in that way.
    """

    best: Point
    usual: Point
    way: str
    curve: tuple[Point, ...]


def run(data: DataSet) -> Linked:
    """Encode, compare and solve; take the solver that does better."""
    features = SCHEMAS.get(data.key, SCHEMAS["synthetic"])
    filters = [_encode(table, features) for table in data.tables]
    pairs = _candidates(filters, MOST_CANDIDATES * sum(len(part) for part in filters))
    total = true_pairs(data.truth)
    ways = {"groups": groups, "one-to-one": one_to_one}
    curves = {way: curve(steps(pairs, data.truth), total) for way, steps in ways.items()}
    way = max(curves, key=lambda name: best(curves[name]).f1)
    top = best(curves[way])
    if way == "groups":
        top = max(top, *_solved(pairs, top.threshold, data.truth, total), key=lambda one: one.f1)
    return Linked(top, at(curves[way], TUTORIAL_THRESHOLD), way, curves[way])


def schema_document(features: Mapping[str, tuple[Mapping[str, Any], int]]) -> dict[str, Any]:
    """Write a schema as clkhash reads it, version 3."""
    return {
        "version": 3,
        "clkConfig": {
            "l": 1024,
            "kdf": {"type": "HKDF", "hash": "SHA256", "info": "", "salt": "", "keySize": 64},
        },
        "features": [
            {
                "identifier": name,
                "format": {"type": "string", "encoding": "utf-8"},
                "hashing": {
                    "comparison": dict(comparison),
                    "strategy": {"bitsPerFeature": bits},
                    "hash": {"type": "doubleHash"},
                    "missingValue": {"sentinel": ""},
                },
            }
            for name, (comparison, bits) in features.items()
        ],
    }


def _encode(table: Mapping[str, Any], features: Mapping[str, Any]) -> list[Any]:
    text = io.StringIO(newline="")
    rows = writer(text)
    rows.writerow(features)
    records = len(next(iter(table.values())))
    rows.writerows(zip(*(table.get(name, [""] * records) for name in features), strict=True))
    text.seek(0)
    schema = from_json_dict(schema_document(features))
    filters: list[Any] = generate_clk_from_csv(text, SECRET, schema, progress_bar=False)
    return filters


def _candidates(filters: list[list[Any]], most: int) -> Pairs:
    """Find the pairs down to a threshold that leaves about so many."""
    everything = sum(len(one) * len(other) for one, other in combinations(filters, 2))
    some = [part[:: max(1, len(part) // SAMPLE)] for part in filters]
    sampled = find_candidate_pairs(some, dice_coefficient, 0.0)
    threshold = float(np.quantile(sampled[0], 1 - min(1.0, most / everything)))
    scores, (left_set, right_set), (left, right) = find_candidate_pairs(
        filters, dice_coefficient, threshold
    )
    return Pairs(
        np.array(left_set, np.int64),
        np.array(left, np.int64),
        np.array(right_set, np.int64),
        np.array(right, np.int64),
        np.array(scores, np.float64),
    )


def _solved(pairs: Pairs, threshold: float, truth: Truth, total: int) -> list[Point]:
    """Solve by anonlink itself at one threshold."""
    ranked = pairs.take(pairs.score >= threshold).ranked()
    columns = (ranked.left_set, ranked.right_set, ranked.left, ranked.right)
    sets = [part.astype(np.uint32) for part in columns]
    candidates = (ranked.score, (sets[0], sets[1]), (sets[2], sets[3]))
    points = []
    for solver in (greedy_solve, probabilistic_greedy_solve):
        scored = count([list(group) for group in solver(candidates)], truth, total)
        points.append(Point(threshold, scored.precision, scored.recall, scored.f1))
    return points
