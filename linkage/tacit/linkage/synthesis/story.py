"""The demo's case: petitions made in confidence, a database, and an archive about to publish.

The petition group documented first and most of its families object to publication. The archive
is about to publish people of whom some are just these.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.synthesis.coalition import MOST_RECORDS, invent
from tacit.linkage.synthesis.documents import COLLECTING, GENERAL, PETITIONING, PUBLISHING
from tacit.linkage.synthesis.noise import Level, noise_of
from tacit.linkage.synthesis.overlap import Cell, Layout
from tacit.linkage.synthesis.records import Coalition, Register, TruthRecord
from tacit.linkage.synthesis.registering import Registrar
from tacit.linkage.synthesis.styles import ARCHIVE, CENTRE, PETITIONER, STYLES

PUBLISHED = 125
"""Records that the archive is about to publish."""

UNDER_OBJECTION = 50
"""Those of them whom the petition group documents for families who object."""

HELD_FREELY = 35
"""Those of them whom others document too and nobody objects to."""

LEAST_MEMBERS, MOST_MEMBERS = 3, 8
LEAST_RECORDS = 200

_PETITION, _CENTRE, _ARCHIVE = range(3)
# Shares of each member's records that are held by exactly these members.
_SHARED: dict[Cell, float] = {
    (_PETITION, _CENTRE, _ARCHIVE): 0.06,
    (_PETITION, _CENTRE): 0.14,
    (_PETITION, _ARCHIVE): 0.10,
    (_CENTRE, _ARCHIVE): 0.15,
}
_SHARED_WITH_OTHERS = {_PETITION: 0.04, _CENTRE: 0.06, _ARCHIVE: 0.04}
_CAST = (
    ("Petition group", "petition", PETITIONER, PETITIONING),
    ("Database centre", "centre", CENTRE, COLLECTING),
    ("Public archive", "archive", ARCHIVE, PUBLISHING),
)


def tell_story(
    records: int = 2000, seed: int = 2026, members: int = 3, noise: Level = "clean"
) -> Coalition:
    """Invent the three organisations of the story, with others beside them if wanted.

    Of the 125 records about to be published 50 are held by the petition group under objection,
    35 by others without objection, 40 by nobody else.

    Args:
        records: of each member, from 200.
        seed: of everything.
        members: from 3 to 8.
        noise: "clean", "dirty" or "very-dirty".

    Raises:
        TacitError: USAGE; an argument is out of its range.
    """
    if not LEAST_RECORDS <= records <= MOST_RECORDS:
        problem = f"The story needs {LEAST_RECORDS} to {MOST_RECORDS:,} records."
        raise TacitError(Code.USAGE, problem=problem)
    if not LEAST_MEMBERS <= members <= MOST_MEMBERS:
        problem = f"The story needs {LEAST_MEMBERS} to {MOST_MEMBERS} members."
        raise TacitError(Code.USAGE, problem=problem)
    layout = _layout(members, records)
    everybody = invent(layout, seed)
    entities = [person.entity for person in everybody]
    objecting, free, alone = _chosen(layout, entities, records, seed)
    chosen = {*objecting, *free, *alone}
    registers: list[Register] = []
    truth: list[TruthRecord] = []
    for registrar, held in zip(_registrars(members, noise, seed), layout.holdings(), strict=True):
        settled = _settled(registrar.slug, objecting, free, alone)
        register, known = registrar.register([everybody[number] for number in held], settled)
        registers.append(register)
        truth += known
    marked = tuple(
        replace(known, published=known.slug == "archive" and known.entity in chosen)
        for known in truth
    )
    return Coalition(tuple(registers), marked, _publication(registers[_ARCHIVE], marked))


def _layout(members: int, records: int) -> Layout:
    cells = {cell: round(share * records) for cell, share in _SHARED.items()}
    for other in range(3, members):
        for one, share in _SHARED_WITH_OTHERS.items():
            cells[one, other] = round(share * records)
    shared = Layout(members, cells)
    alone: dict[Cell, int] = {(member,): records - shared.held(member) for member in range(members)}
    return Layout(members, {**cells, **alone})


def _chosen(
    layout: Layout, entities: Sequence[str], records: int, seed: int
) -> tuple[list[str], list[str], list[str]]:
    """Choose whom the archive publishes: under objection, held freely, held by nobody else."""
    rng = Random(f"{seed}/published")  # noqa: S311 (invented data, not secrets)
    by_cell: dict[Cell, list[str]] = {}
    start = 0
    for cell, count in layout.cells.items():
        by_cell[cell] = list(entities[start : start + count])
        start += count
    petitioned = by_cell[_PETITION, _CENTRE, _ARCHIVE] + by_cell[_PETITION, _ARCHIVE]
    rng.shuffle(petitioned)
    # A small archive shares fewer people; the rest of the 125 it then holds alone.
    objecting = petitioned[: min(UNDER_OBJECTION, len(petitioned) * 2 // 3)]
    others = petitioned[len(objecting) :] + by_cell[_CENTRE, _ARCHIVE]
    free = rng.sample(others, min(HELD_FREELY, len(others)))
    published = min(PUBLISHED, records)
    alone = rng.sample(by_cell[_ARCHIVE,], published - len(objecting) - len(free))
    return objecting, free, alone


def _settled(
    slug: str, objecting: Sequence[str], free: Sequence[str], alone: Sequence[str]
) -> dict[str, str]:
    """Say what each member's consent has to say of publication for the story to hold."""
    if slug == "archive":
        return dict.fromkeys((*objecting, *free, *alone), "allowed")
    if slug == "petition":
        return {**dict.fromkeys(objecting, "objected"), **dict.fromkeys(free, "")}
    # Others may document whom families object to; that the petition group knows of it is enough.
    return dict.fromkeys((*objecting, *free), "")


def _registrars(members: int, noise: Level, seed: int) -> list[Registrar]:
    errors = noise_of(noise)
    known = [Registrar(*cast, errors, seed) for cast in _CAST]
    others = [
        Registrar(
            f"Member {number}",
            f"member{number}",
            STYLES[(number - 1) % len(STYLES)],
            GENERAL,
            errors,
            seed,
        )
        for number in range(LEAST_MEMBERS + 1, members + 1)
    ]
    return known + others


def _publication(register: Register, truth: Sequence[TruthRecord]) -> Register:
    """Cut out of the archive's register what it is about to publish."""
    wanted = {known.record_id for known in truth if known.published}
    rows = tuple(row for row in register.rows if row[0] in wanted)
    return replace(register, file=f"to-publish.{register.form.suffix}", rows=rows)
