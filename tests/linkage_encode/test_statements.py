from hashlib import sha256
from itertools import permutations

from tacit.linkage import statements

HASH, ROOT = b"\x11" * 32, b"\x22" * 32


def test_statements_are_these_bytes() -> None:
    # Written out once by hand: a signature must verify with any later version too.
    assert statements.agreement(HASH) == b"tacit agreement v1" + b"\x00\x00\x00\x20" + HASH
    assert statements.upload(HASH, 258, ROOT) == (
        b"tacit upload v1"
        + (b"\x00\x00\x00\x20" + HASH)
        + (b"\x00\x00\x00\x08" + b"\x00\x00\x00\x00\x00\x00\x01\x02")
        + (b"\x00\x00\x00\x20" + ROOT)
    )
    assert statements.tree_head(1, 2, ROOT) == (
        b"tacit tree head v1"
        + (b"\x00\x00\x00\x08" + bytes(7) + b"\x01")
        + (b"\x00\x00\x00\x08" + bytes(7) + b"\x02")
        + (b"\x00\x00\x00\x20" + ROOT)
    )
    assert statements.cosigned_head(HASH, b"head", "m", 3) == (
        b"tacit cosigned head v1"
        + (b"\x00\x00\x00\x20" + HASH)
        + (b"\x00\x00\x00\x04" + b"head")
        + (b"\x00\x00\x00\x01" + b"m")
        + (b"\x00\x00\x00\x08" + bytes(7) + b"\x03")
    )
    assert statements.paper_head(HASH, 1, ROOT) == (
        b"tacit paper head v1"
        + (b"\x00\x00\x00\x20" + HASH)
        + (b"\x00\x00\x00\x08" + bytes(7) + b"\x01")
        + (b"\x00\x00\x00\x20" + ROOT)
    )
    assert statements.sealed_key(HASH, 3, "é", b"c") == (
        b"tacit sealed key v1"
        + (b"\x00\x00\x00\x20" + HASH)
        + (b"\x00\x00\x00\x04" + b"\x00\x00\x00\x03")
        + (b"\x00\x00\x00\x02" + b"\xc3\xa9")
        + (b"\x00\x00\x00\x01" + b"c")
    )
    assert statements.enrolment(b"i", b"r", b"s", b"e") == b"tacit enrol v1" + b"".join(
        b"\x00\x00\x00\x20" + sha256(part).digest() for part in (b"i", b"r", b"s", b"e")
    )
    assert statements.claim_commitment(b"salt", b"token", {"b": "1", "a": ""}) == (
        sha256(
            b"tacit claim v1"
            + (b"\x00\x00\x00\x04" + b"salt")
            + (b"\x00\x00\x00\x05" + b"token")
            + (b"\x00\x00\x00\x10" + b'{"a":"","b":"1"}')
        ).digest()
    )


def test_statements_about_members_are_these_bytes() -> None:
    digest = sha256(b"authority").digest()
    identity = statements.member_identity(b"authority", "m1", "é", b"s", b"e")
    assert identity == (
        b"tacit member v1"
        + (b"\x00\x00\x00\x02" + b"m1")
        + (b"\x00\x00\x00\x02" + b"\xc3\xa9")
        + (b"\x00\x00\x00\x20" + digest)
        + (b"\x00\x00\x00\x01" + b"s")
        + (b"\x00\x00\x00\x01" + b"e")
    )
    assert statements.confirmation(identity) == (
        b"tacit confirm v1" + b"\x00\x00\x00\x20" + sha256(identity).digest()
    )
    assert statements.leaving(b"authority", "m1") == (
        b"tacit leave v1" + b"\x00\x00\x00\x20" + digest + b"\x00\x00\x00\x02" + b"m1"
    )
    assert statements.renewal("m1", b"r") == (
        b"tacit renew v1"
        + (b"\x00\x00\x00\x02" + b"m1")
        + (b"\x00\x00\x00\x20" + sha256(b"r").digest())
    )


def test_no_statement_can_stand_for_another() -> None:
    labels = [
        statement[: statement.index(b" v1") + 3]
        for statement in (
            statements.enrolment(b"", b"", b"", b""),
            statements.renewal("m", b""),
            statements.member_identity(b"", "m", "n", b"", b""),
            statements.confirmation(b""),
            statements.leaving(b"", "m"),
            statements.agreement(HASH),
            statements.sealed_key(HASH, 0, "", b""),
            statements.upload(HASH, 0, ROOT),
            statements.tree_head(0, 0, ROOT),
            statements.cosigned_head(HASH, b"", "", 0),
            statements.paper_head(HASH, 0, ROOT),
        )
    ]
    labels += [b"tacit claim v1", b"tacit decision v1"]
    assert not any(one.startswith(other) for one, other in permutations(labels, 2))


def test_parts_cannot_slide_into_each_other() -> None:
    assert statements.sealed_key(HASH, 1, "ab", b"c") != statements.sealed_key(HASH, 1, "a", b"bc")
    assert statements.claim_commitment(b"ab", b"c", {}) != statements.claim_commitment(
        b"a", b"bc", {}
    )


def test_a_commitment_depends_on_every_part() -> None:
    made = {
        statements.claim_commitment(salt, token, claim)
        for salt in (b"s" * 32, b"t" * 32)
        for token in (b"1" * 16, b"2" * 16)
        for claim in ({"petition": "1"}, {"petition": "2"})
    }
    assert len(made) == 8


def test_a_decision_is_committed_to_with_these_bytes() -> None:
    made = statements.decision_commitment(b"salt", (b"own", b"other"), "same")
    assert made == (
        sha256(
            b"tacit decision v1"
            + (b"\x00\x00\x00\x04" + b"salt")
            + (b"\x00\x00\x00\x03" + b"own")
            + (b"\x00\x00\x00\x05" + b"other")
            + (b"\x00\x00\x00\x04" + b"same")
        ).digest()
    )
