"""Entries about agreements: made, signed, proposed anew, dropped, in force, and their epochs.

A version is signed by those whom it names and is in force once all of them have; then nobody acts
under the one before any more. Of a project one version is in force, one epoch runs and one
proposal is open at a time.
"""

from collections.abc import Mapping

from tacit.linkage import statements
from tacit.linkage.entry_rules import (
    Before,
    Document,
    ProjectSaid,
    Rule,
    VersionSaid,
    Wrong,
    is_count,
    is_hash,
    is_signature,
    is_text,
    is_texts,
    may_act,
    needs,
    require,
    signed_by_member,
)
from tacit.linkage.ledger_findings import Kind

LAPSE = 30 * 24 * 60 * 60 * 1000
"""After how many milliseconds a proposal may be dropped in nobody's name."""

PROJECT = {"project": is_text, "agreement": is_hash}
ACT = {**PROJECT, "member": is_text}


def is_epoch(value: object) -> bool:
    """Say whether a value can count linkage keys."""
    return is_count(value) and isinstance(value, int) and value < 2**32


def made(entry: Document, before: Before) -> VersionSaid:
    """Check that an entry names a version of its project's agreement.

    Raises:
        Wrong: no entry before has it.
    """
    version = before.versions.get(entry["agreement"])
    if version is None or version.project != entry["project"]:
        raise Wrong(Kind.ENTRY_REFERENCE, "agreement")
    return version


def in_force(entry: Document, before: Before) -> ProjectSaid:
    """Check that something happens under the version that is in force.

    Raises:
        Wrong: it is not in force, or no longer.
    """
    made(entry, before)
    project = before.projects[entry["project"]]
    needs(project.in_force and project.current == entry["agreement"], "agreement")
    return project


def acts(entry: Document, before: Before) -> ProjectSaid:
    """Check an act of a member under an agreement in force, which the member has signed.

    Raises:
        Wrong: it is not in force, or the member is none or has not signed it.
    """
    project = in_force(entry, before)
    needs((entry["agreement"], entry["member"]) in before.signed, "member")
    may_act(entry, before, "member")
    return project


def concerns(entry: Document, before: Before) -> ProjectSaid:
    """Check that something concerns a member whom a version of the project's agreement names.

    Raises:
        Wrong: none does.
    """
    named = any(
        version.project == entry["project"]
        and (entry["member"] in version.members or (agreement, entry["member"]) in before.signed)
        for agreement, version in before.versions.items()
    )
    needs(named, "project")
    return before.projects[entry["project"]]


def over(entry: Document, before: Before) -> ProjectSaid:
    """Check that something concerns an epoch that there was, and a member of its project.

    Raises:
        Wrong: it does not.
    """
    project = concerns(entry, before)
    needs(project.epoch is None or entry["epoch"] <= project.epoch, "epoch")
    return project


def _project(entry: Document, before: Before) -> ProjectSaid:
    project = before.projects.get(entry["project"])
    if project is None:
        raise Wrong(Kind.ENTRY_REFERENCE, "project")
    return project


def _agreement(entry: Document, before: Before) -> None:
    needs(entry["creator"] in before.members, "creator")
    needs(entry["project"] not in before.projects, "project")
    if "members" in entry or before.has_versions:
        _named(entry, before, "creator")
        epoch = entry["epoch"]
    else:
        # As it was entered before agreements had versions: who it names was not said.
        epoch = None
    members = frozenset(entry.get("members", ()))
    before.versions[entry["agreement"]] = VersionSaid(entry["project"], members, epoch)
    before.projects[entry["project"]] = ProjectSaid(
        entry["agreement"], epoch, in_force=epoch is None
    )


def _named(entry: Document, before: Before, proposer: str) -> None:
    require(entry, "members", is_texts)
    require(entry, "epoch", is_epoch)
    needs(all(member in before.members for member in entry["members"]), "members")
    needs(entry[proposer] in entry["members"], proposer)
    before.has_versions = True


def _signing(entry: Document, before: Before) -> None:
    version = made(entry, before)
    project = before.projects[entry["project"]]
    needs(entry["member"] in before.members, "member")
    statement = statements.agreement(bytes.fromhex(entry["agreement"]))
    signed_by_member(before.key_signed(entry, statement))
    if version.epoch is not None:
        needs(entry["member"] in version.members, "member")
        needs(_waits(project, entry["agreement"]), "agreement")
    may_act(entry, before, "member")
    before.signed.add((entry["agreement"], entry["member"]))


