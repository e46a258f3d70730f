"""How projects and the versions of their agreements are shown."""

from collections.abc import Sequence

from tacit.cli.output import Output, moment
from tacit.linkage.agreement import Agreement
from tacit.node.agreement_changes import Change
from tacit.node.project_views import ProjectView, ProposalView
from tacit.node.proposals import Draft


def show(out: Output, view: ProjectView) -> None:
    """Show a project: the agreement in plain words, its members, the safety number."""
    out.document(document(view))
    out.say("Project {name} ({id})", name=view.name, id=view.project_id)
    for sentence in view.terms_ko if out.language == "ko" else view.terms:
        out.say("- {sentence}", sentence=sentence)
    out.table(
        "Members",
        ("Member", "Signed", "Key", "Records", "Uploaded"),
        [
            (
                party.name
                + (f" ({out.text('you')})" if party.you else "")
                + (f" ({out.text('left')})" if party.gone else ""),
                moment(party.signed_at or 0),
                yes_no(out, party.has_key),
                party.records,
                moment(party.uploaded_at or 0),
            )
            for party in view.parties
        ],
    )
    out.say("Agreement (SHA-256): {hash}", hash=view.agreement_hash)
    out.say("Safety number, to compare with the other members: {n}", n=view.safety_number)
    show_standing(out, view)
    if view.proposal is not None and view.agreement_hash != view.proposal.agreement_hash:
        show_proposal(out, view.proposal)


def show_standing(out: Output, view: ProjectView) -> None:
    """Show which key is used until when, and what keeps the project from going on."""
    if view.over == "expired":
        day = view.agreement.expires_on
        out.say("The agreement ended with {day}: keys and results are erased.", day=day)
        out.say("To go on: tacit project propose --expires DATE")
        return
    if view.over == "left":
        out.say("You have left the coalition: the project is over for this node.")
        return
    if view.over:
        out.say("The version in force does not name you: the project is over for this node.")
        return
    if view.epoch_ends_at:
        out.say(
            "Linkage key {epoch}; the next one is due on {time}.",
            epoch=view.epoch,
            time=moment(view.epoch_ends_at),
        )
    else:
        out.say("Linkage key {epoch}.", epoch=view.epoch)
    if view.gone:
        names = ", ".join(view.gone)
        out.say(
            "{names} left the coalition: nothing flows until a version without them is in force.",
            names=names,
        )
        out.say("To go on: tacit project propose --remove NAME")


def show_proposal(out: Output, proposal: ProposalView) -> None:
    """Show who has signed a proposed version, and what it changes."""
    out.heading(
        "Version {version}, proposed by {member}",
        version=proposal.version,
        member=proposal.proposer,
    )
    show_changes(out, proposal.changes_ko if out.language == "ko" else proposal.changes)
    out.say("Signed by: {names}.", names=", ".join(proposal.signed))
    out.say(
        "Not signed yet by: {names}. It lapses on {time}.",
        names=", ".join(proposal.unsigned),
        time=moment(proposal.lapses_at),
    )
    if proposal.names_you and not proposal.signed_by_you:
        out.say("To sign it: tacit project sign. To decline it: tacit project drop.")


def show_changes(out: Output, changes: Sequence[Change]) -> None:
    """Show what a version changes, the old sentence above the new one."""
    for change in changes:
        if change.old:
            out.say("  was: {sentence}", sentence=change.old)
        out.say("  now: {sentence}", sentence=change.new)
    if not changes:
        out.say("  now: {sentence}", sentence=out.text("Only the linkage key is a new one."))


def show_consequences(out: Output, number: str) -> None:
    """Say what follows once a new version is in force."""
    out.say(
        "Once all whom it names have signed, it begins with a new linkage key: every member's node"
        " uploads anew, and encodings and results so far are erased."
    )
    out.say("Safety number of this version, to compare anew: {n}", n=number)


def show_offer(out: Output, proposal: ProposalView) -> None:
    """Show a proposed version whole, before somebody signs it."""
    out.heading(
        "Version {version}, proposed by {member}",
        version=proposal.version,
        member=proposal.proposer,
    )
    for sentence in proposal.terms_ko if out.language == "ko" else proposal.terms:
        out.say("- {sentence}", sentence=sentence)
    out.heading("What changes")
    show_changes(out, proposal.changes_ko if out.language == "ko" else proposal.changes)
    show_consequences(out, proposal.safety_number)


def show_draft(out: Output, draft: Draft) -> None:
    """Show what would be proposed."""
    out.heading(
        "Version {version} of {project}",
        version=draft.agreement.version,
        project=draft.project.name,
    )
    show_changes(out, draft.changes_ko if out.language == "ko" else draft.changes)
    show_consequences(out, draft.safety_number)


def yes_no(out: Output, value: bool) -> str:
    """Say yes or no in the chosen language."""
    return out.text("yes") if value else out.text("no")


def document(view: ProjectView) -> dict[str, object]:
    """Give a project as JSON has it."""
    return {
        "project": view.project_id,
        "name": view.name,
        "agreement_hash": view.agreement_hash,
        "safety_number": view.safety_number,
        "safety_confirmed": view.safety_confirmed,
        "in_force": view.in_force,
        "signed_by_you": view.signed_by_you,
        "creator": view.creator,
        "key_state": view.key_state,
        "epoch": view.epoch,
        "epoch_ends_at": view.epoch_ends_at,
        "gone": view.gone,
        "over": view.over,
        "members": view.parties,
        "terms": view.terms,
        "terms_ko": view.terms_ko,
        **_terms(view.agreement),
        "proposal": None if view.proposal is None else _proposal(view.proposal),
    }


def _proposal(proposal: ProposalView) -> dict[str, object]:
    return {
        "agreement_hash": proposal.agreement_hash,
        "safety_number": proposal.safety_number,
        "proposer": proposal.proposer,
        "proposed_at": proposal.proposed_at,
        "lapses_at": proposal.lapses_at,
        "signed_by_you": proposal.signed_by_you,
        "names_you": proposal.names_you,
        "signed": proposal.signed,
        "unsigned": proposal.unsigned,
        "members": [party.name for party in proposal.agreement.members],
        "changes": proposal.changes,
        "changes_ko": proposal.changes_ko,
        "terms": proposal.terms,
        "terms_ko": proposal.terms_ko,
        **_terms(proposal.agreement),
    }


def _terms(agreement: Agreement) -> dict[str, object]:
    return {
        "version": agreement.version,
        "expires_on": agreement.expires_on,
        "epoch_days": agreement.epoch_days,
        "purposes": agreement.purposes,
        "minimum_cell": agreement.minimum_cell,
        "check_minimum_batch": agreement.check_minimum_batch,
        "check_maximum_batch": agreement.check_maximum_batch,
        "check_budget": agreement.check_budget,
        "threshold_permille": agreement.threshold_permille,
        "precision_permille": agreement.precision_permille,
        "reasons": agreement.reasons,
        "repeating": agreement.repeating,
        "retention_days": agreement.retention_days,
        "disclose_members": agreement.disclose_members,
    }
