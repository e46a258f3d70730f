"""Three members, from agreement to claims, through a real coordinator."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tacit.linkage.agreement import Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.node.check import check
from tacit.node.check_rows import CheckRow, Withheld
from tacit.node.claims import ClaimView, claims
from tacit.node.context import find_project, load_member, signed_project
from tacit.node.counts import count
from tacit.node.project_state import ProjectView
from tacit.node.projects import (
    ProjectOptions,
    confirm_safety_number,
    create_project,
    list_projects,
    show_project,
    sign_project,
)
from tacit.node.results import export_rows, results
from tacit.node.status import status
from tacit.node.store.records import delete_records
from tacit.node.sync import sync
from world import OPTIONS, SCHEMA, World, fill, make_world, person, record

MEMBERS = ("North", "South", "West")
# Whom each member documents: 1-20 North and South, 16-30 South and West, so 16-20 all three.
HELD = {"North": range(1, 21), "South": range(1, 31), "West": range(16, 41)}


@dataclass(frozen=True)
class Linked:
    """A world whose three members have linked."""

    world: World
    project: str


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    world = make_world(tmp_path_factory.mktemp("story"))
    for member, numbers in HELD.items():
        objected = {"publication": "objected"} if member == "West" else {}
        store = world.join(member)
        fill(store, [record(member, number, **objected) for number in numbers])
    # Consent that has run out, consent to counting only, and consent to nothing.
    fill(world.nodes["North"], [record("North", 41, consent_expires="2001-01-01")])
    fill(world.nodes["North"], [record("North", 42, purposes=("none",))])
    fill(world.nodes["North"], [record("North", 38, purposes=("count",))])
    project = world.agree("Victims", *MEMBERS)
    # West uploads first, then North, then South: the order in which they were recorded.
    for member in ("West", "North", "South"):
        sync(world.nodes[member], project)
    world.link(project, *MEMBERS)
    yield Linked(world, project)
    world.close()


def expected_others(member: str, number: int) -> set[str]:
    return {other for other in MEMBERS if other != member and number in HELD[other]}


@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_sees_who_else_documents_its_records(linked: Linked, member: str) -> None:
    found = results(linked.world.nodes[member])
    seen = {
        own.record_id: {other.member for other in match.others}
        for match in found.matches
        for own in match.own
    }
    assert seen == {
        f"{member}-{number:03}": expected_others(member, number)
        for number in HELD[member]
        if expected_others(member, number)
    }


def test_a_match_shows_the_members_own_record_scores_and_objections(linked: Linked) -> None:
    (match,) = results(linked.world.nodes["North"], record_id="North-018").matches
    (own,) = match.own
    assert own.raw == {"이름": person(18)["name"], "File": "North/18"}
    assert own.in_register
    assert [(o.member, o.objects) for o in match.others] == [("South", False), ("West", True)]
    # The same three fields at every member, so the same score, and above the agreed threshold.
    scores = {other.score for other in match.others} | {link.score for link in match.links}
    assert len(match.links) == 3
    assert len(scores) == 1
    assert 0.8 <= (match.others[0].score or 0) <= 1
    assert match.objected
    (unobjected,) = results(linked.world.nodes["North"], record_id="North-003").matches
    assert not unobjected.objected


def test_results_can_be_exported_row_by_row(linked: Linked) -> None:
    rows = export_rows(results(linked.world.nodes["North"], record_id="North-018"))
    assert [(row["record_id"], row["member"], row["objects"]) for row in rows] == [
        ("North-018", "South", "no"),
        ("North-018", "West", "yes"),
    ]


def test_a_record_that_nobody_ever_had_is_not_found(linked: Linked) -> None:
    with pytest.raises(TacitError) as caught:
        results(linked.world.nodes["North"], record_id="North-999")
    assert caught.value.code is Code.NOT_FOUND


def test_consent_keeps_records_at_home_and_says_how_many(linked: Linked) -> None:
    report = sync(linked.world.nodes["North"]).projects[0].upload
    assert report is not None
    assert report.records == 21  # 1-20 and 38
    assert report.withheld == 2
    assert report.withheld_reasons == {"consent expired": 1, "consent to no purpose": 1}
    assert not report.sent
    # 38 may be counted, but nobody learns that North documents it, North itself included.
    with pytest.raises(TacitError):
        claims(linked.world.nodes["North"], record_id="North-038")
    assert not results(linked.world.nodes["North"], record_id="North-038").matches


def test_the_linkage_key_is_the_same_at_every_node_and_not_at_the_coordinator(
    linked: Linked,
) -> None:
    keys = {signed_project(store).key() for store in linked.world.nodes.values()}
    assert len(keys) == 1
    (key,) = keys
    for file in (linked.world.path / "coordinator").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert key not in content
            assert key.hex().encode() not in content
            assert person(3)["name"].encode() not in content


def test_a_check_names_holders_and_objections(linked: Linked) -> None:
    # 10 is South's as well; 18 is all three's; 35 is West's; 77 and 78 are nobody's.
    rows = [CheckRow(f"row {n}", person(n)) for n in (10, 18, 35, 77, 78)]
    told: list[tuple[int, int]] = []
    asked = [*rows, CheckRow("empty", {}), CheckRow("private", person(20), Withheld.EXPIRED)]
    report = check(
        linked.world.nodes["South"],
        None,
        asked,
        lambda done, total: told.append((done, total)),
        source="list.csv",
    )
    found = {row.label: {(h.member, h.objects) for h in row.holders} for row in report.rows}
    assert found == {
        "row 10": {("North", False)},
        "row 18": {("North", False), ("West", True)},
        "row 35": {("West", True)},
        "row 77": set(),
        "row 78": set(),
        "empty": set(),
        "private": set(),
    }
    assert [row.asked for row in report.rows] == [True] * 5 + [False] * 2
    assert [row.withheld for row in report.rows] == [
        *[None] * 5,
        Withheld.EMPTY,
        Withheld.EXPIRED,
    ]
    assert report.asked == 5
    assert report.withheld == {Withheld.EMPTY: 1, Withheld.EXPIRED: 1}
    assert (report.held, report.objected, report.source) == (3, 2, "list.csv")
    assert report.threshold == pytest.approx(0.99)
    assert told[-1] == (5, 5)
    # Who was found is told, by number only.
    sync(linked.world.nodes["West"])
    (notice,) = status(linked.world.nodes["West"]).projects[0].notices
    assert (notice.member, notice.records) == ("South", 2)
    assert notice.ledger_index == report.ledger_index
    again = check(linked.world.nodes["South"], None, rows, lambda _done, _total: None)
    assert again.budget_left == report.budget_left - 5


@pytest.mark.parametrize(("rows", "code"), [(4, Code.BATCH_TOO_SMALL)])
def test_a_single_person_cannot_be_looked_up(linked: Linked, rows: int, code: Code) -> None:
    batch = [CheckRow(str(n), person(n)) for n in range(rows)]
    # Padding with copies or with empty rows does not help.
    batch += [CheckRow("copy", person(0)), CheckRow("empty", {})]
    with pytest.raises(TacitError) as caught:
        check(linked.world.nodes["West"], None, batch, lambda _done, _total: None)
    assert caught.value.code is code


def test_the_joint_count_is_deduplicated(linked: Linked) -> None:
    report = count(linked.world.nodes["West"], by=["kind"])
    # 1-40: North adds nobody whom the others lack (38 is West's too).
    assert report.distinct == 40
    assert report.records == 21 + 30 + 25
    assert [table.dimension for table in report.tables] == ["kind"]
    again = count(linked.world.nodes["North"], by=["kind"])
    assert again.ledger_index == report.ledger_index
    with pytest.raises(TacitError) as caught:
        count(linked.world.nodes["West"], by=["height"])
    assert caught.value.code is Code.USAGE


def test_claims_show_who_recorded_first_with_everything_verified(linked: Linked) -> None:
    report = claims(linked.world.nodes["South"], record_id="South-018")
    (group,) = report.groups
    assert [(claim.member, claim.order) for claim in group.claims] == [
        ("West", 1),
        ("North", 2),
        ("South", 3),
    ]
    first, _, own = group.claims
    assert (first.petition, first.forum, first.consent) == ("West/18", "WGEID", "family")
    assert first.documented_on == "2018-03-01"
    assert first.publication == "objected"
    assert (first.yours, first.record_id) == (False, "")
    assert (own.yours, own.record_id, own.unchanged) == (True, "South-018", True)
    assert first.recorded_at < own.recorded_at
    assert first.ledger_index < own.ledger_index < report.tree_size
    everything = claims(linked.world.nodes["South"])
    assert len(everything.groups) == 30
    with pytest.raises(TacitError) as caught:
        claims(linked.world.nodes["South"], group=10_000)
    assert caught.value.code is Code.NOT_FOUND


def test_status_says_how_things_stand(linked: Linked) -> None:
    report = status(linked.world.nodes["North"])
    (project,) = report.projects
    assert report.coordinator is not None
    assert report.coordinator.reachable
    assert (report.name, report.records) == ("North", 23)
    assert (project.name, project.in_force, project.key_held) == ("Victims", True, True)
    assert project.upload is not None
    assert project.upload.record_count == 21
    assert project.run is not None
    assert project.run.state == "done"
    assert report.ledger_size > 0


def test_the_agreement_is_shown_in_plain_words_and_the_safety_number_is_shared(
    linked: Linked,
) -> None:
    views = [show_project(store, "Victims") for store in linked.world.nodes.values()]
    assert len({view.safety_number for view in views}) == 1
    assert len(views[0].safety_number.split()) == 12
    assert {party.name for party in views[0].parties} == set(MEMBERS)
    assert all(party.signed_at and party.has_key for party in views[0].parties)
    assert [party.records for party in views[0].parties if party.name == "West"] == [25]
    assert views[0].terms[0] == "Members: " + ", ".join(p.name for p in views[0].parties) + "."
    assert len(views[0].terms) == len(views[0].terms_ko)
    assert not views[0].safety_confirmed
    confirm_safety_number(linked.world.nodes["North"])
    assert show_project(linked.world.nodes["North"]).safety_confirmed


def test_what_changes_is_sent_and_an_old_claim_is_known_for_changed(linked: Linked) -> None:
    # A project of its own: the other tests count on what the first one holds.
    world = linked.world
    project = world.agree("Second", "North", "South")
    world.link(project, "North", "South")
    before = claims_of(world, project, "South-005")
    fill(world.nodes["North"], [record("North", 5, petition="North/5a", forum="WGAD")])
    (upload,) = [s.upload for s in sync(world.nodes["North"], project).projects]
    assert upload is not None
    assert upload.sent
    world.link(project, "North", "South")
    changed = replace(before["North"], petition="North/5a", forum="WGAD", unchanged=False)
    after = claims_of(world, project, "South-005")
    assert after == {"North": changed, "South": before["South"]}
    fill(world.nodes["North"], [record("North", 5)])
    assert delete_everything(world, "North", project) == 0
    fill(world.nodes["North"], [record("North", number) for number in HELD["North"]])


def claims_of(world: World, project: str, record_id: str) -> dict[str, ClaimView]:
    """Give the claims to a record of South's, by member."""
    (group,) = claims(world.nodes["South"], project, record_id=record_id).groups
    return {claim.member: claim for claim in group.claims}


