"""What the doctor says of projects, from the store alone."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tacit.cli.doctor.projects import look_at_projects
from tacit.cli.doctor.troubles import Trouble, Weight
from tacit.linkage.agreement import Agreement, Party
from tacit.node.home import find_home
from tacit.node.store.agreements import StoredVersion, put_version
from tacit.node.store.base import Store, create_store
from tacit.node.store.projects import StoredProject, put_project
from world import COST, PASSPHRASE

PARTIES = (Party("m1", "North", "11" * 32, "22" * 32), Party("m2", "South", "33" * 32, "44" * 32))
AGREEMENT = Agreement("Victims", PARTIES, "{}", expires_on="2027-12-31", epoch_days=100)
PROJECT = StoredProject("p1", AGREEMENT.encode(), AGREEMENT.hash, "m1", True, 1, 1)
WELL = [(None, "")]
MIDNIGHT = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create_store(find_home(tmp_path / "node"), PASSPHRASE, COST) as made:
        yield made


def said(
    store: Store, project: StoredProject, at: dt.datetime = MIDNIGHT
) -> list[tuple[Trouble | None, str]]:
    with store.write() as connection:
        put_project(connection, project)
    found = look_at_projects(store, lambda: at)
    return [(finding.trouble, finding.sentence("en")) for finding in found]


def test_what_is_wrong_with_a_project_is_told(store: Store) -> None:
    assert list(look_at_projects(store, lambda: MIDNIGHT)) == []
    assert said(store, PROJECT) == WELL
    # The end of 2027-12-31 is 30 days after the end of 2027-12-01.
    soon = dt.datetime(2027, 12, 2, 1, tzinfo=dt.UTC)
    assert said(store, PROJECT, soon) == [
        (Trouble.AGREEMENT_ENDS_SOON, "The agreement of Victims ends in 29 days.")
    ]
    ((trouble, ended),) = said(store, PROJECT, dt.datetime(2028, 1, 1, tzinfo=dt.UTC))
    assert trouble is Trouble.AGREEMENT_ENDED
    assert ended.startswith("The agreement of Victims ended with 2027-12-31")
    ((trouble, left),) = said(store, replace(PROJECT, gone="m2"))
    assert trouble is Trouble.MEMBER_LEFT
    assert left.startswith("South left the coalition")
    overdue = replace(PROJECT, epoch_ends_at=int(MIDNIGHT.timestamp() * 1000) - 1)
    due = "The linkage key of Victims has been due to be replaced since 2027-05-31 23:59:59 UTC."
    assert said(store, overdue) == [(Trouble.KEY_OVERDUE, due)]
    with store.write() as connection:
        put_version(connection, StoredVersion("p1", b"2" * 32, 2, b"{}"))
    waits = "Version 2 of the agreement of Victims waits for your signature."
    assert said(store, replace(PROJECT, proposal_hash=b"2" * 32)) == [
        (Trouble.SIGNATURE_WAITS, waits)
    ]
    (finding,) = look_at_projects(store, lambda: MIDNIGHT)
    assert (finding.trouble, finding.weight) == (Trouble.SIGNATURE_WAITS, Weight.NOTE)
    assert "2판" in finding.sentence("ko")
    # A project that went on without this node needs nothing.
    assert said(store, replace(PROJECT, over="removed", gone="m2")) == WELL
