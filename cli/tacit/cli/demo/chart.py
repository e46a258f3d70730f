"""An UpSet chart as inline SVG: how many victims which members document together.

After Lex et al., "UpSet: Visualization of Intersecting Sets" (IEEE TVCG 20, 2014): one column per
combination of members, a bar for its size, dots for the members in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

COLUMN = 64
BAR = 34
BAR_ROOM = 180
ROW = 30
NAME_ROOM = 250
SIZE_ROOM = 110
TOP = 26
INK, FAINT, SOFT, HATCH = "#1f3a5f", "#d5dbe3", "#f3f5f8", "#9aa7b8"


@dataclass(frozen=True, slots=True)
class Bar:
    """One combination of members.

    Attributes:
        members: who document these victims, and nobody else does.
        count: how many victims, None where the count is suppressed.
    """

    members: tuple[str, ...]
    count: int | None


def upset(members: Sequence[tuple[str, int | None]], bars: Sequence[Bar], minimum: int) -> Markup:
    """Draw the chart.

    Args:
        members: names in the order of the rows, each with its number of victims (None where
            suppressed).
        bars: one column each, in order.
        minimum: the agreement's smallest cell; a suppressed bar is drawn at this height, hatched.

    Returns:
        An `<svg>` element without scripts, fonts or references; names are escaped.
    """
    left = NAME_ROOM + SIZE_ROOM
    width = left + COLUMN * len(bars) + 20
    floor = TOP + BAR_ROOM
    height = floor + 14 + ROW * len(members) + 10
    tallest = max([bar.count or minimum for bar in bars] + [1])
    parts = [_frame(width, height)]
    parts += [_row(width, floor, row, *member) for row, member in enumerate(members)]
    parts += [_sizes(floor, members)]
    for column, bar in enumerate(bars):
        centre = left + COLUMN * column + COLUMN // 2
        parts.append(_bar(centre, floor, bar, tallest, minimum))
        parts.append(_dots(centre, floor, bar, [name for name, _ in members]))
    return Markup("\n").join([*parts, Markup("</svg>")])


def _frame(width: int, height: int) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}"'
        ' role="img" aria-label="Overlap of the members\' records"'
        " font-family=\"system-ui, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR',"
        ' sans-serif" font-size="13">'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
        '<rect width="2.5" height="6" fill="{hatch}"/></pattern></defs>'
        '<rect width="{w}" height="{h}" fill="#fff"/>'
    ).format(w=width, h=height, hatch=HATCH)


def _middle(floor: int, row: int) -> int:
    return floor + 14 + ROW * row + ROW // 2


def _row(width: int, floor: int, row: int, name: str, size: int | None) -> Markup:
    middle = _middle(floor, row)
    stripe = SOFT if row % 2 == 0 else "#fff"
    return Markup(
        '<rect x="0" y="{y}" width="{w}" height="{h}" fill="{stripe}"/>'
        '<text x="{x}" y="{t}" text-anchor="end" fill="#222">{name}</text>'
    ).format(
        y=middle - ROW // 2,
        w=width,
        h=ROW,
        stripe=stripe,
        x=NAME_ROOM - 10,
        t=middle + 5,
        name=f"{name} ({_number(size)})",
    )


def _sizes(floor: int, members: Sequence[tuple[str, int | None]]) -> Markup:
    largest = max([size or 0 for _, size in members] + [1])
    bar = Markup('<rect x="{x}" y="{y}" width="{w}" height="12" fill="{fill}"/>')
    return Markup("").join(
        bar.format(
            x=NAME_ROOM,
            y=_middle(floor, row) - 6,
            w=round((SIZE_ROOM - 20) * (size or 0) / largest),
            fill=HATCH,
        )
        for row, (_, size) in enumerate(members)
    )


def _bar(centre: int, floor: int, bar: Bar, tallest: int, minimum: int) -> Markup:
    value = minimum if bar.count is None else bar.count
    height = max(1, round((BAR_ROOM - 10) * value / tallest)) if value else 0
    label = f"< {minimum}" if bar.count is None else _number(bar.count)
    return Markup(
        '<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}" stroke="{ink}"/>'
        '<text x="{c}" y="{t}" text-anchor="middle" fill="#222">{label}</text>'
    ).format(
        x=centre - BAR // 2,
        y=floor - height,
        w=BAR,
        h=height,
        fill="url(#hatch)" if bar.count is None else INK,
        ink=INK,
        c=centre,
        t=floor - height - 6,
        label=label,
    )


def _dots(centre: int, floor: int, bar: Bar, names: Sequence[str]) -> Markup:
    rows = [row for row, name in enumerate(names) if name in bar.members]
    line = Markup("")
    if len(rows) > 1:
        line = Markup(
            '<line x1="{c}" x2="{c}" y1="{a}" y2="{b}" stroke="{ink}" stroke-width="3"/>'
        ).format(c=centre, a=_middle(floor, rows[0]), b=_middle(floor, rows[-1]), ink=INK)
    dot = Markup('<circle cx="{c}" cy="{y}" r="7" fill="{fill}"/>')
    return line + Markup("").join(
        dot.format(c=centre, y=_middle(floor, row), fill=INK if row in rows else FAINT)
        for row in range(len(names))
    )


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"  # noqa: RUF001 (an en dash for "not shown")
