"""Every wrong caller of an RPC, one function for each kind; each is to be refused for its own reason.

`tests/coordinator/test_policy.py` calls them for every RPC, and `test_policy_mutants.py` again with
one check less, when one of them must fail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from caller_doors import (
    DENIALS,
    GONE,
    PURPOSES,
    STALE,
    UNSIGNED,
    Answer,
    Doors,
    answer,
    missing_to,
    signed,
    told,
)
from rpc_table import METHODS, TABLE, body_of, call, outcome, path_of
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.request_signatures import OLDEST
from wrong_callers import Scene


def bound(name: str) -> bool:
    """Say whether an RPC's request carries the agreement's hash."""
    return "agreement_hash" in METHODS[name].input_type.fields_by_name


def whose_turn(scene: Scene, name: str) -> dict[str, Any]:
    """Give what the right caller would send; who drops a proposal names the proposed version."""
    if "proposal" in TABLE[name]:
        return scene.fields("proposed", agreement_hash=scene.proposal)
    return scene.fields()


def right_callers_are_let_in(doors: Doors, name: str) -> None:
    """What refuses them is the service itself, for their empty content."""
    scene = doors.scene
    if "proposal" in TABLE[name]:
        # It would be done.
        return
    status, reason = answer(scene.north, name, scene.fields())
    assert status == "OK" or reason
    if name == "ProjectsService/CreateProject":
        assert reason == "BAD_AGREEMENT"
    else:
        assert reason not in DENIALS
    if "either" in TABLE[name]:
        # Who is named by the proposed version alone, too.
        proposed = scene.fields("proposed", agreement_hash=scene.proposal)
        caller = scene.north if "proposer" in TABLE[name] else scene.east
        assert answer(caller, name, proposed)[1] not in DENIALS
    if TABLE[name] == {"party", "named"}:
        assert answer(scene.east, name, scene.fields("proposed"))[0] == "OK"
    if "once" in TABLE[name]:
        assert answer(scene.south, name, scene.fields("past"))[1] not in DENIALS


def who_has_no_certificate(doors: Doors, name: str) -> None:
    """TLS itself fails, without a certificate and with another authority's: nothing is reached."""
    for channel in (doors.bare, doors.foreign):
        assert told(call(channel, name, doors.scene.fields())) == ("UNAVAILABLE", "")


def who_is_no_member(doors: Doors, name: str) -> None:
    """Certificates of nobody, over, or without their member."""
    scene = doors.scene
    papers, halted = scene.papers, scene.fields("halted")
    assert answer(papers.stranger, name, scene.fields()) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
    assert answer(papers.ended, name, halted) == ("UNAUTHENTICATED", "CERTIFICATE_EXPIRED")
    assert answer(papers.revoked, name, halted) == ("UNAUTHENTICATED", "REVOKED")
    assert answer(papers.waiting, name, halted) == ("FAILED_PRECONDITION", "UNCONFIRMED")


def who_did_not_sign(doors: Doors, name: str) -> None:
    """North's certificate alone makes no request: not with another's key, for another RPC, twice."""
    scene = doors.scene
    body = body_of(name, scene.fields())
    data = body.SerializeToString()
    named = getattr(body, "agreement_hash", b"")
    other = next(path_of(found) for found in METHODS if found != name)
    north, path, now = scene.north, path_of(name), milliseconds()
    stub = doors.certificate.stream_stream(path)

    def send(data: bytes, metadata: Any) -> Answer:
        return told(outcome(stub, iter([data]), metadata))

    assert send(data, ()) == UNSIGNED
    assert send(data, signed(scene.south, path, data, named, now)) == UNSIGNED
    assert send(data, signed(north, other, data, named, now)) == UNSIGNED
    assert send(data, signed(north, path, data + b"\xf8\x07\x01", named, now)) == UNSIGNED
    assert send(data + b"\xf8\x07\x01", signed(north, path, data, named, now)) == UNSIGNED
    assert send(data, signed(north, path, data, bytes(32), now)) == UNSIGNED
    late = signed(north, path, data, named, now - OLDEST - 1000)
    assert send(data, late) == ("ABORTED", "REQUEST_STALE")
    early = signed(north, path, data, named, now + OLDEST)
    assert send(data, early) == ("ABORTED", "REQUEST_STALE")
    torn = b"\xff"
    unread = signed(north, path, torn, b"", milliseconds())
    assert send(torn, unread) == ("INVALID_ARGUMENT", "MALFORMED")
    if "proposal" in TABLE[name]:
        return
    once = signed(north, path, data, named, milliseconds())
    assert send(data, once)[1] not in DENIALS
    assert send(data, once) == ("PERMISSION_DENIED", "REPLAYED")


def who_is_no_party(doors: Doors, name: str) -> None:
    """Others' projects look like none, whoever asks, and whatever it was or may be."""
    scene = doors.scene
    none = scene.fields(project_id=f"p{'0' * 32}")
    for node, fields in (
        (scene.outsider, scene.fields()),
        (scene.outsider, whose_turn(scene, name)),
        # The right member, but the wrong project.
        (scene.north, scene.fields("foreign")),
        (scene.north, scene.fields(project_id=scene.projects["foreign"].id)),
    ):
        assert node.channel is not None
        real, missing = call(node.channel, name, fields), call(node.channel, name, none)
        assert told(real) == told(missing) == GONE
        assert real is not None
        assert missing is not None
        assert vars(real) == vars(missing)
    if "named" not in TABLE[name]:
        hashed = scene.fields("proposed", agreement_hash=scene.proposal)
        assert missing_to(scene.east, name, scene.fields("proposed")) == "project"
        assert missing_to(scene.east, name, hashed) == "project"
    if "once" not in TABLE[name]:
        assert missing_to(scene.south, name, scene.fields("past")) == "project"


