"""Agreements and schemas as the store keeps them, parsed once and kept parsed."""

from functools import lru_cache

from tacit.linkage.agreement import Agreement, parse_agreement
from tacit.linkage.schema import LinkageSchema, parse_schema

_KEPT = 64


@lru_cache(maxsize=_KEPT)
def agreement_of(document: bytes) -> Agreement:
    """Parse an agreement.

    Raises:
        TacitError: BAD_AGREEMENT.
    """
    return parse_agreement(document)


@lru_cache(maxsize=_KEPT)
def schema_of(text: str) -> LinkageSchema:
    """Parse a linkage schema.

    Raises:
        TacitError: BAD_SCHEMA.
    """
    return parse_schema(text)
