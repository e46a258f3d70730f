"""Why records match, as far as the agreement lets members know it: sketches are compared here.

The coordinator has no key: it sees how alike the fields of a match are, never what they hold. The
members see verdicts on pairs with a record of their own, never a sketch.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from tacit.coordinator.request_values import require_in_range
from tacit.coordinator.store.sketches import Sketch, add_sketches, own_places
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.reasons import Verdict, sketch_bytes, verdicts
from tacit.linkage.schema import LinkageSchema
from tacit.v1 import runs_pb2

MAX_SKETCHES = 1000
"""Most sketches in one message."""

_VERDICTS = {
    Verdict.AGREED: runs_pb2.FIELD_VERDICT_AGREED,
    Verdict.PARTLY: runs_pb2.FIELD_VERDICT_PARTLY,
    Verdict.NOT: runs_pb2.FIELD_VERDICT_NOT,
    Verdict.MISSING: runs_pb2.FIELD_VERDICT_MISSING,
}


def keep_sketches(
    connection: Connection,
    run_id: str,
    member_id: str,
    schema: LinkageSchema,
    sent: Sequence[runs_pb2.Sketch],
    *,
    day: int,
) -> None:
    """Keep a member's sketches of its own records; those of records it no longer holds are dropped.

    Consent is that of `day`, in days since 1970-01-01.

    The first that comes for a record stays, so that nobody tries one guess after the other.

    Raises:
        TacitError: MALFORMED.
    """
    if len(sent) > MAX_SKETCHES:
        raise TacitError(Code.MALFORMED, problem="there are too many sketches in one message.")
    size = sketch_bytes(schema)
    if any(len(sketch.parts) != size for sketch in sent):
        raise TacitError(Code.MALFORMED, problem="a sketch is not as long as the schema says.")
    require_in_range("group_id", (sketch.group_id for sketch in sent))
    places = own_places(connection, run_id, member_id, {sketch.group_id for sketch in sent}, day)
    made = [
        Sketch(run_id, sketch.group_id, places[sketch.group_id, sketch.token], sketch.parts)
        for sketch in sent
        if (sketch.group_id, sketch.token) in places
    ]
    add_sketches(connection, run_id, made)


def field_verdicts(
    sketched: Mapping[int, bytes], left: int, right: int
) -> list[runs_pb2.FieldVerdict.ValueType]:
    """Compare two records of a group by their places; nothing where a sketch is missing."""
    if left not in sketched or right not in sketched:
        return []
    return [_VERDICTS[verdict] for verdict in verdicts(sketched[left], sketched[right])]