def _waits(project: ProjectSaid, agreement: str) -> bool:
    """Say whether a version is to be signed: proposed, or the first and not in force."""
    return agreement == project.proposal or (agreement == project.current and not project.in_force)


def _proposing(entry: Document, before: Before) -> None:
    project = _project(entry, before)
    needs(entry["supersedes"] == project.current, "supersedes")
    needs(not project.proposal, "agreement")
    needs(project.epoch is None or entry["epoch"] == project.epoch + 1, "epoch")
    _named(entry, before, "member")
    needs(_party(project, entry["member"], before), "member")
    may_act(entry, before, "member")
    known = before.versions.get(entry["agreement"])
    needs(known is None or known.project == entry["project"], "agreement")
    before.signed -= {pair for pair in before.signed if pair[0] == entry["agreement"]}
    before.versions[entry["agreement"]] = VersionSaid(
        entry["project"], frozenset(entry["members"]), entry["epoch"]
    )
    project.proposal, project.proposed_at = entry["agreement"], entry["time"]


def _party(project: ProjectSaid, member: str, before: Before) -> bool:
    version = before.versions[project.current]
    return member in version.members or (project.current, member) in before.signed


def _dropping(entry: Document, before: Before) -> None:
    made(entry, before)
    project = before.projects[entry["project"]]
    needs(entry["agreement"] == project.proposal, "agreement")
    named = before.versions[project.proposal].members
    if entry["member"]:
        needs(entry["member"] in named or _party(project, entry["member"], before), "member")
        may_act(entry, before, "member")
    else:
        gone = any(member in before.ended for member in named)
        needs(gone or entry["time"] >= project.proposed_at + LAPSE, "time")
    project.proposal = ""


def _coming(entry: Document, before: Before) -> None:
    version = made(entry, before)
    project = before.projects[entry["project"]]
    if version.epoch is None:
        return
    needs(_waits(project, entry["agreement"]), "agreement")
    signed = {member for agreement, member in before.signed if agreement == entry["agreement"]}
    needs(version.members <= signed, "agreement")
    if entry["agreement"] == project.proposal:
        project.proposal = ""
    project.current, project.epoch, project.in_force = entry["agreement"], version.epoch, True


def _beginning(entry: Document, before: Before) -> None:
    project = acts(entry, before)
    needs(project.epoch is None or entry["epoch"] == project.epoch + 1, "epoch")
    needs(not project.proposal, "agreement")
    project.epoch = entry["epoch"]


def _sealing(entry: Document, before: Before) -> None:
    project = _project(entry, before)
    needs(entry["sender"] in before.members, "sender")
    needs(all(recipient in before.members for recipient in entry["sealed"]), "sealed")
    for agreement in (project.current, project.proposal):
        version = before.versions.get(agreement)
        if version is None or version.epoch is None:
            continue
        epoch = version.epoch if agreement == project.proposal else project.epoch
        if entry["epoch"] == epoch:
            needs({entry["sender"], *entry["sealed"]} <= version.members, "sealed")
            return
    needs(project.epoch is None, "epoch")


def _is_sealed(value: object) -> bool:
    return isinstance(value, dict) and all(is_hash(item) for item in value.values())


_VERSION = {**ACT, "members": is_texts, "epoch": is_epoch}

VERSION_RULES: Mapping[str, Rule] = {
    "agreement": Rule({**PROJECT, "creator": is_text}, _agreement),
    "signature": Rule({**ACT, "signature": is_signature}, _signing),
    "proposal": Rule({**_VERSION, "supersedes": is_hash, "version": is_count}, _proposing),
    "proposal_dropped": Rule(
        {**PROJECT, "member": lambda value: isinstance(value, str)}, _dropping
    ),
    "in_force": Rule(PROJECT, _coming),
    "epoch": Rule({**ACT, "epoch": is_epoch}, _beginning),
    "keys": Rule(
        {"project": is_text, "epoch": is_count, "sender": is_text, "sealed": _is_sealed},
        _sealing,
    ),
}
