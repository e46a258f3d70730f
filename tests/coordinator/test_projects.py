"""Agreements, signatures and sealed keys at the coordinator."""

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest

from coalition import (
    SCHEMA,
    CallError,
    Members,
    Node,
    Project,
    create_project,
    make_agreement,
    project_in_force,
    sign,
    sign_project,
)
from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, Purpose
from tacit.v1 import projects_pb2


def get(node: Node, project: Project) -> projects_pb2.Project:
    request = projects_pb2.GetProjectRequest(project_id=project.id)
    return node.stubs.projects.GetProject(request).project


def reason_of(creator: Node, agreement: Agreement, signature: bytes = b"") -> str:
    request = projects_pb2.CreateProjectRequest(
        agreement=agreement.encode(), signature=signature or sign(creator, agreement)
    )
    with pytest.raises(CallError) as failure:
        creator.stubs.projects.CreateProject(request)
    return failure.value.reason


def test_agreement_comes_into_force_with_the_last_signature(members: Members) -> None:
    nodes = [members.north, members.south, members.east]
    project = create_project(members.north, make_agreement(nodes))
    before = get(members.south, project)
    assert before.agreement == project.agreement.encode()
    assert before.agreement_hash == project.agreement.hash
    assert before.creator_id == members.north.id
    assert [s.member_id for s in before.signatures] == [members.north.id]
    assert not before.in_force
    assert not sign_project(members.south, project).in_force
    assert not sign_project(members.south, project).in_force  # twice is once
    after = sign_project(members.east, project)
    assert after.in_force
    assert [s.member_id for s in after.signatures] == [n.id for n in nodes]
    for node, signature in zip(nodes, after.signatures, strict=True):
        assert signature.signature == sign(node, project.agreement)


def test_the_same_agreement_again_gives_the_same_project(members: Members) -> None:
    agreement = make_agreement([members.north, members.south])
    first = create_project(members.north, agreement)
    assert create_project(members.north, agreement).id == first.id
    assert reason_of(members.south, agreement) == "EXISTS"
    assert len(get(members.north, first).signatures) == 1


def test_projects_are_listed_to_their_members_only(members: Members) -> None:
    project = create_project(members.north, make_agreement([members.north, members.south]))
    request = projects_pb2.ListProjectsRequest()

    def listed(node: Node) -> list[str]:
        return [p.project_id for p in node.stubs.projects.ListProjects(request).projects]

    assert project.id in listed(members.south)
    assert project.id not in listed(members.east)


def test_agreement_between_others_is_refused(members: Members) -> None:
    agreement = make_agreement([members.south, members.east])
    assert reason_of(members.north, agreement) == "FORBIDDEN"


def test_agreement_must_name_members_as_they_enrolled(members: Members) -> None:
    good = make_agreement([members.north, members.south])
    for field, value in (
        ("signing_key", secrets.token_hex(32)),
        ("sealing_key", secrets.token_hex(32)),
        ("name", "Impostor"),
        ("member_id", f"m{'f' * 16}"),
    ):
        parties = tuple(
            replace(p, **{field: value}) if p.member_id == members.south.id else p
            for p in good.members
        )
        parties = tuple(sorted(parties, key=lambda party: party.member_id))
        agreement = replace(good, members=parties)
        assert reason_of(members.north, agreement) == "BAD_AGREEMENT"


def test_schema_must_be_one_that_nodes_can_encode(members: Members) -> None:
    pair = [members.north, members.south]
    assert reason_of(members.north, make_agreement(pair, schema="{}")) == "BAD_SCHEMA"
    odd: dict[str, Any] = json.loads(SCHEMA)
    odd["clkConfig"]["l"] = 96  # which clkhash can encode, unless by blakeHash
    for feature in odd["features"]:
        feature["hashing"]["hash"] = {"type": "doubleHash"}
    agreement = make_agreement(pair, schema=json.dumps(odd))
    assert reason_of(members.north, agreement) == "BAD_AGREEMENT"


