"""Synthetic coalitions: as many registers as wanted that document partly the same invented people.

Everything follows from the seed: the same arguments give the same coalition on every machine.
"""

from collections.abc import Mapping, Sequence
from random import Random

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.synthesis.documents import GENERAL
from tacit.linkage.synthesis.noise import Level, noise_of
from tacit.linkage.synthesis.overlap import Layout, even_layout
from tacit.linkage.synthesis.persons import Person, people
from tacit.linkage.synthesis.records import Coalition, Register, TruthRecord
from tacit.linkage.synthesis.registering import Registrar
from tacit.linkage.synthesis.styles import STYLES

MOST_MEMBERS = 30
MOST_RECORDS = 100_000


def synthesise(
    members: int | Sequence[str],
    records: int,
    seed: int,
    overlap: float = 0.3,
    *,
    noise: Level = "clean",
    duplicates: float = 0.0,
    several: float = 0.25,
) -> Coalition:
    """Invent a coalition whose members are all alike but for how they write.

    Args:
        members: how many, up to 30, or their names.
        records: of each member, up to 100,000.
        seed: of everything.
        overlap: share of the people in each register whom others document too.
        noise: "clean" (other scripts and gaps, no errors), "dirty" or "very-dirty".
        duplicates: share of each register's records that are of somebody who is in it already.
        several: share of those whom others document too whom two or more others document.

    Raises:
        TacitError: USAGE; an argument is out of its range, or the overlap cannot be made.
    """
    names = _names(members)
    _check(len(names), records, {"overlap": overlap, "duplicates": duplicates, "several": several})
    repeated = min(round(duplicates * records), records - 1)
    rng = Random(f"{seed}/overlap")  # noqa: S311 (invented data, not secrets)
    layout = even_layout(len(names), records - repeated, overlap, several, rng)
    registrars = [
        Registrar(
            name, f"member{place + 1}", STYLES[place % len(STYLES)], GENERAL, noise_of(noise), seed
        )
        for place, name in enumerate(names)
    ]
    everybody = invent(layout, seed)
    registers: list[Register] = []
    truth: list[TruthRecord] = []
    for registrar, held in zip(registrars, layout.holdings(), strict=True):
        own = [everybody[number] for number in held]
        twice = [own[rng.randrange(len(own))] for _ in range(repeated)]
        register, known = registrar.register(own + twice, {})
        registers.append(register)
        truth += known
    return Coalition(tuple(registers), tuple(truth))


def invent(layout: Layout, seed: int) -> list[Person]:
    """Invent the people of a layout, so that neither order nor relatives tell who holds whom."""
    found = people(layout.people, Random(f"{seed}/people"))  # noqa: S311 (as above)
    Random(f"{seed}/cells").shuffle(found)  # noqa: S311 (as above)
    return found


def _names(members: int | Sequence[str]) -> list[str]:
    if isinstance(members, int):
        return [f"Member {number}" for number in range(1, members + 1)]
    names = list(members)
    if len(set(names)) != len(names):
        raise TacitError(Code.USAGE, problem="Two members have one name.")
    return names


def _check(members: int, records: int, shares: Mapping[str, float]) -> None:
    if not 1 <= members <= MOST_MEMBERS:
        raise TacitError(Code.USAGE, problem=f"There can be 1 to {MOST_MEMBERS} members.")
    if not 1 <= records <= MOST_RECORDS:
        raise TacitError(Code.USAGE, problem=f"A member can have 1 to {MOST_RECORDS:,} records.")
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise TacitError(Code.USAGE, problem=f"'{name}' is a share, from 0 to 1.")
