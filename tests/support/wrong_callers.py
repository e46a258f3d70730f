"""A coalition in which everything can be wrong with a caller: its papers, its project, its hash."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from coalition import (
    Batch,
    Coalition,
    Node,
    Project,
    certificate_request,
    create_project,
    make_agreement,
    make_record,
    open_channel,
    pem,
    project_in_force,
    sign,
    sign_project,
    start_coalition,
)
from tacit.coordinator.store import tables
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.standing import replace_certificate
from tacit.linkage.agreement import Purpose
from tacit.v1 import ledger_pb2, projects_pb2

DAY = 24 * 3600 * 1000
_QUIET_SECONDS = 0.8
_ENDING_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Papers:
    """Nodes that hold a certificate of the coalition's authority, and are no members with it."""

    stranger: Node
    waiting: Node
    revoked: Node
    ended: Node


@dataclass(frozen=True, slots=True)
class Scene:
    """Three members, one of whom is party to nothing of the others', and projects by what they are.

    Attributes:
        coalition: all of it.
        north: party to all projects but `foreign`, who created and proposed what there is.
        south: party to the same, but for what `proposed` proposes and what `past` has become.
        east: party to `foreign` and `past`, and to what `proposed` proposes.
        outsider: a member who is party to none.
        papers: whose certificates are no way in.
        projects: by name.
        uploads: north's upload by project.
        runs: a run by project.
        proposal: hash of what is proposed in the project `proposed`.
    """

    coalition: Coalition
    north: Node
    south: Node
    east: Node
    outsider: Node
    papers: Papers
    projects: dict[str, Project]
    uploads: dict[str, str]
    runs: dict[str, str]
    proposal: bytes

    @property
    def store(self) -> Store:
        return self.coalition.coordinator._backend.store

    def fields(self, project: str = "main", **changes: Any) -> dict[str, Any]:
        """Give what a right request of north's would hold, but for `changes`."""
        chosen = self.projects[project]
        right = {
            "project_id": chosen.id,
            "agreement_hash": chosen.agreement.hash,
            "upload_id": self.uploads.get(project, ""),
            "run_id": self.runs.get(project, ""),
            "protocol_version": 1,
            "member_id": self.south.id,
        }
        return {**right, **changes}

    def contents(self) -> dict[str, list[Any]]:
        """Give every row of every table."""
        with self.store.read() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table))))
                for table in tables.metadata.sorted_tables
            }

    def settle(self) -> None:
        """Wait until the workers have nothing left to do about what was set up."""
        before, since = self.contents(), time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS:
            time.sleep(0.2)
            now = self.contents()
            if now != before:
                before, since = now, time.monotonic()


def set_scene(coalition: Coalition) -> Scene:
    """Enrol everybody, make the projects, and put wrong what is to be wrong."""
    names = ("North", "South", "East", "Outside", "Waits", "Shut out", "Ended", "Gone")
    nodes = [coalition.enrol(name) for name in names]
    north, south, east, outsider, waiting, revoked, ended, gone = nodes
    pair = [north, south]
    coalition.clock.days_ahead(-3)
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
    expired = project_in_force(pair, expires_on=yesterday)
    uploads = {"expired": _begin(north, expired)}
    coalition.clock.days_ahead(0)
    projects = {
        "main": project_in_force(pair, epoch_days=30),
        "other": project_in_force(pair),
        "due": project_in_force(pair, epoch_days=1),
        "gone": project_in_force([*pair, gone]),
        "proposed": project_in_force(pair),
        "past": _next(project_in_force([*pair, east]), [north, east], sign_all=True),
        "halted": project_in_force([north, waiting, revoked, ended]),
        **{
            f"not {purpose.value}": project_in_force(pair, purposes=tuple(set(Purpose) - {purpose}))
            for purpose in Purpose
        },
    }
    uploads |= {name: _begin(north, project) for name, project in projects.items()}
    projects["expired"] = expired
    projects["unsigned"] = create_project(north, make_agreement(pair))
    projects["foreign"] = project_in_force([south, east])
    proposal = _next(projects["proposed"], [north, east], sign_all=False)
    runs = {name: secrets.token_hex(8) for name in (*projects, "erased")}
    papers = Papers(_stranger(coalition, north), waiting, revoked, _ending(coalition, ended))
    with coalition.coordinator._backend.store.write() as connection:
        for name, project in projects.items():
            connection.execute(insert(tables.runs).values(**ended_run(project, runs[name])))
        erased = {**ended_run(projects["main"], runs["erased"]), "state": "erased"}
        connection.execute(insert(tables.runs).values(**erased))
        _stand(connection, waiting, "waiting")
        _stand(connection, revoked, "revoked")
        _stand(connection, gone, "revoked")
        row = update(tables.projects).where(tables.projects.c.id == projects["due"].id)
        connection.execute(row.values(epoch_started_at=coalition.clock() - 2 * DAY))
    hashed = proposal.agreement.hash
    # The first who asks for a head has it signed, and kept.
    north.stubs.ledger.GetTreeHead(ledger_pb2.GetTreeHeadRequest())
    scene = Scene(coalition, north, south, east, outsider, papers, projects, uploads, runs, hashed)
    time.sleep(_ENDING_SECONDS)
    scene.settle()
    return scene