def delete_everything(world: World, member: str, project: str) -> int:
    """Empty a register, synchronise, and give how many records the coordinator still has."""
    store = world.nodes[member]
    with store.write() as connection:
        ids = [f"{member}-{number:03}" for number in range(1, 43)]
        delete_records(connection, ids)
    (done,) = sync(store, project).projects
    return next(party.records or 0 for party in done.project.parties if party.you)


def test_nothing_flows_before_everybody_has_signed(shared_world: World) -> None:
    north, south = shared_world.join("North"), shared_world.join("South")
    fill(north, [record("North", 1)])
    view = create_project(north, "Slow", ["South"], SCHEMA, OPTIONS)
    assert (view.in_force, view.key_state, view.creator) == (False, "held", "North")
    assert sync(north).projects[0].waiting_for == "signatures"
    assert sync(south).projects[0].waiting_for == "your signature"
    shown: list[ProjectView] = []

    def decline(seen: ProjectView) -> bool:
        shown.append(seen)
        return False

    unsigned = sign_project(south, "Slow", decline)
    assert (unsigned.signed_by_you, unsigned.key_state) == (False, "unsigned")
    assert shown[0].safety_number == view.safety_number
    for call in (lambda: claims(south), lambda: count(south), lambda: signed_project(south)):
        with pytest.raises(TacitError) as caught:
            call()
        assert caught.value.code is Code.NOT_IN_FORCE
    signed = sign_project(south, view.project_id, lambda _: True)
    assert (signed.signed_by_you, signed.in_force, signed.key_state) == (True, True, "held")
    assert sync(south).projects[0].waiting_for == "records"
    (done,) = sync(north).projects
    assert done.upload is not None
    assert done.upload.records == 1
    assert done.run is None


