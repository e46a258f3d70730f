"""The mapping by which a file's columns are read: a given one, or a guess."""

from itertools import islice
from pathlib import Path

from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError
from tacit.node.mapping import ColumnMapping, check_columns, read_mapping
from tacit.node.mapping_guess import SAMPLE_ROWS, GuessedMapping, guess_mapping
from tacit.node.roles import RegisterFields
from tacit.node.sources.base import Source
from tacit.node.sources.problems import Problems


def guess_for(source: Source, fields: RegisterFields) -> GuessedMapping:
    """Guess the mapping of an open file from its header and first rows."""
    sample = [row.values for row in islice(source.rows(Problems()), SAMPLE_ROWS)]
    return guess_mapping(source.header, sample, fields)


def mapping_for(
    out: Output, source: Source, fields: RegisterFields, file: Path | None
) -> ColumnMapping:
    """Read the mapping file, or guess where there is none.

    Raises:
        TacitError: BAD_MAPPING; the file is wrong, or the guess found no record_id or no field.
    """
    if file is not None:
        mapping = read_mapping(file, fields)
        check_columns(mapping, source.header)
        return mapping
    guess = guess_for(source, fields)
    if guess.missing:
        problem = f"no column of {source.name} seems to be {guess.missing[0]}; write a mapping, starting from `tacit node mapping`"
        raise TacitError(Code.BAD_MAPPING, problem=problem)
    used = ", ".join(f"{g.column} = {g.role}" for g in guess.columns if g.confidence)
    out.note("Columns taken as: {columns}", columns=used)
    return guess.mapping