def test_signatures_must_be_the_callers_over_this_agreement(members: Members) -> None:
    agreement = make_agreement([members.north, members.south])
    others = sign(members.south, agreement)
    assert reason_of(members.north, agreement, others) == "SIGNATURE_INVALID"
    project = create_project(members.north, agreement)
    for wrong in (sign(members.north, agreement), bytes(64), b"", bytes(63)):
        request = projects_pb2.SignAgreementRequest(
            project_id=project.id, agreement_hash=agreement.hash, signature=wrong
        )
        with pytest.raises(CallError) as failure:
            members.south.stubs.projects.SignAgreement(request)
        assert failure.value.reason == "SIGNATURE_INVALID"
    assert len(get(members.north, project).signatures) == 1


def sealed(
    sender: Node, project: Project, recipient: str, ciphertext: bytes
) -> projects_pb2.SealedKey:
    statement = statements.sealed_key(project.agreement.hash, 1, recipient, ciphertext)
    return projects_pb2.SealedKey(
        recipient_id=recipient,
        ciphertext=ciphertext,
        signature=sender.signing_key.sign(statement),
    )


def put(node: Node, project: Project, *keys: projects_pb2.SealedKey, epoch: int = 1) -> None:
    node.stubs.projects.PutSealedKeys(
        projects_pb2.PutSealedKeysRequest(
            project_id=project.id,
            agreement_hash=project.agreement.hash,
            epoch=epoch,
            keys=keys,
        )
    )


def key_for(node: Node, project: Project) -> projects_pb2.GetSealedKeyResponse:
    request = projects_pb2.GetSealedKeyRequest(
        project_id=project.id, agreement_hash=project.agreement.hash
    )
    return node.stubs.projects.GetSealedKey(request)


def test_sealed_keys_reach_whom_they_are_for(members: Members) -> None:
    nodes = [members.north, members.south, members.east]
    project = project_in_force(nodes)
    with pytest.raises(CallError) as failure:
        key_for(members.south, project)
    assert failure.value.reason == "KEY_MISSING"
    for_south = sealed(members.north, project, members.south.id, b"for south")
    for_east = sealed(members.north, project, members.east.id, b"for east")
    put(members.north, project, for_south, for_east)
    answer = key_for(members.south, project)
    assert (answer.epoch, answer.sender_id, answer.key) == (1, members.north.id, for_south)
    assert key_for(members.east, project).key == for_east
    assert set(get(members.east, project).keyed_member_ids) == {members.south.id, members.east.id}


def test_the_first_sealed_key_stays(members: Members) -> None:
    project = project_in_force([members.north, members.south])
    first = sealed(members.north, project, members.south.id, b"first")
    put(members.north, project, first)
    put(members.north, project, sealed(members.north, project, members.south.id, b"second"))
    assert key_for(members.south, project).key == first


def test_sealed_keys_that_cannot_be_right(members: Members) -> None:
    project = project_in_force([members.north, members.south])
    good = sealed(members.north, project, members.south.id, b"good")
    forged = sealed(members.south, project, members.south.id, b"good")
    stranger = sealed(members.north, project, members.east.id, b"good")
    empty = sealed(members.north, project, members.south.id, b"")
    long = sealed(members.north, project, members.south.id, bytes(1025))
    for keys, epoch, reason in (
        ((forged,), 1, "SIGNATURE_INVALID"),
        ((good, good), 1, "MALFORMED"),
        ((stranger,), 1, "MALFORMED"),
        ((empty,), 1, "MALFORMED"),
        ((long,), 1, "MALFORMED"),
        ((good,), 2, "MALFORMED"),
    ):
        with pytest.raises(CallError) as failure:
            put(members.north, project, *keys, epoch=epoch)
        assert failure.value.reason == reason
    with pytest.raises(CallError) as failure:
        key_for(members.south, project)
    assert failure.value.reason == "KEY_MISSING"


def test_two_agreements_with_equal_terms_are_two_projects(members: Members) -> None:
    pair = [members.north, members.south]
    one = create_project(members.north, make_agreement(pair, purposes=(Purpose.COUNT,)))
    two = create_project(members.north, make_agreement(pair, purposes=(Purpose.COUNT,)))
    assert one.id != two.id
