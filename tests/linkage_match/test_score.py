"""The presence-aware score: values worked out by hand, and what holds for all records."""

import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import parse_schema
from tacit.linkage.score import ScoreModel, dice, score_pairs

FIRST = np.zeros(1, np.intp)


def record(bits: range | list[int], mask: int, words: int = 1) -> EncodedSet:
    flags = np.zeros(64 * words, np.uint8)
    flags[list(bits)] = 1
    return EncodedSet(
        np.packbits(flags).view("<u8").reshape(1, -1).astype(np.uint64), np.array([mask], np.uint64)
    )


def score(model: ScoreModel, left: EncodedSet, right: EncodedSet) -> float:
    return float(score_pairs(model, left, right, FIRST, FIRST)[0])


def test_complete_records() -> None:
    # 16 of 64 bits each, 8 in common. Chance overlap 4; excess (8 - 4) / (64 * .75 * .75) = 1/9;
    # shared ln(10/9) = .105361; common -ln .75 = .287682; no damping at full coverage.
    model = ScoreModel((10.0,), 64)
    found = score(model, record(range(16), 1), record(range(8, 24), 1))
    assert found == pytest.approx(math.log(10 / 9) / -math.log(0.75))
    assert found == pytest.approx(0.366239, abs=1e-6)


def test_a_missing_field_shrinks_what_is_common() -> None:
    # Weights 30 and 10; B lacks the second. wC / wA = 3/4, wC / wB = 1, so common is
    # .287682 * (.75 + 1) / 2 = .251722 and the ratio .105361 / .251722 = .418558.
    # Coverage 3/4: damped by .75 * 1.25 / (.75 + .25) = .9375.
    model = ScoreModel((30.0, 10.0), 64, damping=0.25)
    found = score(model, record(range(16), 0b11), record(range(8, 24), 0b01))
    assert found == pytest.approx(0.9375 * 0.418558, abs=2e-6)


def test_identical_records_score_one_or_what_their_coverage_allows() -> None:
    model = ScoreModel((30.0, 10.0), 64, damping=0.25)
    assert score(model, record(range(20), 0b11), record(range(20), 0b11)) == 1.0
    assert score(model, record(range(20), 0b01), record(range(20), 0b01)) == pytest.approx(0.9375)


def test_nothing_in_common_scores_zero() -> None:
    model = ScoreModel((30.0, 10.0), 64)
    assert score(model, record(range(20), 0b01), record(range(20), 0b10)) == 0.0
    assert score(model, record([], 0), record([], 0)) == 0.0
    assert score(model, record([], 1), record([], 1)) == 0.0
    assert score(model, record(range(32), 0b11), record(range(32, 64), 0b11)) == 0.0


def test_a_full_filter_has_a_score() -> None:
    assert 0 <= score(ScoreModel((1.0,), 64), record(range(64), 1), record(range(64), 1)) <= 1


def test_agreement_on_little_counts_less_than_on_much() -> None:
    model = ScoreModel((30.0, 10.0), 64)
    little = score(model, record(range(8), 0b10), record(range(8), 0b10))
    much = score(model, record(range(8), 0b01), record(range(8), 0b01))
    assert little < much < 1


def test_dice_by_hand(random_set: Callable[..., EncodedSet]) -> None:
    assert dice(record(range(16), 1), record(range(8, 24), 1), FIRST, FIRST)[0] == 0.5
    assert dice(record([], 1), record([], 1), FIRST, FIRST)[0] == 0.0
    one = random_set(1, seed=1)
    assert dice(one, one, FIRST, FIRST)[0] == 1.0


@given(
    st.lists(st.integers(0, 127), max_size=90),
    st.lists(st.integers(0, 127), max_size=90),
    st.integers(0, 15),
    st.integers(0, 15),
    st.floats(0, 2),
)
def test_symmetric_and_between_zero_and_one(
    left: list[int], right: list[int], left_mask: int, right_mask: int, damping: float
) -> None:
    model = ScoreModel((40.0, 30.0, 20.0, 10.0), 128, damping)
    one, other = record(left, left_mask, 2), record(right, right_mask, 2)
    found = score(model, one, other)
    assert 0 <= found <= 1
    assert found == pytest.approx(score(model, other, one), abs=1e-12)


def test_estimates_the_share_of_common_tokens() -> None:
    # Two records hold 60 tokens of 8 bits; a share of them is the same. The score finds it.
    rng = np.random.default_rng(5)
    model = ScoreModel((480.0,), 1024)
    for share in (0.25, 0.5, 0.75):
        scores = []
        for _ in range(60):
            tokens = rng.integers(0, 1024, (120, 8))
            common = round(60 * share)
            one = np.unique(tokens[:60])
            other = np.unique(np.concatenate([tokens[:common], tokens[60 : 120 - common]]))
            scores.append(score(model, record(list(one), 1, 16), record(list(other), 1, 16)))
        assert np.mean(scores) == pytest.approx(share, abs=0.02)


def test_a_model_comes_from_a_schema_and_travels() -> None:
    schema = parse_schema(
        """{"version": 3, "clkConfig": {"l": 1000, "kdf": {"type": "HKDF"}}, "features": [
        {"identifier": "a", "format": {"type": "string"}, "hashing": {"comparison":
        {"type": "exact"}, "strategy": {"bitsPerFeature": 70}, "hash": {"type": "doubleHash"}}},
        {"identifier": "b", "ignored": true},
        {"identifier": "c", "format": {"type": "string"}, "hashing": {"comparison":
        {"type": "exact"}, "strategy": {"bitsPerToken": 9}, "hash": {"type": "doubleHash"}}}]}"""
    )
    model = ScoreModel.from_schema(schema)
    assert model.weights == (70.0, 9.0)
    assert model.length == 1000
    assert pickle.loads(pickle.dumps(model)) == model


@pytest.mark.parametrize("weights", [(), (1.0, 0.0), (1.0,) * 65])
def test_refuses_weights_that_mean_nothing(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="features"):
        ScoreModel(weights, 64)