def test_a_project_needs_known_members_a_new_name_and_a_sound_agreement(
    shared_world: World,
) -> None:
    third, fourth = shared_world.join("Third"), shared_world.join("Fourth")
    for name, members, options, code in (
        ("A", ["Nobody"], OPTIONS, Code.NOT_FOUND),
        ("A", [], OPTIONS, Code.BAD_AGREEMENT),
        ("A", ["Fourth"], ProjectOptions(minimum_cell=1), Code.BAD_AGREEMENT),
        ("A", ["Fourth"], ProjectOptions(disclose_members=False), Code.BAD_AGREEMENT),
    ):
        with pytest.raises(TacitError) as caught:
            create_project(third, name, members, SCHEMA, options)
        assert caught.value.code is code
    assert list_projects(third) == ()
    own_id = load_member(fourth).member_id
    anonymous = ProjectOptions(disclose_members=False, purposes=(Purpose.CHECK, Purpose.COUNT))
    view = create_project(third, "A", [own_id], SCHEMA, anonymous)
    with pytest.raises(TacitError) as caught:
        create_project(third, "A", ["Fourth"], SCHEMA, OPTIONS)
    assert caught.value.code is Code.EXISTS
    create_project(third, "B", ["Fourth"], SCHEMA, OPTIONS)
    assert find_project(third, "A").project_id == view.project_id
    with pytest.raises(TacitError) as caught:
        find_project(third)
    assert caught.value.code is Code.USAGE
    sign_project(fourth, "A", lambda _: True)
    list_projects(third)
    with pytest.raises(TacitError) as caught:
        claims(third, "A")
    assert caught.value.code is Code.PURPOSE_NOT_AGREED
