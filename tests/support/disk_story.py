"""A whole story of three members, after which somebody takes the coordinator's disk."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import Select, select

from kill_server import Server
from planted import byte_forms, text_forms
from tacit.coordinator.store.engine import connect_store
from tacit.coordinator.store.tables import ended_epochs, members, records, uploads
from tacit.linkage.protocol import INVITATION_PREFIX
from tacit.node.agreement_writing import Wishes
from tacit.node.check import _batch, check
from tacit.node.check_rows import CheckRow
from tacit.node.claims import claims
from tacit.node.context import signed_project
from tacit.node.counts import count
from tacit.node.decisions import About, decide
from tacit.node.enrol import enrol, parse_invitation
from tacit.node.home import find_home
from tacit.node.ledger_verify import verify_ledger
from tacit.node.link import link
from tacit.node.projects import create_project, sign_project
from tacit.node.proposals import propose_version
from tacit.node.results import results
from tacit.node.store.base import Store, create_store
from tacit.node.store.tables import keys, linkage_keys, tokens
from tacit.node.sync import sync
from tacit.node.withdrawing import choose_record, tell_coordinator, withdraw
from world import COST, OPTIONS, PASSPHRASE, SCHEMA, fill, person, record

NAMES = ("Archive", "Centre", "Petition")
# Who is in whose register; number 7 is withdrawn in the end, and 300 on only asked about.
REGISTERS = {"Archive": range(30), "Centre": range(10, 40), "Petition": range(5, 25)}
WITHDRAWN = 7
NOBODYS = 300
ASKED = (*range(3), *range(NOBODYS, NOBODYS + 6))
PATIENCE = 120


@dataclass
class Story:
    """What happened, and everything that the coordinator was not to learn.

    Attributes:
        nodes: open stores by member.
        secret: forms of values by kind.
        erased: forms of what was erased, by kind.
    """

    server: Server
    nodes: dict[str, Store] = field(default_factory=dict)
    secret: dict[str, list[bytes]] = field(default_factory=dict)
    erased: dict[str, list[bytes]] = field(default_factory=dict)

    def keep_secret(self, kind: str, forms: Iterator[bytes]) -> None:
        self.secret.setdefault(kind, []).extend(forms)

    def learn_keys(self) -> None:
        """Take down what the members' stores hold now and nobody else may."""
        for store in self.nodes.values():
            with store.read() as connection:
                for key in connection.scalars(select(linkage_keys.c.key)):
                    self.keep_secret("linkage keys", byte_forms(key))
                for der in connection.scalars(select(keys.c.private)):
                    self.keep_secret("members' private keys", _private_forms(der))
                for salt in connection.scalars(select(tokens.c.salt)):
                    self.keep_secret("salts of claims", byte_forms(salt))

    def close(self) -> None:
        for store in self.nodes.values():
            store.close()


def _private_forms(der: bytes) -> Iterator[bytes]:
    key = load_der_private_key(der, None)
    yield from byte_forms(der)
    if hasattr(key, "private_bytes_raw"):
        yield from byte_forms(key.private_bytes_raw())
    else:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        yield pem.splitlines()[2]


def values_of(member: str, number: int) -> Mapping[str, tuple[str, ...]]:
    """Give what a member's record holds of a person, by kind."""
    known = person(number)
    return {
        "names of persons": (known["name"],),
        "birth dates": (known["birth_date"],),
        "places": (f"쀍{known['name'][::-1]}뷁", f"Kvorblinsk{number}q"),
        "petitions and forums": (f"Zqcase {member}/{number}", f"Zqforum {member}"),
        "identifiers of records": (f"zqid-{member}-{number:03}",),
        "other columns of registers": (f"Zqnote {member} {number}",),
    }


def play(story: Story, path: Path) -> None:
    """Play the story up to the moment in which the disk is taken."""
    server = story.server
    for name in NAMES:
        story.nodes[name] = create_store(find_home(path / name), PASSPHRASE, COST)
        _fill(story, name)
        invitation = server.invite(name)
        secret = parse_invitation(invitation).secret
        story.keep_secret("invitations", iter([*byte_forms(secret), _body(invitation)]))
        enrol(story.nodes[name], invitation)
    # Nobody uses this one.
    unused = server.invite("Newcomer")
    story.keep_secret("invitations", byte_forms(parse_invitation(unused).secret))
    story.keep_secret("passphrases", text_forms(PASSPHRASE))
    if server.passphrase is not None:
        story.keep_secret("passphrases", text_forms(server.passphrase))
    options = replace(OPTIONS, reasons=True)
    view = create_project(story.nodes["Archive"], "Victims", NAMES[1:], SCHEMA, options)
    _everybody_signs(story)
    _work(story)
    story.learn_keys()
    over = _encodings(story, "Archive")
    _withdraw(story, view.project_id)
    story.erased["encodings of epochs that are over"] = over
    propose_version(
        story.nodes["Centre"], None, Wishes(values={"retention_days": 200}), lambda _: True
    )
    _everybody_signs(story)
    _work(story)
    story.learn_keys()


