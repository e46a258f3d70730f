"""`tacit node init` and `enrol`: a node comes to be and joins a coalition."""

import sys
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_home, node_options, passphrase_file, read_text
from tacit.cli.output import Output
from tacit.cli.passphrase import keep, new_passphrase
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import INVITATION_PREFIX
from tacit.node.enrol import enrol as enrol_node
from tacit.node.home import find_home
from tacit.node.keys import ensure_keys
from tacit.node.store.base import create_store

_LONGEST_INVITATION = 8192


@click.command(cls=Command)
@click.option("--keyring", is_flag=True, help="Keep the passphrase in the system's keyring.")
@click.option("--if-missing", is_flag=True, help="Do nothing where there is a node already.")
@node_home
@passphrase_file
@click.pass_obj
def init(
    out: Output, keyring: bool, if_missing: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Make a node: an encrypted store under a passphrase, and the node's keys."""
    found = find_home(home)
    if found.exists and not if_missing:
        raise TacitError(Code.EXISTS, what=f"A node in {found.path}")
    if not found.exists:
        passphrase = new_passphrase(out, passphrase_file)
        with create_store(found, passphrase) as store:
            ensure_keys(store)
        if keyring:
            keep(found.path, passphrase)
        out.say("The node is set up in {home}.", home=found.path)
        out.say("Keep the passphrase safe: without it nobody can open the store again.")
    out.document({"home": found.path})


@click.command(cls=Command)
@click.argument("invitation")
@click.option("--name", help="Your organisation's name, to be sure that the invitation is yours.")
@node_options
@click.pass_obj
def enrol(
    out: Output,
    invitation: str,
    name: str | None,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Join a coalition. INVITATION is a file that holds it, or - for standard input."""
    line = _invitation(invitation)
    with open_node(out, home, passphrase_file) as store:
        joined = enrol_node(store, line, name)
    out.document(joined)
    out.say(
        "Enrolled as {name} with the coordinator at {address}.",
        name=joined.name,
        address=joined.address,
    )
    if joined.waiting:
        out.say("Other members must confirm you first: read them what `tacit node safety-number` shows.")  # fmt: skip


def _invitation(given: str) -> str:
    if given == "-":
        return sys.stdin.read(_LONGEST_INVITATION)
    if given.startswith(INVITATION_PREFIX):
        return given
    return read_text(Path(given))
