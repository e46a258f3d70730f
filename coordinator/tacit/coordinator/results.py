"""What a member sees of a run: its own groups, and of others what consent and agreement allow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from sqlalchemy import Connection

from tacit.coordinator.backend import day_of
from tacit.coordinator.decisions import JUDGEMENTS
from tacit.coordinator.names import member_names
from tacit.coordinator.sketches import field_verdicts
from tacit.coordinator.store.decisions import Decision, of_member
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.groups import Held, Link, group_ids_of, held_records, links_of
from tacit.coordinator.store.runs import Run, find, inputs
from tacit.coordinator.store.sets import allows, count_ended
from tacit.coordinator.store.sketches import others_sketched, sketches_of
from tacit.coordinator.store.uploads import current_uploads
from tacit.linkage.agreement import Agreement, Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import runs_pb2

PAGE = 500
"""Groups read at one time."""

_SHOWN_FOR = frozenset({Purpose.CHECK, Purpose.ATTRIBUTE})


def shown_purposes(agreement: Agreement) -> frozenset[Purpose]:
    """Give the purposes that let a record show in results.

    A result says that a record is documented elsewhere: consent to be counted does not cover it.
    """
    return _SHOWN_FOR.intersection(agreement.purposes)


@dataclass(frozen=True, slots=True)
class _View:
    """Who looks, under which agreement."""

    agreement: Agreement
    caller_id: str
    names: Mapping[str, str]
    decided: Mapping[frozenset[tuple[str, bytes]], Sequence[Decision]]

    def shows(self, held: Held) -> bool:
        return allows(held.purposes, shown_purposes(self.agreement))

    def token(self, held: Held) -> bytes:
        own = held.member_id == self.caller_id
        attributed = Purpose.ATTRIBUTE in self.agreement.purposes
        return held.token if own or (attributed and Purpose.ATTRIBUTE in held.purposes) else b""


def visible_groups(
    store: Store, run: Run, agreement: Agreement, caller_id: str, *, after: int, day: int
) -> Iterator[runs_pb2.MatchGroup]:
    """Give the groups that hold a record of the caller, in order of number.

    They are read `PAGE` at a time, so that a slow reader holds no transaction open.

    Args:
        store: the database.
        run: a finished run.
        agreement: of its project.
        caller_id: who asks.
        after: only groups with a greater number.
        day: today, in days since 1970-01-01.

    Raises:
        TacitError: NOT_FOUND, they were erased while they were read.
    """
    names = member_names(agreement, caller_id)
    while True:
        with store.read() as connection:
            view = _View(agreement, caller_id, names, _decided(connection, run, caller_id))
            numbers = group_ids_of(connection, run.id, caller_id, after, PAGE)
            if not numbers:
                require_kept(connection, run.id)
                return
            held = held_records(connection, run.id, numbers, day)
            links = links_of(connection, run.id, numbers)
            sketched = sketches_of(connection, run.id, numbers if agreement.reasons else [])
        shown = (
            _group(view, number, held[number], links[number], sketched.get(number, {}))
            for number in numbers
        )
        yield from (group for group in shown if group is not None)
        after = numbers[-1]


def require_kept(connection: Connection, run_id: str) -> None:
    """Tell the end of a run's groups from their being erased while they are read.

    Raises:
        TacitError: NOT_FOUND, they are no more.
    """
    if find(connection, run_id) is None:
        raise TacitError(Code.NOT_FOUND, what="run any more: its results are erased")


def _decided(
    connection: Connection, run: Run, caller_id: str
) -> Mapping[frozenset[tuple[str, bytes]], Sequence[Decision]]:
    found: dict[frozenset[tuple[str, bytes]], list[Decision]] = {}
    for item in of_member(connection, run.project_id, caller_id):
        found.setdefault(item.pair, []).append(item)
    return found


def _group(
    view: _View,
    number: int,
    held: Sequence[Held],
    links: Sequence[Link],
    sketched: Mapping[int, bytes],
) -> runs_pb2.MatchGroup | None:
    visible = [item for item in held if view.shows(item)]
    owners = {item.member_id for item in visible}
    if view.caller_id not in owners or len(owners) == 1:
        return None
    return runs_pb2.MatchGroup(
        group_id=number,
        records=[
            runs_pb2.GroupRecord(
                member=view.names[item.member_id],
                token=view.token(item),
                yours=item.member_id == view.caller_id,
                publication=item.publication,  # type: ignore[arg-type]
            )
            for item in visible
        ],
        links=_links(view, visible, links, sketched),
        decisions=_decisions(view, visible) if view.decided else [],
    )


def _links(
    view: _View, visible: Sequence[Held], links: Sequence[Link], sketched: Mapping[int, bytes]
) -> list[runs_pb2.GroupLink]:
    # In a coalition of thirty a group has up to 435 links: what is the same for all is done once.
    index = {item.place: position for position, item in enumerate(visible)}
    own = {item.place for item in visible if item.member_id == view.caller_id and sketched}
    return [
        runs_pb2.GroupLink(
            left=index[link.left],
            right=index[link.right],
            score=link.score,
            fields=field_verdicts(sketched, link.left, link.right)
            if link.left in own or link.right in own
            else None,
        )
        for link in links
        if link.left in index and link.right in index
    ]


def _decisions(view: _View, visible: Sequence[Held]) -> list[runs_pb2.GroupDecision]:
    return [
        runs_pb2.GroupDecision(
            left=left,
            right=right,
            yours=decision.member_id == view.caller_id,
            judgement=JUDGEMENTS[decision.same],
        )
        for (left, one), (right, other) in combinations(enumerate(visible), 2)
        for decision in view.decided.get(_pair(one, other), ())
        if decision.same is not None
    ]


def _pair(one: Held, other: Held) -> frozenset[tuple[str, bytes]]:
    return frozenset({(one.member_id, one.token), (other.member_id, other.token)})


def revision(connection: Connection, run: Run, caller_id: str, day: int) -> int:
    """Give a number that changes with what is added to a member's groups, or taken out of them.

    Taken out are records that were withdrawn, left out of later uploads, or whose consent ended
    before `day`, in days since 1970-01-01. It is 0 where nothing has happened since the run.
    """
    sketched = others_sketched(connection, run.id, caller_id)
    decided = [item.ledger_index for item in of_member(connection, run.project_id, caller_id)]
    changed = _changed(connection, run, day)
    if not sketched and not decided and not changed:
        return 0
    digest = sha256(repr((sketched, decided, changed)).encode()).digest()
    return int.from_bytes(digest[:8], "big") | 1


def _changed(connection: Connection, run: Run, day: int) -> list[tuple[str, int]]:
    """Say what became of the uploads that a run read: others in their place, records gone."""
    current = {upload.member_id: upload for upload in current_uploads(connection, run.project_id)}
    changed = []
    for item in inputs(connection, run.id):
        upload = current.get(item.member_id)
        now = (upload.id, upload.withdrawn) if upload else ("", 0)
        if now != (item.upload_id, item.withdrawn):
            changed.append(now)
    ended = count_ended(
        connection, [upload.id for upload in current.values()], day_of(run.ended_at or 0), day
    )
    return changed + [("ended", ended)] * (ended > 0)
