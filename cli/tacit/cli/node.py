"""`tacit node`: a member's own node: its store, its register, its membership."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from tacit.cli.command import Group
from tacit.cli.files import PACKAGED_SCHEMA, read_schema
from tacit.cli.mapped import guess_for, mapping_for
from tacit.cli.node_sync import show_status, show_sync, sync_forever
from tacit.cli.nodes import open_node
from tacit.cli.options import (
    ANY_PATH,
    EXISTING_FILE,
    node_options,
    passphrase_file,
    project_option,
    read_text,
    write_new,
)
from tacit.cli.options import node_home as home_option
from tacit.cli.output import Output
from tacit.cli.passphrase import keep, new_passphrase
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import INVITATION_PREFIX
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.context import connect
from tacit.node.enrol import enrol as enrol_node
from tacit.node.home import find_home
from tacit.node.keys import ensure_keys
from tacit.node.mapping_guess import write_guess
from tacit.node.register.importing import (
    ImportOptions,
    ImportReport,
    import_register,
    undo_last_import,
)
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.status import status as node_status
from tacit.node.store.base import Store, create_store
from tacit.node.store.identity import get_setting, put_setting
from tacit.node.sync import sync as sync_node
from tacit.v1 import membership_pb2 as membership

_SCHEMA = "schema"
_LONGEST_INVITATION = 8192

schema_option = click.option(
    "--schema",
    "schema_file",
    metavar="FILE",
    help="Linkage schema whose fields the register has; else the one given before, else `victims`.",
)


@click.group(cls=Group)
def node() -> None:
    """Keep a member's register and keys."""


@node.command()
@click.option("--keyring", is_flag=True, help="Keep the passphrase in the system's keyring.")
@click.option("--if-missing", is_flag=True, help="Do nothing where there is a node already.")
@home_option
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


@node.command()
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


@node.command(name="import")
@click.argument("file", type=EXISTING_FILE)
@click.option("--mapping", type=EXISTING_FILE,
              help="Mapping from the file's columns; guessed if left out.")  # fmt: skip
@schema_option
@click.option("--sheet", help="Sheet of a workbook; else the first with values.")
@click.option("--encoding", help="Encoding of a CSV file; found out if left out.")
@click.option("--delimiter", help="Delimiter of a CSV file; found out if left out.")
@click.option("--replace", is_flag=True,
              help="The file is the whole register: withdraw records it does not hold.")  # fmt: skip
