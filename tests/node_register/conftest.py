import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tacit.node.home import Home
from tacit.node.mapping import ColumnMapping
from tacit.node.register.importing import ImportOptions, ImportReport, import_register
from tacit.node.roles import RegisterFields
from tacit.node.sources.opening import open_source
from tacit.node.store.base import Store, create_store
from tacit.node.store.tables import metadata

PASSPHRASE = "correct horse battery"
# The cheapest scrypt that a store takes, so that tests are quick.
COST = 14
NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
FIELDS = RegisterFields(
    ("name", "birth_date", "sex", "birth_place", "father"), frozenset({"birth_date"})
)
MAPPING = ColumnMapping(
    columns={
        "id": "record_id",
        "성명": "name",
        "생년월일": "birth_date",
        "기록일": "documented_on",
        "공개": "publication",
        "목적": "purposes",
    }
)
HEADER = ",".join(MAPPING.columns)
# Never to be seen in any message, nor in any file of the home.
PLANTED = "홍길동비밀"
PLANTED_DATE = "1931-05-17"

Importer = Callable[..., ImportReport]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "node")


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with create_store(home, PASSPHRASE, COST) as opened:
        yield opened


@pytest.fixture
def take(store: Store) -> Importer:
    """Imports a file into `store`."""

    def importer(
        path: Path,
        mapping: ColumnMapping = MAPPING,
        options: ImportOptions | None = None,
        **opening: str,
    ) -> ImportReport:
        return import_register(
            store, open_source(path, **opening), mapping, FIELDS, NOW, options=options
        )

    return importer


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the store holds, table by table."""
    with store.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.fixture
def everything() -> Callable[[Store], dict[str, list[tuple[object, ...]]]]:
    return dump
