from dataclasses import replace

import pytest
from sqlalchemy import Connection

from tacit.linkage.errors import Code, TacitError
from tacit.node.store import agreements, checks, identity, ledger, projects, results, uploads
from tacit.node.store.base import Store
from tacit.node.store.records import StoredRecord, get_records, keep_previous, put_records

PROJECT = projects.StoredProject(
    "p1", b"{}", b"h" * 32, "m1", in_force=False, signed_at=None, updated_at=5
)


def test_identity_is_one(store: Store) -> None:
    first = identity.Identity("m1", "Group", "host:1", b"ca", b"cert", b"k" * 32, 7)
    with store.write() as connection:
        assert identity.get_identity(connection) is None
        identity.put_identity(connection, first)
        identity.put_identity(connection, replace(first, address="host:2"))
        assert identity.get_identity(connection) == replace(first, address="host:2")


def test_projects_keys_and_tokens(store: Store) -> None:
    key = projects.StoredKey("p1", 1, b"k" * 32, "m1", 8, b"h" * 32)
    token = projects.StoredToken("p1", "r1", b"t" * 16, b"s" * 32, b"{}")
    with store.write() as connection:
        projects.put_project(connection, PROJECT)
        projects.put_project(connection, replace(PROJECT, in_force=True))
        assert projects.list_projects(connection) == [replace(PROJECT, in_force=True)]
        assert projects.get_project(connection, "p2") is None
        projects.put_linkage_key(connection, key)
        assert projects.get_linkage_key(connection, "p1", 1, b"h" * 32) == key
        assert projects.get_linkage_key(connection, "p1", 1, b"g" * 32) is None
        assert projects.get_linkage_key(connection, "p1", 2, b"h" * 32) is None
        projects.put_linkage_key(connection, replace(key, epoch=2))
        projects.delete_linkage_key(connection, "p1", 1)
        assert projects.list_linkage_keys(connection, "p1") == [replace(key, epoch=2)]
        projects.put_tokens(connection, [token])
        projects.put_tokens(connection, [replace(token, salt=b"x" * 32)])
        assert projects.get_tokens(connection, "p1") == {"r1": replace(token, salt=b"x" * 32)}
        assert projects.find_token(connection, "p1", b"?" * 16) is None
        projects.delete_tokens(connection, "p1")
        assert projects.get_tokens(connection, "p1") == {}


def test_versions_and_destroyed_keys(store: Store) -> None:
    first = agreements.StoredVersion("p1", b"1" * 32, 1, b"{}", signed_at=3, in_force_at=4)
    second = agreements.StoredVersion("p1", b"2" * 32, 2, b"{}")
    signed = agreements.StoredVersion("p1", b"3" * 32, 2, b"{}", signed_at=5)
    gone = agreements.DestroyedKey("p1", 1, 9)
    with store.write() as connection:
        projects.put_project(connection, PROJECT)
        for version in (signed, second, first):
            agreements.put_version(connection, version)
        assert agreements.list_versions(connection, "p1") == [first, second, signed]
        assert agreements.get_version(connection, "p1", b"2" * 32) == second
        assert agreements.get_version(connection, "p1", b"4" * 32) is None
        agreements.drop_proposals(connection, "p1", [b"2" * 32])
        assert len(agreements.list_versions(connection, "p1")) == 3
        agreements.drop_proposals(connection, "p1", [])
        agreements.confirm_version(connection, "p1", b"1" * 32, 99)
        assert agreements.list_versions(connection, "p1") == [
            replace(first, confirmed_at=99),
            signed,
        ]
        agreements.put_destroyed(connection, gone)
        agreements.put_destroyed(connection, replace(gone, reported_at=10))
        assert agreements.list_destroyed(connection, "p1") == [replace(gone, reported_at=10)]


def add_token_of_no_project(connection: Connection) -> None:
    token = projects.StoredToken("none", "r1", b"t" * 16, b"s" * 32, b"{}")
    projects.put_tokens(connection, [token])


def test_nothing_hangs_on_an_unknown_project(store: Store) -> None:
    with pytest.raises(TacitError) as caught, store.write() as connection:
        add_token_of_no_project(connection)
    assert caught.value.code is Code.STORE_FAILED


