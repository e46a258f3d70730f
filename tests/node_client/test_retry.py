import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy, retrying


def _policy(slept: list[float], patience: float = 1.0) -> RetryPolicy:
    return RetryPolicy(0.1, 0.4, patience, slept.append, lambda most: most)


def _failing(*codes: Code) -> Callable[[], str]:
    outcomes = itertools.chain(codes, itertools.repeat(None))

    def attempt() -> str:
        code = next(outcomes)
        if code is not None:
            raise TacitError(code)
        return "done"

    return attempt


def test_waits_double_up_to_the_cap_and_end_with_patience() -> None:
    assert list(_policy([]).waits()) == pytest.approx([0.1, 0.2, 0.4, 0.4])


@given(st.floats(0.01, 1), st.floats(0.01, 5), st.floats(0, 20))
def test_waits_never_pass_their_bounds(base: float, cap: float, patience: float) -> None:
    waits = list(RetryPolicy(base, cap, patience).waits())
    assert all(
        0 <= wait <= min(cap, base * 2.0 ** min(attempt, 60)) for attempt, wait in enumerate(waits)
    )
    assert sum(waits) <= patience + cap


def test_a_coordinator_that_comes_back_is_asked_until_it_answers() -> None:
    slept: list[float] = []
    attempt = _failing(Code.UNAVAILABLE, Code.STORE_BUSY, Code.BUSY)
    assert retrying(_policy(slept), attempt) == "done"
    assert slept == pytest.approx([0.1, 0.2, 0.4])


def test_the_last_error_stands_once_patience_ends() -> None:
    slept: list[float] = []
    with pytest.raises(TacitError) as caught:
        retrying(_policy(slept), _failing(*[Code.UNAVAILABLE] * 9))
    assert caught.value.code is Code.UNAVAILABLE
    assert len(slept) == 4


@pytest.mark.parametrize("code", [Code.FORBIDDEN, Code.UNTRUSTED, Code.INTERNAL])
def test_what_will_not_mend_itself_is_not_tried_again(code: Code) -> None:
    slept: list[float] = []
    with pytest.raises(TacitError) as caught:
        retrying(_policy(slept), _failing(code))
    assert caught.value.code is code
    assert slept == []
