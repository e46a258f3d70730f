"""The check: answers, budget, batches, notices, and asking again."""

import secrets
from typing import Any

import pytest
from sqlalchemy import select

from coalition import CallError, Members
from linking import EVERY_PURPOSE, Register, Seat, answers, encode, person, schema
from tacit.coordinator.store.tables import checks, ledger_entries, metadata, run_calibrations
from tacit.linkage.calibration import Calibration
from tacit.linkage.score import ScoreModel

MODEL = ScoreModel.from_schema(schema())


def people(*entities: int) -> Any:
    return encode([person(entity) for entity in entities])


def refused(seat: Seat, *args: Any, **changes: Any) -> CallError:
    with pytest.raises(CallError) as failure:
        seat.check(*args, **changes)
    return failure.value


@pytest.fixture
def asked(project: Any, members: Members) -> tuple[Seat, Seat, Seat]:
    """South and East hold records, North asks; nothing was linked yet."""
    agreed = project(check_minimum_batch=3, check_maximum_batch=40, check_budget=50)
    Register(members.south, range(30), {0: {"publication": 2}}).upload(agreed)
    Register(members.east, range(20, 50), {21: {"purposes": ["count"]}}).upload(agreed)
    return Seat(members.north, agreed), Seat(members.south, agreed), Seat(members.east, agreed)


def test_answers_name_each_holder_and_its_objection(asked: tuple[Seat, Seat, Seat]) -> None:
    north, _, _ = asked
    found = answers(north.check(people(0, 25, 49, 1000)))
    assert [[holder.member for holder in holders] for holders in found] == [
        ["South"],
        found_order(north, ["South", "East"]),
        ["East"],
        [],
    ]
    assert found[0][0].objects
    assert not found[2][0].objects
    assert all(round(h.score, 2) == h.score >= 0.6 for holders in found for h in holders)


def found_order(seat: Seat, names: list[str]) -> list[str]:
    """Holders come in the agreement's order."""
    order = [party.name for party in seat.project.agreement.members]
    return sorted(names, key=order.index)


def test_progress_comes_before_the_answers(asked: tuple[Seat, Seat, Seat]) -> None:
    messages = asked[0].check(people(*range(10)))
    done = [message.done for message in messages]
    assert done == sorted(done)
    assert done[-1] == 10
    assert {message.total for message in messages} == {10}
    assert not messages[0].answers


def test_record_without_consent_to_checks_is_not_found(asked: tuple[Seat, Seat, Seat]) -> None:
    found = answers(asked[0].check(people(20, 21, 22)))
    assert [len(holders) for holders in found] == [2, 1, 2]


def test_own_records_are_not_asked(asked: tuple[Seat, Seat, Seat]) -> None:
    _, south, _ = asked
    found = answers(south.check(people(5, 6, 25)))
    assert [[holder.member for holder in holders] for holders in found] == [[], [], ["East"]]


def test_holders_are_told_how_many_but_not_which(asked: tuple[Seat, Seat, Seat]) -> None:
    north, south, east = asked
    message = north.check(people(0, 1, 25, 1000))[-1]
    [notice] = south.notices()
    assert (notice.member, notice.records) == ("North", 3)
    assert notice.ledger_index == message.ledger_index
    assert [n.records for n in east.notices()] == [1]
    north.check(people(45, 46, 47))
    assert len(south.notices()) == 1
    assert [n.records for n in east.notices()] == [1, 3]
    assert north.notices() == []


def test_budget_is_spent_and_then_refused(asked: tuple[Seat, Seat, Seat]) -> None:
    north, south, _ = asked
    assert north.check(people(*range(30)))[-1].budget_left == 20
    assert north.check(people(*range(15)))[-1].budget_left == 5
    failure = refused(north, people(*range(6)))
    assert failure.reason == "BUDGET_SPENT"
    assert failure.params == {"left": 5, "budget": 50}
    assert north.check(people(*range(5)))[-1].budget_left == 0
    # Every member has its own.
    assert south.check(people(*range(20, 30)))[-1].budget_left == 40


