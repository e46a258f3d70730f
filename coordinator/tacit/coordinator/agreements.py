"""What an agreement must hold to be taken up by this coalition."""

from sqlalchemy import Connection

from tacit.coordinator.documents import schema_of
from tacit.coordinator.store.members import MEMBER, member_by_id
from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.errors import Code, TacitError

_WORD_BITS = 64


def check_agreement(connection: Connection, agreement: Agreement) -> None:
    """Hold an agreement against the members as enrolled, and its schema against the protocol.

    Raises:
        TacitError: BAD_AGREEMENT or BAD_SCHEMA.
    """
    for party in agreement.members:
        if not _is_member(connection, party):
            raise _bad(f"'{party.member_id}' is not a member with this name and these keys")
    schema = schema_of(agreement.schema)
    if schema.length % _WORD_BITS:
        raise _bad(f"the schema's CLK must be a multiple of {_WORD_BITS} bits long")


def _is_member(connection: Connection, party: Party) -> bool:
    member = member_by_id(connection, party.member_id)
    if member is None or member.standing != MEMBER:
        return False
    keys = (member.signing_key.hex(), member.sealing_key.hex())
    return party == Party(member.id, member.name, *keys)


def _bad(problem: str) -> TacitError:
    return TacitError(Code.BAD_AGREEMENT, problem=problem)