def _body(invitation: str) -> bytes:
    return invitation.removeprefix(INVITATION_PREFIX).encode()


def _fill(story: Story, name: str) -> None:
    held = []
    for number in REGISTERS[name]:
        for kind, values in values_of(name, number).items():
            for value in values:
                story.keep_secret(kind, text_forms(value))
        known = values_of(name, number)
        (petition, forum), (note,) = (
            known["petitions and forums"],
            known["other columns of registers"],
        )
        korean, latin = known["places"]
        fields = {**person(number), "birth_place": korean, "father": latin}
        held.append(
            record(
                name,
                number,
                record_id=known["identifiers of records"][0],
                fields=fields,
                raw={"note": note, **fields},
                petition=petition,
                forum=forum,
                publication="objected" if number % 5 == 0 else "allowed",
            )
        )
    fill(story.nodes[name], held)


def _everybody_signs(story: Story) -> None:
    for store in story.nodes.values():
        sign_project(store, None, lambda _: True)
    for store in story.nodes.values():
        sync(store)


def _work(story: Story) -> None:
    """Upload, link, look at it all from everywhere, ask, decide and count."""
    first, second, _ = story.nodes.values()
    for store in story.nodes.values():
        sync(store)
    link(first, None, lambda _: None)
    for store in story.nodes.values():
        sync(store)
    match = next(match for match in results(first).matches if match.others)
    decide(first, None, About(match.group_id, match.others[0].member), "same")
    rows = [CheckRow(str(number), person(number)) for number in ASKED]
    for number in ASKED:
        for kind in ("names of persons", "birth dates"):
            story.keep_secret(kind, text_forms(values_of("", number)[kind][0]))
    for query in _batch(signed_project(second), rows):
        if int(query.label) >= NOBODYS:
            story.keep_secret("encodings of people asked about", byte_forms(query.clk))
    check(second, None, rows, lambda _done, _total: None)
    count(first)
    claims(second)
    for store in story.nodes.values():
        assert verify_ledger(store).sound


def _encodings(story: Story, name: str) -> list[bytes]:
    """Give a member's encodings that the coordinator holds now."""
    own = select(members.c.id).where(members.c.name == name).scalar_subquery()
    sent = select(uploads.c.id).where(uploads.c.member_id == own)
    return _read(story, select(records.c.clk).where(records.c.upload_id.in_(sent)))


def _read(story: Story, query: Select[bytes]) -> list[bytes]:
    with (
        closing(connect_store(story.server.home.database_url)) as store,
        store.read() as connection,
    ):
        found = [bytes(value) for value in connection.scalars(query)]
    assert found
    return found


def wait_until_erased(story: Story) -> None:
    """Wait until each member has its receipt for what the version before left."""
    owed = select(ended_epochs).where(ended_epochs.c.destroyed_index.is_(None))
    until = time.monotonic() + PATIENCE
    with closing(connect_store(story.server.home.database_url)) as store:
        while True:
            with store.read() as connection:
                if connection.execute(owed).first() is None:
                    return
            assert time.monotonic() < until, "nobody erased it"
            time.sleep(0.2)


def _withdraw(story: Story, project_id: str) -> None:
    """Take one record out everywhere it is, and remember what stood for it."""
    for name in NAMES:
        if WITHDRAWN not in REGISTERS[name]:
            continue
        store = story.nodes[name]
        wanted = values_of(name, WITHDRAWN)["identifiers of records"][0]
        with store.read() as connection:
            query = select(tokens.c.token).where(
                tokens.c.record_id == wanted, tokens.c.project_id == project_id
            )
            token = connection.execute(query).scalar_one()
        story.erased.setdefault("withdrawn tokens", []).extend(byte_forms(token))
        held = _read(story, select(records.c.clk).where(records.c.token == token))
        story.erased.setdefault("withdrawn encodings", []).extend(held)
        withdraw(store, [choose_record(store, wanted)])
        tell_coordinator(store)
        sync(store)
