"""Nothing that a node keeps to itself is found at the coordinator or on the wire.

Names of a shape that occurs nowhere else are planted in the registers; after the whole story the
coordinator's disk, memory, log and traffic, in clear as its stubs see it and as bytes on the wire,
are searched for them, for the linkage key and for every passphrase.
"""

import csv
import json
import re
import sys
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from commands import Commands
from line import Line
from tacit.linkage.protocol import INVITATION_PREFIX
from tacit.node.home import find_home
from tacit.node.store.base import Store, open_store
from tacit.node.store.projects import get_linkage_key, list_projects

RECORDER = Path(__file__).resolve().parents[1] / "support" / "recorder.py"
MEMBERS = ("petitioners", "archive")
NAMES = [f"Zqxvarka {syllable}wjhulo" for syllable in "abcdefghijklmnopqrst"]
KOREAN_NAMES = ["뷁뾻" + syllable for syllable in "가나다라마바사아자차"]
PLACES = ("Kvorblinsk", "뛟뷁리")


def through(wires: Mapping[str, Line]) -> Callable[[str], str]:
    """Make invitations lead through the wires."""

    def change(line: str) -> str:
        text = line.removeprefix(INVITATION_PREFIX)
        invitation = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        invitation |= {key: wire.address for key, wire in wires.items()}
        document = json.dumps(
            invitation, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        return INVITATION_PREFIX + urlsafe_b64encode(document).decode().rstrip("=")

    return change


def write_register(path: Path, offset: int) -> None:
    """Write planted people; half of them are in every register."""
    names = NAMES[offset : offset + 15] + KOREAN_NAMES
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["record_id", "name", "birth_date", "birth_place", "documented_on", "petition",
             "publication"]
        )  # fmt: skip
        for number, name in enumerate(names):
            rows.writerow(
                [f"zqid-{offset}-{number}", name, f"19{number + 40}-03-{number + 1:02}",
                 PLACES[number % 2], "2011-05-06", f"Zqcase {name}",
                 "objected" if number % 3 else "allowed"]
            )  # fmt: skip


def memory_of(pid: int) -> Iterator[bytes]:
    """Read what a process holds in writable memory."""
    with (
        Path(f"/proc/{pid}/maps").open(encoding="utf-8") as maps,
        Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory,
    ):
        for line in maps:
            span, rights = line.split()[:2]
            if "rw" not in rights:
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue


def planted(coalition: Commands) -> dict[str, list[bytes]]:
    """Gather what must never be found, in each form in which it could be."""
    values: dict[str, list[bytes]] = {
        "name": [part.encode() for name in NAMES for part in name.split()]
        + [part.lower().encode() for name in NAMES for part in name.split()],
        "Korean name": [name.encode(form) for name in KOREAN_NAMES for form in ("utf-8", "cp949")
                        if form == "utf-8"],
        "name in memory": [name.encode("utf-16-le") for name in KOREAN_NAMES],
        "place": [place.encode() for place in PLACES],
        "petition": [b"Zqcase", b"zqcase"],
        "own identifier": [b"zqid-"],
        "passphrase": [coalition.passphrase(name).encode() for name in MEMBERS],
    }  # fmt: skip
    values["linkage key"] = []
    for name in MEMBERS:
        home = find_home(coalition.node_home(name))
        with open_store(home, coalition.passphrase(name)) as store:
            key = linkage_key(store)
        values["linkage key"] += [key, key.hex().encode(), b64encode(key)]
    return values


def linkage_key(store: Store) -> bytes:
    """Take the one linkage key that a node keeps."""
    with store.read() as connection:
        (project,) = list_projects(connection)
        found = get_linkage_key(connection, project.project_id, 1, project.agreement_hash)
    assert found is not None
    return found.key


def search(haystack: bytes, values: dict[str, list[bytes]]) -> set[str]:
    """Say which kinds of planted values stand in `haystack`."""
    return {
        kind
        for kind, needles in values.items()
        if re.search(b"|".join(re.escape(needle) for needle in set(needles)), haystack)
    }


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="reads another process's memory in /proc")
def test_the_coordinator_never_holds_a_planted_value(coalition: Commands) -> None:
    clear = coalition.root / "clear.bin"
    raw = coalition.root / "wire.bin"
    coalition.launcher = (sys.executable, str(RECORDER), str(clear))
    coalition.init()
    coordinator = coalition.serve()
    serving = json.loads((coalition.coordinator_home / "serving.json").read_text())
    captured = raw.open("ab", buffering=0)
    wires = {
        key: Line(int(serving[name].rpartition(":")[2]), tap=captured.write)
        for key, name in (("address", "address"), ("enrol", "enrol_address"))
    }
    for offset, name in enumerate(MEMBERS):
        coalition.enrol(name, through(wires))
        write_register(coalition.root / f"{name}.csv", offset * 5)
        coalition.run(name, "node", "import", str(coalition.root / f"{name}.csv"))
    petitioners, archive = MEMBERS
    # So few and so like people leave no threshold to be found from the scores.
    coalition.run(
        petitioners, "project", "create", "Planted", "--with", archive, "--threshold", "0.7"
    )
    coalition.run(archive, "project", "sign", "--yes")
    for name in MEMBERS:
        coalition.run(name, "node", "sync")
    coalition.run(archive, "link")
    coalition.run(petitioners, "node", "sync")
    checked = coalition.run(archive, "check", str(coalition.root / f"{petitioners}.csv"))
    assert any(row["holders"] for row in checked["rows"])
    coalition.run(archive, "count")
    assert coalition.run(petitioners, "claims")["groups"]
    memory = b"".join(memory_of(coordinator.pid))
    values = planted(coalition)

    assert search(memory, values) == set()
    assert search(clear.read_bytes(), values) == set()
    assert search(raw.read_bytes(), values) == set()
    for file in coalition.coordinator_home.rglob("*"):
        if file.is_file():
            assert search(file.read_bytes(), values) == set(), file.name
    assert search((coalition.root / "coordinator.log").read_bytes(), values) == set()
    for name in MEMBERS:
        assert search((coalition.root / f"{name}.log").read_bytes(), values) == set()
    # The search itself works: what the coordinator does hold is found in the same places.
    token = known_token(coalition, archive)
    for place in (memory, clear.read_bytes()):
        assert token in place
    assert len(raw.read_bytes()) > len(clear.read_bytes()) // 2
    for wire in wires.values():
        wire.close()
    captured.close()


def known_token(coalition: Commands, name: str) -> bytes:
    """Give a record token, which nodes do send."""
    group = coalition.run(name, "results")["groups"][0]
    return bytes.fromhex(group["own"][0]["token"])
