"""FEBRL 4 through the whole service: two nodes, a coordinator, an inferred schema."""

from typing import Any

import pytest

from commands import Commands, shared_data

ORIGINALS = shared_data() / "febrl4a.csv"
DUPLICATES = shared_data() / "febrl4b.csv"
TRUE_PAIRS = 5000


def entity(record_id: str) -> str:
    """rec-N-org and rec-N-dup-0 are one person."""
    return record_id.split("-")[1]


def found_pairs(first: Any, second: Any) -> list[tuple[str, str]]:
    """Join what two members see by the group's number, which both of them know."""
    other = {group["group_id"]: group["own"] for group in second["groups"]}
    return [
        (mine["record_id"], theirs["record_id"])
        for group in first["groups"]
        for mine in group["own"]
        for theirs in other[group["group_id"]]
    ]


@pytest.mark.timeout(900)
def test_two_nodes_link_febrl_at_the_threshold_that_needs_no_truth(coalition: Commands) -> None:
    coalition.init()
    coalition.serve()
    coalition.enrol("alpha")
    coalition.enrol("beta")
    schema = str(coalition.root / "schema.json")
    coalition.run("alpha", "schema", "infer", str(ORIGINALS), str(DUPLICATES), "--out", schema)
    coalition.run("alpha", "node", "import", str(ORIGINALS), "--schema", schema)
    coalition.run("beta", "node", "import", str(DUPLICATES), "--schema", schema)
    coalition.run("alpha", "project", "create", "FEBRL", "--with", "beta", "--schema", schema)
    coalition.run("beta", "project", "sign", "--yes")
    coalition.run("alpha", "node", "sync")
    coalition.run("beta", "node", "sync")
    run = coalition.run("alpha", "link")["run"]
    coalition.run("beta", "node", "sync")

    pairs = found_pairs(coalition.run("alpha", "results"), coalition.run("beta", "results"))

    right = sum(entity(left) == entity(other) for left, other in pairs)
    precision, recall = right / len(pairs), right / TRUE_PAIRS
    assert 2 * precision * recall / (precision + recall) >= 0.995
    assert abs(run["estimated_precision"] - precision) <= 0.02