def stale_agreements(doors: Doors, name: str) -> None:
    """Hashes of other agreements, of none, and of versions that are not the caller's."""
    scene = doors.scene
    others = scene.projects["other"].agreement.hash
    for stale in (b"", bytes(32), others):
        assert answer(scene.north, name, scene.fields(agreement_hash=stale)) == STALE
    if "named" in TABLE[name]:
        # Whom the proposed version names gets so far.
        fields = scene.fields("proposed", agreement_hash=bytes(32))
        assert answer(scene.east, name, fields) == STALE
    if "proposal" in TABLE[name]:
        assert answer(scene.north, name, scene.fields()) == STALE
    elif "either" in TABLE[name]:
        # The version that is proposed, to a party that it does not name.
        hashed = scene.fields("proposed", agreement_hash=scene.proposal)
        assert answer(scene.south, name, hashed) == ("PERMISSION_DENIED", "FORBIDDEN")
        # The version in force, to one whom only the proposed one names.
        assert answer(scene.east, name, scene.fields("proposed")) == (
            "PERMISSION_DENIED",
            "FORBIDDEN",
        )
    else:
        hashed = scene.fields("proposed", agreement_hash=scene.proposal)
        assert answer(scene.north, name, hashed) == STALE
    if "proposer" in TABLE[name]:
        assert answer(scene.south, name, scene.fields()) == ("PERMISSION_DENIED", "FORBIDDEN")
        assert answer(
            scene.east, name, scene.fields("proposed", agreement_hash=scene.proposal)
        ) == (
            "PERMISSION_DENIED",
            "FORBIDDEN",
        )


def agreements_under_which_nothing_flows(doors: Doors, name: str) -> None:
    """Unsigned, over, without a party that has left, or with a linkage key that is due."""
    scene = doors.scene
    for node in (scene.north, scene.south):
        if "force" in TABLE[name]:
            expected = ("FAILED_PRECONDITION", "NOT_IN_FORCE")
            assert answer(node, name, scene.fields("unsigned")) == expected
            expected = ("FAILED_PRECONDITION", "AGREEMENT_EXPIRED")
            assert answer(node, name, scene.fields("expired")) == expected
        if "whole" in TABLE[name]:
            expected = ("FAILED_PRECONDITION", "MEMBER_GONE")
            assert answer(node, name, scene.fields("gone")) == expected
        if "epoch" in TABLE[name]:
            expected = ("FAILED_PRECONDITION", "EPOCH_ENDED")
            assert answer(node, name, scene.fields("due")) == expected
    if "force" in TABLE[name] and "whole" not in TABLE[name]:
        # What was reached already may be read.
        assert answer(scene.north, name, scene.fields("gone"))[1] not in DENIALS


def what_is_another_s(doors: Doors, name: str) -> None:
    """Purposes not agreed on, others' uploads, other projects' runs."""
    scene = doors.scene
    for purpose in TABLE[name] & PURPOSES:
        expected = ("PERMISSION_DENIED", "PURPOSE_NOT_AGREED")
        assert answer(scene.north, name, scene.fields(f"not {purpose}")) == expected
    if "upload" in TABLE[name]:
        assert answer(scene.south, name, scene.fields()) == GONE
        elsewhere = scene.fields(upload_id=scene.uploads["other"])
        assert answer(scene.north, name, elsewhere) == GONE
        assert answer(scene.north, name, scene.fields(upload_id="")) == GONE
    if "run" in TABLE[name]:
        assert answer(scene.north, name, scene.fields(run_id=scene.runs["other"])) == GONE
        assert answer(scene.north, name, scene.fields(run_id="")) == GONE
        erased = scene.fields(run_id=scene.runs["erased"])
        assert missing_to(scene.north, name, erased).startswith("run any more")


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of wrong caller, or the right one.

    Attributes:
        run: tries it on an RPC; an AssertionError says that it was not treated as it should be.
        applies: says whether the RPC knows this kind.
    """

    run: Callable[[Doors, str], None]
    applies: Callable[[str], bool]


def _needs(*needs: str) -> Callable[[str], bool]:
    return lambda name: bool(TABLE[name] & set(needs))


CASES = (
    Case(who_is_no_member, lambda _: True),
    Case(who_did_not_sign, lambda name: "unsigned" not in TABLE[name]),
    Case(stale_agreements, bound),
    Case(agreements_under_which_nothing_flows, _needs("force", "whole", "epoch")),
    Case(what_is_another_s, _needs("upload", "run", *PURPOSES)),
    Case(who_is_no_party, _needs("party")),
    Case(right_callers_are_let_in, lambda _: True),
)
WITHOUT_CERTIFICATE = Case(who_has_no_certificate, lambda _: True)
MAIN = [name for name in METHODS if "invitation" not in TABLE.get(name, set())]
