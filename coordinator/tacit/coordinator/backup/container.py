"""The file of a backup: text lines in chunks, each authenticated, encrypted under a passphrase.

The file begins with two lines: what it is, and how it is protected (JSON). Chunks follow: one byte
that is 1 for the last, four bytes of length, and the chunk. Encrypted, it is sealed by AES-256-GCM
under scrypt (RFC 7914) of the passphrase; the nonce holds the chunk's number and whether it is the
last, so that chunks cannot be left out, put in or moved (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, CRYPTO 2015). Not encrypted, SHA-256 stands before each chunk in
the same way, against damage alone.
"""

import json
import os
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tacit.linkage.errors import Code, TacitError

_MAGIC = b"tacit coordinator backup 1\n"
_SCRYPT = "scrypt aes-256-gcm"
_NONE = "none"
_IN_THE_CLEAR = (
    "NOT ENCRYPTED. This file holds the private keys of the coalition's authority and ledger."
    " Whoever reads it can pass for the coordinator. Keep it as you keep those keys."
)
_COST = 17
_COSTS = range(14, 21)
_CHUNK = 64 * 1024
_FRAME = 5
_SALT_BYTES = 16
_PREFIX_BYTES = 7
_DIGEST_BYTES = 32
_LONGEST_HEAD = 4096


class _Seal(Protocol):
    def close(self, number: int, last: bool, chunk: bytes) -> bytes: ...

    def open(self, number: int, last: bool, sealed: bytes) -> bytes | None: ...


class _Encrypted:
    def __init__(self, key: bytes, prefix: bytes, head: bytes) -> None:
        self._key, self._prefix, self._head = AESGCM(key), prefix, head

    def close(self, number: int, last: bool, chunk: bytes) -> bytes:
        return self._key.encrypt(self._nonce(number, last), chunk, self._head)

    def open(self, number: int, last: bool, sealed: bytes) -> bytes | None:
        try:
            return self._key.decrypt(self._nonce(number, last), sealed, self._head)
        except InvalidTag:
            return None

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])


class _Clear:
    def __init__(self, head: bytes) -> None:
        self._head = head

    def close(self, number: int, last: bool, chunk: bytes) -> bytes:
        return self._digest(number, last, chunk) + chunk

    def open(self, number: int, last: bool, sealed: bytes) -> bytes | None:
        digest, chunk = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
        return chunk if digest == self._digest(number, last, chunk) else None

    def _digest(self, number: int, last: bool, chunk: bytes) -> bytes:
        return sha256(self._head + number.to_bytes(4, "big") + bytes([last]) + chunk).digest()


