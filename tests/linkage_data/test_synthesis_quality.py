"""Registers of synthetic coalitions import cleanly, and match about as well as real ones should."""

import csv
import datetime as dt
from collections import defaultdict
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from synthetic import columns_of
from tacit.cli.main import run
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.link import link
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.linkage.score import ScoreModel
from tacit.linkage.synthesis.coalition import synthesise
from tacit.linkage.synthesis.noise import Level
from tacit.linkage.synthesis.records import Coalition
from tacit.node.home import Home
from tacit.node.mapping import read_mapping
from tacit.node.register.importing import ImportReport, import_register
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.store.base import create_store
from tacit.node.store.records import iter_records

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
# The cheapest scrypt that a store takes, so that tests are quick.
COST = 14


@pytest.fixture(scope="module")
def schema() -> LinkageSchema:
    return parse_schema((files("tacit.linkage") / "schemas" / "victims.json").read_bytes())


def take(
    folder: Path, file: Path, schema: LinkageSchema
) -> tuple[ImportReport, list[tuple[bool, bool]]]:
    """Import a register through a real store; gives its report, and objection and consent."""
    mapping = read_mapping(file.with_name("mapping.toml"), fields_of(schema))
    with create_store(Home(folder / "node"), "a passphrase", COST) as store:
        report = import_register(store, open_source(file), mapping, fields_of(schema), NOW)
        with store.read() as connection:
            kept = sorted(iter_records(connection), key=lambda record: record.row_number)
    today = NOW.date().isoformat()
    return report, [
        (
            record.publication == "objected",
            "none" not in record.purposes
            and (not record.consent_expires or record.consent_expires >= today),
        )
        for record in kept
    ]


@pytest.fixture(scope="module", params=["clean", "very-dirty"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coalition with every way of writing, as `tacit synth` leaves it."""
    folder = tmp_path_factory.mktemp("coalition")
    words = ["--members", "6", "--records", "300", "--duplicates", "0.05", "--seed", "21"]
    assert run(["synth", str(folder), *words, "--noise", request.param, "--json"]) == 0
    return folder


@pytest.mark.parametrize("slug", [f"member{number}" for number in range(1, 7)])
def test_every_register_imports_cleanly(
    slug: str, written: Path, schema: LinkageSchema, tmp_path: Path
) -> None:
    (file,) = (written / slug).glob("register.*")
    report, consents = take(tmp_path, file, schema)
    assert (report.new, report.rows, report.problems) == (300, 300, ())
    assert report.unrecognised == {}
    with (written / "truth.csv").open(encoding="utf-8-sig", newline="") as truth:
        own = [row for row in csv.DictReader(truth) if row["member"] == slug]
    told = [(row["objected"] == "yes", row["linkable"] == "yes") for row in own]
    assert consents == told


def test_the_archives_list_imports_with_the_archives_mapping(
    schema: LinkageSchema, tmp_path: Path
) -> None:
    words = ["--scenario", "story", "--records", "400", "--noise", "dirty", "--json"]
    assert run(["synth", str(tmp_path / "made"), *words]) == 0
    report, _ = take(tmp_path, tmp_path / "made" / "archive" / "to-publish.csv", schema)
    assert (report.new, report.problems, report.unrecognised) == (125, (), {})


def pairwise(made: Coalition, schema: LinkageSchema) -> tuple[float, float]:
    """Link a coalition as the service does, without truth; gives precision and recall."""
    secret = derive_secret(b"k" * 32, "synthetic", 1, schema.hash)
    encoder = Encoder(schema, secret)
    sets = []
    entities: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, register in enumerate(made.registers):
        columns = {k: v for k, v in columns_of(register).items() if k in schema.sources}
        sets.append(encoder.encode(normalise_columns(schema, columns)))
        own = [known.entity for known in made.truth if known.slug == register.slug]
        for row, entity in enumerate(own):
            entities[entity].append((place, row))
    result = link(sets, ScoreModel.from_schema(schema))
    found = across([group.members for group in result.groups])
    true = across([tuple(keys) for keys in entities.values()])
    return len(found & true) / len(found), len(found & true) / len(true)


def across(groups: list[tuple[tuple[int, int], ...]]) -> set[tuple[tuple[int, int], ...]]:
    return {
        pair
        for group in groups
        for pair in combinations(sorted(group), 2)
        if pair[0][0] != pair[1][0]
    }


# Measured .979/.986, .949/.918 and .775/.755; below these bounds something has broken.
@pytest.mark.parametrize(
    ("level", "precision", "recall"),
    [("clean", 0.94, 0.94), ("dirty", 0.85, 0.8), ("very-dirty", 0.5, 0.4)],
)
def test_people_are_found_across_scripts(
    level: Level, precision: float, recall: float, schema: LinkageSchema
) -> None:
    found = pairwise(synthesise(3, 500, 1, 0.3, noise=level), schema)
    assert found[0] >= precision
    assert found[1] >= recall