def foreign_channel(scene: Scene, folder: Any) -> Any:
    """Connect with a certificate that another coalition's authority signed."""
    elsewhere = start_coalition(folder)
    foreign = elsewhere.enrol("Foreign")
    elsewhere.close()
    address = scene.coalition.serving.address
    return open_channel(address, scene.north.authority, foreign.certificate, foreign.tls_key)


def ended_run(project: Project, run_id: str) -> dict[str, Any]:
    """Give the row of a run that was cancelled."""
    return {
        "id": run_id,
        "project_id": project.id,
        "agreement_hash": project.agreement.hash,
        "inputs_hash": secrets.token_bytes(32),
        "state": "cancelled",
        "created_at": 1,
        "ended_at": 2,
    }


def _begin(node: Node, project: Project) -> str:
    return Batch(node, project, [make_record()]).start(epoch=project.agreement.epoch).upload_id


def _next(project: Project, nodes: Sequence[Node], *, sign_all: bool) -> Project:
    """Propose a version between other nodes; the first proposes, the others sign if they are to."""
    named = make_agreement(nodes)
    following = replace(
        project.agreement,
        version=2,
        supersedes=project.agreement.hash.hex(),
        epoch=2,
        members=named.members,
        nonce=named.nonce,
    )
    request = projects_pb2.ProposeVersionRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        agreement=following.encode(),
        signature=sign(nodes[0], following),
    )
    nodes[0].stubs.projects.ProposeVersion(request)
    proposed = Project(project.id, following)
    for node in nodes[1:] if sign_all else ():
        sign_project(node, proposed)
    return proposed


def _stranger(coalition: Coalition, member: Node) -> Node:
    """Hold a certificate in a member's name that is on nobody's record."""
    stranger = Node(signing_key=member.signing_key)
    authority = coalition.coordinator._backend.authority
    issued = authority.issue_client(certificate_request(stranger.tls_key), member.id)
    stranger.authority, stranger.certificate = member.authority, pem(issued.der)
    stranger.connect(coalition.serving.address)
    coalition.nodes.append(stranger)
    return stranger


def _ending(coalition: Coalition, node: Node) -> Node:
    """Connect with a certificate that ends while the connection is open."""
    backend = coalition.coordinator._backend
    days = coalition.home.config.certificate_days
    began = coalition.clock() - days * DAY + _ENDING_SECONDS * 1000
    issued = backend.authority.issue_client(certificate_request(node.tls_key), node.id, began)
    with backend.store.write() as connection:
        replace_certificate(connection, node.id, issued)
    node.certificate = pem(issued.der)
    node.connect(coalition.serving.address)
    node.hello()
    return node


def _stand(connection: Connection, node: Node, standing: str) -> None:
    row = update(tables.members).where(tables.members.c.id == node.id)
    connection.execute(row.values(standing=standing, needed=2))
