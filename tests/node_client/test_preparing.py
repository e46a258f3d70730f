"""What leaves a node: chosen by consent, the same bytes each time, and nothing in the open."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tacit.linkage import merkle
from tacit.linkage.agreement import Agreement, Party, Purpose
from tacit.linkage.agreement_versions import project_id_of
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import parse_schema
from tacit.node.consent import Exclusion
from tacit.node.context import BoundProject, Member
from tacit.node.eligible import select_records
from tacit.node.encode_register import Prepared, prepare_upload
from tacit.node.home import find_home
from tacit.node.keys import NodeKeys, ensure_keys
from tacit.node.project_state import take_in
from tacit.node.sealed_claims import ClaimSealer
from tacit.node.store.base import Store, create_store
from tacit.node.store.identity import Identity
from tacit.node.store.projects import StoredProject, get_tokens, put_project
from tacit.node.store.records import delete_records
from tacit.node.store.uploads import finish_upload, iter_upload_records, put_upload
from tacit.v1 import encodings_pb2 as encodings
from tacit.v1 import projects_pb2 as projects
from world import COST, PASSPHRASE, SCHEMA, fill, person, record

KEY = bytes(range(32))
TODAY = dt.date(2024, 5, 17)
OTHER = Party("mB", "B", "11" * 32, "22" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create_store(find_home(tmp_path / "node"), PASSPHRASE, COST) as made:
        yield made


def member_of(store: Store) -> Member:
    identity = Identity("mA", "A", "localhost:1", b"", b"", b"", 1)
    return Member(identity, ensure_keys(store))


def agreement_of(keys: NodeKeys, **changes: object) -> Agreement:
    own = Party("mA", "A", keys.signing_public.hex(), keys.sealing_public.hex())
    made = Agreement(
        "Victims",
        (own, OTHER),
        parse_schema(SCHEMA).text,
        strata={"kind": ("enforced-disappearance", "abduction"), "year": ("1969", "1970")},
        nonce="00",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def project(store: Store) -> BoundProject:
    agreement = agreement_of(member_of(store).keys)
    stored = StoredProject("p1", agreement.encode(), agreement.hash, "mA", True, 1, 1)
    with store.write() as connection:
        put_project(connection, stored)
    return BoundProject(stored, agreement, KEY)


def prepare(
    store: Store, project: BoundProject, today: dt.date = TODAY, *, held: bool = False
) -> Prepared:
    return prepare_upload(store, project, today, lambda _done, _total: None, held=held)


def sent(store: Store, prepared: Prepared) -> list[encodings.EncodedRecord]:
    with store.read() as connection:
        stored = iter_upload_records(connection, prepared.upload.digest)
        return [encodings.EncodedRecord.FromString(item.payload) for item in stored]


def test_an_upload_is_what_the_protocol_says(store: Store, project: BoundProject) -> None:
    fill(store, [record("A", number) for number in range(5)])
    fill(store, [record("A", 5, publication="objected", purposes=("count", "check"))])
    prepared = prepare(store, project)
    records = sent(store, prepared)
    # The digest, as encodings.proto defines it, from the messages themselves.
    digest = sha256()
    for message in records:
        serial = message.SerializeToString(deterministic=True)
        digest.update(len(serial).to_bytes(4, "big") + serial)
    assert prepared.upload.digest == digest.digest()
    leaves = [merkle.leaf_hash(message.claim_commitment) for message in records]
    assert prepared.upload.root == merkle.root(leaves)
    assert prepared.upload.record_count == len(records) == 6
    assert [message.token for message in records] == sorted(message.token for message in records)
    with store.read() as connection:
        tokens = get_tokens(connection, "p1")
    last = next(message for message in records if message.token == tokens["A-005"].token)
    assert last.publication == encodings.PUBLICATION_OBJECTED
    assert list(last.purposes) == ["check", "count"]
    assert dict(last.strata) == {"kind": "enforced-disappearance", "year": "1969"}
    opened = ClaimSealer(KEY, project.agreement_hash).open(last.sealed_claim, last.token)
    assert (opened.text.petition, opened.salt) == ("A/5", tokens["A-005"].salt)
    assert last.claim_commitment == opened.text.commitment(opened.salt, last.token)


def test_the_encoding_is_the_linkage_cores_own(store: Store, project: BoundProject) -> None:
    fill(store, [record("A", 7)])
    (message,) = sent(store, prepare(store, project))
    schema = parse_schema(SCHEMA)
    columns = {source: [person(7).get(source, "")] for source in schema.sources}
    secret = derive_secret(KEY, "p1", 1, schema.hash)
    expected = Encoder(schema, secret).encode(normalise_columns(schema, columns))
    assert message.clk == expected.clk_bytes(0)
    assert message.presence == int(expected.presence[0])


def test_nothing_of_a_record_is_in_what_is_sent(store: Store, project: BoundProject) -> None:
    fill(store, [record("A", number) for number in range(20)])
    payload = b"".join(
        message.SerializeToString() for message in sent(store, prepare(store, project))
    )
    for number in range(20):
        for value in (*person(number).values(), f"A/{number}", f"A-{number:03}", "family"):
            # Sex is one letter, which stands anywhere.
            assert len(value) == 1 or value.encode() not in payload


def test_the_same_register_gives_the_same_bytes(store: Store, project: BoundProject) -> None:
    fill(store, [record("A", number) for number in range(8)])
    first = prepare(store, project)
    payload = [message.SerializeToString(deterministic=True) for message in sent(store, first)]
    assert first.changed
    assert not prepare(store, project).changed
    # As if the upload had been lost: what is random lies in the store, so all of it comes back.
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM upload_records")
        connection.exec_driver_sql("DELETE FROM uploads")
    again = prepare(store, project)
    assert again.changed
    assert again.upload.digest == first.upload.digest
    assert [m.SerializeToString(deterministic=True) for m in sent(store, again)] == payload


@pytest.mark.parametrize(
    "change",
    [
        {"fields": person(99)},
        {"petition": "A/other"},
        {"publication": "objected"},
        {"purposes": ("count",)},
        {"kind": "abduction"},
        {"year": "1970"},
        {"consent_expires": "2024-05-16"},
    ],
)
def test_any_change_that_matters_is_a_new_upload(
    store: Store, project: BoundProject, change: dict[str, object]
) -> None:
    fill(store, [record("A", 1), record("A", 2)])
    first = prepare(store, project)
    fill(store, [record("A", 2, **change)])
    second = prepare(store, project)
    assert second.changed
    assert second.upload.digest != first.upload.digest
    assert not sent(store, first)  # an upload that was given up leaves nothing behind


def test_a_change_that_does_not_leave_the_node_is_none(store: Store, project: BoundProject) -> None:
    fill(store, [record("A", 1), record("A", 2)])
    prepare(store, project)
    fill(store, [record("A", 2, raw={"note": "new"}, row_number=9, body="MSS")])
    assert not prepare(store, project).changed


def test_what_is_finished_is_prepared_again_only_where_the_coordinator_lost_it(
    store: Store, project: BoundProject
) -> None:
    fill(store, [record("A", 1)])
    first = prepare(store, project)
    with store.write() as connection:
        put_upload(connection, replace(first.upload, upload_id="u1"))
        finish_upload(connection, first.upload.digest, 2, 7)
    held = prepare(store, project, held=True)
    assert (held.changed, held.upload.finished_at) == (False, 2)
    assert not sent(store, held)
    lost = prepare(store, project, held=False)
    assert (lost.changed, lost.upload.finished_at) == (True, None)
    assert len(sent(store, lost)) == 1


def test_consent_is_held_against_the_day_and_the_agreement(
    store: Store, project: BoundProject
) -> None:
    fill(
        store,
        [
            record("A", 1, consent_expires="2024-05-17"),
            record("A", 2, consent_expires="2024-05-16"),
            record("A", 3, purposes=("none",)),
            record("A", 4, purposes=("count",)),
        ],
    )
    chosen = select_records(store, project, TODAY)
    assert {item.record.record_id for item in chosen.records} == {"A-001", "A-004"}
    assert chosen.withheld == {Exclusion.EXPIRED: 1, Exclusion.NO_PURPOSE: 1}
    without_count = replace(project.agreement, purposes=(Purpose.CHECK, Purpose.ATTRIBUTE))
    narrow = replace(project, agreement=without_count)
    assert [i.record.record_id for i in select_records(store, narrow, TODAY).records] == ["A-001"]
    tomorrow = TODAY + dt.timedelta(days=1)
    assert [i.record.record_id for i in select_records(store, project, tomorrow).records] == [
        "A-004"
    ]


def test_a_token_stays_and_a_salt_lasts_as_long_as_its_claim(
    store: Store, project: BoundProject
) -> None:
    def token() -> tuple[bytes, bytes]:
        select_records(store, project, TODAY)
        with store.read() as connection:
            found = get_tokens(connection, "p1")["A-001"]
        return found.token, found.salt

    fill(store, [record("A", 1)])
    first = token()
    fill(store, [record("A", 1, fields=person(3), publication="objected")])
    assert token() == first
    fill(store, [record("A", 1, petition="A/1b")])
    changed = token()
    assert changed[0] == first[0]
    assert changed[1] != first[1]
    # Withdrawn and recorded again it is the same record, at its place in the ledger.
    with store.write() as connection:
        delete_records(connection, ["A-001"])
    select_records(store, project, TODAY)
    fill(store, [record("A", 1, petition="A/1b")])
    assert token() == changed


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Enforced Disappearance", "enforced-disappearance"),
        ("납북", "abduction"),
        ("torture", "other"),
        ("", "unknown"),
        ("이름 홍길동", "other"),
    ],
)
def test_strata_are_codes_of_the_agreement_and_never_the_registers_words(
    store: Store, project: BoundProject, raw: str, code: str
) -> None:
    fill(store, [record("A", 1, kind=raw, year="1950")])
    (item,) = select_records(store, project, TODAY).records
    assert item.strata == {"kind": code, "year": "other"}


def test_a_claim_that_is_too_long_names_its_row(store: Store, project: BoundProject) -> None:
    fill(store, [record("A", 1, petition="가" * 2000)])
    with pytest.raises(TacitError) as caught:
        prepare(store, project)
    assert caught.value.code is Code.BAD_INPUT
    assert str(caught.value).startswith("import 1, row 3: ")
    assert "가" not in str(caught.value)


def test_without_the_key_nothing_is_prepared(store: Store, project: BoundProject) -> None:
    with pytest.raises(TacitError) as caught:
        prepare(store, replace(project, linkage_key=None))
    assert caught.value.code is Code.KEY_MISSING


def offered(agreement: Agreement, **changes: object) -> projects.Project:
    values: dict[str, object] = {
        "project_id": project_id_of(agreement.hash),
        "agreement": agreement.encode(),
        "agreement_hash": agreement.hash,
        "creator_id": "mB",
        "in_force": True,
    }
    return projects.Project(**{**values, **changes})  # type: ignore[arg-type]


def test_a_project_is_in_force_by_signatures_not_by_word(store: Store) -> None:
    member = member_of(store)
    agreement = agreement_of(member.keys)
    forged = projects.Signature(member_id="mA", signature=bytes(64), signed_at=5)
    view = take_in(store, member, offered(agreement, signatures=[forged]))
    assert (view.in_force, view.signed_by_you, view.key_state) == (False, False, "unsigned")


def test_an_agreement_with_other_keys_for_this_member_is_refused(store: Store) -> None:
    member = member_of(store)
    agreement = agreement_of(member.keys)
    own = next(party for party in agreement.members if party.member_id == "mA")
    for changed in (
        replace(own, sealing_key="33" * 32),
        replace(own, signing_key="33" * 32),
        replace(own, member_id="m0"),
    ):
        wrong = replace(agreement, members=(changed, OTHER))
        with pytest.raises(TacitError) as caught:
            take_in(store, member, offered(wrong))
        assert caught.value.code is Code.BAD_AGREEMENT


def test_a_project_cannot_come_back_with_another_agreement(store: Store) -> None:
    member = member_of(store)
    first = agreement_of(member.keys)
    take_in(store, member, offered(first))
    second = replace(first, minimum_cell=3)
    with pytest.raises(TacitError) as caught:
        take_in(store, member, offered(second, project_id=project_id_of(first.hash)))
    assert caught.value.code is Code.UNSIGNED_AGREEMENT
    with pytest.raises(TacitError) as caught:
        take_in(store, member, offered(first, agreement_hash=bytes(32)))
    assert caught.value.code is Code.SIGNATURE_INVALID
