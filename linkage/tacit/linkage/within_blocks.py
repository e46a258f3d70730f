"""Which pairs of a register's own records are worth comparing.

Several blocking keys, so that no single error hides a pair: every value, every word of a value and
every two values that two records share, where not too many records share them; and neighbours in
the order of the texts, read forwards and backwards, for what is misspelt everywhere.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from tacit.linkage.plain_similarity import Field, Form, Indices

ALL_PAIRS = 300_000
"""So many pairs are simply all compared."""

BUDGET = 5_000_000
"""Most candidate pairs; blocks are taken only while they are small enough for that."""

LARGEST_BLOCKS = (40, 20, 10, 5, 2)
WINDOW = 3
CROSSED = 8
"""So many features, those that tell most apart, are crossed with each other."""

Entries = tuple[Indices, Indices]
"""Records and their keys; a record may have several keys."""


def candidate_pairs(fields: Sequence[Field], records: int) -> tuple[Indices, Indices]:
    """Give the pairs to compare, each once, left index below the right one.

    Args:
        fields: what the records hold.
        records: how many there are.
    """
    if records * (records - 1) // 2 <= ALL_PAIRS:
        left, right = np.triu_indices(records, 1)
        return left.astype(np.int64), right.astype(np.int64)
    keys = list(_keys(fields))
    largest = next(
        (size for size in LARGEST_BLOCKS if sum(_pairs_up_to(k, size) for k in keys) <= BUDGET),
        LARGEST_BLOCKS[-1],
    )
    codes = [_blocked(entries, largest, records) for entries in keys]
    codes += [_neighbours(form, records) for field in fields for form in field.forms]
    distinct = np.unique(np.concatenate(codes))
    return distinct // records, distinct % records


def _keys(fields: Sequence[Field]) -> Iterator[Entries]:
    """Give the blocking keys, records sorted by key."""
    forms = [(number, form) for number, field in enumerate(fields) for form in field.forms]
    telling = sorted(forms, key=lambda item: _sameness(item[1]))[:CROSSED]
    for _, form in forms:
        yield _sorted(_texts(form))
    for (number, form), (other_number, other) in combinations(telling, 2):
        if number != other_number:
            yield _crossed(_texts(form), other)
    for number, form in telling:
        words = _words(form)
        if not len(words[0]):
            continue
        yield _sorted(words)
        for other_number, other in telling:
            if number != other_number:
                yield _crossed(words, other)


def _sameness(form: Form) -> float:
    """Give the chance that two records have the same value, or both none."""
    counts = np.bincount(form.value + 1)
    return float(((counts / max(len(form.value), 1)) ** 2).sum())


def _texts(form: Form) -> Entries:
    records = np.flatnonzero(form.value >= 0)
    own = form.value[records]
    counts = np.diff(form.first)[own]
    start = np.repeat(form.first[:-1][own] - np.cumsum(counts) + counts, counts)
    return np.repeat(records, counts), form.alternatives[start + np.arange(counts.sum())]


def _words(form: Form) -> Entries:
    """Give the words of texts that have several."""
    number: dict[str, int] = {}
    split = [
        [number.setdefault(word, len(number)) for word in set(text.split(" "))]
        if " " in text
        else []
        for text in form.texts
    ]
    lengths = np.fromiter(map(len, split), np.int64, len(split))
    words = np.array([word for own in split for word in own], np.int64)
    records, texts = _texts(form)
    counts = lengths[texts]
    start = np.repeat((np.cumsum(lengths) - lengths)[texts] - np.cumsum(counts) + counts, counts)
    return np.repeat(records, counts), words[start + np.arange(counts.sum())]


def _crossed(entries: Entries, other: Form) -> Entries:
    """Cross keys with another feature's values, where the record has one."""
    owner, key = entries
    value = other.value[owner]
    held = value >= 0
    return _sorted((owner[held], key[held] * len(other.first) + value[held]))


def _sorted(entries: Entries) -> Entries:
    order = np.argsort(entries[1], kind="stable")
    return entries[0][order], entries[1][order]


def _runs(key: Indices) -> tuple[Indices, Indices]:
    """Give where runs of equal keys begin, and how long they are."""
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else key
    return starts, np.diff(np.append(starts, len(key)))


def _pairs_up_to(entries: Entries, largest: int) -> int:
    sizes = _runs(entries[1])[1]
    sizes = sizes[sizes <= largest]
    return int((sizes * (sizes - 1) // 2).sum())


def _blocked(entries: Entries, largest: int, records: int) -> Indices:
    owner, key = entries
    sizes = _runs(key)[1]
    kept = np.repeat((sizes > 1) & (sizes <= largest), sizes)
    owner, key = owner[kept], key[kept]
    found = [np.zeros(0, np.int64)]
    for step in range(1, int(largest)):
        same = np.flatnonzero(key[step:] == key[:-step]) if len(key) > step else key[:0]
        if not len(same):
            break
        found.append(_codes(owner[same], owner[same + step], records))
    return np.concatenate(found)


def _neighbours(form: Form, records: int) -> Indices:
    """Pair records whose texts stand next to each other in order, forwards and backwards."""
    found = [np.zeros(0, np.int64)]
    if form.bits is None:
        return found[0]
    owner, text = _texts(form)
    for texts in (form.texts, [text[::-1] for text in form.texts]):
        rank = np.empty(len(texts), np.int64)
        rank[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
        near = owner[np.argsort(rank[text], kind="stable")]
        found += [_codes(near[:-step], near[step:], records) for step in range(1, WINDOW + 1)]
    return np.concatenate(found)


def _codes(one: Indices, other: Indices, records: int) -> Indices:
    left, right = np.minimum(one, other), np.maximum(one, other)
    apart = left != right
    codes: Indices = left[apart] * records + right[apart]
    return codes
