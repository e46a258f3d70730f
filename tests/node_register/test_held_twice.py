"""Which of the records of one person go into a project, for what, and with which claim."""

from collections.abc import Sequence

from tacit.node.held_twice import entrants
from tacit.node.store.records import StoredRecord

ALL = ("check", "count", "attribute")
Permitted = tuple[StoredRecord, tuple[str, ...]]


def person(record_id: str, *purposes: str, **own: str) -> Permitted:
    fields = {name: own.pop(name) for name in ("name", "birth_date") if name in own}
    return StoredRecord(record_id, fields, {}, **own), purposes or ALL  # type: ignore[arg-type]


def chosen(
    permitted: Sequence[Permitted],
    same: Sequence[Sequence[str]],
    withheld: Sequence[StoredRecord] = (),
) -> list[tuple[str, tuple[str, ...], str]]:
    held = {record.record_id: record for record in [*(r for r, _ in permitted), *withheld]}
    found = entrants(permitted, same, held, ("name", "birth_date"))
    return [(e.record.record_id, e.purposes, e.claimed.record_id) for e in found]


def test_records_that_nobody_marked_go_in_as_they_are() -> None:
    permitted = [person("b"), person("a", "count")]
    assert chosen(permitted, []) == [("b", ALL, "b"), ("a", ("count",), "a")]


def test_the_fullest_record_stands_for_the_person() -> None:
    permitted = [person("a", name="x"), person("b", name="x", birth_date="1950"), person("c")]
    assert chosen(permitted, [("a", "b")]) == [("b", ALL, "b"), ("c", ALL, "c")]


def test_among_equals_strata_then_date_then_id_decide() -> None:
    one, other = person("a", documented_on="2005-01-01"), person("b", documented_on="2001-01-01")
    assert chosen([one, other], [("a", "b")])[0][0] == "b"
    assert chosen([person("a"), person("b", kind="abduction")], [("a", "b")])[0][0] == "b"
    assert chosen([person("a"), person("b")], [("a", "b")])[0][0] == "a"


def test_wider_consent_goes_before_fuller_fields() -> None:
    permitted = [person("a", "count", name="x"), person("b", "count", "check")]
    assert chosen(permitted, [("a", "b")]) == [("b", ("count", "check"), "b")]


def test_each_purpose_has_one_record_where_consents_differ() -> None:
    permitted = [person("a", "check", name="x"), person("b", "count")]
    assert chosen(permitted, [("a", "b")]) == [("a", ("check",), "a"), ("b", ("count",), "b")]
    overlapping = [person("a", "check", "count", name="x"), person("b", "count", "attribute")]
    assert chosen(overlapping, [("a", "b")]) == [
        ("a", ("check", "count"), "a"),
        ("b", ("attribute",), "b"),
    ]


def test_claim_is_the_earliest_that_consent_lets_be_claimed() -> None:
    late = person("a", name="x", documented_on="2010-03-01")
    early = person("b", documented_on="2001-03-01")
    assert chosen([late, early], [("a", "b")]) == [("a", ALL, "b")]
    silent = person("b", "check", documented_on="2001-03-01")
    assert chosen([late, silent], [("a", "b")]) == [("a", ALL, "a")]


def test_an_objection_in_any_record_holds_for_the_person() -> None:
    known, _ = person("a", name="x")
    objecting, _ = person("b", publication="objected", consent_expires="2001-01-01")
    held = {"a": known, "b": objecting}
    (found,) = entrants([(known, ALL)], [("a", "b")], held, ("name",))
    assert found.record.publication == "objected"
    (alone,) = entrants([(known, ALL)], [("a", "gone")], held, ("name",))
    assert alone.record == known
