"""From one version of a project's agreement to the next, and when the last one ends."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from tacit.linkage.agreement import Agreement, parse_agreement
from tacit.linkage.errors import Code, TacitError

DAY = 86_400_000
"""Milliseconds."""


def project_id_of(first: bytes) -> str:
    """Give a project's identifier, which members can derive from what they signed.

    Args:
        first: hash of the agreement's version 1; the identifier stays that of it.
    """
    return f"p{first.hex()[:32]}"


def check_successor(agreement: Agreement, following: Agreement, epoch: int) -> None:
    """Hold a proposed version against the one that it would replace.

    Args:
        agreement: the version that was proposed last and taken up, in force or not.
        following: what is proposed.
        epoch: the project's epoch today.

    Raises:
        TacitError: BAD_AGREEMENT; the sentence names the field that is wrong.
    """
    version = agreement.version + 1
    if following.version != version or following.supersedes != agreement.hash.hex():
        problem = f"the next version must be {version} and supersede the one in force"
        raise TacitError(Code.BAD_AGREEMENT, problem=problem)
    if following.epoch != epoch + 1:
        problem = f"'epoch' must be {epoch + 1}: a new version begins with a new linkage key"
        raise TacitError(Code.BAD_AGREEMENT, problem=problem)


def earlier_hashes(agreement: Agreement, earlier: Sequence[bytes]) -> list[bytes]:
    """Follow `supersedes` back from a version through the documents of earlier ones.

    Args:
        agreement: the version to start from; its own hash is the first that is given.
        earlier: canonical documents, in any order; those that the chain does not name count for
            nothing.

    Returns:
        Hashes of 32 bytes, newest first, as far as the documents reach.

    Raises:
        TacitError: BAD_AGREEMENT, one of the documents is no agreement.
    """
    known = {version.hash: version for version in map(parse_agreement, earlier)}
    chain = [agreement.hash]
    version: Agreement | None = agreement
    while version is not None and version.supersedes:
        before = bytes.fromhex(version.supersedes)
        chain.append(before)
        version = known.get(before)
    return chain


def ends_at(agreement: Agreement) -> int | None:
    """Give when an agreement ceases to hold, milliseconds; None where it has no end."""
    if not agreement.expires_on:
        return None
    day = date.fromisoformat(agreement.expires_on)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(midnight.timestamp() * 1000) + DAY


def has_expired(agreement: Agreement, at: int) -> bool:
    """Tell whether an agreement holds no longer at a time in milliseconds."""
    end = ends_at(agreement)
    return end is not None and at >= end


def epoch_ends_at(agreement: Agreement, started_at: int) -> int:
    """Give when the next linkage key is due, milliseconds; 0 where none is by itself.

    Args:
        agreement: the version in force.
        started_at: when the present epoch began, milliseconds.
    """
    return started_at + agreement.epoch_days * DAY if agreement.epoch_days else 0
