"""Which tests hold the checks of which module of the coordinator, and which mutants are none."""

from dataclasses import dataclass

_AREAS = {"runs": "tests/coordinator_runs", "fuzz": "tests/fuzz", "": "tests/coordinator"}


@dataclass(frozen=True, slots=True)
class Target:
    """A module and the tests that hold its checks."""

    module: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """The module's full name."""
        return f"tacit.coordinator.{self.module}"


# The tests of a module are in `tests/coordinator`, unless another area is named.
_VERSIONS = "between agreement_versions epochs"
_MEMBERS = "enrolment standing"
_TESTS = {
    "signatures": "request_signatures",
    "request_signatures": "request_signatures",
    "request_values": "fuzz/fuzz_found",
    "rate_limits": "limits",
    "seats": "discretion",
    "guard": "limits slow_clients uploads",
    "open_call": "open_call slow_clients",
    "open_calls": "standing slow_clients",
    "authority": _MEMBERS,
    "invitations": _MEMBERS,
    "services.version": "enrolment",
    "services.enrolment": _MEMBERS,
    "services.membership": _MEMBERS,
    "newcomers": _MEMBERS,
    "store.members": "standing",
    "cosigning": "cosigning",
    "ledger": "runs/claims ledger_tree",
    "agreements": "projects standing",
    "sealed_keys": f"projects {_VERSIONS}",
    "versions": f"projects {_VERSIONS}",
    "proposals": _VERSIONS,
    "epochs": f"{_VERSIONS} linking",
    "destruction": _VERSIONS,
    "services.projects": "projects",
    "record_rules": "uploads changed_uploads",
    "uploads": "between uploads changed_uploads withdrawal epochs",
    "services.encodings": "between uploads",
    "withdrawing": "withdrawal",
    "services.runs": "between runs/run_life runs/results runs/sketches",
    "results": "between runs/results runs/decisions runs/sketches",
    "sketches": "runs/sketches",
    "checking": "between runs/checks",
    "answering": "between runs/checks withdrawal",
    "decisions": "runs/decisions",
    "services.decisions": "between runs/decisions runs/run_life",
    "store.decisions": "runs/decisions",
    "store.sketches": "runs/sketches",
    "counting": "between runs/counts epochs",
    "services.counts": "between runs/counts",
    "claims": "between runs/claims",
    "services.claims": "between runs/claims",
}
TARGETS = tuple(
    Target(
        module,
        tuple(
            f"{_AREAS[area]}/test_{name}.py"
            for area, _, name in (word.rpartition("/") for word in words.split())
        ),
    )
    for module, words in _TESTS.items()
)
_KEPT = "it was found before, and no member, version, project or run is ever deleted"
_OTHERS = "it spares looking in an upload for records that are another member's"
_NO_TURN = "it spares taking a turn among the writers where there is nothing to write"
_LEFT = "either tells that the caller has left; without both it is noticed"
# Mutants that change nothing that anybody could see, and why.
EQUAL: dict[str, str] = {
    "tacit.coordinator.open_calls._refusal: without 'if error.code is Code.STORE_FAILED'": (
        "a database that is away fails where the transaction opens, before anybody is looked up"
    ),
    "tacit.coordinator.sealed_keys._version: without part 1, 'version is None'": _KEPT,
    "tacit.coordinator.versions.sign_agreement: without part 1, 'version is None'": _KEPT,
    "tacit.coordinator.versions._come_into_force: without 'if project is None'": _KEPT,
    "tacit.coordinator.epochs._unchanged: without part 1, 'project is None'": _KEPT,
    "tacit.coordinator.counting.require_countable: without part 1, 'project is None'": _KEPT,
    "tacit.coordinator.services.projects.ProjectsService._message: without 'if project is None'": (
        _KEPT
    ),
    "tacit.coordinator.services.enrolment._again: without part 1, 'member is None'": _KEPT,
    "tacit.coordinator.services.enrolment._again: without part 2, 'invitation.member_id is None'": (
        "an invitation that was used names who used it"
    ),
    "tacit.coordinator.ledger.Ledger.prove: without part 1, 'entry is None'": (
        "a tree has an entry at each index below its size, which the other part asks for"
    ),
    "tacit.coordinator.uploads._is_done: without part 1, 'upload.finished'": (
        "an upload that has not ended has neither a root nor a signature"
    ),
    "tacit.coordinator.destruction.give_receipts: "
    "without 'if not any((is_gone(connection, item) for item in owed(connection)))'": _NO_TURN,
    "tacit.coordinator.proposals.drop_lapsed: without "
    "'if not any((now >= lapses_at(version) for version in open_proposals(connection)))'": _NO_TURN,
    "tacit.coordinator.open_calls.OpenCalls._look: without filter 'found.reason is None'": (
        "a call that is to end already is looked after once more, and ends"
    ),
    "tacit.coordinator.guard.Guard.enrolling: without part 1, 'self._probe'": (
        "a probe never fails, and what does not fail is not counted in the end"
    ),
    "tacit.coordinator.guard.Guard.fail: without part 1, 'isinstance(error, grpc.RpcError)'": _LEFT,
    "tacit.coordinator.guard.Guard.fail: without part 2, 'not context.is_active()'": _LEFT,
    "tacit.coordinator.answering.Answering._leave_out_withdrawn: without filter "
    "'item.member_id == holder.member_id'": "it spares looking for numbers that another's record has",
    "tacit.coordinator.decisions._places: without filter 'member_id == item.member_id'": _OTHERS,
    "tacit.coordinator.store.decisions.records_shown: "
    "without filter 'member_id == upload.member_id'": _OTHERS,
    "tacit.coordinator.answering.find_scale: without filter 'task.left == 0'": (
        "it bounds the work of a large question, and refuses nobody"
    ),
    "tacit.coordinator.results._links: without filter 'sketched'": (
        "without sketches there are no verdicts"
    ),
}