@click.option("--skip-bad", is_flag=True, help="Leave out rows with problems and report them.")
@node_options
@click.pass_obj
def import_command(
    out: Output,
    /,
    *,
    file: Path,
    mapping: Path | None,
    schema_file: str | None,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    replace: bool,
    skip_bad: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Import records from CSV or XLSX: the whole file, or nothing of it."""
    source = open_source(file, sheet, encoding, delimiter)
    with open_node(out, home, passphrase_file) as store:
        fields = fields_of(_schema(store, schema_file))
        chosen = mapping_for(out, source, fields, mapping)
        with out.progress("Importing") as advance:
            report = import_register(
                store,
                source,
                chosen,
                fields,
                datetime.now(UTC),
                options=ImportOptions(replace=replace, skip_bad=skip_bad),
                progress=lambda rows: advance(rows, 0),
            )
    out.document(report)
    _show_import(out, report)


@node.command()
@node_options
@click.pass_obj
def undo(out: Output, home: Path | None, passphrase_file: Path | None) -> None:
    """Put the register back to what it was before the last import."""
    with open_node(out, home, passphrase_file) as store:
        undone = undo_last_import(store, datetime.now(UTC))
    out.document({"import_id": undone.import_id, "file": undone.source})
    out.say("Import {n} of {file} is undone.", n=undone.import_id, file=undone.source)


@node.command()
@click.argument("file", type=EXISTING_FILE)
@click.option("-o", "--out", "target", type=ANY_PATH, help="File to write; else standard output.")
@click.option("--schema", "schema_file", metavar="FILE", default=PACKAGED_SCHEMA,
              show_default=True, help="Linkage schema whose fields to map to.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.pass_obj
def mapping(out: Output, file: Path, target: Path | None, schema_file: str, force: bool) -> None:
    """Guess a mapping from a file's columns, for you to correct."""
    source, fields = open_source(file), fields_of(read_schema(schema_file))
    guess = guess_for(source, fields)
    text = write_guess(guess, source.name, fields)
    if target is not None:
        write_new(target, text, force=force)
    out.document({"file": target, "columns": guess.columns, "missing": guess.missing, "toml": text})
    if target is None and not out.json:
        click.echo(text, nl=False)
        return
    out.table(
        "",
        ("Column", "Taken as", "Confidence", "Why"),
        [(g.column, g.role, f"{g.confidence:.0%}", g.reason) for g in guess.columns],
    )
    if target is not None:
        out.say("Wrote {path}.", path=target)
    for role in guess.missing:
        out.warn("No column seems to be {role}.", role=role)


@node.command()
@project_option
@click.option("--every", type=click.IntRange(1, 86_400), metavar="SECONDS",
              help="Go on doing it until stopped; waits while not enrolled or out of reach.")  # fmt: skip
@node_options
@click.pass_obj
def sync(
    out: Output,
    wanted: str | None,
    every: int | None,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Exchange everything: agreements, keys, uploads, results, notices. Resumes where cut off."""

    def once() -> None:
        with (
            open_node(out, home, passphrase_file) as store,
            out.progress("Synchronising") as advance,
        ):
            report = sync_node(store, wanted, lambda _stage, done, total: advance(done, total))
        show_sync(out, report)

    if every is None:
        once()
    else:
        sync_forever(out, once, every)


@node.command()
@node_options
@click.pass_obj
def status(out: Output, home: Path | None, passphrase_file: Path | None) -> None:
    """Show how this node stands: register, projects, uploads, notices, coordinator."""
    with open_node(out, home, passphrase_file) as store:
        show_status(out, node_status(store))


@node.command()
@node_options
@click.pass_obj
def members(out: Output, home: Path | None, passphrase_file: Path | None) -> None:
    """List the members of the coalition, whom a project can be made with."""
    with open_node(out, home, passphrase_file) as store, connect(store) as session:
        request = membership.ListMembersRequest()
        found = session.ask(session.membership.ListMembers, request).members
    rows = sorted((member.name, member.member_id) for member in found)
    out.document(
        {"members": [{"name": name, "member_id": identifier} for name, identifier in rows]}
    )
    out.table("Members", ("Member", "Identifier"), rows)


def _invitation(given: str) -> str:
    if given == "-":
        return sys.stdin.read(_LONGEST_INVITATION)
    if given.startswith(INVITATION_PREFIX):
        return given
    return read_text(Path(given))


def _schema(store: Store, given: str | None) -> LinkageSchema:
    """Give the schema named now, else the one named before; what is named now is remembered."""
    with store.read() as connection:
        known = get_setting(connection, _SCHEMA)
    if given is None and known is not None:
        return parse_schema(known)
    schema = read_schema(given or PACKAGED_SCHEMA)
    with store.write() as connection:
        put_setting(connection, _SCHEMA, schema.text)
    return schema


def _show_import(out: Output, report: ImportReport) -> None:
    out.say(
        "{rows} rows of {file}: {new} new, {changed} changed, {unchanged} unchanged,"
        " {withdrawn} withdrawn, {skipped} skipped. The register holds {total} records.",
        rows=report.rows,
        file=report.file,
        new=report.new,
        changed=report.changed,
        unchanged=report.unchanged,
        withdrawn=report.withdrawn,
        skipped=report.skipped,
        total=report.total,
    )
    for dimension, records in report.unrecognised.items():
        out.warn(
            "{n} records have a {dimension} that is in no code list; it counts as other.",
            n=records,
            dimension=out.text(dimension),
        )
    for problem in report.problems:
        out.warn("Skipped: {problem}", problem=problem)
