"""Reading a backup through: is it whole, and does the ledger in it verify?"""

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tacit.coordinator.backup.container import is_encrypted, read_lines
from tacit.coordinator.backup.rows import value_of
from tacit.coordinator.home import AUTHORITY_CERTIFICATE, AUTHORITY_KEY, CONFIG, LEDGER_KEY
from tacit.coordinator.keys import ed25519_key_from
from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.merkle import leaf_hash
from tacit.linkage.merkle_tree import MerkleTree

FORMAT = 1
_NEEDED = frozenset({CONFIG, AUTHORITY_CERTIFICATE, AUTHORITY_KEY, LEDGER_KEY})


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says first.

    Attributes:
        software: version that wrote it.
        revision: the migration its tables have.
        created: when, milliseconds since 1970.
        ledger_key: Ed25519 public key that signed the ledger's heads, 32 bytes.
        files: of the home, name to content.
    """

    software: str
    revision: str
    created: int
    ledger_key: bytes
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one table, as `tacit.coordinator.backup.rows` writes them."""

    table: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a whole and verified backup holds.

    Attributes:
        created: when it was made, milliseconds since 1970.
        software: version that wrote it.
        encrypted: whether it is under a passphrase.
        size: bytes of the file.
        rows: rows of each table.
        ledger_size: entries of the ledger, every one of them verified.
        ledger_root: the tree's root over them, 32 bytes.
    """

    created: int
    software: str
    encrypted: bool
    size: int
    rows: Mapping[str, int]
    ledger_size: int
    ledger_root: bytes


def verify_backup(path: Path, passphrase: str | None, key_passphrase: str | None = None) -> Summary:
    """Read a backup through and check everything that can be checked without restoring it.

    Every chunk's authentication, the number of rows, each ledger entry's hash, every signed head
    against the tree and the ledger key, and that the private key belongs to it, where it is in
    the clear or `key_passphrase` opens it.

    Raises:
        TacitError: NOT_FOUND, WRONG_PASSPHRASE, or BAD_INPUT with what is wrong.
    """
    reading = Reading(path, passphrase)
    ledger = _LedgerCheck(path, reading.head.ledger_key)
    for part in reading.parts():
        ledger.take(part)
    size, root = ledger.finish()
    _check_key(path, reading.head, key_passphrase)
    return Summary(
        reading.head.created,
        reading.head.software,
        is_encrypted(path),
        path.stat().st_size,
        dict(reading.counted),
        size,
        root,
    )


class Reading:
    """A backup that is being read, once, from its head to its end.

    Args:
        path: the file.
        passphrase: what it is encrypted under, or None.

    Raises:
        TacitError: NOT_FOUND, WRONG_PASSPHRASE or BAD_INPUT.
    """

    def __init__(self, path: Path, passphrase: str | None) -> None:
        self._path = path
        self._lines = read_lines(path, passphrase)
        self.head = _read_head(path, next(self._lines, b""))
        self.counted: Counter[str] = Counter()

    def parts(self) -> Iterator[Rows]:
        """Give the rows of every table; has counted them all when it ends.

        Raises:
            TacitError: BAD_INPUT; the backup is damaged, or rows are missing.
        """
        table, columns, end = "", list[str](), None
        for line in self._lines:
            document = _parsed(self._path, line)
            if "table" in document:
                table, columns = document["table"], document["columns"]
                self.counted[table] += 0
            elif "rows" in document:
                self.counted[table] += len(document["rows"])
                yield Rows(table, columns, document["rows"])
            else:
                end = document.get("end")
        if end != self.counted:
            raise damaged(self._path)


class _LedgerCheck:
    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = Ed25519PublicKey.from_public_bytes(key)
        self._tree = MerkleTree()
        self._heads: list[dict[str, Any]] = []

    def take(self, part: Rows) -> None:
        if part.table not in {"ledger_entries", "tree_heads"}:
            return
        for row in part.rows:
            values = dict(zip(part.columns, map(value_of, row), strict=True))
            if part.table == "tree_heads":
                self._heads.append(values)
            else:
                self._entry(values["index"], values["entry"], values["leaf_hash"])

    def finish(self) -> tuple[int, bytes]:
        """Check every head, and give the tree's size and root."""
        for head in self._heads:
            size, root = head["size"], head["root"]
            if size > len(self._tree) or self._tree.root(size) != root:
                raise refused(self._path, f"its ledger is not what was signed at {size} entries")
            try:
                statement = statements.tree_head(size, head["timestamp"], root)
                self._key.verify(head["signature"], statement)
            except InvalidSignature as error:
                problem = f"its ledger's head of {size} entries bears no valid signature"
                raise refused(self._path, problem) from error
        return len(self._tree), self._tree.root(len(self._tree))

    def _entry(self, index: int, entry: bytes, leaf: bytes) -> None:
        if index != len(self._tree) or leaf != leaf_hash(entry):
            raise refused(self._path, f"its ledger does not verify at entry {len(self._tree)}")
        self._tree.extend([leaf])


def damaged(path: Path) -> TacitError:
    """Give the error of a backup that is not as it was written."""
    return refused(path, "the backup is damaged")


def refused(path: Path, problem: str) -> TacitError:
    """Give the error of a backup that cannot be used."""
    return TacitError(Code.BAD_INPUT, where=path.name, problem=problem)


def _read_head(path: Path, line: bytes) -> Head:
    raw = _parsed(path, line)
    if raw.get("format") != FORMAT:
        raise refused(path, "it is no backup of a coordinator, or of a later version of Tacit")
    try:
        files = {str(k): base64.b64decode(v, validate=True) for k, v in raw["files"].items()}
        head = Head(
            raw["software"],
            raw["revision"],
            raw["created"],
            bytes.fromhex(raw["ledger_key"]),
            files,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(path) from error
    # A name is a name: nothing may be written outside of the home.
    if not files.keys() >= _NEEDED or any(Path(name).name != name for name in files):
        raise damaged(path)
    return head


def _parsed(path: Path, line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError as error:
        raise damaged(path) from error
    if not isinstance(document, dict):
        raise damaged(path)
    return document


def _check_key(path: Path, head: Head, passphrase: str | None) -> None:
    try:
        key = ed25519_key_from(head.files[LEDGER_KEY], LEDGER_KEY, passphrase)
    except TacitError:
        if passphrase is None:
            return
        raise
    if key.public_key().public_bytes_raw() != head.ledger_key:
        raise refused(path, "its ledger key is not the one that signed its ledger")
