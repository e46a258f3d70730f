"""Splink's models: those of its documentation where it has one for the data, else in its manner.

- FEBRL 4: docs/demos/examples/duckdb/febrl4, the last and best of its three models.
- historical_org*: docs/demos/examples/duckdb/deduplicate_50k_synthetic, with link_only.
- Synthetic coalitions: columns cleaned as its Data Prerequisites ask, its ready-made comparisons
  for names and dates of birth, term frequencies where values repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import block_on

from bench_data import DataSet, Table
from splink_columns import Columns, coalition_columns, with_full_name


@dataclass(frozen=True, slots=True)
class Model:
    """What Splink is told.

    Attributes:
        prepare: turns raw columns into those that the model compares; None is unknown.
        comparisons: one for each feature.
        blocking: rules of which a pair must meet one to be compared.
        training: rules of the rounds of expectation maximisation.
        certain: rules that hardly any two people but matches meet.
        recall: share of the matches that are thought to meet those.
    """

    prepare: Callable[[Table], Columns]
    comparisons: Sequence[Any]
    blocking: Sequence[Any]
    training: Sequence[Any]
    certain: Sequence[Any]
    recall: float


def febrl4() -> Model:
    """Build the extended model of the documentation's FEBRL 4 example."""
    either = "jaro_winkler_similarity({0}_l, {1}_r) + jaro_winkler_similarity({1}_l, {0}_r) >= {2}"
    swapped = [
        cll.CustomLevel(either.format("given_name", "surname", least), f"swapped, {least}")
        for least in (1.8, 1.4)
    ]
    names = cl.CustomComparison(
        output_column_name="full_name",
        comparison_levels=[
            cll.And(cll.NullLevel("given_name"), cll.NullLevel("surname")),
            _frequent(cll.ExactMatchLevel("full_name"), "full_name"),
            cll.JaroWinklerLevel("full_name", 0.9),
            cll.JaroWinklerLevel("full_name", 0.7),
            cll.ColumnsReversedLevel("given_name", "surname"),
            *swapped,
            _frequent(cll.ExactMatchLevel("given_name"), "given_name"),
            _frequent(cll.ExactMatchLevel("surname"), "surname"),
            cll.CustomLevel("given_name_l = surname_r or surname_l = given_name_r", "one swapped"),
            cll.JaroWinklerLevel("given_name", 0.9),
            cll.JaroWinklerLevel("surname", 0.9),
            cll.ElseLevel(),
        ],
    )
    return Model(
        prepare=with_full_name("given_name", "surname", "_"),
        comparisons=[
            names,
            cl.DateOfBirthComparison(
                "date_of_birth", input_is_string=True, datetime_format="%Y%m%d"
            ),
            _edits("soc_sec_id", 1, 2),
            _edits("street_number", 1),
            _edits("postcode", 1, 2),
        ],
        blocking=[
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        training=[block_on("date_of_birth"), block_on("postcode")],
        certain=[block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")],
        recall=0.8,
    )


def historical() -> Model:
    """Build the model of the documentation's example of historical persons."""
    return Model(
        prepare=with_full_name("first_name", "surname", " "),
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="full_name"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        training=[block_on("first_name", "surname"), block_on("dob")],
        certain=[
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
    )


def coalition(data: DataSet, *, by_script: bool) -> Model:
    """Build a model for a coalition's cleaned columns.

    Args:
        data: cleaned columns; what fewer than two files hold cannot be compared.
        by_script: whether names and places in Hangul count as unknown, so that a pair that no
            string comparison can settle is judged by what else there is; else they are compared
            as they stand.
    """

    def prepare(table: Table) -> Columns:
        return coalition_columns(table, by_script=by_script)

    fathers = sum(any(prepare(table)["father"]) for table in data.tables)
    return Model(
        prepare=prepare,
        comparisons=[
            _name("name", "given", "family"),
            *([_name("father", "father_given", "father_family")] if fathers > 1 else []),
            _birth(),
            cl.ExactMatch("sex"),
            cl.CustomComparison(
                output_column_name="place",
                comparison_levels=[
                    cll.NullLevel("province"),
                    _frequent(cll.ExactMatchLevel("place"), "place"),
                    cll.And(cll.JaroWinklerLevel("county", 0.88), cll.ExactMatchLevel("province")),
                    _frequent(cll.ExactMatchLevel("county"), "county"),
                    cll.And(cll.ExactMatchLevel("province"), cll.NullLevel("county")),
                    cll.ExactMatchLevel("province"),
                    cll.ElseLevel(),
                ],
            ),
        ],
        blocking=[
            block_on("birth_date"),
            block_on("name"),
            block_on("family", "birth_year"),
            block_on("given"),
            block_on("place", "birth_year"),
            block_on("place", "family"),
            block_on("birth_year", "sex"),
            block_on("father"),
            block_on("family", "substr(given,1,4)"),
            block_on("substr(birth_date,6)", "sex"),
            "l.given = r.family and l.family = r.given",
        ],
        training=[block_on("birth_date"), block_on("name"), block_on("place", "birth_year")],
        certain=[
            block_on("given", "birth_date"),
            block_on("family", "birth_date"),
            block_on("place", "birth_date"),
            block_on("name", "birth_year"),
            block_on("name", "place"),
        ],
        recall=0.3,
    )


def _name(whole: str, given: str, family: str) -> Any:
    """Build ForenameSurnameComparison's levels, with the near misses of the whole name between."""
    both = [
        cll.And(cll.JaroWinklerLevel(given, least), cll.JaroWinklerLevel(family, least))
        for least in (0.92, 0.88)
    ]
    return cl.CustomComparison(
        output_column_name=whole,
        comparison_levels=[
            cll.NullLevel(whole),
            _frequent(cll.ExactMatchLevel(whole), whole),
            cll.ColumnsReversedLevel(given, family, symmetrical=True),
            *both,
            cll.JaroWinklerLevel(whole, 0.92),
            _frequent(cll.ExactMatchLevel(given), given),
            cll.JaroWinklerLevel(given, 0.88),
            cll.JaroWinklerLevel(whole, 0.8),
            _frequent(cll.ExactMatchLevel(family), family),
            cll.JaroWinklerLevel(whole, 0.7),
            cll.ElseLevel(),
        ],
    )


def _birth() -> Any:
    """Build DateOfBirthComparison's levels, with dates of which only the year is known."""
    near = [
        cll.AbsoluteDateDifferenceLevel(
            "birth_date", threshold=number, metric=unit, input_is_string=True
        )
        for number, unit in ((1, "month"), (1, "year"), (10, "year"))
    ]
    year_only = cll.CustomLevel(
        "(length(birth_date_l) = 4 or length(birth_date_r) = 4) and birth_year_l = birth_year_r",
        "same year, day unknown",
    )
    return cl.CustomComparison(
        output_column_name="birth_date",
        comparison_levels=[
            cll.NullLevel("birth_date"),
            cll.CustomLevel("birth_date_l = birth_date_r and length(birth_date_l) > 4", "same day"),
            year_only,
            cll.DamerauLevenshteinLevel("birth_date", 1),
            *near,
            cll.ExactMatchLevel("birth_year"),
            cll.ElseLevel(),
        ],
    )


def _edits(column: str, *distances: int) -> Any:
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            _frequent(cll.ExactMatchLevel(column), column),
            *(cll.DamerauLevenshteinLevel(column, distance) for distance in distances),
            cll.ElseLevel(),
        ],
    )


def _frequent(level: Any, column: str) -> Any:
    return level.configure(tf_adjustment_column=column)


MODELS: Mapping[str, Callable[[], Model]] = {"febrl4": febrl4, "historical": historical}
