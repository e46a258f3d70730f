"""A record's strata as codes, so that no raw text travels."""

from collections.abc import Mapping

from tacit.linkage.codes import OTHER, UNKNOWN, recognise
from tacit.node.store.records import StoredRecord


def strata_of(record: StoredRecord, agreed: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Give a record's code in each of the agreement's dimensions.

    Args:
        record: as it is stored, strata as imported.
        agreed: dimension to code list; a code that is not in it becomes "other".
    """
    held = {
        "kind": record.kind,
        "year": record.year,
        "body": record.body,
        "forum": record.forum,
    }
    found: dict[str, str] = {}
    for dimension, listed in agreed.items():
        code = recognise(dimension, held.get(dimension, ""))
        found[dimension] = code if code in listed or code == UNKNOWN else OTHER
    return found
