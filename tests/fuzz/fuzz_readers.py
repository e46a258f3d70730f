"""Everything in Tacit that reads a file, a line or a text from outside, each as one function."""

import datetime as dt
import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fuzz_parts import NAMES as PARTS
from fuzz_parts import parts
from fuzz_values import MARK, TEXTS, coin, damaged, pick
from tacit.coordinator.authority import read_request
from tacit.coordinator.backup.verify import verify_backup
from tacit.coordinator.config import parse_config
from tacit.linkage import statements
from tacit.linkage.agreement import parse_agreement
from tacit.linkage.codes import DIMENSIONS, recognise
from tacit.linkage.ledger_audit import audit
from tacit.linkage.ledger_copy import CopiedHead, LedgerCopy, read_copy, tree_of
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.paper import read_paper
from tacit.linkage.receipt_file import ReceiptFile, SignedReceipt, read_receipts, write_receipts
from tacit.linkage.safety_number import code_text, same_number
from tacit.linkage.schema import parse_schema
from tacit.linkage.weights_file import read_weights
from tacit.node.backup import verify_node_backup
from tacit.node.enrol import parse_invitation
from tacit.node.mapping import parse_mapping
from tacit.node.register.reading import RowReader
from tacit.node.roles import fields_of
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import Problem, Problems
from tacit.node.store.wrapping import parse_wrapped, unwrap

Read = Callable[[bytes], object]
"""Reads content as Tacit does; raises `TacitError` where it is wrong."""

SCHEMA = (files("tacit.linkage") / "schemas" / "victims.json").read_bytes()
NAMES = (
    *("csv", "xlsx", "values", "mapping toml", "mapping json", "schema", "agreement"),
    *("ledger export", "receipts", "ledger entries", "weights", "paper head", "invitation"),
    "safety number",
    *("certificate request", "backup", "node backup", "key.json", "coordinator.toml"),
    *PARTS,
)
"""Of all readers, in order."""

_TODAY = dt.date(2026, 11, 22)
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader.

    Attributes:
        name: of the surface.
        read: the reader itself.
        seeds: contents that are right, or nearly.
        change: another way to change a seed than its bytes, or None.
    """

    name: str
    read: Read
    seeds: Sequence[bytes]
    change: Callable[[random.Random, bytes], bytes] | None = None


def readers(folder: Path, real: Mapping[str, bytes]) -> list[Reader]:  # noqa: C901 (small ones)
    """Give every reader.

    Args:
        folder: for contents that are read from files.
        real: what a coordinator and a node wrote, by name: agreement, ledger, backup, node_backup,
            key, config, invitation, paper, request.
    """
    schema = parse_schema(SCHEMA)
    fields = fields_of(schema)
    mapping = parse_mapping(_MAPPING.encode(), fields)

    def file(name: str, content: bytes) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    def table(name: str) -> Read:
        def read(content: bytes) -> object:
            source, problems = open_source(file(name, content)), Problems()
            reader = RowReader(source.name, source.header, mapping, fields, _TODAY)
            told: list[Problem] = []
            for row in source.rows(problems):
                made = reader.read(row)
                if isinstance(made, list):
                    told += made
            return [problem.say(language) for problem in told for language in ("en", "ko")]

        return read

    def values(content: bytes) -> object:
        parts = _text(content).split("\n")
        columns = dict.fromkeys(fields.names, parts)
        for dimension in DIMENSIONS:
            for part in parts:
                recognise(dimension, part)
        normalise_columns(schema, columns)
        return None

    def wrapped(content: bytes) -> object:
        return unwrap(replace(parse_wrapped(content), cost=14), MARK)

    def ledger(content: bytes) -> object:
        copy = read_copy(_text(content), "ledger.json")
        return [
            found.sentence(language) for found in audit(copy).findings for language in ("en", "ko")
        ]

    def number(content: bytes) -> object:
        return same_number(_text(content), "12345 " * 12), code_text(_text(content))

    csv, xlsx = _csv(), _xlsx()
    return [
        Reader("csv", table("register.csv"), csv),
        Reader("xlsx", table("register.xlsx"), [xlsx], _change_zip),
        Reader("values", values, [_VALUES.encode()]),
        Reader("mapping toml", lambda c: parse_mapping(c, fields), [_MAPPING.encode()]),
        Reader(
            "mapping json",
            lambda c: parse_mapping(c, fields, json_text=True),
            [mapping.encode().encode()],
            _change_json,
        ),
        Reader("schema", parse_schema, [SCHEMA], _change_json),
        Reader("agreement", parse_agreement, [real["agreement"]], _change_json),
        Reader("ledger export", ledger, [real["ledger"]], _change_json),
        Reader("receipts", lambda c: read_receipts(_text(c), "r.json"), [_RECEIPTS], _change_json),
        Reader("ledger entries", _entries(real["ledger"]), [_lines(real["ledger"])], _change_lines),
        Reader("weights", lambda c: read_weights(c, "w.json"), [_WEIGHTS], _change_json),
        Reader("paper head", lambda c: read_paper(_text(c)), [real["paper"]]),
        Reader("invitation", lambda c: parse_invitation(_text(c)), [real["invitation"]]),
        Reader("safety number", number, [b"TACIT:" + b"12345" * 12]),
        Reader("certificate request", read_request, [real["request"]]),
        Reader("backup", lambda c: verify_backup(file("b", c), None), [real["backup"]]),
        Reader(
            "node backup", lambda c: verify_node_backup(file("n", c), MARK), [real["node_backup"]]
        ),
        Reader("key.json", wrapped, [real["key"]], _change_json),
        Reader("coordinator.toml", lambda c: parse_config(_text(c), "c.toml"), [real["config"]]),
        *(Reader(*part) for part in parts()),
    ]


def _text(content: bytes) -> str:
    # As a terminal or a file read leniently gives it: half characters and all.
    return content.decode("utf-8", "surrogateescape")


_MAPPING = """
format = 1
[columns]
"id" = "record_id"
"name" = "name"
"born" = "birth_date"
"sex" = "sex"
"place" = "birth_place"
"recorded" = "documented_on"
"public" = "publication"
"purposes" = "purposes"
"until" = "consent_expires"
[constants]
forum = "WGEID"
[values."sex"]
"男" = "m"
"""
_VALUES = (
    f"김순희\n金順姬 {MARK}\nKim Sun-hui\n1941-03-05\n05.03.1941\n윤4월 3일 1968\nm\n여\n함흥\nXV"
)
_RECEIPTS = write_receipts(
    ReceiptFile(bytes(32), "0" * 32, 1, 0, (SignedReceipt(7, b'{"type":"x"}', bytes(64)),))
).encode()
_WEIGHTS = json.dumps(
    {
        "tacit-weights": 1,
        "fields": "0" * 64,
        "records": 10,
        "features": {"name": {"filled": 0.5, "information": 9.0, "errors": None}},
    }
).encode()


def _csv() -> list[bytes]:
    header = "id,name,born,sex,place,recorded,public,purposes,until\n"
    row = f'1,"{MARK} 김순희",1941-03-05,男,함흥,1999-01-02,yes,check count,2030-01-01\n'
    text = header + row * 3
    return [
        text.encode(),
        text.encode("utf-16"),
        text.replace(",", ";").encode("euc-kr"),
        text.replace(",", "\t").encode("utf-8-sig"),
    ]


def _xlsx() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet("register", 0)
    for line in _csv()[0].decode().splitlines():
        sheet.append(line.split(","))
    sheet.append([1, "=1+1", dt.date(1941, 3, 5), None, 1.5, True, MARK])
    book.save(file)
    return file.getvalue()


def _change_zip(rng: random.Random, content: bytes) -> bytes:
    """Change what a workbook's parts hold, and zip them again."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        chosen = pick(rng, names)
        for name in names:
            part = old.read(name)
            if name == chosen:
                part = b"" if coin(rng, 20) else damaged(rng, part, old.read(pick(rng, names)))
            if name != chosen or not coin(rng, 20):
                new.writestr(name, part)
    return made.getvalue()


