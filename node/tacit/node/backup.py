"""A node's backup: the encrypted store and its wrapped key in one file, encrypted as they are.

The file is a tar archive of `manifest.json`, `key.json` and `store.db`. Nothing in it can be read
without the passphrase that opened the store when the backup was made.
"""

import io
import json
import os
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlcipher3 import dbapi2

from tacit.linkage.errors import Code, TacitError
from tacit.node.home import Home, prepare_home, write_private
from tacit.node.store import wrapping
from tacit.node.store.base import open_store
from tacit.node.store.cipher import connect
from tacit.node.store.lock import ProcessLock
from tacit.node.store.versions import VERSION
from tacit.node.times import now_ms

Advance = Callable[[int, int], None]
_FORMAT = 1
_MANIFEST, _KEY, _STORE = "manifest.json", "key.json", "store.db"
_LARGEST_SMALL_FILE = 64 * 1024
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class NodeBackup:
    """What a backup says of itself.

    Attributes:
        created: milliseconds since 1970.
        software: version that wrote it.
        store_version: version of the store's tables.
        store_bytes: size of the encrypted store.
        store_sha256: of the encrypted store, hexadecimal.
        key_sha256: of the wrapped key, hexadecimal.
    """

    created: int
    software: str
    store_version: int
    store_bytes: int
    store_sha256: str
    key_sha256: str
    format: int = _FORMAT


def back_up_node(
    home: Home, passphrase: str, path: Path, advance: Advance = lambda _done, _total: None
) -> NodeBackup:
    """Write a backup of a node that no other process has open, and verify it.

    Args:
        home: the node.
        passphrase: what opens its store, and will open the backup.
        path: the new file, readable by its owner only.
        advance: told bytes done and bytes in all.

    Raises:
        TacitError: EXISTS, NOT_FOUND, WRONG_PASSPHRASE, STORE_BUSY, STORE_FAILED, or BAD_INPUT
            where the place cannot be written. No file is left then.
    """
    with open_store(home, passphrase):
        # The store keeps others out until the copy is made.
        key = _unwrapped(home.key.read_bytes(), passphrase)
        _check_store(home.store, key)
        made = _describe(home)
        _write(home, made, path, advance)
    try:
        return verify_node_backup(path, passphrase)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def verify_node_backup(path: Path, passphrase: str) -> NodeBackup:
    """Check that a backup is whole and that the passphrase opens it.

    Raises:
        TacitError: NOT_FOUND, BAD_INPUT (it is no backup, or damaged) or WRONG_PASSPHRASE.
    """
    with _opened(path) as archive:
        made, key = _read_head(path, archive)
        _unwrapped(key, passphrase)
        digest = sha256()
        store = _member(path, archive, _STORE)
        while block := store.read(_BLOCK):
            digest.update(block)
        if digest.hexdigest() != made.store_sha256:
            raise _damaged(path)
    return made


def restore_node(
    path: Path, passphrase: str, home: Home, advance: Advance = lambda _done, _total: None
) -> NodeBackup:
    """Make a node again from a backup, in a home that holds none.

    Checksums and passphrase are verified first, then every page of the store, before it counts
    as one.

    Raises:
        TacitError: EXISTS, NOT_FOUND, BAD_INPUT, WRONG_PASSPHRASE, STORE_BUSY or STORE_FAILED.
    """
    _refuse_existing(home)
    made = verify_node_backup(path, passphrase)
    prepare_home(home)
    draft = home.store.with_name(_STORE + ".new")
    with ProcessLock(home.lock), _opened(path) as archive:
        _refuse_existing(home)
        _, wrapped = _read_head(path, archive)
        draft.unlink(missing_ok=True)
        try:
            _copy(_member(path, archive, _STORE), draft, made, advance)
            _check_store(draft, _unwrapped(wrapped, passphrase))
        except BaseException:
            for leftover in home.path.glob(draft.name + "*"):
                leftover.unlink()
            raise
        draft.replace(home.store)
        # Last, since its presence makes a store exist.
        write_private(home.key, wrapped)
    return made


