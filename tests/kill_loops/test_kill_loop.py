"""kill -9 at random moments: `make kills` in short, and that its judge would see a loss."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kill_findings import Held, losses, read
from kill_halves import halves
from kill_loop import Loop
from kill_promises import Promises
from tacit.coordinator.store.engine import connect_store

KILLS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Loop]:
    made = Loop(request.param, seed=4, path=tmp_path)
    yield made
    made.close()


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost(loop: Loop) -> None:
    report = loop.run(KILLS)
    assert report.losses == []
    assert report.kills >= KILLS
    acknowledged = report.acknowledged
    assert acknowledged["Enrol"] == 3
    # A member that is killed between the two enrols, and does not come to say so.
    assert 3 - report.members <= acknowledged["node: enrol"] <= 3
    for name in ("SignAgreement", "FinishUpload", "CosignTreeHead", "node: import", "node: link"):
        assert acknowledged[name], name
    store = connect_store(loop.server.home.database_url)
    held = read(store, set(loop.promises.uploads))
    store.close()
    judge(loop.promises, held, loop.server.ledger_key)


def judge(promises: Promises, held: Held, key: bytes) -> None:
    """See that each kind of loss is noticed, in what this very loop acknowledged."""

    def noticed(change: Callable[[Any, Any], None]) -> set[str]:
        rows: dict[str, list[Any]] = {
            name: [dict(row) for row in found] for name, found in held.rows.items()
        }
        told = Promises(**{n: copy.copy(v) for n, v in vars(promises).items() if n != "lock"})
        other = replace(
            held, rows=rows, records=copy.deepcopy(held.records), groups=held.groups.copy()
        )
        change(told, other)
        return {*losses(told, other, list(held.entries), key), *halves(other)}

    def is_found(words: str, change: Callable[[Any, Any], None]) -> None:
        assert any(words in loss for loss in noticed(change)), words

    for member_id, given in promises.certificates.items():
        promises.certificates[member_id] = given[-1:]
    upload = next(iter(promises.uploads))
    assert noticed(lambda _told, _held: None) == set()
    is_found("gaps", lambda _told, held: held.rows["ledger_entries"].pop(1))
    is_found("changed or are gone", lambda _told, held: held.rows["ledger_entries"].pop())
    is_found("of this history", lambda _told, held: _shuffle(held.rows["ledger_entries"]))
    is_found("was finished and is not", lambda _told, held: held.rows["uploads"].clear())
    is_found("other commitments", lambda _told, held: held.commitments[upload].reverse())
    held.commitments[upload].reverse()
    is_found("enrolled and is not there", lambda _told, held: held.rows["members"].pop())
    is_found("last certificate", lambda _told, held: _zero(held.rows["members"], "fingerprint"))
    is_found("cosignature", lambda _told, held: held.rows["cosignatures"].clear())
    is_found("and misses", lambda _told, held: held.records.clear())
    is_found("was done and is not", lambda _told, held: held.rows["runs"].clear())
    is_found("says upload, and there is none", lambda _told, held: held.rows["uploads"].clear())
    is_found("and has 0", lambda _told, held: held.groups.clear())
    is_found("withdrawn", _withdraw)
    is_found("signature under", _sign)


def _shuffle(entries: list[dict[str, Any]]) -> None:
    entries[0]["entry"], entries[1]["entry"] = entries[1]["entry"], entries[0]["entry"]


def _zero(rows: list[dict[str, Any]], column: str) -> None:
    for row in rows:
        row[column] = bytes(32)


def _withdraw(told: Promises, held: Held) -> None:
    tokens = next(iter(held.records.values()))
    told.withdrawn["p", next(iter(tokens))] = True


def _sign(told: Promises, _held: Held) -> None:
    place = next(iter(told.signatures))
    told.signatures[place] = bytes(64)
