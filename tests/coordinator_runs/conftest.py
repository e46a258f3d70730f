"""One coordinator over SQLite for this area, with four members; tests make their own projects."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from coalition import Members, Project, project_in_force, start_coalition
from linking import SCHEMA_TEXT, Register, Seat


@dataclass(frozen=True)
class Table:
    """A project in force with the registers that its members uploaded."""

    project: Project
    registers: tuple[Register, ...]

    @property
    def seats(self) -> list[Seat]:
        return [Seat(register.node, self.project) for register in self.registers]


@pytest.fixture(scope="session")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    """Serve a coordinator with four members enrolled."""
    coalition = start_coalition(tmp_path_factory.mktemp("coordinator") / "home")
    try:
        yield Members(coalition, *(coalition.enrol(n) for n in ("North", "South", "East", "West")))
    finally:
        coalition.close()


@pytest.fixture
def project(members: Members) -> Any:
    """Give a function that makes a project of the first three members."""

    def make(**changes: Any) -> Project:
        values = {"schema": SCHEMA_TEXT, "threshold_permille": 600, **changes}
        return project_in_force([members.north, members.south, members.east], **values)

    return make


@pytest.fixture(scope="session")
def linked(members: Members) -> tuple[Table, str]:
    """Link three registers with a known overlap; gives the project and the finished run.

    North has 0..59, South 30..89, East 50..109: 30 entities at two members, 10 at all three
    of them, 110 in all. South objects to the publication of 30..34.
    """
    nodes = [members.north, members.south, members.east]
    agreed = project_in_force(
        nodes, schema=SCHEMA_TEXT, threshold_permille=600, check_budget=1000, minimum_cell=10
    )
    objected = {entity: {"publication": 2} for entity in range(30, 35)}
    registers = (
        Register(nodes[0], range(60)),
        Register(nodes[1], range(30, 90), objected),
        Register(nodes[2], range(50, 110)),
    )
    for register in registers:
        register.upload(agreed)
    table = Table(agreed, registers)
    return table, table.seats[0].link().run_id
