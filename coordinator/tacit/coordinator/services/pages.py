"""Cutting a long answer into messages that fit the wire."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from google.protobuf.message import Message

from tacit.linkage.protocol import MAX_MESSAGE_BYTES

ITEMS = 500
"""Items in one message at most."""

_BYTES = MAX_MESSAGE_BYTES // 2

_M = TypeVar("_M", bound=Message)


def in_pages(items: Iterable[_M]) -> Iterator[list[_M]]:
    """Gather items into pages of at most `ITEMS`, and of half a message's size."""
    page: list[_M] = []
    size = 0
    for item in items:
        weight = item.ByteSize()
        if page and (len(page) == ITEMS or size + weight > _BYTES):
            yield page
            page, size = [], 0
        page.append(item)
        size += weight
    if page:
        yield page
