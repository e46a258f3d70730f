"""What an encoded record must look like, and its way between message and row."""

from dataclasses import dataclass

from tacit.coordinator.store.uploads import Record
from tacit.linkage.agreement import Agreement, Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import MAX_SEALED_CLAIM_BYTES, TOKEN_BYTES
from tacit.linkage.schema import LinkageSchema
from tacit.v1 import encodings_pb2

_COMMITMENT_BYTES = 32
# Nonce and tag of AES-GCM.
_LEAST_SEALED_CLAIM = 28
# 9999-12-31, in days since 1970-01-01.
_LAST_DAY = 2_932_896
_ALWAYS = frozenset({"other", "unknown"})
_PURPOSES = frozenset(purpose.value for purpose in Purpose)


@dataclass(frozen=True, slots=True)
class RecordRules:
    """What records under one agreement must satisfy.

    Attributes:
        clk_bytes: length of a CLK.
        features: number of bits that a presence mask may have.
        strata: dimension to the codes allowed in it.
        purposes: purposes of the agreement.
    """

    clk_bytes: int
    features: int
    strata: dict[str, frozenset[str]]
    purposes: frozenset[str]

    def check(self, position: int, record: encodings_pb2.EncodedRecord) -> None:
        """Check one record.

        Raises:
            TacitError: MALFORMED; the sentence names position and field, never the value.
        """
        claim = len(record.sealed_claim)
        checks = (
            (len(record.token) == TOKEN_BYTES, "token"),
            (len(record.clk) == self.clk_bytes, "clk"),
            (record.presence >> self.features == 0, "presence"),
            (all(self._is_code(*item) for item in record.strata.items()), "strata"),
            (record.publication in encodings_pb2.Publication.values(), "publication"),
            (self._are_purposes(list(record.purposes)), "purposes"),
            (len(record.claim_commitment) == _COMMITMENT_BYTES, "claim_commitment"),
            (_LEAST_SEALED_CLAIM <= claim <= MAX_SEALED_CLAIM_BYTES, "sealed_claim"),
            (record.consent_expires <= _LAST_DAY, "consent_expires"),
        )
        for holds, field in checks:
            if not holds:
                raise TacitError(Code.MALFORMED, problem=f"record {position}: '{field}' is wrong.")

    def check_change(self, position: int, record: encodings_pb2.EncodedRecord) -> None:
        """Check one record of an upload with a base: a whole one, or the token of one that leaves.

        Raises:
            TacitError: MALFORMED.
        """
        leaves = record == encodings_pb2.EncodedRecord(token=record.token)
        if not (leaves and len(record.token) == TOKEN_BYTES):
            self.check(position, record)

    def _is_code(self, dimension: str, code: str) -> bool:
        codes = self.strata.get(dimension)
        return codes is not None and (code in codes or code in _ALWAYS)

    def _are_purposes(self, purposes: list[str]) -> bool:
        named = set(purposes)
        # A record whose consent serves nothing that was agreed has no business here.
        return len(named) == len(purposes) and named <= _PURPOSES and bool(named & self.purposes)


def rules_of(agreement: Agreement, schema: LinkageSchema) -> RecordRules:
    """Derive the rules from an agreement and its schema."""
    return RecordRules(
        schema.length // 8,
        len(schema.features),
        {dimension: frozenset(codes) for dimension, codes in agreement.strata.items()},
        frozenset(purpose.value for purpose in agreement.purposes),
    )


def record_from(message: encodings_pb2.EncodedRecord) -> Record:
    """Give the row of a message."""
    return Record(
        token=message.token,
        clk=message.clk,
        presence=message.presence,
        strata=dict(message.strata),
        publication=int(message.publication),
        purposes=tuple(message.purposes),
        claim_commitment=message.claim_commitment,
        sealed_claim=message.sealed_claim,
        consent_expires=message.consent_expires,
    )


def record_message(record: Record) -> encodings_pb2.EncodedRecord:
    """Give the message of a row, the same as arrived but for fields that the protocol lacks."""
    return encodings_pb2.EncodedRecord(
        token=record.token,
        clk=record.clk,
        presence=record.presence,
        strata=record.strata,
        publication=encodings_pb2.Publication.ValueType(record.publication),
        purposes=record.purposes,
        claim_commitment=record.claim_commitment,
        sealed_claim=record.sealed_claim,
        consent_expires=record.consent_expires,
    )
