"""Options that say what an agreement holds, for the first version and for those that follow."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from tacit.linkage.agreement import Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_writing import ProjectOptions
from tacit.node.times import today

F = TypeVar("F", bound=Callable[..., Any])

USUAL_YEARS = 2
"""How long an agreement holds unless its creator says otherwise."""

USUAL_EPOCH_DAYS = 365
"""How long a linkage key is used unless the creator of the agreement says otherwise."""

_USUAL = ProjectOptions()


def agreement_options(*, changing: bool) -> Callable[[F], F]:
    """Add what an agreement may hold; where one is changed, what is left out stays as it is."""

    def usual(value: object) -> dict[str, Any]:
        return {"default": None} if changing else {"default": value, "show_default": True}

    options = [
        click.option("--schema", "schema_file", metavar="FILE",
                     default=None if changing else "victims",
                     help="Linkage schema; `victims`, the usual one, is the one for this field."),
        click.option("--purpose", "purposes", multiple=True,
                     type=click.Choice([p.value for p in Purpose]),
                     help="What records may be linked for; repeatable"
                     + ("." if changing else ", all if left out.")),
        click.option("--minimum-cell", type=int, **usual(_USUAL.minimum_cell),
                     help="Smallest count that is shown."),
        click.option("--check-minimum", type=int, **usual(_USUAL.check_minimum_batch),
                     help="Fewest records in one check."),
        click.option("--check-maximum", type=int, **usual(_USUAL.check_maximum_batch),
                     help="Most records in one check."),
        click.option("--check-budget", type=int, **usual(_USUAL.check_budget),
                     help="Records that each member may check."),
        click.option("--threshold", type=click.FloatRange(0, 1), default=None if changing else 0.0,
                     help="Least probability of a match; 0 finds it from the data."),
        click.option("--precision", type=click.FloatRange(0, 0.999),
                     default=None if changing else 0.0,
                     help="Wished share of right links, from which that probability follows; "
                     "0 balances precision and recall."),
        click.option("--reasons/--no-reasons", default=None if changing else False,
                     help="Tell members which fields of two matched records agree."),
        click.option("--repeats", "repeating", multiple=True, metavar="MEMBER",
                     help="A member, you included, whose register may hold a person several "
                     "times; repeatable" + ("; `none` for nobody." if changing else ".")),
        click.option("--retention-days", type=int, **usual(_USUAL.retention_days),
                     help="Days after which the coordinator deletes encodings and results."),
        click.option("--hide-members/--name-members", default=None if changing else False,
                     help="Do not name members to each other (excludes the purpose attribute)."),
        click.option("--expires", metavar="DATE",
                     help="Last day on which the agreement holds (UTC), or `never`"
                     + ("." if changing else "; two years from now if left out.")),
        click.option("--epoch-days", type=int, **usual(USUAL_EPOCH_DAYS),
                     help="Days after which the nodes make a new linkage key; 0 for never."),
    ]  # fmt: skip

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def first_options(chosen: Mapping[str, Any]) -> ProjectOptions:
    """Read the options of a first version.

    Raises:
        TacitError: USAGE.
    """
    return ProjectOptions(
        purposes=tuple(Purpose(p) for p in chosen["purposes"]) or tuple(Purpose),
        minimum_cell=chosen["minimum_cell"],
        disclose_members=not chosen["hide_members"],
        check_minimum_batch=chosen["check_minimum"],
        check_maximum_batch=chosen["check_maximum"],
        check_budget=chosen["check_budget"],
        threshold_permille=round(chosen["threshold"] * 1000),
        precision_permille=round(chosen["precision"] * 1000),
        reasons=chosen["reasons"],
        repeating=chosen["repeating"],
        retention_days=chosen["retention_days"],
        expires_on=_usual_end() if chosen["expires"] is None else last_day(chosen["expires"]),
        epoch_days=chosen["epoch_days"],
    )


def changed_values(chosen: Mapping[str, Any]) -> dict[str, object]:
    """Read the options of a version that follows: field of the agreement to its new value.

    Raises:
        TacitError: USAGE.
    """
    plain = {
        "minimum_cell": "minimum_cell",
        "check_minimum": "check_minimum_batch",
        "check_maximum": "check_maximum_batch",
        "check_budget": "check_budget",
        "reasons": "reasons",
        "retention_days": "retention_days",
        "epoch_days": "epoch_days",
    }
    values = {name: chosen[option] for option, name in plain.items() if chosen[option] is not None}
    if chosen["purposes"]:
        values["purposes"] = tuple(p for p in Purpose if p.value in chosen["purposes"])
    if chosen["hide_members"] is not None:
        values["disclose_members"] = not chosen["hide_members"]
    if chosen["expires"] is not None:
        values["expires_on"] = last_day(chosen["expires"])
    # Only one of the two can say where the threshold is.
    for name, other in (("threshold", "precision"), ("precision", "threshold")):
        if chosen[name] is not None:
            values[f"{name}_permille"] = round(chosen[name] * 1000)
            if chosen[name] and not chosen[other]:
                values[f"{other}_permille"] = 0
    return values


def last_day(text: str) -> str:
    """Read a last day, empty for none.

    Raises:
        TacitError: USAGE.
    """
    if text == "never":
        return ""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        problem = "--expires takes a date such as 2027-12-31, or `never`."
        raise TacitError(Code.USAGE, problem=problem) from error


def _usual_end() -> str:
    day = today()
    year = day.year + USUAL_YEARS
    if (day.month, day.day) == (2, 29):  # which has no like in two years
        day = day.replace(day=28)
    return day.replace(year=year).isoformat()
