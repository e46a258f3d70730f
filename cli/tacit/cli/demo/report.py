"""The HTML report: one file, no script, no reference to the network, in English and Korean."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tacit.cli.demo.cast import Both


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption and headings in both languages; cells are escaped."""

    caption: Both
    heads: Sequence[Both]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report.

    Attributes:
        heading: in English and Korean, as everything here.
        paragraphs: what it tells.
        tables: shown after the paragraphs.
        figure: an `<svg>` element.
        figure_caption: what the figure shows.
    """

    heading: Both
    paragraphs: Sequence[Both] = ()
    tables: Sequence[Table] = ()
    figure: Markup | None = None
    figure_caption: Both = ("", "")


def render(title: Both, opening: Both, sections: Sequence[Section], footer: Both) -> str:
    """Give the report as HTML; everything but the figures is escaped by Jinja."""
    environment = Environment(
        loader=PackageLoader("tacit.cli.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    template = environment.get_template("report.html.j2")
    return template.render(
        title=title[0], title_ko=title[1], opening=opening, sections=sections, footer=footer
    )
