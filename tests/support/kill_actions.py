"""What a member under fire does: everything that a node offers, in no order at all."""

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_writing import Wishes
from tacit.node.check import check
from tacit.node.check_rows import CheckRow
from tacit.node.claims import claims
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import connect, load_member
from tacit.node.counts import count
from tacit.node.decisions import About, decide
from tacit.node.ledger_verify import verify_ledger
from tacit.node.link import link
from tacit.node.mapping import ColumnMapping
from tacit.node.projects import create_project, list_projects, sign_project, to_sign
from tacit.node.proposals import drop_proposal, propose_version
from tacit.node.register.importing import ImportOptions, import_register
from tacit.node.renewal import renew
from tacit.node.results import results
from tacit.node.roles import RegisterFields
from tacit.node.sources.base import Source
from tacit.node.sources.opening import open_source
from tacit.node.store.base import Store
from tacit.node.store.records import StoredRecord, iter_records
from tacit.node.sync import sync
from world import OPTIONS, SCHEMA, person

MAIN = "Main"
SIDE = "Side"
FIELDS = RegisterFields(("name", "birth_date", "sex"), frozenset({"birth_date"}))
COLUMNS = (
    "record_id", "name", "birth_date", "sex", "publication", "purposes", "petition",
)  # fmt: skip
FEWEST = 40
PEOPLE = 150

Answer = Mapping[str, Any] | None


@dataclass
class Desk:
    """Where a member works: its store, whom it works with, its dice, and whom it tells."""

    store: Store
    name: str
    others: tuple[str, ...]
    chance: random.Random
    tell: Callable[[tuple[Any, ...]], None]


@dataclass(frozen=True)
class Action:
    """Something to do, and how often as against the others."""

    weight: int
    run: Callable[[Desk, RetryPolicy], Answer]