def _change_json(rng: random.Random, content: bytes) -> bytes:
    """Put another value, or none, somewhere in a document."""
    document = json.loads(content)
    for _ in range(pick(rng, (1, 1, 2, 4))):
        place: Any = document
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = keys[rng.randrange(len(keys))]
            if isinstance(place[key], dict | list) and place[key] and not coin(rng, 4):
                place = place[key]
                continue
            _replace(rng, place, key)
            break
    return json.dumps(document, ensure_ascii=coin(rng, 2)).encode("utf-8", "surrogatepass")


def _replace(rng: random.Random, place: Any, key: Any) -> None:
    kind = rng.randrange(6)
    if kind == 0:
        del place[key]
    elif kind == 1 and isinstance(place, dict):
        place[pick(rng, TEXTS)[:100] or MARK] = place[key]
    elif kind == 2:
        place[key] = pick(rng, TEXTS)
    elif kind == 3:
        place[key] = pick(rng, (None, True, -1, 0, 1e400, 0.5, 2**70, [], {}, [[]], {"": None}))
    elif kind == 4:
        place[key] = [place[key]] * pick(rng, (2, 70))
    else:
        place[key] = {MARK: place[key]}


def _lines(ledger: bytes) -> bytes:
    return "\n".join(json.loads(ledger)["entries"]).encode()


def _change_lines(rng: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = _change_json(rng, lines[at])
    return b"\n".join(lines)


def _entries(ledger: bytes) -> Read:
    """Read entries that a coordinator made up and signed: its heads are right, whatever they say."""
    model = read_copy(ledger.decode(), "ledger.json")
    public = _KEY.public_key().public_bytes_raw()

    def read(content: bytes) -> object:
        entries = tuple(content.split(b"\n"))
        root = tree_of(entries).root(len(entries))
        signature = _KEY.sign(statements.tree_head(len(entries), 1, root))
        head = CopiedHead(len(entries), 1, root, signature)
        copy = LedgerCopy(public, model.authority, model.copied_at, entries, (head,))
        return [
            found.sentence(language) for found in audit(copy).findings for language in ("en", "ko")
        ]

    return read
