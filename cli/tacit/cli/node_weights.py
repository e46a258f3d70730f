"""`tacit node weights`: what a register shows of its fields, to be shared without the records."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.node_duplicates import schema_of
from tacit.cli.nodes import open_node
from tacit.cli.options import ANY_PATH, node_options, refuse_existing, write_new
from tacit.cli.output import Output
from tacit.linkage.weights_file import write_weights
from tacit.node.weights import register_weights


@click.command(cls=Command)
@click.option("-o", "--out", "target", type=ANY_PATH, help="File to write; else standard output.")
@click.option("--project", "wanted", metavar="PROJECT",
              help="Weigh this project's fields; else the register's own schema's.")  # fmt: skip
@click.option("--schema", "schema_file", metavar="FILE", help="Weigh this schema's fields.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def weights(
    out: Output,
    /,
    *,
    target: Path | None,
    wanted: str | None,
    schema_file: str | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Learn from the register how well each field tells people apart.

    The file holds a few rounded figures for each field and nothing of any record; `tacit schema
    weigh` makes a schema of it and other members'.
    """
    refuse_existing(target, force=force)
    with open_node(out, home, passphrase_file) as store:
        schema = schema_of(store, wanted, schema_file)
        with out.progress("Comparing the register with itself") as advance:
            learnt = register_weights(store, schema, advance)
    text = write_weights(learnt)
    if target is not None:
        write_new(target, text, force=force)
    out.document({"file": target, "weights": learnt})
    if target is None and not out.json:
        click.echo(text, nl=False)
        return
    out.table(
        "",
        ("Feature", "Filled", "Information (bits)", "Error rate"),
        [
            (
                name,
                f"{own.filled:.0%}",
                own.information,
                None if own.errors is None else f"{own.errors:.0%}",
            )
            for name, own in learnt.features.items()
        ],
    )
    out.say("Wrote {path}.", path=target)
    out.say("Look at it before you send it: it describes the register as a whole.")