class BackupWriter:
    """Writes a backup, a file that only its owner can read; gone again unless it was finished.

    Args:
        path: the file; there must be none.
        passphrase: encrypts it, or None.

    Raises:
        TacitError: EXISTS, or BAD_INPUT where the place cannot be written.
    """

    def __init__(self, path: Path, passphrase: str | None) -> None:
        self._path = path
        head, self._seal = _new_seal(passphrase)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise TacitError(Code.EXISTS, what=f"'{path}'") from error
        except OSError as error:
            raise _unwritable(path) from error
        self._file = os.fdopen(descriptor, "wb")
        self._buffer = bytearray()
        self._number = 0
        self._finished = False
        self._put(_MAGIC + head)

    def line(self, text: bytes) -> None:
        """Add a line, which holds no line break itself.

        Raises:
            TacitError: BAD_INPUT; the disk refuses.
        """
        self._buffer += text + b"\n"
        while len(self._buffer) > _CHUNK:
            self._chunk(bytes(self._buffer[:_CHUNK]), last=False)
            del self._buffer[:_CHUNK]

    def finish(self) -> None:
        """Write what is left, and see it to the disk.

        Raises:
            TacitError: BAD_INPUT; the disk refuses.
        """
        self._chunk(bytes(self._buffer), last=True)
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self._path) from error
        self._finished = True

    def _chunk(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._seal.close(self._number, last, chunk)
        self._put(bytes([last]) + len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1

    def _put(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError as error:
            raise _unwritable(self._path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
        except OSError as failure:
            self._finished = False
            if error is None:
                raise _unwritable(self._path) from failure
        finally:
            if not self._finished:
                self._path.unlink(missing_ok=True)


def read_lines(path: Path, passphrase: str | None) -> Iterator[bytes]:
    """Read a backup, line by line; whatever was given out is authentic as far as it goes.

    Raises:
        TacitError: NOT_FOUND, BAD_INPUT (it is no backup, or damaged) or WRONG_PASSPHRASE.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise TacitError(Code.NOT_FOUND, what=f"file '{path}'") from error
    except OSError as error:
        raise _refused(path, "it cannot be read") from error
    with file:
        rest = b""
        for chunk in _chunks(path, file, passphrase):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
        if rest:
            raise _refused(path, "the backup is damaged")


def is_encrypted(path: Path) -> bool:
    """Say whether a backup needs a passphrase.

    Raises:
        TacitError: NOT_FOUND or BAD_INPUT.
    """
    try:
        with path.open("rb") as file:
            return _protection(path, _read_head(path, file)) != _NONE
    except FileNotFoundError as error:
        raise TacitError(Code.NOT_FOUND, what=f"file '{path}'") from error
    except OSError as error:
        raise _refused(path, "it cannot be read") from error


def _chunks(path: Path, file: IO[bytes], passphrase: str | None) -> Iterator[bytes]:
    seal = _known_seal(path, _read_head(path, file), passphrase)
    number, last = 0, False
    while not last:
        frame = file.read(_FRAME)
        length = int.from_bytes(frame[1:], "big")
        if len(frame) < _FRAME or length > _CHUNK + _DIGEST_BYTES or frame[0] > 1:
            raise _refused(path, "the backup is damaged")
        last = bool(frame[0])
        chunk = seal.open(number, last, file.read(length))
        if chunk is None:
            if number or isinstance(seal, _Clear):
                raise _refused(path, "the backup is damaged")
            raise TacitError(Code.WRONG_PASSPHRASE, path.name)
        yield chunk
        number += 1
    if file.read(1):
        raise _refused(path, "the backup is damaged")


def _new_seal(passphrase: str | None) -> tuple[bytes, _Seal]:
    if passphrase is None:
        head = json.dumps({"protection": _NONE, "warning": _IN_THE_CLEAR}).encode() + b"\n"
        return head, _Clear(head)
    if not passphrase:
        raise TacitError(Code.USAGE, problem="The passphrase is empty.")
    salt, prefix = os.urandom(_SALT_BYTES), os.urandom(_PREFIX_BYTES)
    head = (
        json.dumps(
            {"protection": _SCRYPT, "cost": _COST, "salt": salt.hex(), "nonce": prefix.hex()}
        ).encode()
        + b"\n"
    )
    return head, _Encrypted(_stretch(passphrase, salt, _COST), prefix, head)


def _known_seal(path: Path, head: bytes, passphrase: str | None) -> _Seal:
    if _protection(path, head) == _NONE:
        return _Clear(head)
    raw = json.loads(head)
    try:
        cost, salt, prefix = raw["cost"], bytes.fromhex(raw["salt"]), bytes.fromhex(raw["nonce"])
    except (ValueError, TypeError, KeyError) as error:
        raise _refused(path, "the backup is damaged") from error
    if cost not in _COSTS or (len(salt), len(prefix)) != (_SALT_BYTES, _PREFIX_BYTES):
        raise _refused(path, "the backup is damaged")
    if not passphrase:
        raise TacitError(Code.WRONG_PASSPHRASE, f"{path.name} is encrypted")
    return _Encrypted(_stretch(passphrase, salt, cost), prefix, head)


def _read_head(path: Path, file: IO[bytes]) -> bytes:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise _refused(path, "it is no backup of a coordinator, or of a later version of Tacit")
    return file.readline(_LONGEST_HEAD)


def _protection(path: Path, head: bytes) -> str:
    try:
        protection = json.loads(head)["protection"]
    except (ValueError, TypeError, KeyError) as error:
        raise _refused(path, "the backup is damaged") from error
    if protection not in {_NONE, _SCRYPT}:
        raise _refused(path, "it is no backup of a coordinator, or of a later version of Tacit")
    return str(protection)


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    # The same passphrase typed on two systems may come composed or decomposed (Hangul above all).
    normal = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(normal)


def _refused(path: Path, problem: str) -> TacitError:
    return TacitError(Code.BAD_INPUT, where=path.name, problem=problem)


def _unwritable(path: Path) -> TacitError:
    return TacitError(Code.BAD_INPUT, where=str(path), problem="it cannot be written")
