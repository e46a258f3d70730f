"""The columns that Splink's models compare, from raw or cleaned ones; None is unknown."""

from collections.abc import Callable

from bench_data import Table

Columns = dict[str, list[str | None]]


def with_full_name(given: str, family: str, between: str) -> Callable[[Table], Columns]:
    """Keep the columns as they are and add `full_name` of two of them, where both are known."""

    def prepare(table: Table) -> Columns:
        columns: Columns = {
            name: [value or None for value in values] for name, values in table.items()
        }
        columns["full_name"] = [
            f"{one}{between}{other}" if one and other else None
            for one, other in zip(columns[given], columns[family], strict=True)
        ]
        return columns

    return prepare


def coalition_columns(table: Table, *, by_script: bool) -> Columns:
    """Part names into surname and given name, places into county and province.

    Args:
        table: a coalition's cleaned columns.
        by_script: whether what is not in Latin letters counts as unknown.
    """
    records = len(table["name"])
    columns: Columns = {
        name: [value or None for value in table.get(name, [""] * records)]
        for name in ("name", "sex", "birth_date", "birth_place", "father")
    }
    for name in ("name", "father"):
        prefix = "" if name == "name" else f"{name}_"
        written = [_written(value, by_script=by_script) for value in columns[name]]
        columns[name] = [value.replace(",", " ") if value else None for value in written]
        parts = [_two_parts(value) for value in written]
        columns[f"{prefix}family"] = [family for family, _ in parts]
        columns[f"{prefix}given"] = [given for _, given in parts]
    places = [_written(value, by_script=by_script) for value in columns.pop("birth_place")]
    columns["place"] = places
    columns["county"] = [
        value.split(",")[0] if value and "," in value else None for value in places
    ]
    columns["province"] = [value.split(",")[-1] if value else None for value in places]
    columns["birth_year"] = [value[:4] if value else None for value in columns["birth_date"]]
    return columns


def _written(value: str | None, *, by_script: bool) -> str | None:
    foreign = value is not None and not value.isascii()
    return None if foreign and by_script else value


def _two_parts(name: str | None) -> tuple[str | None, str | None]:
    """Part a name at its comma or first space into surname and given name."""
    if not name:
        return None, None
    family, _, given = name.partition("," if "," in name else " ")
    return family, given.replace(" ", "") or None
