"""What others do between a call's admission and its transaction counts: the call comes too late."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Semaphore
from typing import Any

import grpc
import pytest
from sqlalchemy import select

from agreement_steps import (
    agree,
    drop,
    get_key,
    next_version,
    propose,
    put_keys,
    refused,
    start_epoch,
)
from coalition import (
    UNHURRIED,
    Batch,
    CallError,
    Coalition,
    Node,
    Project,
    make_record,
    project_in_force,
    sign_project,
    start_coalition,
)
from linking import SCHEMA_TEXT, Register, Seat, encode, person
from tacit.coordinator import answering, counting, guard, results
from tacit.coordinator.policy import Call, attach
from tacit.coordinator.services import claims
from tacit.coordinator.store.tables import checks
from tacit.linkage.records import EncodedSet
from tacit.v1 import decisions_pb2, encodings_pb2, runs_pb2

DAYS = 30
SECONDS = 60
# An upload that was under way is over with its epoch, and soon erased.
GIVEN_UP = {"EPOCH_ENDED", "NOT_FOUND"}


@pytest.fixture(scope="module")
def coalition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coalition]:
    limits = replace(UNHURRIED, calls_at_once=50)
    serving = start_coalition(tmp_path_factory.mktemp("between") / "home", limits=limits)
    for name in ("North", "South", "Late"):
        serving.enrol(name)
    yield serving
    serving.close()


@dataclass(frozen=True)
class Late:
    """Whose calls are admitted, and then wait until the others have acted."""

    coalition: Coalition
    patch: pytest.MonkeyPatch

    @property
    def others(self) -> list[Node]:
        return self.coalition.nodes[:2]

    @property
    def node(self) -> Node:
        return self.coalition.nodes[2]

    def told(
        self, act: Callable[[], object], calls: Mapping[str, Callable[[], object]]
    ) -> dict[str, str]:
        """Give why each call was refused, or nothing."""
        admitted, acting, go = Semaphore(0), Event(), Event()

        def attach_and_wait(context: grpc.ServicerContext, call: Call) -> None:
            attach(context, call)
            late = call.caller is not None and call.caller.id == self.node.id
            if late and not acting.is_set():
                admitted.release()
                go.wait(SECONDS)

        self.patch.setattr(guard, "attach", attach_and_wait)
        with ThreadPoolExecutor(len(calls)) as pool:
            answers = {name: pool.submit(_reason, call) for name, call in calls.items()}
            try:
                assert all(admitted.acquire(timeout=SECONDS) for _ in calls)
                acting.set()
                act()
            finally:
                go.set()
            return {name: answer.result() for name, answer in answers.items()}


def _reason(call: Callable[[], object]) -> str:
    try:
        call()
    except CallError as error:
        return error.reason
    return ""


@pytest.fixture
def late(coalition: Coalition, monkeypatch: pytest.MonkeyPatch) -> Iterator[Late]:
    yield Late(coalition, monkeypatch)
    coalition.clock.days_ahead(0)


def uploading(late: Late, project: Project) -> dict[str, Callable[[], object]]:
    """Give calls with records: another upload, and the end of one that is there already."""
    sent = Batch(late.node, project, [make_record(bytes(128), presence=7)])
    upload_id = sent.start().upload_id
    sent.send(upload_id)
    return {
        "StartUpload": Batch(late.node, project, []).start,
        "FinishUpload": lambda: sent.finish(upload_id),
        "StartRun": Seat(late.node, project).start,
    }


def questions() -> EncodedSet:
    return encode([person(n) for n in range(6)])


def linked(late: Late, project: Project) -> dict[str, Callable[[], object]]:
    """Give calls about a run that is done."""
    stubs, seat = late.node.stubs, Seat(late.node, project)
    registers = [Register(node, range(5)) for node in (late.node, late.others[0])]
    for register in registers:
        register.upload(project)
    run_id = seat.link().run_id
    group = seat.results(run_id)[0]
    [own] = [record for record in group.records if record.yours]
    [other] = [record for record in group.records if not record.yours]
    decide = decisions_pb2.DecideRequest(
        **seat.names,
        run_id=run_id,
        group_id=group.group_id,
        token=own.token,
        member=other.member,
        judgement=runs_pb2.JUDGEMENT_SAME,
    )
    decided = stubs.decisions.Decide(decide).decision
    change = decisions_pb2.ChangeDecisionRequest(
        **seat.names, ledger_index=decided.ledger_index, judgement=runs_pb2.JUDGEMENT_UNDECIDED
    )
    sketches = runs_pb2.PutSketchesRequest(**seat.names, run_id=run_id)
    return {
        "Decide": lambda: stubs.decisions.Decide(decide),
        "ChangeDecision": lambda: stubs.decisions.ChangeDecision(change),
        "PutSketches": lambda: stubs.runs.PutSketches(sketches),
        "RunCheck": lambda: seat.check(questions()),
        "GetRun": lambda: seat.get(run_id),
        "GetResults": lambda: seat.results(run_id),
        "GetClaims": lambda: seat.claims(run_id),
        "GetCount": lambda: seat.count(run_id),
    }


def whole(late: Late, **changes: Any) -> Project:
    """Bring a project of three into force."""
    nodes = [late.node, *late.others]
    return project_in_force(nodes, schema=SCHEMA_TEXT, threshold_permille=600, **changes)


def test_a_version_comes_into_force(late: Late) -> None:
    project = whole(late, reasons=True)
    calls = linked(late, project) | uploading(late, project)
    north, south = late.others
    proposed = propose(north, project, next_version(project, late.others))
    calls |= {
        "StartEpoch": lambda: start_epoch(late.node, project, 2, north, south),
        "PutSealedKeys": lambda: put_keys(late.node, project, north),
        "GetSealedKey": lambda: get_key(late.node, project),
        "SignAgreement": lambda: sign_project(late.node, project),
        "ProposeVersion": lambda: propose(late.node, project, next_version(project)),
        "DropProposal": lambda: drop(late.node, proposed),
    }

    def act() -> None:
        sign_project(south, proposed)
        Register(north, range(5)).upload(proposed)

    told = late.told(act, calls)
    assert told.pop("FinishUpload") in GIVEN_UP
    erased = dict.fromkeys(("GetRun", "GetResults", "GetClaims", "GetCount"), "NOT_FOUND")
    assert told == {**dict.fromkeys(told, "AGREEMENT_STALE"), **erased}


def test_a_proposal_is_dropped_or_lapses(late: Late) -> None:
    project = whole(late)
    proposed = propose(late.node, project, next_version(project, minimum_cell=7))
    calls = {
        "PutSealedKeys": lambda: put_keys(late.node, proposed, *late.others),
        "GetSealedKey": lambda: get_key(late.node, proposed),
        "SignAgreement": lambda: sign_project(late.node, proposed),
        "DropProposal": lambda: drop(late.node, proposed),
    }
    other = next_version(project, minimum_cell=8)

    def act() -> None:
        drop(late.others[0], proposed)
        propose(late.others[0], project, other)

    told = late.told(act, calls)
    assert told == dict.fromkeys(calls, "AGREEMENT_STALE")
    lapsing = Project(project.id, other, 2)
    calls = {
        "SignAgreement": lambda: sign_project(late.node, lapsing),
        "DropProposal": lambda: drop(late.node, lapsing),
    }
    told = late.told(lambda: late.coalition.clock.days_ahead(30.1), calls)
    assert told == dict.fromkeys(calls, "AGREEMENT_STALE")


def test_an_upload_is_given_up(late: Late) -> None:
    project = whole(late)
    batch = Batch(late.node, project, [make_record(bytes(128), presence=7) for _ in range(2)])
    upload_id = batch.start().upload_id
    batch.send(upload_id, 0, 1)
    request = encodings_pb2.GetUploadRequest(project_id=project.id, upload_id=upload_id)
    calls = {
        "GetUpload": lambda: late.node.stubs.encodings.GetUpload(request),
        "UploadRecords": lambda: batch.send(upload_id, 1),
        "FinishUpload": lambda: batch.finish(upload_id),
    }
    told = late.told(Batch(late.node, project, []).start, calls)
    assert told == dict.fromkeys(calls, "NOT_FOUND")


@pytest.mark.parametrize(
    ("module", "step", "read", "reason"),
    [
        (answering, "look_up", lambda seat, _: seat.check(questions()), "AGREEMENT_STALE"),
        (counting, "count_records", Seat.count, "AGREEMENT_STALE"),
        (results, "member_names", Seat.results, "NOT_FOUND"),
        (claims, "member_names", Seat.claims, "NOT_FOUND"),
    ],
    ids=["check", "count", "results", "claims"],
)
def test_nothing_is_told_under_an_agreement_that_is_over_meanwhile(
    late: Late, module: Any, step: str, read: Callable[[Seat, str], object], reason: str
) -> None:
    project, asker = whole(late), late.others[0]
    for node in (late.node, asker):
        Register(node, range(5)).upload(project)
    seat, goes_on = Seat(asker, project), getattr(module, step)
    run_id = seat.link().run_id

    def meanwhile(*arguments: Any) -> Any:
        late.patch.undo()
        agree(late.others, project, next_version(project, late.others))
        return goes_on(*arguments)

    late.patch.setattr(module, step, meanwhile)
    assert refused(lambda: read(seat, run_id)).reason == reason


def test_an_epoch_begins(late: Late) -> None:
    project = whole(late, epoch_days=DAYS)
    calls = uploading(late, project)
    calls["RunCheck"] = lambda: Seat(late.node, project).check(questions())
    Register(late.others[0], range(5)).upload(project)

    def act() -> None:
        late.coalition.clock.days_ahead(DAYS + 0.1)
        after = start_epoch(late.others[0], project, 2, late.others[1], late.node)
        # What was asked with the old key is not held against what the new one encodes.
        Register(late.others[0], range(5)).upload(after)

    told = late.told(act, calls)
    assert told.pop("FinishUpload") in GIVEN_UP
    assert told == dict.fromkeys(told, "EPOCH_ENDED")
    # Nor is it charged for.
    with late.coalition.coordinator._backend.store.read() as connection:
        charged = select(checks.c.check_id).where(checks.c.project_id == project.id)
        assert connection.scalars(charged).all() == []


def test_the_last_day_is_over(late: Late) -> None:
    last = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    project = whole(late, expires_on=last)
    calls = uploading(late, project)
    calls["StartEpoch"] = lambda: start_epoch(late.node, project, 2, *late.others)
    told = late.told(lambda: late.coalition.clock.days_ahead(3.1), calls)
    assert told == dict.fromkeys(calls, "AGREEMENT_EXPIRED")


def test_a_party_leaves(late: Late) -> None:
    leaver = late.coalition.enrol("Leaver")
    project = project_in_force([late.node, leaver], schema=SCHEMA_TEXT)
    calls = uploading(late, project)
    told = late.told(leaver.leave, calls)
    assert told == dict.fromkeys(calls, "MEMBER_GONE")
