"""Is every group right? What all nodes hold, against the linkage without a network and the truth."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tacit.linkage.link import compare, plan, solve
from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import parse_schema
from tacit.linkage.score import ScoreModel

Record = tuple[str, str]
"""(member's folder, the record's identifier in its register)."""

Groups = frozenset[frozenset[Record]]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one node knows at the end.

    Attributes:
        slug: the member's folder.
        member_id: which orders the sets of a run.
        name: as others call it.
        run: whose groups these are.
        groups: number of each group, to its records as (member, token, own).
        records: token to record identifier, in upload order.
        encoded: in the same order.
    """

    slug: str
    member_id: str
    name: str
    run: str
    groups: Mapping[int, Sequence[tuple[str, str, bool]]]
    records: Mapping[str, str]
    encoded: EncodedSet


@dataclass(frozen=True, slots=True)
class Verdict:
    """How right the groups are.

    Attributes:
        groups: that all nodes hold together.
        records: in groups.
        alone: groups that the linkage without a network makes of the same encodings.
        as_alone: whether both are exactly the same.
        partial: nodes that do not hold exactly their own groups, each as it is.
        right: groups that are one person, all of that person's records.
        wrong: groups that are not.
        missed: people in several registers who are no such group.
        precision: share of right pairs among the pairs of records in a group.
        recall: share of found pairs among the pairs of records of one person.
    """

    groups: int
    records: int
    alone: int
    as_alone: bool
    partial: tuple[str, ...]
    right: int
    wrong: int
    missed: int
    precision: float
    recall: float


def read_seen(slug: str, document: Path, encodings: Path) -> Seen:
    """Read what a node wrote down."""
    raw = json.loads(document.read_text("utf-8"))
    with np.load(encodings) as arrays:
        encoded = EncodedSet(arrays["clks"], arrays["presence"])
    groups = {number: [(m, t, own) for m, t, own in held] for number, held in raw["groups"]}
    records = dict(raw["records"])
    return Seen(slug, raw["member_id"], raw["name"], raw["run"], groups, records, encoded)


def judge(
    nodes: Sequence[Seen],
    truth: Mapping[str, Mapping[str, str]],
    schema: str,
    threshold: float | None,
) -> Verdict:
    """Hold what all nodes know against each other, the linkage alone, and the truth.

    Args:
        nodes: of all members, after one run.
        truth: for each member's folder, the person behind every record that may be linked.
        schema: the agreed one.
        threshold: the agreed one.
    """
    together, whole = put_together(nodes)
    alone = link_alone(nodes, schema, threshold)
    people: dict[str, set[Record]] = {}
    for slug, records in truth.items():
        for record_id, entity in records.items():
            people.setdefault(entity, set()).add((slug, record_id))
    expected = frozenset(frozenset(held) for held in people.values() if len(held) > 1)
    found = sum(_pairs(len(group)) for group in together)
    right = sum(
        _pairs(count)
        for group in together
        for count in Counter(truth[slug][record_id] for slug, record_id in group).values()
    )
    true = sum(_pairs(len(group)) for group in expected)
    return Verdict(
        groups=len(together),
        records=sum(map(len, together)),
        alone=len(alone),
        as_alone=together == alone,
        partial=tuple(node.slug for node in nodes if not _is_own(node, whole)),
        right=len(together & expected),
        wrong=len(together - expected),
        missed=len(expected - together),
        precision=right / found if found else 1.0,
        recall=right / true if true else 1.0,
    )


def put_together(nodes: Sequence[Seen]) -> tuple[Groups, Mapping[int, Mapping[str, set[str]]]]:
    """Put the groups together from what each node says of its own records.

    Returns:
        The groups; and by number their members' names to the tokens of their records.
    """
    records: dict[int, set[Record]] = {}
    whole: dict[int, dict[str, set[str]]] = {}
    for node in nodes:
        for number, held in node.groups.items():
            own = {token for _, token, yours in held if yours}
            records.setdefault(number, set()).update(
                (node.slug, node.records[token]) for token in own
            )
            whole.setdefault(number, {}).setdefault(node.name, set()).update(own)
    return frozenset(map(frozenset, records.values())), whole


def _is_own(node: Seen, whole: Mapping[int, Mapping[str, set[str]]]) -> bool:
    """Tell whether a node holds the groups with a record of its own, whole, and no others."""
    if {number for number, members in whole.items() if node.name in members} != set(node.groups):
        return False
    for number, held in node.groups.items():
        members = whole[number]
        others = {name: len(tokens) for name, tokens in members.items() if name != node.name}
        if Counter(name for name, _, yours in held if not yours) != others:
            return False
        # A token travels only where its record may be attributed.
        if any(token and token not in members[name] for name, token, yours in held if not yours):
            return False
    return True


def link_alone(nodes: Sequence[Seen], schema: str, threshold: float | None) -> Groups:
    """Link the same encodings in this process, by the same pure functions."""
    ordered = sorted(nodes, key=lambda node: node.member_id)
    sets, model = [node.encoded for node in ordered], ScoreModel.from_schema(parse_schema(schema))
    tasks = plan([len(records) for records in sets])
    with ThreadPoolExecutor(2) as threads:
        candidates = threads.map(lambda task: compare(task, sets, model), tasks)
        result = solve(tasks, candidates, [found.presence for found in sets], model, threshold)
    identifiers = [list(node.records.values()) for node in ordered]
    return frozenset(
        frozenset((ordered[index].slug, identifiers[index][record]) for index, record in of.members)
        for of in result.groups
    )


def _pairs(records: int) -> int:
    return records * (records - 1) // 2
