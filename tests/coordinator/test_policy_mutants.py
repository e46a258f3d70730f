"""Take one check out of the policy, of admission or of the signatures: some caller must notice.

`make mutation` does the same for everything else that checks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from caller_cases import CASES, MAIN
from caller_doors import Doors, open_doors
from coalition import start_coalition
from mutants import Mutant, mutants_of
from tacit.coordinator import policy
from tacit.coordinator.policy import RULES, Caller, Rule
from wrong_callers import set_scene

MODULES = ("admission", "project_admission")
FLAGS = (
    "bound",
    "either",
    "proposed",
    "proposer",
    "in_force",
    "complete",
    "epoch",
    "own_upload",
    "run",
    "signed",
)
# What a service looks at once more, in the transaction that it writes in. Either check would do;
# without both, as in `test_admission`, it is noticed.
_AGAIN = {"in_force=False", "complete=False"}
TWICE = {
    "DecisionsService/Decide": _AGAIN,
    "DecisionsService/ChangeDecision": _AGAIN,
    "RunsService/StartRun": _AGAIN,
    "RunsService/PutSketches": _AGAIN,
    "ProjectsService/DropProposal": {"proposed=False"},
}
# Whose place another kind of caller could take.
WIDER = {
    Caller.MEMBER: (),
    Caller.PARTY: (Caller.NAMED, Caller.ONCE),
    Caller.NAMED: (Caller.PARTY, Caller.ONCE),
    Caller.ONCE: (Caller.PARTY, Caller.NAMED),
}


# No caller gets so far: gRPC knows no RPC without a rule, TLS no caller without a certificate.
# `test_policy.py` asks these two directly; without the third nobody could enrol.
UNREACHED = ("if rule is None", "if shown is None", "if not shown")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    coalition = start_coalition(tmp_path_factory.mktemp("mutants") / "home")
    try:
        with open_doors(set_scene(coalition), tmp_path_factory.mktemp("foreign") / "home") as ways:
            yield ways
    finally:
        coalition.close()


def noticed(doors: Doors, names: list[str]) -> bool:
    """Say whether some caller of these RPCs is treated otherwise than it should be."""
    for name in names:
        for case in CASES:
            if case.applies(name):
                try:
                    case.run(doors, name)
                except AssertionError:
                    return True
    return False


def changed_rules(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Give a rule without each of the things it asks for, and with a wider circle of callers."""
    for flag in FLAGS:
        if getattr(rule, flag):
            without: Any = {flag: False}
            yield f"{flag}=False", replace(rule, **without)
    if rule.purpose is not None:
        yield "purpose=None", replace(rule, purpose=None)
    for caller in WIDER[rule.caller]:
        yield f"caller={caller.name}", replace(rule, caller=caller)


@contextmanager
def ruled(path: str, rule: Rule) -> Iterator[None]:
    rules: Any = RULES
    kept, rules[path] = rules[path], rule
    try:
        yield
    finally:
        rules[path] = kept


@pytest.mark.parametrize("name", MAIN)
def test_rules(doors: Doors, name: str) -> None:
    path = f"/tacit.v1.{name}"
    survivors = []
    for what, rule in changed_rules(policy.RULES[path]):
        with ruled(path, rule):
            if not noticed(doors, [name]):
                survivors.append(what)
    assert set(survivors) == TWICE.get(name, set())


@pytest.mark.parametrize(
    "mutant",
    [
        mutant
        for module in MODULES
        for mutant in mutants_of(f"tacit.coordinator.{module}")
        if not any(words in mutant.what for words in UNREACHED)
    ],
    ids=str,
)
def test_admission(doors: Doors, mutant: Mutant) -> None:

    with mutant.applied():
        assert noticed(doors, MAIN)
