"""What members are called in answers to other members."""

from collections.abc import Mapping

from tacit.linkage.agreement import Agreement


def member_names(agreement: Agreement, caller_id: str) -> Mapping[str, str]:
    """Name each party for this caller, by member_id.

    Others are called "member N", N their place in the agreement from 1, where it hides names.
    """
    return {
        party.member_id: party.name
        if agreement.disclose_members or party.member_id == caller_id
        else f"member {number}"
        for number, party in enumerate(agreement.members, start=1)
    }