def test_uploads_keep_their_bytes_until_finished(store: Store) -> None:
    upload = uploads.StoredUpload(b"d" * 32, "p1", "u1", 1, 3, 0, b"r" * 32, 10, b"c" * 32)
    sent = [uploads.StoredUploadRecord(b"d" * 32, i, bytes([i]) * 16, b"x") for i in range(3)]
    with store.write() as connection:
        projects.put_project(connection, PROJECT)
        uploads.put_upload(connection, upload)
        uploads.put_upload_records(connection, sent)
        assert list(uploads.iter_upload_records(connection, b"d" * 32, 1)) == sent[1:]
        later = replace(upload, digest=b"e" * 32, started_at=11)
        uploads.put_upload(connection, later)
        assert uploads.latest_upload(connection, "p1") == later
        uploads.finish_upload(connection, b"d" * 32, 20, 4)
        done = replace(upload, finished_at=20, ledger_index=4, committed=3)
        assert uploads.list_uploads(connection, "p1") == [done, later]
        assert list(uploads.iter_upload_records(connection, b"d" * 32)) == []


def test_results(store: Store) -> None:
    run = results.StoredRun("r1", "p1", "done", 5, threshold=0.8)
    records = tuple(
        results.StoredGroupRecord("r1", 2, i, f"member {i}", bytes([i]) * 16, i == 0, "objected")
        for i in range(3)
    )
    links = (
        results.StoredGroupLink("r1", 2, 0, 1, 0.91),
        results.StoredGroupLink("r1", 2, 1, 2, 0.8),
    )
    group = results.StoredGroup(2, records, links)
    claims = results.StoredClaims("r1", 2, "{}", 9)
    release = results.StoredRelease("p1", 3, "r1", "{}", 9)
    with store.write() as connection:
        projects.put_project(connection, PROJECT)
        results.put_run(connection, run)
        results.put_run(connection, replace(run, run_id="r0", created_at=4))
        results.put_groups(connection, [group])
        results.put_groups(connection, [group])
        results.put_claims(connection, [claims])
        results.put_release(connection, release)
        assert [r.run_id for r in results.list_runs(connection, "p1")] == ["r1", "r0"]
        assert results.get_run(connection, "r1") == run
        assert results.list_groups(connection, "r1") == [group]
        assert results.list_groups(connection, "r0") == []
        assert results.list_claims(connection, "r1") == {2: claims}
        assert results.list_releases(connection, "p1") == [release]


def test_checks_and_notices(store: Store) -> None:
    check = checks.StoredCheck(b"c" * 16, "p1", "file.csv", b"d" * 32, 5, 10)
    answer = checks.StoredAnswer(b"c" * 16, 0, "Archive", "row 1", objects=True, score=0.9)
    notice = checks.StoredNotice("p1", 4, "Archive", 10, 2, 11)
    with store.write() as connection:
        projects.put_project(connection, PROJECT)
        checks.put_check(connection, check)
        assert checks.unanswered_check(connection, "p1", b"d" * 32) == check
        checks.put_answers(connection, [answer])
        checks.put_check(connection, replace(check, answered_at=12))
        assert checks.unanswered_check(connection, "p1", b"d" * 32) is None
        assert checks.list_answers(connection, b"c" * 16) == [answer]
        assert checks.list_checks(connection, "p1") == [replace(check, answered_at=12)]
        checks.put_notices(connection, [notice, notice])
        assert checks.list_notices(connection, "p1") == [notice]


def test_largest_tree_head_is_the_last(store: Store) -> None:
    heads = [ledger.StoredTreeHead(n, n, bytes(32), bytes(64), n) for n in (3, 12, 7)]
    with store.write() as connection:
        assert ledger.last_tree_head(connection) is None
        for head in heads:
            ledger.put_tree_head(connection, head)
        assert ledger.last_tree_head(connection) == heads[1]
        assert ledger.tree_head_of_size(connection, 7) == heads[2]
        assert ledger.tree_head_of_size(connection, 8) is None


def test_many_records_at_once(store: Store) -> None:
    records = [StoredRecord(f"{i:05}", {"name": "a"}, {}) for i in range(2500)]
    ids = [record.record_id for record in records]
    with store.write() as connection:
        put_records(connection, records)
        put_records(connection, [])
        keep_previous(connection, [*ids, "new"])
        assert list(get_records(connection, [*ids, "none"]).values()) == records