def change_register(desk: Desk, _policy: RetryPolicy) -> Answer:
    """Import the register anew: some people more, some withdrawn, some consents changed."""
    with desk.store.read() as connection:
        held = {record.record_id: record for record in iter_records(connection)}
    wanted = dict(_changed(desk, held))
    desk.tell(("importing", {key: tuple(row[4:7]) for key, row in wanted.items()}))
    path = desk.store.home.path / "register.csv"
    lines = [",".join(COLUMNS), *(",".join(row) for row in wanted.values())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = import_register(
        desk.store,
        _open(desk),
        ColumnMapping({name: name for name in COLUMNS}),
        FIELDS,
        dt.datetime.now(dt.UTC),
        options=ImportOptions(replace=True),
    )
    desk.tell(("imported",))
    return {"total": report.total, "withdrawn": report.withdrawn}


def _open(desk: Desk) -> Source:
    return open_source(desk.store.home.path / "register.csv")


def _changed(desk: Desk, held: Mapping[str, StoredRecord]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the rows of the next register; who was withdrawn once never comes back."""
    chance = desk.chance
    gone = set(chance.sample(sorted(held), 2)) if len(held) > FEWEST else set[str]()
    for record_id, record in held.items():
        if record_id in gone:
            continue
        publication, purposes, petition = record.publication, record.purposes, record.petition
        lot = chance.random()
        if lot < 0.02:
            publication = "objected" if publication == "allowed" else "allowed"
        elif lot < 0.03:
            # A consent that shrinks; it never grows again here.
            purposes = tuple(item for item in ("check", "count") if item in (purposes or (item,)))
        elif lot < 0.05:
            petition = f"case {chance.randrange(10**6)}"
        yield record_id, _row(record_id, publication or "allowed", purposes, petition)
    for _ in range(chance.randint(1, 4) if held else FEWEST):
        # The number of the person, then one of the record: nobody's number is used twice.
        person_number = chance.randrange(PEOPLE)
        if not any(_number(record_id) == person_number for record_id in held):
            record_id = f"{desk.name}-{person_number}-{chance.randrange(10**9)}"
            yield record_id, _row(record_id, "allowed", (), "")


def _number(record_id: str) -> int:
    return int(record_id.split("-")[1])


def _row(
    record_id: str, publication: str, purposes: tuple[str, ...], petition: str
) -> tuple[str, ...]:
    known = person(_number(record_id))
    fields = (known["name"], known["birth_date"], known["sex"])
    return (record_id, *fields, publication, " ".join(purposes), petition)


def exchange(desk: Desk, policy: RetryPolicy) -> Answer:
    """Synchronise everything; sign what waits to be signed."""
    for view in list_projects(desk.store):
        if to_sign(view) is not None:
            sign_project(desk.store, view.project_id, lambda _: True)
    report = sync(desk.store, MAIN, policy=policy)
    if report.failures:
        raise report.failures[0].error
    (project,) = report.projects
    return {
        "waiting": project.waiting_for,
        "upload": None if project.upload is None else asdict(project.upload),
        "ledger": report.ledger_size,
    }


def run(desk: Desk, policy: RetryPolicy) -> Answer:
    view = link(desk.store, MAIN, lambda _: None, policy)
    return {"run": view.run_id, "state": view.state, "groups": view.group_count}


def ask(desk: Desk, policy: RetryPolicy) -> Answer:
    numbers = desk.chance.sample(range(PEOPLE), 6)
    rows = [CheckRow(str(number), person(number)) for number in numbers]
    report = check(desk.store, MAIN, rows, lambda _done, _total: None, policy=policy)
    return {"check": report.check_id, "index": report.ledger_index, "asked": report.asked}


def total(desk: Desk, policy: RetryPolicy) -> Answer:
    del policy
    report = count(desk.store, MAIN)
    return {"run": report.run_id, "index": report.ledger_index, "distinct": report.distinct}


def attribute(desk: Desk, policy: RetryPolicy) -> Answer:
    del policy
    report = claims(desk.store, MAIN)
    return {"run": report.run_id, "size": report.tree_size, "root": report.tree_root}


def settle_match(desk: Desk, policy: RetryPolicy) -> Answer:
    """Decide about a match of the newest results."""
    found = [match for match in results(desk.store, MAIN).matches if match.others]
    if not found:
        return None
    match = desk.chance.choice(found)
    about = About(match.group_id, match.others[0].member, match.own[0].record_id)
    made = decide(desk.store, MAIN, about, desk.chance.choice(("same", "undecided")), policy)
    return {"index": made.entry}


def new_certificate(desk: Desk, policy: RetryPolicy) -> Answer:
    """Renew the certificate as if it were due, and come back with the new one."""
    member = load_member(desk.store)
    with connect(desk.store, policy) as session:
        renew(session, desk.store, member.identity, member.keys)
    connect(desk.store, policy).close()
    return {}


def verify(desk: Desk, policy: RetryPolicy) -> Answer:
    """Check the whole ledger, with all that this node remembers of its own acts."""
    found = verify_ledger(desk.store, policy=policy)
    wrong = [item.kind.name for item in found.findings if not item.remark]
    return {"sound": found.sound, "wrong": wrong, "entries": len(found.tree)}


def propose(desk: Desk, policy: RetryPolicy) -> Answer:
    """Propose the next version of the main agreement, or drop what is proposed."""
    del policy
    if desk.chance.random() < 0.2:
        drop_proposal(desk.store, MAIN, lambda _: True)
        return {"dropped": True}
    wishes = Wishes(values={"retention_days": desk.chance.randrange(100, 900)})
    view = propose_version(desk.store, MAIN, wishes, lambda _: True)
    return {"version": view.agreement.version}


def agree(desk: Desk, policy: RetryPolicy) -> Answer:
    """Make the first project, or one more that is only signed."""
    del policy
    known = {view.name for view in list_projects(desk.store)}
    if MAIN in known and desk.chance.random() < 0.7:
        return None
    if MAIN not in known and desk.name != min((desk.name, *desk.others)):
        return None
    name = f"{SIDE} {desk.chance.randrange(10**9)}" if MAIN in known else MAIN
    options = replace(OPTIONS, minimum_cell=3, check_budget=100_000)
    try:
        view = create_project(desk.store, name, desk.others, SCHEMA, options)
    except TacitError as error:
        # Not everybody has enrolled yet.
        if error.code in (Code.NOT_FOUND, Code.BAD_AGREEMENT):
            return None
        raise
    return {"project": view.project_id}


ACTIONS: Mapping[str, Action] = {
    "import": Action(6, change_register),
    "sync": Action(12, exchange),
    "link": Action(4, run),
    "check": Action(3, ask),
    "count": Action(2, total),
    "claims": Action(1, attribute),
    "decide": Action(3, settle_match),
    "renew": Action(2, new_certificate),
    "verify": Action(1, verify),
    "agree": Action(2, agree),
    "propose": Action(1, propose),
}
