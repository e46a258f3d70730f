"""Why records match, and what people found out about matches, between two real nodes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.node.decisions import About, change, decide, list_decisions
from tacit.node.link import link
from tacit.node.results import MatchView, export_rows, results
from tacit.node.store.records import StoredRecord
from tacit.node.sync import sync
from world import OPTIONS, World, fill, make_world, record

BIRTH = ("birth_year", "birth_near", "birth_day", "birth_parts")
FEATURES = ("name", "name_fine", *BIRTH, "sex", "birth_place", "father")


@dataclass(frozen=True)
class Pair:
    """Two members who both document 1 to 12, and what their project is called."""

    world: World
    project: str

    def link(self) -> None:
        link(self.world.nodes["North"], self.project, lambda _: None)
        for member in ("South", "North"):
            sync(self.world.nodes[member], self.project)

    def match(self, member: str, number: int) -> MatchView:
        found = results(self.world.nodes[member], self.project, f"{member}-{number:03}")
        return found.matches[0]


def slip(number: int) -> StoredRecord:
    """Give South's record of a person whose day of birth it does not know, born a year on."""
    made = record("South", number)
    year = int(made.fields["birth_date"][:4])
    return replace(made, fields={**made.fields, "birth_date": f"{year ^ 1}"})


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    world = make_world(tmp_path_factory.mktemp("findings"))
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(1, 13)])
    fill(world.nodes["South"], [slip(3)])
    options = replace(OPTIONS, reasons=True, threshold_permille=400)
    project = world.agree("Reasons", "North", "South", options=options)
    for member in ("North", "South"):
        sync(world.nodes[member], project)
    made = Pair(world, project)
    made.link()
    yield made
    world.close()


@pytest.mark.parametrize("member", ["North", "South"])
def test_both_members_learn_which_fields_agree(pair: Pair, member: str) -> None:
    (other,) = pair.match(member, 5).others
    whole = dict.fromkeys(FEATURES[:7], "agreed") | dict.fromkeys(FEATURES[7:], "missing")
    assert other.reasons == whole
    (other,) = pair.match(member, 3).others
    assert other.reasons["name"] == other.reasons["sex"] == "agreed"
    # Years one apart share about as much as "partly" asks for: the key, drawn anew, decides.
    year = other.reasons["birth_year"]
    assert year in {"partly", "not"}
    assert other.reasons["birth_day"] == other.reasons["father"] == "missing"
    (link_view,) = pair.match(member, 3).links
    assert link_view.reasons == other.reasons
    row = export_rows(results(pair.world.nodes[member], pair.project, f"{member}-003"))[0]
    assert row["reasons"].startswith(f"name: agreed; name_fine: agreed; birth_year: {year}")


def test_a_decision_is_told_followed_and_taken_back(pair: Pair) -> None:
    north, south = pair.world.nodes["North"], pair.world.nodes["South"]
    group = pair.match("North", 7)
    made = decide(north, pair.project, About(group.group_id), "different")
    assert (made.record_id, made.member, made.yours) == ("North-007", "South", True)
    assert pair.match("North", 7).others[0].decided == "different"
    sync(south, pair.project)
    (there,) = pair.match("South", 7).others
    assert (there.decided, there.decided_there) == ("", "different")
    (told,) = list_decisions(south, pair.project)
    assert (told.record_id, told.member, told.yours) == ("South-007", "North", False)
    pair.link()
    for member in ("North", "South"):
        shown = results(pair.world.nodes[member], pair.project)
        assert len(shown.matches) == 11
        # Reasons of the new run came with it.
        assert all(other.reasons for match in shown.matches for other in match.others)
    undone = change(north, pair.project, made.entry, "undecided")
    assert undone.judgement == "undecided"
    assert list_decisions(north, pair.project) == list_decisions(south, pair.project) == ()
    pair.link()
    assert len(results(north, pair.project).matches) == 12


def test_only_what_is_in_the_group_can_be_decided_about(pair: Pair) -> None:
    store, group = pair.world.nodes["North"], pair.match("North", 9)
    for about in (
        About(1),
        About(group.group_id, member="West"),
        About(group.group_id, record_id="North-001"),
        About(group.group_id, place=2),
    ):
        with pytest.raises(TacitError) as caught:
            decide(store, pair.project, about, "same")
        assert caught.value.code is Code.NOT_FOUND
    assert list_decisions(store, pair.project) == ()
