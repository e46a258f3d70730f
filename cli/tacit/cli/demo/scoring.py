"""How right the demo's matches and its check were, by the synthetic truth."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, str]  # slug of the member, record id
Pair: TypeAlias = tuple[Key, Key]


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands behind a synthetic record.

    Attributes:
        entity: the person.
        objected: whether the record says that its family objects to publication.
        linkable: whether its consent lets it into the project at all.
    """

    entity: str
    objected: bool
    linkable: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Right answers among those given (precision) and among those to be given (recall)."""

    found: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found; 1 where nothing was to be found."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(found: set[Any], true: set[Any]) -> Score:
    """Compare what was found with what is true."""
    return Score(len(found), len(true), len(found & true))


def found_pairs(results: Mapping[str, Any]) -> set[Pair]:
    """Put together what each member alone cannot: the pairs behind all match groups.

    Args:
        results: the document of `tacit results`, by member.
    """
    groups: defaultdict[int, set[Key]] = defaultdict(set)
    for slug, document in results.items():
        for group in document["groups"]:
            groups[group["group_id"]] |= {(slug, own["record_id"]) for own in group["own"]}
    return {pair for keys in groups.values() for pair in pairs(keys)}


def true_pairs(truth: Mapping[Key, Truth]) -> set[Pair]:
    """Give every pair of linkable records of different members that is one person."""
    persons: defaultdict[str, list[Key]] = defaultdict(list)
    for key, known in truth.items():
        if known.linkable:
            persons[known.entity].append(key)
    return {pair for keys in persons.values() for pair in pairs(keys)}


def pairs(keys: Iterable[Key]) -> list[Pair]:
    """Give every pair of records of different members, in order."""
    return [(one, other) for one, other in combinations(sorted(keys), 2) if one[0] != other[0]]


def check_scores(
    check: Any, asker: str, names: Mapping[str, str], truth: Mapping[Key, Truth]
) -> tuple[Score, Score]:
    """Score a check: who else documents each record, and where somebody objects.

    Args:
        check: the document of `tacit check`.
        asker: slug of the member who asked.
        names: member's name to its slug.
        truth: of all records.
    """
    persons: defaultdict[str, set[str]] = defaultdict(set)
    objecting: set[tuple[str, str]] = set()
    for (slug, _), known in truth.items():
        if slug != asker and known.linkable:
            persons[known.entity].add(slug)
            if known.objected:
                objecting.add((slug, known.entity))
    labels: Sequence[str] = [row["label"] for row in check["rows"]]
    holders = {
        (row["label"], names[holder["member"]])
        for row in check["rows"]
        for holder in row["holders"]
    }
    objected = {row["label"] for row in check["rows"] if row["objected"]}
    true_holders = {
        (label, slug) for label in labels for slug in persons[truth[asker, label].entity]
    }
    true_objected = {
        label for label, slug in true_holders if (slug, truth[asker, label].entity) in objecting
    }
    return score(holders, true_holders), score(objected, true_objected)
