"""How well files with truth are linked, through the same code that the service runs.

The encodings never leave this process, so the secret they are made with protects nothing; it is
fixed, and published here, so that a result can be had again bit for bit.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from time import perf_counter

from tacit.linkage.candidates import Candidates
from tacit.linkage.cluster import Merge
from tacit.linkage.constraints import Constraints
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.link import compare, plan, settle, weigh
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.linkage.score import ScoreModel
from tacit.linkage.within import LIKELY, find_within

SECRET_KEY = b"tacit evaluation: no secret here"

REPEATING, HOUSEHOLDS = 0.02, 0.6
"""A file in which so many pairs a record are one person is taken to repeat people; where there
seem to be more than the second, they are relatives or people of one household."""

Record = tuple[int, int]
Truth = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Pairwise accuracy at one threshold, over pairs of records from different files.

    Attributes:
        threshold: least match probability of a link.
        precision: share of found pairs that are true; 1 if none was found.
        recall: share of true pairs that were found; 1 if there are none.
        f1: harmonic mean of the two.
    """

    threshold: float
    precision: float
    recall: float
    f1: float

    def as_dict(self) -> dict[str, float]:
        """Give the four numbers by name."""
        return {
            "threshold": self.threshold,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What linking files with truth showed.

    Attributes:
        records: per file.
        true_pairs: pairs of records of different files with the same entity.
        auto: at the threshold that a project without truth would use.
        best: at the threshold of highest F1, which only truth can tell.
        estimated_precision: of `auto`, as estimated without truth.
        estimated_recall: likewise.
        seconds: taken to encode, to look for people held twice, to compare and to solve.
        warnings: what was left out or may not be meant.
    """

    records: tuple[int, ...]
    true_pairs: int
    auto: Accuracy
    best: Accuracy
    estimated_precision: float
    estimated_recall: float
    seconds: Mapping[str, float]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Give the result's JSON: records of all files, true pairs, accuracies, linking's time."""
        return {
            "records": sum(self.records),
            "true_pairs": self.true_pairs,
            "auto": self.auto.as_dict(),
            "best": self.best.as_dict(),
            "estimated": {"precision": self.estimated_precision, "recall": self.estimated_recall},
            "seconds": {name: self.seconds[name] for name in ("encode", "compare", "solve")},
        }


def evaluate(
    tables: Sequence[Mapping[str, Sequence[str]]],
    schema: LinkageSchema,
    truth: Truth,
    entity: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Encode, compare, solve and score.

    Args:
        tables: per file, column name to raw values, "" where missing.
        schema: what to encode. A feature that is made from `entity` is left out, with a warning.
        truth: per file, what each record stands for; "" for a record that stands for nobody else.
        entity: name of the column that the truth was taken from.
        progress: called with the finished and all comparison tasks.

    Raises:
        TacitError: BAD_INPUT; a value does not fit the schema. BAD_SCHEMA; nothing is left of it.
        ValueError: truth and tables differ in length.
    """
    columns = [
        {name.strip(): [value.strip() for value in values] for name, values in table.items()}
        for table in tables
    ]
    usable, warnings = _without_truth(schema, entity, columns)
    started = perf_counter()
    normalised = [normalise_columns(usable, table) for table in columns]
    encoder = Encoder(usable, derive_secret(SECRET_KEY, "evaluate", 0, usable.hash))
    sets = [encoder.encode(part) for part in normalised]
    sizes = [len(records) for records in sets]
    if [len(part) for part in truth] != sizes:
        raise ValueError("there must be one truth value for each record")
    encoded_at = perf_counter()
    constraints = Constraints(several=_repeating(normalised, usable))
    searched_at = perf_counter()
    model = ScoreModel.from_schema(usable)
    tasks = plan(sizes)
    candidates: list[Candidates] = []
    for done, task in enumerate(tasks, start=1):
        candidates.append(compare(task, sets, model))
        if progress is not None:
            progress(done, len(tasks))
    compared_at = perf_counter()
    weighed = weigh(tasks, candidates, [part.presence for part in sets], model, constraints)
    result = settle(weighed)
    solved_at = perf_counter()
    total = true_pairs(truth)
    groups = [group.members for group in result.groups]
    return Evaluation(
        records=tuple(sizes),
        true_pairs=total,
        auto=_accuracy(result.threshold, *_count(groups, truth), total),
        best=best_accuracy(weighed.merges, truth, total),
        estimated_precision=result.estimated_precision,
        estimated_recall=result.estimated_recall,
        seconds={
            "encode": encoded_at - started,
            "search for repetitions": searched_at - encoded_at,
            "compare": compared_at - searched_at,
            "solve": solved_at - compared_at,
        },
        warnings=warnings,
    )


def _without_truth(
    schema: LinkageSchema, entity: str, tables: Sequence[Mapping[str, Sequence[str]]]
) -> tuple[LinkageSchema, tuple[str, ...]]:
    """Drop features made from the entity column; say so, and which columns no file has."""
    missing = [name for name in schema.sources if not any(name in table for table in tables)]
    warnings = [f"no file has the column '{name}' that the schema names" for name in missing]
    name = entity.strip()
    dropped = {feature.identifier for feature in schema.features if name in feature.sources}
    if not dropped:
        return schema, tuple(warnings)
    if len(dropped) == len(schema.features):
        raise TacitError(Code.BAD_SCHEMA, problem="it encodes nothing but the entity column")
    raw = json.loads(schema.text)
    raw["features"] = [item for item in raw["features"] if item["identifier"] not in dropped]
    settings = raw.get("tacit", {}).get("features", {})
    for identifier in dropped & settings.keys():
        del settings[identifier]
    warnings.append(f"the entity column '{name}' stands in the schema; it was not encoded")
    return parse_schema(json.dumps(raw)), tuple(warnings)


def _repeating(
    normalised: Sequence[Mapping[str, Sequence[str]]], schema: LinkageSchema
) -> frozenset[int]:
    """Tell which files hold people more than once, as a member would see at its own register."""
    found = set()
    for index, part in enumerate(normalised):
        within = find_within(schema, part)
        likely = sum(pair.probability >= LIKELY for pair in within.pairs)
        if REPEATING < likely / max(within.records, 1) < HOUSEHOLDS:
            found.add(index)
    return frozenset(found)


def true_pairs(truth: Truth) -> int:
    """Count pairs of records of different files that stand for the same entity."""
    counts = [Counter(value for value in part if value) for part in truth]
    return sum(
        count * right[value]
        for left, right in combinations(counts, 2)
        for value, count in left.items()
    )


def best_accuracy(merges: Sequence[Merge], truth: Truth, total: int) -> Accuracy:
    """Find the threshold of highest F1; groups at each are those the solver makes.

    Args:
        merges: of all candidates, by falling score.
        truth: as in `evaluate`.
        total: true pairs.
    """
    best = _accuracy(1.0, 0, 0, total)
    right = found = 0
    threshold: float | None = None
    for merge in merges:
        if threshold is not None and merge.score < threshold:
            best = max(best, _accuracy(threshold, right, found, total), key=lambda item: item.f1)
        threshold = merge.score
        apart = [(one, other) for one in merge.left for other in merge.right if one[0] != other[0]]
        found += len(apart)
        right += sum(_same(truth, one, other) for one, other in apart)
    if threshold is not None:
        best = max(best, _accuracy(threshold, right, found, total), key=lambda item: item.f1)
    return best


def _same(truth: Truth, one: Record, other: Record) -> bool:
    value = truth[one[0]][one[1]]
    return bool(value) and value == truth[other[0]][other[1]]


def _count(groups: Sequence[Sequence[Record]], truth: Truth) -> tuple[int, int]:
    pairs = [
        (one, other)
        for group in groups
        for one, other in combinations(group, 2)
        if one[0] != other[0]
    ]
    return sum(_same(truth, one, other) for one, other in pairs), len(pairs)


def _accuracy(threshold: float, right: int, found: int, total: int) -> Accuracy:
    f1 = 2 * right / (found + total) if found + total else 1.0
    return Accuracy(
        threshold=threshold,
        precision=right / found if found else 1.0,
        recall=right / total if total else 1.0,
        f1=f1,
    )
