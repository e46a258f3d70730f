"""Registers of a large coalition, with the truth: who is documented by whom.

"usual" coalitions are as `tacit synth` makes clean ones, only that people are in 1 to as many
registers as is said: six ways of writing, gaps, relatives, and namesakes born on one day. No linkage can
tell all of those apart. In "distinct" coalitions it can: everybody writes alike and leaves nothing
out, given names and fathers' names are of any syllables there are instead of the few that are in
use, and of two invented people who would still be confused one is left out.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from random import Random

from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.linkage.score import ScoreModel
from tacit.linkage.similarity import compare_rows
from tacit.linkage.synthesis.documents import GENERAL
from tacit.linkage.synthesis.noise import NOISE, Noise
from tacit.linkage.synthesis.overlap import Layout
from tacit.linkage.synthesis.persons import Person, people
from tacit.linkage.synthesis.records import FileForm, Register
from tacit.linkage.synthesis.registering import Registrar
from tacit.linkage.synthesis.styles import STYLES, Style

KINDS = ("distinct", "usual")
SCHEMA = (files("tacit.linkage") / "schemas" / "victims.json").read_text("utf-8")
CONFUSED = 0.6
"""Score from which two completely recorded people count as too alike to be told apart."""

_COMPLETE = Noise(*(0.0,) * 15)
_FORM = FileForm("csv", "utf-8", ",")
_MORE = 1.3  # people invented for each that is wanted
_ROWS = 4096


def write_coalition(
    folder: Path, members: int, records: int, seed: int, kind: str, *, most: int | None = None
) -> None:
    """Write a register and a mapping for each member, and the truth, unless they are there.

    Args:
        folder: gets `member1`, `member2`, ... and `truth.json`: for each member's folder its
            records in order, each with its identifier, its person, and whether it may be linked.
        members: at least 2.
        records: of each.
        seed: of everything.
        kind: of `KINDS`.
        most: registers that one person is in; all, if left out.
    """
    wanted = {"members": members, "records": records, "seed": seed, "kind": kind, "most": most}
    if (folder / "truth.json").is_file() and json.loads(
        (folder / "coalition.json").read_text("utf-8")
    ) == wanted:
        return
    layout = spread(members, records, Random(f"{seed}/layout"), most or members)
    everybody = invent(layout.people, seed, kind)
    truth = {}
    for place, held in enumerate(layout.holdings()):
        style = replace(STYLES[place % len(STYLES) if kind == "usual" else 0], form=_FORM)
        noise = NOISE["clean"] if kind == "usual" else _COMPLETE
        slug = f"member{place + 1}"
        registrar = Registrar(f"Member {place + 1}", slug, style, GENERAL, noise, seed)
        register, known = registrar.register([everybody[number] for number in held], {})
        _write(folder / slug, register)
        truth[slug] = [(item.record_id, item.entity, item.linkable) for item in known]
    (folder / "coalition.json").write_text(json.dumps(wanted), "utf-8")
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")


def spread(members: int, records: int, random: Random, most: int) -> Layout:
    """Put people into 1 to `most` registers; a record is as likely of one in 1 as in `most`."""
    room = [records] * members
    cells: dict[tuple[int, ...], int] = {}
    sizes = range(1, most + 1)
    odds = [1 / size for size in sizes]
    while any(room):
        free = [member for member in range(members) if room[member]]
        size = min(random.choices(sizes, odds)[0], len(free))
        # Fuller registers come up less often, so that all get full at about one time.
        order = sorted(free, key=lambda member: -room[member] * random.random() ** 0.2)
        cell = tuple(sorted(order[:size]))
        for member in cell:
            room[member] -= 1
        cells[cell] = cells.get(cell, 0) + 1
    return Layout(members, cells)


def invent(count: int, seed: int, kind: str) -> list[Person]:
    """Invent people, in an order that tells nothing of them."""
    chosen = people(round(count * _MORE) if kind == "distinct" else count, Random(f"{seed}/people"))
    if kind == "distinct":
        names = Random(f"{seed}/names")
        renamed = [
            replace(person, given=_rare(person.given, names), father=_rare(person.father, names))
            for person in chosen
        ]
        chosen = _told_apart(renamed, seed)[:count]
    if len(chosen) < count:
        raise ValueError("too many of the invented people resemble each other")
    Random(f"{seed}/cells").shuffle(chosen)
    return chosen


def _rare(name: str, random: Random) -> str:
    """Keep a name's first syllable and give it two of any."""
    return name[0] + "".join(chr(random.randrange(ord("가"), ord("힣") + 1)) for _ in range(2))


def _told_apart(pool: Sequence[Person], seed: int) -> list[Person]:
    """Leave out whoever resembles somebody before."""
    style = STYLES[0]
    register, known = Registrar("", "", style, GENERAL, _COMPLETE, seed).register(pool, {})
    by_entity = {person.entity: person for person in pool}
    ordered = [by_entity[item.entity] for item in known]
    schema = parse_schema(SCHEMA)
    encoded, model = _encode(schema, register, style), ScoreModel.from_schema(schema)

    def alike(start: int) -> list[tuple[int, int]]:
        rows = EncodedSet(
            encoded.clks[start : start + _ROWS], encoded.presence[start : start + _ROWS]
        )
        found = compare_rows(model, rows, encoded, CONFUSED)
        return list(zip((found.left + start).tolist(), found.right.tolist(), strict=True))

    near: dict[int, set[int]] = {}
    with ThreadPoolExecutor(2) as threads:
        for pairs in threads.map(alike, range(0, len(ordered), _ROWS)):
            for one, other in pairs:
                if one != other:
                    near.setdefault(one, set()).add(other)
                    near.setdefault(other, set()).add(one)
    taken: set[int] = set()
    for number in range(len(ordered)):
        if taken.isdisjoint(near.get(number, ())):
            taken.add(number)
    return [ordered[number] for number in sorted(taken)]


def _encode(schema: LinkageSchema, register: Register, style: Style) -> EncodedSet:
    columns = {
        source: [row[register.header.index(style.columns[source])] for row in register.rows]
        for source in schema.sources
    }
    secret = derive_secret(bytes(32), "", 1, schema.hash)
    return Encoder(schema, secret).encode(normalise_columns(schema, columns))


def _write(folder: Path, register: Register) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.toml").write_text(register.mapping, "utf-8")
    with (folder / register.file).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(register.header)
        writer.writerows(register.rows)


def read_truth(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Give for each member's folder the person behind every record that may be linked."""
    raw = json.loads((folder / "truth.json").read_text("utf-8"))
    return {
        slug: {record_id: entity for record_id, entity, linkable in rows if linkable}
        for slug, rows in raw.items()
    }
