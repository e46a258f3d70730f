"""`tacit node doctor` and `tacit coordinator doctor`."""

from collections.abc import Iterable
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.coordinator_options import key_passphrase, key_passphrase_file
from tacit.cli.doctor.places import Limits
from tacit.cli.doctor.troubles import Finding, Weight
from tacit.cli.failures import EXIT_UNWELL
from tacit.cli.options import coordinator_home, node_options
from tacit.cli.output import Output
from tacit.cli.passphrase import existing_passphrase
from tacit.linkage.errors import Code, TacitError

_BAD = frozenset({Weight.WARNING, Weight.TROUBLE})


@click.command(cls=Command)
@node_options
@click.pass_obj
def node_doctor(out: Output, home: Path | None, passphrase_file: Path | None) -> int:
    """Look for the usual troubles of a node and say what to do; exit code 1 where there are any.

    Home, disk, store, passphrase, certificates, clock, proxy, network, and what the coordinator
    says.
    """
    from tacit.cli.doctor.node import examine_node  # noqa: PLC0415 (loads gRPC)
    from tacit.node.home import find_home  # noqa: PLC0415

    found = find_home(home)
    if not found.exists:
        raise TacitError(Code.NOT_FOUND, what=f"node in {found.path}; run `tacit node init`")
    secret = existing_passphrase(out, found.path, passphrase_file)
    return tell(out, examine_node(found, secret, Limits()))


@click.command(cls=Command)
@key_passphrase_file
@coordinator_home
@click.pass_obj
def coordinator_doctor(out: Output, passphrase_file: Path | None, home: Path) -> int:
    """Look for the usual troubles of a coordinator, running or not, and say what to do.

    Home, disk, keys, certificates, database, migrations, ledger, clock, ports and addresses;
    exit code 1 where there are any.
    """
    from tacit.cli.doctor.coordinator import examine_coordinator  # noqa: PLC0415 (loads gRPC)
    from tacit.coordinator.home import open_home  # noqa: PLC0415

    found = open_home(home)
    return tell(out, examine_coordinator(found, key_passphrase(passphrase_file), Limits()))


def tell(out: Output, findings: Iterable[Finding]) -> int:
    """Show what a doctor found, and give the exit code."""
    found = list(findings)
    healthy = not any(finding.weight in _BAD for finding in found)
    out.document({"healthy": healthy, "findings": [_document(out, one) for one in found]})
    for one in found:
        if one.trouble is None:
            out.say("{check}: well", check=out.text(one.check))
            continue
        out.say(
            "{check}: {weight}. {sentence}",
            check=out.text(one.check),
            weight=out.text(one.weight.value),
            sentence=one.sentence(out.language),
        )
        out.say("    {text}", text=one.advice(out.language))
    return 0 if healthy else EXIT_UNWELL


def _document(out: Output, finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "weight": finding.weight,
        "trouble": finding.trouble,
        "sentence": finding.sentence(out.language),
        "advice": finding.advice(out.language),
    }