def test_batches_are_bounded(asked: tuple[Seat, Seat, Seat]) -> None:
    north, _, _ = asked
    assert refused(north, people(1, 2)).params == {"minimum": 3}
    failure = refused(north, people(*range(41)))
    assert (failure.reason, failure.params) == ("BATCH_TOO_LARGE", {"maximum": 40})
    # One person asked about three times is still one person.
    assert refused(north, people(1, 1, 1)).reason == "BATCH_TOO_SMALL"
    assert north.check(people(1, 2, 3))[-1].budget_left == 47


def test_malformed_batches_cost_nothing(asked: tuple[Seat, Seat, Seat]) -> None:
    north, _, _ = asked
    batch = people(1, 2, 3)
    query = {"clk": bytes(128), "presence": 7}
    for changes in (
        {"total": 4},
        {"total": 2},
        {"check_id": b"short"},
        {"queries": [query, {**query, "clk": bytes(64)}, {**query, "presence": 1}]},
        {"queries": [query, {**query, "presence": 0}, {**query, "presence": 1}]},
        {"queries": [query, {**query, "presence": 8}, {**query, "presence": 1}]},
    ):
        assert refused(north, batch, **changes).reason == "MALFORMED"
    # The signature is over the first message, which binds the rest by its digest.
    assert refused(north, batch, digest=bytes(32)).reason == "DIGEST_MISMATCH"
    assert north.check(batch)[-1].budget_left == 47


def test_asking_again_is_answered_again_at_no_cost(asked: tuple[Seat, Seat, Seat]) -> None:
    north, south, _ = asked
    check_id = secrets.token_bytes(16)
    first = north.check(people(0, 25, 49), check_id)
    again = north.check(people(0, 25, 49), check_id)
    assert answers(again) == answers(first)
    assert again[-1].budget_left == first[-1].budget_left == 47
    assert again[-1].ledger_index == first[-1].ledger_index
    assert len(south.notices()) == 1


def test_identifier_stands_for_one_batch(asked: tuple[Seat, Seat, Seat]) -> None:
    north, _, _ = asked
    check_id = secrets.token_bytes(16)
    north.check(people(0, 25, 49), check_id)
    assert refused(north, people(0, 25, 48), check_id).reason == "MALFORMED"


def test_asking_again_after_a_new_upload_is_a_new_question(
    asked: tuple[Seat, Seat, Seat], members: Members
) -> None:
    north, south, _ = asked
    check_id = secrets.token_bytes(16)
    first = north.check(people(0, 25, 1000), check_id)
    Register(members.south, [*range(30), 1000]).upload(north.project)
    again = north.check(people(0, 25, 1000), check_id)
    assert [len(holders) for holders in answers(first)] == [1, 2, 0]
    assert [len(holders) for holders in answers(again)] == [1, 2, 1]
    assert again[-1].budget_left == 44
    assert again[-1].ledger_index > first[-1].ledger_index
    assert [notice.records for notice in south.notices()] == [3]


def test_aliases_instead_of_names(project: Any, members: Members) -> None:
    agreed = project(disclose_members=False, purposes=("check", "count"), check_minimum_batch=1)
    purposes = {e: {"purposes": [p for p in EVERY_PURPOSE if p != "attribute"]} for e in range(5)}
    Register(members.south, range(5), purposes).upload(agreed)
    order = [party.member_id for party in agreed.agreement.members]
    [[holder]] = answers(Seat(members.north, agreed).check(people(1)))
    assert holder.member == f"member {order.index(members.south.id) + 1}"
    [notice] = Seat(members.south, agreed).notices()
    assert notice.member == f"member {order.index(members.north.id) + 1}"


def test_nothing_to_ask_costs_nothing(project: Any, members: Members) -> None:
    agreed = project()
    Register(members.north, range(5)).upload(agreed)
    seat = Seat(members.north, agreed)
    assert refused(seat, people(*range(5))).reason == "NOTHING_TO_LINK"
    # Whoever has nothing that may be checked is nobody to ask, and learns nothing of it.
    counted = {entity: {"purposes": ["count"]} for entity in range(5)}
    Register(members.south, range(5), counted).upload(agreed)
    assert refused(seat, people(*range(5))).reason == "NOTHING_TO_LINK"