def _check_store(store: Path, key: bytes) -> None:
    """Check every page's authentication and the structure; leave all in one file, without a log."""
    try:
        with closing(connect(store, key)) as connection:
            pages = connection.execute("PRAGMA cipher_integrity_check").fetchall()
            rows = connection.execute("PRAGMA integrity_check").fetchall()
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except dbapi2.Error as error:
        problem = "store.db is damaged, or it belongs to another key.json"
        raise TacitError(Code.STORE_FAILED, type(error).__name__, problem=problem) from None
    if busy:
        raise TacitError(Code.STORE_BUSY)
    if pages or rows != [("ok",)]:
        problem = "store.db is damaged, or it belongs to another key.json"
        raise TacitError(Code.STORE_FAILED, problem=problem)
    if found > VERSION:
        problem = f"it has version {found}, this Tacit knows {VERSION}; install the later Tacit"
        raise TacitError(Code.STORE_FAILED, problem=problem)


def _describe(home: Home) -> NodeBackup:
    with home.store.open("rb") as file:
        digest = sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return NodeBackup(
        created=now_ms(),
        software=version("tacit"),
        store_version=VERSION,
        store_bytes=home.store.stat().st_size,
        store_sha256=digest.hexdigest(),
        key_sha256=sha256(home.key.read_bytes()).hexdigest(),
    )


def _write(home: Home, made: NodeBackup, path: Path, advance: Advance) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise TacitError(Code.EXISTS, what=f"'{path}'") from error
    except OSError as error:
        raise _unwritable(path) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                manifest = json.dumps(asdict(made), indent=2).encode()
                for name, content in ((_MANIFEST, manifest), (_KEY, home.key.read_bytes())):
                    archive.addfile(_entry(name, len(content)), io.BytesIO(content))
                with home.store.open("rb") as store:
                    archive.addfile(_entry(_STORE, made.store_bytes), store)
            file.flush()
            os.fsync(file.fileno())
        advance(made.store_bytes, made.store_bytes)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path) from error
        raise


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, mode="r:")
    except FileNotFoundError as error:
        raise TacitError(Code.NOT_FOUND, what=f"file '{path}'") from error
    except (OSError, tarfile.TarError) as error:
        raise _refused(path, "it is no backup of a node, or of a later version of Tacit") from error


def _read_head(path: Path, archive: tarfile.TarFile) -> tuple[NodeBackup, bytes]:
    try:
        raw = json.loads(_member(path, archive, _MANIFEST).read(_LARGEST_SMALL_FILE))
        made = NodeBackup(**{field.name: raw[field.name] for field in fields(NodeBackup)})
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(path) from error
    if made.format != _FORMAT:
        raise _refused(path, "it is no backup of a node, or of a later version of Tacit")
    key = _member(path, archive, _KEY).read(_LARGEST_SMALL_FILE)
    if sha256(key).hexdigest() != made.key_sha256:
        raise _damaged(path)
    return made, key


def _member(path: Path, archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Open one file of the archive; nothing is ever unpacked by the names that it gives."""
    try:
        file = archive.extractfile(name)
    except (KeyError, tarfile.TarError) as error:
        raise _refused(path, "it is no backup of a node, or of a later version of Tacit") from error
    if file is None:
        raise _damaged(path)
    return file


def _copy(source: IO[bytes], target: Path, made: NodeBackup, advance: Advance) -> None:
    digest, done = sha256(), 0
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            while block := source.read(_BLOCK):
                file.write(block)
                digest.update(block)
                done += len(block)
                advance(done, made.store_bytes)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        problem = f"{_STORE} cannot be written ({error.strerror})"
        raise TacitError(Code.STORE_FAILED, problem=problem) from error
    if digest.hexdigest() != made.store_sha256:
        raise TacitError(Code.STORE_FAILED, problem="the file changed while it was read")


def _refuse_existing(home: Home) -> None:
    if home.exists or home.store.exists():
        raise TacitError(Code.EXISTS, what=f"A node in {home.path}")


def _unwrapped(document: bytes, passphrase: str) -> bytes:
    return wrapping.unwrap(wrapping.parse_wrapped(document), passphrase)


def _damaged(path: Path) -> TacitError:
    return _refused(path, "the backup is damaged")


def _refused(path: Path, problem: str) -> TacitError:
    return TacitError(Code.BAD_INPUT, where=path.name, problem=problem)


def _unwritable(path: Path) -> TacitError:
    return TacitError(Code.BAD_INPUT, where=str(path), problem="it cannot be written")
