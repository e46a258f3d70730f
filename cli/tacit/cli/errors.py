"""`tacit errors`: the error catalogue and the exit codes."""

import click

from tacit.cli.command import Command
from tacit.cli.failures import exit_codes
from tacit.cli.output import Output
from tacit.linkage.errors import CATALOGUE


@click.command(cls=Command)
@click.pass_obj
def errors(out: Output) -> None:
    """List every error code with its exit code and sentence, and what exit codes mean."""
    rows = [
        (code.value, entry.exit_code, entry.status, _sentence(out, entry.sentence, entry.korean))
        for code, entry in CATALOGUE.items()
    ]
    keys = ("code", "exit_code", "status", "message")
    meanings = [
        {"exit_code": number, "meaning": out.text(meaning), "codes": codes}
        for number, meaning, codes in exit_codes()
    ]
    out.document(
        {"errors": [dict(zip(keys, row, strict=True)) for row in rows], "exit_codes": meanings}
    )
    out.table("Errors", ("Code", "Exit code", "gRPC status", "Sentence"), rows)
    out.table(
        "Exit codes",
        ("Exit code", "Meaning"),
        [(number, out.text(meaning)) for number, meaning, _ in exit_codes()],
    )


def _sentence(out: Output, english: str, korean: str) -> str:
    return korean if out.language == "ko" else english
