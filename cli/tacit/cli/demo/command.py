"""`tacit demo`: the whole story on this machine."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.demo import counting, telling
from tacit.cli.demo.cast import ARCHIVE, Both, Role, cast
from tacit.cli.demo.play import Director, Place, Played, make_passphrases
from tacit.cli.demo.processes import Stage
from tacit.cli.demo.report import Section, render
from tacit.cli.demo.scoring import Key, Score, Truth, check_scores, found_pairs, score, true_pairs
from tacit.cli.options import ANY_PATH
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError

MARKER = ".tacit-demo"
REPORT, CHART = "report.html", "overlap.svg"


@click.command(cls=Command)
@click.option("--out", "target", type=ANY_PATH, default=Path("demo-results"), show_default=True,
              help="Folder for the report, the synthetic registers and the logs.")  # fmt: skip
@click.option("--seed", type=int, default=2026, show_default=True, help="Of the registers.")
@click.option("--members", type=click.IntRange(3, 8), default=3, show_default=True,
              help="Members of the coalition.")  # fmt: skip
@click.option("--records", type=click.IntRange(200, 100_000), default=2000, show_default=True,
              help="Records of each member.")  # fmt: skip
@click.option("--keep", is_flag=True,
              help="Keep the homes of coordinator and nodes, with their passphrases.")  # fmt: skip
@click.pass_obj
def demo(
    out: Output, /, *, target: Path, seed: int, members: int, records: int, keep: bool
) -> None:
    """Play the whole story: a coordinator and three nodes, invented victims, real everything.

    A petition group, a database centre and a public archive enrol, agree, import, upload and
    link; then the archive checks what it is about to publish, the coalition counts together, and
    a contested case is settled.
    """
    place, roles = _prepare(target), cast(members)
    words = ["synth", str(place.coalition), "--scenario", "story", "--seed", str(seed)]
    words += ["--members", str(members), "--records", str(records)]
    passphrases = make_passphrases(roles)
    try:
        with Stage(place.log) as stage:
            _step(out, ("Making synthetic registers", "합성 명부를 만듭니다"))
            stage.run("synth", words, {})
            played = Director(
                stage, place, roles, lambda text: _step(out, text), passphrases
            ).play()
    finally:
        if keep:
            _keep_passphrases(place, passphrases)
        else:
            shutil.rmtree(place.work, ignore_errors=True)
    scores = _scores(place, roles, played)
    sections = _sections(roles, played, scores)
    report = target / REPORT
    page = render(telling.TITLE, telling.OPENING, sections, telling.footer(seed, played.seconds))
    report.write_text(page, "utf-8")
    for section in sections:
        if section.figure is not None:
            (target / CHART).write_text(section.figure, "utf-8")
    _answer(out, played, scores, sections, report)


def _step(out: Output, text: Both) -> None:
    out.note("{step} ...", step=text[1] if out.language == "ko" else text[0])


def _prepare(target: Path) -> Place:
    """Clear what an earlier demo left in its folder; a folder of anybody else's is refused."""
    if target.exists() and not (target / MARKER).exists() and any(target.iterdir()):
        problem = f"{target} holds files that are not a demo's; choose another folder with --out"
        raise TacitError(Code.USAGE, problem=problem)
    target.mkdir(parents=True, exist_ok=True)
    (target / MARKER).touch()
    place = Place(target / "coalition", target / "work", target / "log")
    for folder in (place.coalition, place.work, place.log):
        shutil.rmtree(folder, ignore_errors=True)
    for name in (REPORT, CHART):
        (target / name).unlink(missing_ok=True)
    for folder in (place.work, place.log):
        folder.mkdir(mode=0o700)
    return place


def _keep_passphrases(place: Place, passphrases: dict[str, str]) -> None:
    for slug, passphrase in passphrases.items():
        path = place.work / f"{slug}.passphrase"
        path.touch(mode=0o600)
        path.write_text(passphrase + "\n", "utf-8")


def _truth(place: Place) -> dict[Key, Truth]:
    with (place.coalition / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            (row["member"], row["record_id"]): Truth(
                row["entity"], row["objected"] == "yes", row["linkable"] == "yes"
            )
            for row in csv.DictReader(file)
        }


def _scores(place: Place, roles: Sequence[Role], played: Played) -> list[tuple[Both, Score]]:
    truth = _truth(place)
    names = {role.name: role.slug for role in roles}
    holders, objections = check_scores(played.check, ARCHIVE.slug, names, truth)
    return [
        (("Pairs of records linked", "연결된 레코드 쌍"), _pairs(played, truth)),
        (("Check: who else documents it", "확인: 다른 기록 회원"), holders),
        (("Check: somebody objects", "확인: 공개 반대"), objections),
    ]


def _pairs(played: Played, truth: dict[Key, Truth]) -> Score:
    return score(found_pairs(played.results), true_pairs(truth))


def _sections(
    roles: Sequence[Role], played: Played, scores: list[tuple[Both, Score]]
) -> list[Section]:
    return [
        telling.who(roles, played),
        telling.before_publication(played),
        counting.together(roles, played),
        telling.contested(played),
        telling.how_right(played, scores),
    ]


def _answer(
    out: Output,
    played: Played,
    scores: list[tuple[Both, Score]],
    sections: list[Section],
    report: Path,
) -> None:
    out.document(
        {
            "report": report,
            "seconds": round(played.seconds, 1),
            "run": played.run["run"],
            "scores": {
                name: {
                    "precision": found.precision,
                    "recall": found.recall,
                    "f1": found.f1,
                    "found": found.found,
                    "true": found.true,
                }
                for name, (_, found) in zip(
                    ("pairs", "check_holders", "check_objections"), scores, strict=True
                )
            },
            "check": {key: played.check[key] for key in ("held", "objected", "ledger_index")},
            "count": played.count,
            "claims": played.claims,
        }
    )
    index = 1 if out.language == "ko" else 0
    for section in sections:
        out.say("")
        out.heading(section.heading[index])
        for paragraph in section.paragraphs:
            out.say("{text}", text=paragraph[index])
        for table in section.tables:
            if table.caption[0] == counting.YEARS:
                continue  # as long as a screen, and in the report
            out.table(table.caption[index], [head[index] for head in table.heads], table.rows)
    out.say("Report: {path} ({seconds:.0f} seconds)", path=report, seconds=played.seconds)
