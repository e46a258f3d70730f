"""Accuracy on public data sets, with the schema inferred and through the code the service runs."""

from collections.abc import Callable

from tacit.linkage.evaluate import Evaluation, evaluate
from tacit.linkage.infer import infer_schema
from tacit.linkage.schema import parse_schema

Table = dict[str, list[str]]
Read = Callable[[str], Table]


def linked(tables: list[Table], truth: list[list[str]], entity: str) -> Evaluation:
    schema = parse_schema(infer_schema(tables))
    assert not {"rec_id", "unique_id", "cluster"} & set(schema.sources)
    return evaluate(tables, schema, truth, entity)


def test_febrl_4(read_shared: Read) -> None:
    tables = [read_shared("febrl4a.csv"), read_shared("febrl4b.csv")]
    truth = [[value.split("-")[1] for value in table["rec_id"]] for table in tables]
    found = linked(tables, truth, "rec_id")
    assert found.true_pairs == 5000
    assert found.auto.f1 >= 0.999
    assert found.best.f1 - found.auto.f1 <= 0.01
    assert found.estimated_precision >= 0.99
    assert abs(found.estimated_precision - found.auto.precision) <= 0.02


def test_historical_figures(read_shared: Read) -> None:
    tables = [read_shared(f"historical_org{number}.csv") for number in range(3)]
    found = linked(tables, [table["cluster"] for table in tables], "cluster")
    assert found.true_pairs == 5441
    assert found.best.f1 >= 0.91
    assert found.auto.f1 >= 0.905
    assert found.best.f1 - found.auto.f1 <= 0.01
    assert abs(found.estimated_precision - found.auto.precision) <= 0.02
