"""Play the demo: the documented commands, each as a process of its own."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tacit.cli.demo.cast import ARCHIVE, CENTRE, PETITION, Both, Role
from tacit.cli.demo.processes import Stage

T = TypeVar("T")
PROJECT = "Joint documentation"


@dataclass(frozen=True, slots=True)
class Place:
    """Folders of a demo.

    Attributes:
        coalition: what `tacit synth` wrote.
        work: homes of coordinator and nodes, and invitations.
        log: standard error of every process.
    """

    coalition: Path
    work: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Played:
    """The JSON documents that the commands answered with.

    Attributes:
        project: of the archive's `tacit project sign`.
        syncs: by slug, of the upload.
        run: of `tacit link`.
        results: by slug.
        check: of the archive's `tacit check`.
        count: of the centre's `tacit count`.
        claims: of the archive's `tacit claims` for one contested record.
        notices: of the petition group's `tacit node status`.
        seconds: of the whole play.
    """

    project: Any
    syncs: Mapping[str, Any]
    run: Any
    results: Mapping[str, Any]
    check: Any
    count: Any
    claims: Any
    notices: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Director:
    """Runs commands for the coordinator and the nodes of one demo.

    Attributes:
        stage: where the processes run.
        place: its folders.
        roles: who takes part.
        tell: is told each step.
        passphrases: by slug; they die with the demo, unless it is kept.
    """

    stage: Stage
    place: Place
    roles: Sequence[Role]
    tell: Callable[[Both], None]
    passphrases: Mapping[str, str] = field(repr=False)

    def coordinator(self, *words: str) -> Any:
        """Run a command of the coordinator's."""
        return self.stage.run("coordinator", ["coordinator", *words], self._coordinator_settings())

    def node(self, role: Role, *words: str) -> Any:
        """Run a command at a member's node."""
        settings = {
            "TACIT_HOME": str(self.place.work / role.slug),
            "TACIT_PASSPHRASE": self.passphrases[role.slug],
        }
        return self.stage.run(role.slug, words, settings)

    def each(self, roles: Iterable[Role], do: Callable[[Role], T]) -> dict[str, T]:
        """Do something at several nodes at once; gives the answers by slug."""
        chosen = list(roles)
        answers = self.stage.at_once([partial(do, role) for role in chosen])
        return {role.slug: answer for role, answer in zip(chosen, answers, strict=True)}

    def play(self) -> Played:
        """Play it all.

        Raises:
            TacitError: a command failed; its own sentence is in the detail and in the log.
        """
        started = time.monotonic()
        self._serve()
        self._join()
        project = self._agree()
        syncs = self._upload()
        run = self._link()
        check, count, claims = self._three_stories()
        others = [role for role in self.roles if role not in {CENTRE, ARCHIVE}]
        self.each(others, lambda role: self.node(role, "node", "sync"))
        self.tell(("Every member looks at its matches", "모든 회원이 자기 일치 결과를 봅니다"))
        results = self.each(self.roles, lambda role: self.node(role, "results"))
        notices = self.node(PETITION, "node", "status")
        return Played(
            project=project,
            syncs=syncs,
            run=run,
            results=results,
            check=check,
            count=count,
            claims=claims,
            notices=notices,
            seconds=time.monotonic() - started,
        )

    def _serve(self) -> None:
        self.tell(("The coordinator starts", "코디네이터가 시작합니다"))
        self.coordinator(
            "init",
            *("--name", "Demo coalition"),
            *("--listen", "127.0.0.1:0", "--enrol-listen", "127.0.0.1:0"),
        )
        ready = self.place.log / "serving.json"
        self.stage.serve(
            "serve",
            ["coordinator", "serve", "--json"],
            self._coordinator_settings(),
            ready,
        )

    def _join(self) -> None:
        self.tell(
            (
                "Each member sets up its node, enrols and imports its register",
                "각 회원이 노드를 만들고 등록하고 명부를 가져옵니다",
            )
        )
        self.each(self.roles, self._join_one)

    def _join_one(self, role: Role) -> None:
        invitation = self.place.work / f"{role.slug}.invitation"
        invitation.write_text(self.coordinator("invite", role.name)["invitation"], "utf-8")
        self.node(role, "node", "init")
        self.node(role, "node", "enrol", str(invitation))
        folder = self.place.coalition / role.slug
        (register,) = folder.glob("register.*")
        mapping = folder / "mapping.toml"
        self.node(role, "node", "import", str(register), "--mapping", str(mapping))

    def _agree(self) -> Any:
        self.tell(
            (
                "The petition group writes an agreement, the others read and sign it",
                "진정 단체가 협약을 쓰고 다른 회원이 읽고 서명합니다",
            )
        )
        others = [role for role in self.roles if role is not PETITION]
        words = [word for role in others for word in ("--with", role.name)]
        self.node(PETITION, "project", "create", PROJECT, *words)
        signed = self.each(others, lambda role: self.node(role, "project", "sign", "--yes"))
        return signed[ARCHIVE.slug]

    def _upload(self) -> dict[str, Any]:
        self.tell(
            (
                "Each node encodes its records and uploads the encodings, one after the other",
                "각 노드가 차례로 레코드를 부호화해 올립니다",
            )
        )
        return {role.slug: self.node(role, "node", "sync") for role in self.roles}

    def _link(self) -> Any:
        self.tell(
            (
                "The coordinator compares the encodings and finds match groups",
                "코디네이터가 부호를 비교해 일치 그룹을 찾습니다",
            )
        )
        return self.node(CENTRE, "link")

    def _three_stories(self) -> tuple[Any, Any, Any]:
        self.tell(
            (
                "The archive checks what it is about to publish",
                "아카이브가 공개하려는 기록을 확인합니다",
            )
        )
        folder = self.place.coalition / ARCHIVE.slug
        (batch,) = folder.glob("to-publish.*")
        mapping = str(folder / "mapping.toml")
        self.node(ARCHIVE, "node", "sync")
        check = self.node(ARCHIVE, "check", str(batch), "--mapping", mapping)
        self.tell(
            (
                "The centre asks for the joint count, the archive for the claims to one case",
                "기록 센터가 공동 집계를, 아카이브가 한 사건의 주장을 요청합니다",
            )
        )
        count, claims = self.stage.at_once(
            [partial(self.node, CENTRE, "count"), partial(self._claims, check)]
        )
        return check, count, claims

    def _claims(self, check: Any) -> Any:
        contested = [
            row["label"]
            for row in check["rows"]
            if any(h["objects"] and h["member"] == PETITION.name for h in row["holders"])
        ]
        if not contested:
            return None
        return self.node(ARCHIVE, "claims", "--record", contested[0])

    def _coordinator_settings(self) -> dict[str, str]:
        return {"TACIT_COORDINATOR_HOME": str(self.place.work / "coordinator")}


def make_passphrases(roles: Sequence[Role]) -> dict[str, str]:
    """Give each node a passphrase of its own."""
    return {role.slug: secrets.token_urlsafe(18) for role in roles}
