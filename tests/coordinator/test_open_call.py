"""One call in hand: it ends with its reason at the next message, whichever way it goes."""

import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import grpc
import pytest

from tacit.coordinator.open_call import OpenCall, Patience
from tacit.coordinator.request_signatures import Received
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import projects_pb2

READERS = ThreadPoolExecutor(2)
MESSAGE = projects_pb2.GetProjectRequest(project_id="p")


def received(size: int = 10) -> Received:
    return Received(MESSAGE, bytes(32), size)


def opened(messages: int = 3, size: int = 100) -> OpenCall:
    context = cast("grpc.ServicerContext", None)
    return OpenCall(context, Patience(1.0, 1, messages, size), READERS)


def revoked(call: OpenCall) -> None:
    call.reason = TacitError(Code.REVOKED)


def refusal(messages: Iterator[Any]) -> Code:
    with pytest.raises(TacitError) as failure:
        next(messages)
    return failure.value.code


def test_a_stream_of_requests() -> None:
    call = opened()
    messages = call.rest(received(), iter([received(), received()]))
    assert list(messages) == [MESSAGE] * 3
    call = opened()
    ended = call.rest(received(), iter([received(), received()]))
    assert next(ended) == MESSAGE
    revoked(call)
    assert refusal(ended) is Code.REVOKED


def test_a_stream_of_requests_that_ends_too_late() -> None:
    """What came last before the caller's access ended is not acknowledged either."""
    call = opened()
    messages = call.rest(received(), iter([]))
    assert next(messages) == MESSAGE
    revoked(call)
    assert refusal(messages) is Code.REVOKED


@pytest.mark.parametrize(("messages", "size"), [(2, 100), (3, 29)])
def test_a_stream_of_requests_that_is_too_long(messages: int, size: int) -> None:
    call = opened(messages, size)
    stream = call.rest(received(), iter([received(), received()]))
    assert [next(stream), next(stream)] == [MESSAGE] * 2
    assert refusal(stream) is Code.MALFORMED


def test_a_stream_without_a_message() -> None:
    with pytest.raises(TacitError) as failure:
        opened().first(iter([]))
    assert failure.value.code is Code.MALFORMED


def test_a_stream_of_answers() -> None:
    call = opened()
    assert list(call.answers(iter([1, 2]))) == [1, 2]
    call = opened()
    answers = call.answers(iter([1, 2]))
    assert next(answers) == 1
    revoked(call)
    assert refusal(answers) is Code.REVOKED
    call = opened()
    answers = call.answers(iter([1]))
    assert next(answers) == 1
    revoked(call)
    assert refusal(answers) is Code.REVOKED


def test_waiting_is_for_the_caller_only() -> None:
    call = opened()
    assert not call.keeps_waiting(1e12)
    answers = call.answers(iter([1, 2]))
    next(answers)
    assert call.keeps_waiting(1e12)
    assert not call.keeps_waiting(time.monotonic())
    list(answers)
    # For the status, which the caller has to take as well.
    assert call.keeps_waiting(1e12)


def test_a_wait_is_ended_with_the_reason() -> None:
    call, sent = opened(), queue.Queue[Received | None]()
    messages = call.rest(received(), iter(sent.get, None))
    assert next(messages) == MESSAGE
    assert not call.end_wait()
    ending = threading.Timer(0.2, lambda: revoked(call))
    ending.start()
    waker = threading.Thread(target=lambda: [None for _ in iter(call.end_wait, True)])
    waker.start()
    assert refusal(messages) is Code.REVOKED
    waker.join()
    # What comes after it comes to nobody.
    sent.put(received())
    assert not call.end_wait()


def test_what_reading_raises_is_raised_where_it_is_wanted() -> None:
    def broken() -> Iterator[Received]:
        yield received()
        raise grpc.RpcError

    source = broken()
    messages = opened().rest(next(source), source)
    assert next(messages) == MESSAGE
    with pytest.raises(grpc.RpcError):
        next(messages)
