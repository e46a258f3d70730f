"""What is to be told of projects that wait, end soon or are over."""

from collections.abc import Iterable, Sequence

from tacit.cli.output import Output, moment
from tacit.node.due import Due


def warn_due(out: Output, project: str, soon: Iterable[Due]) -> None:
    """Warn of what ends soon."""
    for item in soon:
        if item.what == "agreement":
            out.warn(
                "{project}: the agreement ends in {days} days. To go on after that:"
                " tacit project propose --expires DATE",
                project=project,
                days=item.days,
            )
        else:
            out.warn(
                "{project}: the linkage key is used until {time}. After that the first node that"
                " synchronises makes the next one, and all upload anew.",
                project=project,
                time=moment(item.at),
            )


def warn_over(out: Output, project: str, over: str) -> None:
    """Warn that a project is over for this node."""
    if over == "expired":
        out.warn(
            "{project}: the agreement has ended; keys and results are erased. To go on:"
            " tacit project propose --expires DATE",
            project=project,
        )
    elif over == "left":
        out.warn(
            "{project}: you have left the coalition. Keys and results are erased.",
            project=project,
        )
    elif over:
        out.warn(
            "{project}: the version in force does not name you. Keys and results are erased.",
            project=project,
        )


def warn_gone(out: Output, project: str, names: Sequence[str]) -> None:
    """Warn that nothing flows since somebody has left."""
    if names:
        out.warn(
            "{project}: {names} left the coalition, and nothing flows until a version without them"
            " is in force: tacit project propose --remove NAME",
            project=project,
            names=", ".join(names),
        )


def warn_proposed(out: Output, project: str, version: int) -> None:
    """Warn that a version waits for this node's signature."""
    out.warn(
        "{project}: version {version} is proposed. tacit project sign shows what it changes.",
        project=project,
        version=version,
    )