def test_purpose_and_membership_are_asked_for(project: Any, members: Members) -> None:
    agreed = project(purposes=("count",))
    assert refused(Seat(members.north, agreed), people(1, 2, 3)).reason == "PURPOSE_NOT_AGREED"
    assert refused(Seat(members.outsider, agreed), people(1, 2, 3)).reason == "NOT_FOUND"


def test_threshold_is_that_of_the_last_run(project: Any, members: Members) -> None:
    agreed = project(threshold_permille=0)
    for node, entities in (
        (members.north, range(60)),
        (members.south, range(30, 90)),
        (members.east, range(50, 110)),
    ):
        Register(node, entities).upload(agreed)
    seat = Seat(members.north, agreed)
    before = seat.check(people(*range(40, 60)))
    assert [len(holders) for holders in answers(before)] == [1] * 10 + [2] * 10
    run = seat.link()
    after = seat.check(people(*range(40, 60)))
    assert after[-1].threshold == run.threshold
    assert [len(holders) for holders in answers(after)] == [1] * 10 + [2] * 10


def test_scores_are_match_probabilities_by_what_the_last_run_learnt(
    project: Any, members: Members
) -> None:
    """A slip costs likeness, but who is who is plain: a probability near 1. Three queries and a
    single holder would not tell that by themselves.
    """
    agreed = project(threshold_permille=0, check_minimum_batch=3)
    for node, entities in ((members.north, range(60)), (members.south, range(30, 90))):
        Register(node, entities).upload(agreed)
    seat = Seat(members.north, agreed)
    run = seat.link()
    store = members.coalition.home.open_store()
    with store.read() as connection:
        query = select(run_calibrations.c.calibration).where(
            run_calibrations.c.run_id == run.run_id
        )
        assert Calibration.from_bytes(connection.scalars(query).one(), MODEL).prior > 0
        kept = checks.c.run_id
    slips = encode([person(entity, slip=True) for entity in (70, 80, 2000)])
    message = seat.check(slips)
    found = answers(message)
    assert [[holder.member for holder in holders] for holders in found] == [
        ["South"],
        ["South"],
        [],
    ]
    assert all(holder.score > 0.98 for holders in found for holder in holders)
    with store.read() as connection:
        query = select(kept).where(checks.c.project_id == agreed.id)
        assert connection.scalars(query).all() == [run.run_id]
    store.close()


def test_small_batch_without_a_run_finds_what_is_there_and_nothing_else(
    project: Any, members: Members
) -> None:
    agreed = project(threshold_permille=0)
    Register(members.south, range(200)).upload(agreed)
    seat = Seat(members.north, agreed)
    found = answers(seat.check(people(3, 50, 199, 1000, 1001, 1002)))
    assert [len(holders) for holders in found] == [1, 1, 1, 0, 0, 0]
    assert all(not holders for holders in answers(seat.check(people(*range(1000, 1010)))))


def test_queries_are_nowhere_in_the_database(
    asked: tuple[Seat, Seat, Seat], members: Members
) -> None:
    batch = people(5000, 5001, 5002)
    asked[0].check(batch)
    store = members.coalition.home.open_store()
    with store.read() as connection:
        cells = [
            bytes(cell)
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
            for cell in row
            if isinstance(cell, bytes)
        ]
        entries = connection.scalars(select(ledger_entries.c.entry)).all()
        [spent] = connection.scalars(
            select(checks.c.spent).where(checks.c.project_id == asked[0].project.id)
        ).all()
    store.close()
    for query in range(3):
        assert all(batch.clk_bytes(query) not in cell for cell in cells)
    assert spent == 3
    own = [e for e in entries if b'"check"' in e and asked[0].project.id.encode() in e]
    assert len(own) == 1
    assert b'"records":3' in own[0]
