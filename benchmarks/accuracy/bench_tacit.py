"""Tacit: schema inferred from names and values, threshold found without truth."""

from collections.abc import Iterator, Sequence

from bench_curve import Point, Step, curve
from bench_data import DataSet
from tacit.linkage.cluster import Merge
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.evaluate import SECRET_KEY, Evaluation, evaluate, true_pairs
from tacit.linkage.infer import infer_schema
from tacit.linkage.link import compare, plan, weigh
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.linkage.score import ScoreModel


def schema_of(data: DataSet) -> LinkageSchema:
    """Infer the schema, as `tacit evaluate` does where none is given."""
    return parse_schema(infer_schema(data.tables))


def run(data: DataSet) -> Evaluation:
    """Do what `tacit evaluate` does."""
    return evaluate(data.tables, schema_of(data), data.truth)


def draw(data: DataSet) -> tuple[Point, ...]:
    """Give the accuracy of the groups of every threshold."""
    schema = schema_of(data)
    encoder = Encoder(schema, derive_secret(SECRET_KEY, "evaluate", 0, schema.hash))
    sets = [encoder.encode(normalise_columns(schema, table)) for table in data.tables]
    model, tasks = ScoreModel.from_schema(schema), plan([len(records) for records in sets])
    candidates = [compare(task, sets, model) for task in tasks]
    weighed = weigh(tasks, candidates, [records.presence for records in sets], model)
    return curve(_steps(weighed.merges, data.truth), true_pairs(data.truth))


def _steps(merges: Sequence[Merge], truth: Sequence[Sequence[str]]) -> Iterator[Step]:
    for merge in merges:
        links = [(one, other) for one in merge.left for other in merge.right]
        right = sum(bool(truth[a][i]) and truth[a][i] == truth[b][j] for (a, i), (b, j) in links)
        yield merge.score, len(links), right
