"""What a node believes of the versions that a coordinator shows: only what continues what it saw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.agreement_versions import project_id_of
from tacit.linkage.errors import Code, TacitError
from tacit.node.context import Member, find_project, signed_project
from tacit.node.due import Due, due
from tacit.node.home import find_home
from tacit.node.keys import NodeKeys
from tacit.node.project_state import end_project, take_in
from tacit.node.results import results
from tacit.node.store.agreements import list_destroyed, list_versions
from tacit.node.store.base import Store, create_store
from tacit.node.store.identity import Identity
from tacit.node.store.projects import StoredKey, list_linkage_keys, put_linkage_key
from tacit.node.store.results import StoredRun, list_runs, put_run
from tacit.v1 import projects_pb2 as projects
from world import COST, PASSPHRASE

DAY = 86_400_000
NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z
SIGNERS = {name: Ed25519PrivateKey.from_private_bytes(name.encode() * 32) for name in "ABC"}
SEALING = X25519PrivateKey.from_private_bytes(bytes(range(32)))
MEMBER = Member(
    Identity("mA", "A", "host:1", b"", b"", bytes(32), 1),
    NodeKeys(SIGNERS["A"], SEALING, ec.generate_private_key(ec.SECP256R1())),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create_store(find_home(tmp_path / "node"), PASSPHRASE, COST) as made:
        yield made


def party(name: str) -> Party:
    signing = SIGNERS[name].public_key().public_bytes_raw().hex()
    sealing = SEALING.public_key().public_bytes_raw().hex() if name == "A" else "22" * 32
    return Party(f"m{name}", name, signing, sealing)


def follow(before: Agreement, members: str, **changes: object) -> Agreement:
    return replace(
        before,
        members=tuple(map(party, members)),
        version=before.version + 1,
        supersedes=before.hash.hex(),
        epoch=before.epoch + 1,
        **changes,  # type: ignore[arg-type]
    )


FIRST = Agreement("Victims", tuple(map(party, "ABC")), "{}", nonce="00")
SECOND = follow(FIRST, "AB", minimum_cell=20)
THIRD = follow(SECOND, "ABC")
WITHOUT = follow(FIRST, "BC")
PROJECT = project_id_of(FIRST.hash)


def signatures(agreement: Agreement, signers: str) -> list[projects.Signature]:
    statement = statements.agreement(agreement.hash)
    return [
        projects.Signature(member_id=f"m{s}", signature=SIGNERS[s].sign(statement), signed_at=7)
        for s in signers
    ]


def shown(
    agreement: Agreement, signers: str, earlier: Sequence[Agreement] = (), **changes: object
) -> projects.Project:
    values: dict[str, object] = {
        "project_id": PROJECT,
        "agreement": agreement.encode(),
        "agreement_hash": agreement.hash,
        "signatures": signatures(agreement, signers),
        "creator_id": "mB",
        "epoch": agreement.epoch,
        "earlier": [each.encode() for each in earlier],
    }
    return projects.Project(**{**values, **changes})  # type: ignore[arg-type]


def proposal(agreement: Agreement, signers: str) -> projects.Proposal:
    return projects.Proposal(
        agreement=agreement.encode(),
        agreement_hash=agreement.hash,
        proposer_id="mB",
        signatures=signatures(agreement, signers),
        proposed_at=NOW,
        lapses_at=NOW + 30 * DAY,
    )


def hold(store: Store, *keys: tuple[int, Agreement]) -> None:
    """Give a node linkage keys, and a run that it fetched."""
    with store.write() as connection:
        for epoch, agreement in keys:
            key = bytes([epoch]) * 32
            put_linkage_key(connection, StoredKey(PROJECT, epoch, key, "mB", 1, agreement.hash))
        put_run(connection, StoredRun("r1", PROJECT, "done", 5, ended_at=6, fetched_at=7))


def epochs(store: Store) -> tuple[list[int], list[int], int]:
    """Give the epochs of keys that are here, of those that were destroyed, and how many runs."""
    with store.read() as connection:
        return (
            [key.epoch for key in list_linkage_keys(connection, PROJECT)],
            [key.epoch for key in list_destroyed(connection, PROJECT)],
            len(list_runs(connection, PROJECT)),
        )


def refusal(store: Store, project: projects.Project) -> str:
    with pytest.raises(TacitError) as caught:
        take_in(store, MEMBER, project)
    assert caught.value.code is Code.UNSIGNED_AGREEMENT
    return caught.value.sentence()


def test_a_version_that_all_have_signed_takes_the_place_of_the_one_before(store: Store) -> None:
    take_in(store, MEMBER, shown(FIRST, "ABC"))
    hold(store, (1, FIRST))
    offered = shown(FIRST, "ABC", proposal=proposal(SECOND, "B"))
    view = take_in(store, MEMBER, offered, NOW)
    assert view.proposal is not None
    assert (view.agreement, view.key_state) == (FIRST, "held")
    assert (view.proposal.proposer, view.proposal.version) == ("B", 2)
    assert (view.proposal.signed, view.proposal.unsigned) == (("B",), ("A",))
    assert [change.new for change in view.proposal.changes][:1] == ["C leaves."]
    assert epochs(store) == ([1], [], 1)
    view = take_in(store, MEMBER, shown(SECOND, "AB", [FIRST]))
    assert (view.agreement, view.in_force, view.key_state) == (SECOND, True, "waiting")
    # Nothing of the first is left to be shown; its key stays until the new one is here.
    assert epochs(store) == ([1], [], 0)
    hold(store, (2, SECOND))
    assert take_in(store, MEMBER, shown(SECOND, "AB", [FIRST])).key_state == "held"
    assert epochs(store) == ([2], [1], 1)
    bound = signed_project(store)
    assert (bound.agreement, bound.earlier, bound.epoch) == (SECOND, (FIRST,), 2)
    assert bound.version(FIRST.hash.hex()) == FIRST
    assert bound.version(WITHOUT.hash.hex()) is None
    # It may skip a version that it did not see.
    view = take_in(store, MEMBER, shown(follow(THIRD, "AC"), "AC", [FIRST, SECOND, THIRD]))
    assert view.agreement.version == 4


def test_what_does_not_continue_it_is_refused(store: Store) -> None:
    take_in(store, MEMBER, shown(FIRST, "ABC"))
    take_in(store, MEMBER, shown(SECOND, "AB", [FIRST]))
    before = find_project(store)
    other = follow(FIRST, "AB", minimum_cell=21)
    strange = replace(FIRST, nonce="01")
    assert "version 1 is older than" in refusal(store, shown(FIRST, "ABC"))
    assert "does not continue" in refusal(store, shown(other, "AB", [FIRST]))
    assert "does not continue" in refusal(
        store, shown(follow(other, "AB"), "AB", [FIRST, other, SECOND])
    )
    assert "not every member" in refusal(store, shown(THIRD, "AB", [FIRST, SECOND]))
    assert "are not shown" in refusal(store, shown(THIRD, "ABC", [SECOND]))
    assert "are not shown" in refusal(store, shown(THIRD, "ABC", []))
    assert "is not this project's" in refusal(store, shown(strange, "ABC"))
    forged = shown(THIRD, "ABC", [FIRST, SECOND])
    forged.signatures[2].signature = bytes(64)
    assert "not every member" in refusal(store, forged)
    assert find_project(store) == before


@pytest.mark.parametrize(
    "offered",
    [
        follow(THIRD, "AB"),
        replace(THIRD, epoch=4),
        replace(THIRD, supersedes="ab" * 32),
    ],
)
def test_a_proposal_that_does_not_follow_is_nobodys(store: Store, offered: Agreement) -> None:
    view = take_in(store, MEMBER, shown(SECOND, "AB", [FIRST], proposal=proposal(offered, "B")))
    assert view.proposal is None


def test_a_newcomer_sees_the_proposal_alone(store: Store) -> None:
    offered = shown(WITHOUT, "BC", [FIRST], proposal=proposal(follow(WITHOUT, "ABC"), "B"))
    view = take_in(store, MEMBER, offered)
    assert view.proposal is not None
    assert (view.agreement.version, view.in_force, view.signed_by_you) == (3, False, False)
    assert view.proposal.names_you
    with pytest.raises(TacitError) as caught:
        signed_project(store)
    assert caught.value.code is Code.NOT_IN_FORCE
    # It is dropped, and another one proposed.
    again = follow(WITHOUT, "ABC", retention_days=9)
    offered = shown(WITHOUT, "BC", [FIRST], proposal=proposal(again, "BA"))
    assert take_in(store, MEMBER, offered).agreement == again
    assert find_project(store).signed_at == 7
    with store.read() as connection:
        kept = {version.version for version in list_versions(connection, PROJECT)}
    assert kept == {1, 2, 3}


def test_a_project_that_goes_on_without_this_node_is_over_for_it(store: Store) -> None:
    take_in(store, MEMBER, shown(FIRST, "ABC"))
    hold(store, (1, FIRST))
    # The others' word is not enough without the signatures of those whom it names.
    assert "not every member" in refusal(store, shown(WITHOUT, "B", [FIRST]))
    assert epochs(store) == ([1], [], 1)
    view = take_in(store, MEMBER, shown(WITHOUT, "BC", [FIRST]))
    assert (view.over, view.key_state) == ("removed", "destroyed")
    assert epochs(store) == ([], [1], 0)
    for call in (signed_project, results):
        with pytest.raises(TacitError) as caught:
            call(store)
        assert caught.value.code is Code.NOT_NAMED
    # A later version may name it again.
    view = take_in(store, MEMBER, shown(follow(WITHOUT, "ABC"), "ABC", [FIRST, WITHOUT]))
    assert (view.over, view.in_force) == ("", True)


def test_a_project_that_is_listed_no_longer_is_over(store: Store) -> None:
    take_in(store, MEMBER, shown(FIRST, "ABC"))
    hold(store, (1, FIRST))
    end_project(store, find_project(store), over="removed")
    assert epochs(store) == ([], [1], 0)
    assert find_project(store).over == "removed"


def test_after_its_last_day_an_agreement_leaves_nothing(store: Store) -> None:
    # NOW is a moment of 2027-01-15.
    ending = replace(FIRST, expires_on="2027-01-15")
    offered = shown(ending, "ABC", project_id=project_id_of(ending.hash))
    view = take_in(store, MEMBER, offered, NOW)
    assert view.over == ""
    view = take_in(store, MEMBER, offered, NOW + DAY)
    assert (view.over, view.key_state) == ("expired", "destroyed")
    with pytest.raises(TacitError) as caught:
        results(store)
    assert caught.value.sentence().startswith("The agreement ended with 2027-01-15.")


def test_keys_of_a_dropped_proposal_go_unsaid(store: Store) -> None:
    take_in(store, MEMBER, shown(FIRST, "ABC", proposal=proposal(SECOND, "AB")))
    hold(store, (1, FIRST), (2, SECOND))
    take_in(store, MEMBER, shown(FIRST, "ABC", proposal=proposal(SECOND, "AB")))
    assert epochs(store) == ([1, 2], [], 1)
    take_in(store, MEMBER, shown(FIRST, "ABC"))
    assert epochs(store) == ([1], [], 1)


def test_what_ends_soon_is_told() -> None:
    # The end of 2027-02-14 is 30 days and 16 hours after NOW.
    ending = replace(FIRST, expires_on="2027-02-14", epoch_days=40)
    said: Mapping[int, tuple[Due, ...]] = {
        day: due(ending, NOW + 12 * DAY, NOW + day * DAY) for day in (0, 1, 3, 13, 31)
    }
    end = NOW + 30 * DAY + 16 * 3_600_000
    agreement = {day: Due("agreement", end, 30 - day) for day in said}
    key = {day: Due("key", NOW + 12 * DAY, 12 - day) for day in said}
    assert said == {
        0: (),
        1: (agreement[1],),
        # Ten days, a quarter of forty, before the key's.
        3: (agreement[3], key[3]),
        13: (agreement[13],),
        31: (),
    }
    assert due(FIRST, 0, NOW) == ()
