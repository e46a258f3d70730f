"""The compiled comparison against the plain definition of the score."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.linkage import kernel
from tacit.linkage.candidates import FLOOR, KEEP, Candidates
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel, score_pairs
from tacit.linkage.similarity import compare_rows

MODEL = ScoreModel((150.0, 100.0, 60.0, 20.0), 1024)


def reference(model: ScoreModel, left: EncodedSet, right: EncodedSet) -> np.ndarray:
    rows, columns = np.divmod(np.arange(len(left) * len(right)), len(right))
    return score_pairs(model, left, right, rows, columns).reshape(len(left), len(right))


def related(left: EncodedSet, right: EncodedSet, records: int, seed: int) -> EncodedSet:
    """Let the first records of `right` share most bits with those of `left`."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 1 << 63, right.clks[:records].shape, dtype=np.uint64)
    sparse = noise & np.roll(noise, 1, axis=0) & np.roll(noise, 2, axis=0)
    clks = right.clks.copy()
    clks[:records] = left.clks[:records] ^ sparse
    return EncodedSet(clks, right.presence)


def assert_equal_to_reference(model: ScoreModel, left: EncodedSet, right: EncodedSet) -> None:
    found = compare_rows(model, left, right)
    scores = reference(model, left, right)
    expected = np.argwhere(scores >= FLOOR)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    near = {tuple(pair) for pair in np.argwhere(abs(scores - FLOOR) < 1e-6).tolist()}
    assert pairs - near == {tuple(pair) for pair in expected.tolist()} - near
    assert found.score == pytest.approx(scores[found.left, found.right], abs=1e-6)


@pytest.mark.parametrize("length", [64, 192, 512, 1000, 1024, 2048])
def test_equals_the_definition(random_set: Callable[..., EncodedSet], length: int) -> None:
    model = ScoreModel((150.0, 100.0, 60.0, 20.0), length)
    left = random_set(37, seed=1, length=length)
    right = random_set(53, seed=2, length=length)
    if length % 64 == 0:
        right = related(left, right, 12, 3)
    # Short filters have many high scores by chance, more than a row keeps.
    if (reference(model, left, right) >= FLOOR).sum(axis=1).max() <= KEEP:
        assert_equal_to_reference(model, left, right)
    else:
        assert length <= 192
        kept_best(model, left, right)


def kept_best(model: ScoreModel, left: EncodedSet, right: EncodedSet) -> None:
    found, scores = compare_rows(model, left, right), reference(model, left, right)
    for row in range(len(left)):
        mine = found.score[found.left == row]
        best = np.sort(scores[row][scores[row] >= FLOOR])[::-1][:KEEP]
        assert mine == pytest.approx(best, abs=1e-6)


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30), st.floats(0.05, 0.95))
@settings(max_examples=60)
def test_equals_the_definition_whatever_the_records(
    random_set: Callable[..., EncodedSet], seed: int, rows: int, columns: int, fill: float
) -> None:
    left = random_set(rows, seed=seed, fill=fill)
    right = random_set(columns, seed=seed + 1, fill=fill)
    kept_best(MODEL, left, related(left, right, min(rows, columns) // 2, seed))


def test_keeps_the_best_of_a_row_and_of_equals_the_first(
    random_set: Callable[..., EncodedSet],
) -> None:
    one = random_set(1, seed=4)
    left = EncodedSet(one.clks, np.array([15], np.uint64))
    right = EncodedSet(np.repeat(one.clks, 40, axis=0), np.full(40, 15, np.uint64))
    found = compare_rows(MODEL, left, right)
    assert found.right.tolist() == list(range(KEEP))
    assert set(found.score.tolist()) == {1.0}


def test_empty_filters_and_masks_score_nothing() -> None:
    empty = EncodedSet(np.zeros((3, 16), np.uint64), np.array([0, 1, 15], np.uint64))
    found = compare_rows(MODEL, empty, empty)
    assert len(found.score) == 0


def test_columns_in_several_blocks(
    random_set: Callable[..., EncodedSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = random_set(20, seed=5, features=1), random_set(99, seed=6, features=1)
    right = related(left, right, 15, 7)
    whole = compare_rows(MODEL, left, right)
    monkeypatch.setattr("tacit.linkage.similarity.BLOCK", 7)
    assert compare_rows(MODEL, left, right).to_bytes() == whole.to_bytes()


def test_refuses_other_lengths(random_set: Callable[..., EncodedSet]) -> None:
    with pytest.raises(ValueError, match="length"):
        compare_rows(MODEL, random_set(2, seed=1, length=512), random_set(2, seed=2))


def test_works_where_nothing_can_be_cached() -> None:
    # A function without a file has no place for a cache; the kernel must compile all the same.
    space: dict[str, Callable[[int], int]] = {}
    exec("def double(x):\n    return 2 * x\n", space)
    assert kernel._jit("i8(i8)")(space["double"])(21) == 42


class TestAtRest:
    def test_round_trip(self, random_set: Callable[..., EncodedSet]) -> None:
        left = random_set(20, seed=1)
        found = compare_rows(MODEL, left, related(left, random_set(30, seed=2), 9, 3))
        again = Candidates.from_bytes(found.to_bytes())
        assert len(again.score) >= 5
        assert again.to_bytes() == found.to_bytes()
        assert len(found.to_bytes()) == 12 * len(found.score) + 12

    @pytest.mark.parametrize("cut", [0, 3, 11, -1])
    def test_refuses_what_was_cut(self, cut: int) -> None:
        data = Candidates.none().to_bytes()
        with pytest.raises(ValueError, match="candidates"):
            Candidates.from_bytes(data[:cut])

    def test_refuses_something_else(self) -> None:
        with pytest.raises(ValueError, match="candidates"):
            Candidates.from_bytes(b"PK\x03\x04" + bytes(2100))
