"""Which records of the register go into a project, and what goes with each in the open."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from tacit.linkage.agreement import Agreement
from tacit.linkage.canonical import canonical
from tacit.linkage.codes import OTHER, UNKNOWN, recognise
from tacit.linkage.protocol import TOKEN_BYTES
from tacit.linkage.schema import parse_schema
from tacit.node.consent import Exclusion, allowed_purposes, count_exclusions
from tacit.node.context import BoundProject
from tacit.node.duplicates import marked_same
from tacit.node.held_twice import Entrant, entrants
from tacit.node.roles import STRATA
from tacit.node.sealed_claims import SALT_BYTES, ClaimText
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredToken, get_tokens, put_tokens
from tacit.node.store.records import StoredRecord, iter_records
from tacit.node.store.withdrawals import withdrawn_from


@dataclass(frozen=True, slots=True)
class Eligible:
    """A record that its consent lets into the project.

    Attributes:
        record: as the register holds it.
        purposes: of the agreement's, those that the record's consent covers, in order.
        token: what stands for the record in this project.
        claim: what the member claims of it, or of an earlier record of the same person.
        commitment: to the claim, 32 bytes.
        strata: dimension to code, every dimension of the agreement's.
    """

    record: StoredRecord
    purposes: tuple[str, ...]
    token: StoredToken
    claim: ClaimText
    commitment: bytes
    strata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of the register that go into a project, by token, and why others do not.

    By token, so that the order of an upload tells nothing of the register's.

    Attributes:
        withheld: how many their consent keeps out, by reason.
        held_twice: how many stay out because another record of the same person goes in.
        permitted: ids of all records that their consent lets in.
    """

    records: tuple[Eligible, ...]
    withheld: Mapping[Exclusion, int]
    held_twice: int = 0
    permitted: frozenset[str] = frozenset()


def select_records(store: Store, project: BoundProject, today: date) -> Selection:
    """Choose by consent, each person once, and give every chosen record its token and salt.

    Tokens and salts are random, made once per project and record and kept; a claim that has
    changed since gets a new salt, so that its commitment cannot be tried against guesses of the
    change.
    """
    with store.write() as connection:
        held = list(iter_records(connection))
        taken_out = withdrawn_from(connection, project.id)
        left = [record for record in held if record.record_id not in taken_out]
        permitted = [
            (record, purposes)
            for record in left
            if (purposes := allowed_purposes(record, project.agreement, today))
        ]
        sources = parse_schema(project.agreement.schema).sources
        known_as = {record.record_id: record for record in held}
        chosen = entrants(permitted, marked_same(connection), known_as, sources)
        known = get_tokens(connection, project.id)
        tokens = [_token(project.id, item, known.get(item.record.record_id)) for item in chosen]
        put_tokens(
            connection, [token for token in tokens if known.get(token.record_id) is not token]
        )
    eligible = [
        _eligible(item, token, project.agreement)
        for item, token in zip(chosen, tokens, strict=True)
    ]
    by_token = tuple(sorted(eligible, key=lambda item: item.token.token))
    withheld = dict(count_exclusions(left, project.agreement, today))
    if len(left) < len(held):
        withheld[Exclusion.WITHDRAWN] = len(held) - len(left)
    return Selection(
        by_token,
        withheld,
        len(permitted) - len(chosen),
        frozenset(record.record_id for record, _ in permitted),
    )


def claim_of(record: StoredRecord) -> ClaimText:
    """Give what the member claims of a record."""
    return ClaimText(record.documented_on, record.forum, record.petition, record.consent_source)


def strata_of(record: StoredRecord, agreement: Agreement) -> dict[str, str]:
    """Give a record's coarse categories: codes of the agreement's lists, never its own words."""
    return {
        dimension: _code(record, dimension, codes) for dimension, codes in agreement.strata.items()
    }


def record_hash(project: BoundProject, item: Eligible, sources: Sequence[str]) -> bytes:
    """Hash everything that travels of a record, to see whether anything of it changed since."""
    line = json.dumps(
        [
            project.agreement_hash.hex(),
            project.epoch,
            [item.record.fields.get(source, "") for source in sources],
            item.token.token.hex(),
            item.commitment.hex(),
            sorted(item.strata.items()),
            item.record.publication,
            item.record.consent_expires,
            item.purposes,
        ]
    )
    return sha256(b"tacit record content v1" + line.encode()).digest()


def content_hash(hashes: Iterable[bytes]) -> bytes:
    """Hash everything that an upload is made from, of the records' hashes in its order."""
    return sha256(b"tacit upload content v2" + b"".join(hashes)).digest()


def _eligible(item: Entrant, token: StoredToken, agreement: Agreement) -> Eligible:
    claim = claim_of(item.claimed)
    return Eligible(
        record=item.record,
        purposes=tuple(sorted(item.purposes)),
        token=token,
        claim=claim,
        commitment=claim.commitment(token.salt, token.token),
        strata=strata_of(item.record, agreement),
    )


def _token(project_id: str, item: Entrant, known: StoredToken | None) -> StoredToken:
    claim = canonical(claim_of(item.claimed).document())
    if known is not None and known.claim == claim:
        return known
    token = secrets.token_bytes(TOKEN_BYTES) if known is None else known.token
    return StoredToken(
        project_id, item.record.record_id, token, secrets.token_bytes(SALT_BYTES), claim
    )


def _code(record: StoredRecord, dimension: str, codes: Sequence[str]) -> str:
    raw = _stratum(record, dimension)
    if raw in codes:
        return raw
    code = recognise(dimension, raw)
    return code if code in codes or code == UNKNOWN else OTHER


def _stratum(record: StoredRecord, dimension: str) -> str:
    if dimension in STRATA:
        return str(getattr(record, dimension))
    return record.fields.get(dimension, "")
