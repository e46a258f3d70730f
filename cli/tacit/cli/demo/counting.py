"""The demo's second story: the joint count, its overlap chart and what is suppressed."""

from collections.abc import Mapping, Sequence
from typing import Any

from tacit.cli.demo.cast import Both, Role
from tacit.cli.demo.chart import Bar, upset
from tacit.cli.demo.play import Played
from tacit.cli.demo.report import Section, Table
from tacit.linkage.codes import label

HIDDEN = "★"
YEARS = "By year"


def together(roles: Sequence[Role], played: Played) -> Section:
    """Tell the second story: the joint count, with the overlap chart."""
    count = played.count
    minimum, distinct, records = count["minimum_cell"], count["distinct"], count["records"]
    sizes = {row["key"]: row["count"] for row in count["members"]}
    names = {role.name: f"{role.name} · {role.korean}" for role in roles}
    bars = [
        Bar(tuple(names.get(m, m) for m in row["members"]), row["count"])
        for row in count["overlap"]
    ]
    figure = upset([(names[r.name], sizes.get(r.name)) for r in roles], bars, minimum)
    overlap = Table(
        ("Documented by exactly these members", "정확히 이 회원들만 기록한 피해자"),
        [("Members", "회원"), ("Victims", "피해자")],
        [[" + ".join(row["members"]), shown(row["count"])] for row in count["overlap"]],
    )
    return Section(
        ("Counted together", "함께 세기"),
        [
            (
                (
                    f"Together they document {shown(distinct)} victims in {shown(records)} records."
                    f" {HIDDEN} stands for a count from 1 to {minimum - 1}, or one from which such a"
                    " count could be worked out: few people are easily known."
                ),
                (
                    f"회원들은 레코드 {shown(records)}건에 피해자 {shown(distinct)}명을 함께 기록하고"
                    f" 있습니다. {HIDDEN}는 1~{minimum - 1}명이거나, 그런 값을 계산해 낼 수 있는 값입니다."
                    " 적은 수의 사람은 쉽게 알아볼 수 있기 때문입니다."
                ),
            ),
            _suppressed(count),
        ],
        [overlap, *(_stratum(table) for table in _short_first(count["tables"]))],
        figure,
        (
            (
                "Victims by exactly who documents them. A hatched bar is suppressed; its height is the"
                " agreement's minimum, not a count."
            ),
            (
                "어느 회원들이 기록했는지에 따른 피해자 수. 빗금 막대는 가린 값이며, 높이는 협약의 최소"
                " 값일 뿐 실제 수가 아닙니다."
            ),
        ),
    )


def _suppressed(count: Mapping[str, Any]) -> Both:
    """Say how many cells of all tables are suppressed; zeros are no one and need no protection."""
    rows = [row["count"] for table in count["tables"] for row in table["rows"]]
    rows += [row["count"] for row in count["overlap"]]
    cells, hidden = sum(value != 0 for value in rows), rows.count(None)
    return (
        f"Of {cells} cells in which somebody is counted, {hidden} are suppressed.",
        f"누군가 집계된 {cells}개 칸 가운데 {hidden}개를 가렸습니다.",
    )


def _short_first(tables: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(tables, key=lambda table: bool(table["dimension"] == "year"))


def _stratum(table: Mapping[str, Any]) -> Table:
    captions = {
        "kind": ("By kind of violation", "침해 유형별"),
        "body": ("By perpetrator body", "가해 기관별"),
        "forum": ("By forum", "제출 기구별"),
        "year": (YEARS, "연도별"),
    }
    dimension = table["dimension"]
    rows = [
        [label(dimension, row["key"]), label(dimension, row["key"], "ko"), shown(row["count"])]
        for row in table["rows"]
        if row["count"] != 0
    ]
    heads: list[Both] = [("Value", "값"), ("In Korean", "한국어"), ("Victims", "피해자")]
    return Table(captions.get(dimension, (dimension, dimension)), heads, rows)


def shown(count: int | None) -> str:
    """Write a count, or the star of a suppressed one."""
    return HIDDEN if count is None else f"{count:,}"
