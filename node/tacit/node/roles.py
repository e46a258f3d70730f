"""What a register's columns can be: the schema's fields, and the roles that every node knows."""

from collections.abc import Sequence
from dataclasses import dataclass

from tacit.linkage.schema import LinkageSchema

STRATA = ("kind", "year", "body", "forum")

ROLES = (
    "record_id",
    "documented_on",
    "petition",
    "forum",
    "consent_source",
    "purposes",
    "publication",
    "consent_expires",
    "kind",
    "year",
    "body",
)
"""Reserved roles, whatever the schema; only record_id is required."""

_DATES = ("date", "year", "year-digits", "month-day", "day-parts")


@dataclass(frozen=True, slots=True)
class RegisterFields:
    """The fields that a mapping may name beside the roles.

    Attributes:
        names: the schema's sources, in order.
        dates: those of them that hold dates.
    """

    names: tuple[str, ...]
    dates: frozenset[str] = frozenset()

    @property
    def all(self) -> Sequence[str]:
        """Roles and fields, each once."""
        return tuple(dict.fromkeys((*ROLES, *self.names)))


def fields_of(schema: LinkageSchema) -> RegisterFields:
    """Give the register fields of a schema."""
    dates = {s for f in schema.features if f.normaliser in _DATES for s in f.sources}
    return RegisterFields(schema.sources, frozenset(dates))
