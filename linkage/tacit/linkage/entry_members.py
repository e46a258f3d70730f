"""Entries about membership: joining, being confirmed, renewed certificates, leaving."""

from collections.abc import Mapping

from tacit.linkage import statements
from tacit.linkage.entry_rules import (
    Before,
    Document,
    EnrolledMember,
    Rule,
    is_hash,
    is_signature,
    is_text,
    may_act,
    needs,
    not_ended,
    require,
    signed_by_member,
)


def _enrolment(entry: Document, before: Before) -> None:
    # A second key for a member would let whoever holds it sign in the member's name.
    needs(entry["member"] not in before.members, "member")
    taken = any(
        member.name == entry["name"] and member.member_id not in before.ended
        for member in before.members.values()
    )
    needs(not taken, "name")
    keys = (bytes.fromhex(entry[name]) for name in ("signing_key", "sealing_key"))
    before.members[entry["member"]] = EnrolledMember(entry["member"], entry["name"], *keys)
    if entry.get("standing", "") == "waiting":
        before.waiting.add(entry["member"])


def _renewing(entry: Document, before: Before) -> None:
    needs(entry["member"] in before.members, "member")
    not_ended(entry, before, "member")


def _confirming(entry: Document, before: Before) -> None:
    needs(entry["member"] in before.members, "member")
    needs(entry["by"] in before.members and entry["by"] != entry["member"], "by")
    may_act(entry, before, "by")
    newcomer = before.members[entry["member"]]
    identity = statements.member_identity(
        before.authority,
        newcomer.member_id,
        newcomer.name,
        newcomer.signing_key,
        newcomer.sealing_key,
    )
    signed_by_member(before.key_signed(entry, statements.confirmation(identity), "by"))
    before.waiting.discard(entry["member"])


def _ending(entry: Document, before: Before) -> None:
    needs(entry["member"] in before.members, "member")
    if entry["by"] == entry["member"]:
        require(entry, "signature", is_signature)
        statement = statements.leaving(before.authority, entry["member"])
        signed_by_member(before.key_signed(entry, statement))
    before.ended.setdefault(entry["member"], entry["time"])


MEMBER_RULES: Mapping[str, Rule] = {
    "enrolment": Rule(
        {
            "member": is_text,
            "name": is_text,
            "signing_key": is_hash,
            "sealing_key": is_hash,
            "certificate": is_hash,
        },
        _enrolment,
    ),
    "renewal": Rule({"member": is_text, "certificate": is_hash}, _renewing),
    "confirmation": Rule(
        {"member": is_text, "by": is_text, "signature": is_signature}, _confirming
    ),
    "revocation": Rule({"member": is_text, "by": is_text}, _ending),
}
