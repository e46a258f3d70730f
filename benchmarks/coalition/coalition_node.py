"""One member's node, a process of its own that takes one step of its way after the other.

Each line of standard input is a step's name and what it needs, as JSON; each line of standard
output what came of it. Every step opens the store and a connection of its own, as a command does.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import uniform
from typing import Any

import numpy as np

from tacit.linkage.errors import TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.client.retry import RetryPolicy, is_transient
from tacit.node.context import load_member, signed_project
from tacit.node.eligible import select_records
from tacit.node.encode_register import encode_records
from tacit.node.enrol import enrol
from tacit.node.home import find_home
from tacit.node.ledger_verify import verify_ledger
from tacit.node.link import link
from tacit.node.mapping import read_mapping
from tacit.node.projects import ProjectOptions, create_project, sign_project
from tacit.node.register.importing import import_register
from tacit.node.results import newest_fetched
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.store.base import Store, create_store, open_store
from tacit.node.store.results import list_groups, list_runs
from tacit.node.sync import sync
from tacit.node.times import today

PROJECT = "Coalition"
# Scrypt is not what is measured, and thirty at once would want 4 GB.
COST = 14


@dataclass(slots=True)
class Step:
    """A step on its way: what it needs, and how often it had to ask again.

    Attributes:
        given: `home`, `passphrase` and whatever else the step needs.
        waits: how often it waited to ask again.
    """

    given: Mapping[str, Any]
    waits: int = 0
    policy: RetryPolicy = field(init=False)

    def __post_init__(self) -> None:
        def sleep(seconds: float) -> None:
            self.waits += 1
            time.sleep(seconds)

        self.policy = RetryPolicy(sleep=sleep, jitter=lambda most: uniform(0, most))

    def open(self) -> Store:
        """Open the node's store."""
        return open_store(find_home(self.given["home"]), self.given["passphrase"])


def fill(step: Step) -> dict[str, Any]:
    """Make the store and import the register."""
    register = Path(step.given["register"])
    fields = fields_of(parse_schema(step.given["schema"]))
    home = find_home(step.given["home"])
    with create_store(home, step.given["passphrase"], COST) as store:
        mapping = read_mapping(register / "mapping.toml", fields)
        source = open_source(register / "register.csv")
        report = import_register(store, source, mapping, fields, datetime.now(UTC))
    return {"records": report.total}


def join(step: Step) -> dict[str, Any]:
    """Enrol by the invitation."""
    with step.open() as store:
        return {"member_id": enrol(store, step.given["invitation"], policy=step.policy).member_id}


def found(step: Step) -> dict[str, Any]:
    """Write the agreement of all, sign it and seal a linkage key to each."""
    with step.open() as store:
        options = ProjectOptions(threshold_permille=step.given["threshold_permille"])
        schema = step.given["schema"]
        view = create_project(store, PROJECT, step.given["others"], schema, options)
        return {"project": view.project_id}


def sign(step: Step) -> dict[str, Any]:
    """Sign the agreement."""
    with step.open() as store:
        sync(store, policy=step.policy)
        sign_project(store, PROJECT, lambda _: True)
    return {}


def upload(step: Step) -> dict[str, Any]:
    """Encode and upload the register."""
    with step.open() as store:
        report = sync(store, PROJECT, policy=step.policy)
    for failure in report.failures:
        raise failure.error
    (done,) = report.projects
    if done.upload is None:
        return {"waiting_for": done.waiting_for}
    return {"records": done.upload.records, "withheld": done.upload.withheld}


def run(step: Step) -> dict[str, Any]:
    """Start the run that all start, follow it and fetch what it found."""
    with step.open() as store:
        seen = link(store, PROJECT, lambda _: None, step.policy)
    return {"run": seen.run_id, "state": seen.state, "groups": seen.group_count}


def witness(step: Step) -> dict[str, Any]:
    """Re-check the whole ledger and cosign it."""
    with step.open() as store:
        audit = verify_ledger(store, policy=step.policy)
        sizes = [found.size for found in audit.witnesses]
    return {"sound": audit.sound, "entries": len(audit.copy.entries), "cosigned": sizes}


def show(step: Step) -> dict[str, Any]:
    """Write down what this node knows: its encodings, and the groups as it sees them."""
    with step.open() as store:
        member = load_member(store)
        project = signed_project(store, PROJECT)
        eligible = select_records(store, project, today()).records
        schema = parse_schema(project.agreement.schema)
        encoded = encode_records(schema, project, project.key(), eligible, lambda _d, _t: None)
        with store.read() as connection:
            newest = newest_fetched(list_runs(connection, project.id))
            groups = list_groups(connection, newest.run_id)
    np.savez(step.given["encodings"], clks=encoded.clks, presence=encoded.presence)
    seen = [
        (group.group_id, [(r.member, r.token.hex(), r.yours) for r in group.records])
        for group in groups
    ]
    records = [(item.token.token.hex(), item.record.record_id) for item in eligible]
    document = {
        "member_id": member.member_id,
        "name": member.identity.name,
        "run": newest.run_id,
        "groups": seen,
        "records": records,
    }
    Path(step.given["document"]).write_text(json.dumps(document), "utf-8")
    return {"groups": len(groups)}


STEPS: Mapping[str, Callable[[Step], dict[str, Any]]] = {
    step.__name__: step for step in (fill, join, found, sign, upload, run, witness, show)
}


def take(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Take a step; what fails for the moment is told with `again`, to be called again.

    Raises:
        TacitError: what trying again would not mend.
    """
    step, started = Step(given), time.monotonic()
    try:
        told = STEPS[name](step)
    except TacitError as error:
        if not is_transient(error):
            raise
        told = {"again": error.code.value, "detail": error.detail}
    return {**told, "waits": step.waits, "seconds": time.monotonic() - started}


def main() -> None:
    """Take steps as they are asked for."""
    for line in sys.stdin:
        name, given = json.loads(line)
        try:
            told = take(name, given)
        except TacitError as error:
            told = {"fault": f"{error.code}: {error} ({error.detail})"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
