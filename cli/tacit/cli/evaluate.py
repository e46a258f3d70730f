"""`tacit evaluate`: score matching on local files whose truth is known, without network."""

import re
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.files import read_schema, read_tables
from tacit.cli.options import EXISTING_FILE
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.evaluate import Evaluation
from tacit.linkage.evaluate import evaluate as evaluate_tables
from tacit.linkage.infer import infer_schema
from tacit.linkage.schema import LinkageSchema, parse_schema


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE, metavar="FILE...")
@click.option("--schema", "schema_file", metavar="FILE",
              help="Linkage schema, or `victims`; inferred from the files if left out.")  # fmt: skip
@click.option("--entity", required=True, metavar="COLUMN",
              help="Column that holds the truth: equal values are one person.")  # fmt: skip
@click.option("--entity-pattern", metavar="REGEX",
              help="What of the column's value is the person: the first group of this pattern.")  # fmt: skip
@click.pass_obj
def evaluate(
    out: Output,
    files: tuple[Path, ...],
    schema_file: str | None,
    entity: str,
    entity_pattern: str | None,
) -> None:
    """Encode, match and score files, one for each organisation, by the code the service runs.

    Scores are pairwise, over pairs of records of different files. `auto` is at the threshold that
    a project without truth would use, `best` at the one that only truth can tell.
    """
    if len(files) < 2:  # noqa: PLR2004
        raise click.UsageError(out.text("At least two files are needed."))
    pattern = _compile(entity_pattern)
    with out.progress("Reading files") as advance:
        tables = read_tables(files, advance)
    truth = [
        _truth(path, table, entity, pattern) for path, table in zip(files, tables, strict=True)
    ]
    schema = _schema(schema_file, tables, entity)
    with out.progress("Comparing") as advance:
        found = evaluate_tables(tables, schema, truth, entity, advance)
    for warning in found.warnings:
        out.warn("Warning: {problem}", problem=out.words(warning))
    out.document(found.as_dict())
    _show(out, found)


def _compile(pattern: str | None) -> re.Pattern[str] | None:
    try:
        compiled = re.compile(pattern) if pattern else None
    except re.error as error:
        raise click.BadParameter(
            "it is not a regular expression", param_hint="--entity-pattern"
        ) from error
    if compiled is not None and compiled.groups < 1:
        raise click.BadParameter("it has no group", param_hint="--entity-pattern")
    return compiled


def _truth(
    path: Path, table: dict[str, list[str]], entity: str, pattern: re.Pattern[str] | None
) -> list[str]:
    if entity not in table:
        raise TacitError(Code.BAD_INPUT, where=path.name, problem=f"there is no column '{entity}'")
    if pattern is None:
        return table[entity]
    found = [pattern.search(value) for value in table[entity]]
    return [match[1] if match else "" for match in found]


def _schema(given: str | None, tables: list[dict[str, list[str]]], entity: str) -> LinkageSchema:
    if given is not None:
        return read_schema(given)
    return parse_schema(infer_schema(tables, ignore=[entity]))


def _show(out: Output, found: Evaluation) -> None:
    out.say(
        "{records} records in {files} files, {pairs} true pairs.",
        records=sum(found.records),
        files=len(found.records),
        pairs=found.true_pairs,
    )
    out.table(
        "",
        ("Threshold", "Probability from", "Precision", "Recall", "F1"),
        [
            (out.text(name), part.threshold, part.precision, part.recall, part.f1)
            for name, part in (("automatic", found.auto), ("best, by truth", found.best))
        ],
    )
    out.say(
        "Expected without truth: precision {precision:.3f}, recall {recall:.3f}.",
        precision=found.estimated_precision,
        recall=found.estimated_recall,
    )
    out.say("Seconds: {times}", times=", ".join(f"{k} {v:.2f}" for k, v in found.seconds.items()))
