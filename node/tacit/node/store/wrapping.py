"""The database key, wrapped under a passphrase.

The store is encrypted under a random 256-bit key. That key lies in key.json, sealed by
AES-256-GCM under scrypt (RFC 7914) of the passphrase, so that a wrong passphrase is known before
the database is touched, and a new passphrase need not write the database again.
"""

import json
import os
import secrets
import unicodedata
from dataclasses import asdict, dataclass, fields

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tacit.linkage.errors import Code, TacitError

DEFAULT_COST = 17
KEY_BYTES = 32
_COSTS = range(14, 22)
_BLOCK = 8
_LABEL = b"tacit node store key v1"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """What key.json holds.

    Attributes:
        cost: binary logarithm of scrypt's N; r is 8 and p is 1, so it takes 2**(cost+10) bytes.
        salt: 16 random bytes, hexadecimal.
        nonce: of AES-GCM, 12 random bytes, hexadecimal.
        sealed: the database key, encrypted and authenticated, hexadecimal.
    """

    cost: int
    salt: str
    nonce: str
    sealed: str
    kdf: str = "scrypt"
    format: int = 1

    def encode(self) -> bytes:
        """Serialise for key.json."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"


def wrap(key: bytes, passphrase: str, cost: int = DEFAULT_COST) -> WrappedKey:
    """Seal a database key under a passphrase.

    Raises:
        TacitError: USAGE; the passphrase is empty.
        ValueError: the cost is out of range.
    """
    if not passphrase:
        raise TacitError(Code.USAGE, problem="The passphrase is empty.")
    if cost not in _COSTS:
        raise ValueError("cost out of range")
    salt, nonce = secrets.token_bytes(16), os.urandom(12)
    sealed = AESGCM(_stretch(passphrase, salt, cost)).encrypt(nonce, key, _LABEL)
    return WrappedKey(cost, salt.hex(), nonce.hex(), sealed.hex())


def unwrap(wrapped: WrappedKey, passphrase: str) -> bytes:
    """Give the database key, 32 bytes.

    Raises:
        TacitError: WRONG_PASSPHRASE.
    """
    stretched = _stretch(passphrase, bytes.fromhex(wrapped.salt), wrapped.cost)
    try:
        return AESGCM(stretched).decrypt(
            bytes.fromhex(wrapped.nonce), bytes.fromhex(wrapped.sealed), _LABEL
        )
    except InvalidTag as error:
        raise TacitError(Code.WRONG_PASSPHRASE) from error


def parse_wrapped(document: bytes) -> WrappedKey:
    """Read key.json.

    Raises:
        TacitError: STORE_FAILED; the file is damaged or of a later format.
    """
    try:
        raw = json.loads(document)
        wrapped = WrappedKey(**{f.name: raw[f.name] for f in fields(WrappedKey)})
        lengths = [len(bytes.fromhex(t)) for t in (wrapped.salt, wrapped.nonce, wrapped.sealed)]
    except (ValueError, TypeError, KeyError) as error:
        raise TacitError(Code.STORE_FAILED, problem="key.json is damaged") from error
    if (wrapped.kdf, wrapped.format) != ("scrypt", 1):
        problem = "key.json was written by a later version of Tacit"
        raise TacitError(Code.STORE_FAILED, problem=problem)
    if wrapped.cost not in _COSTS or lengths != [16, 12, KEY_BYTES + 16]:
        raise TacitError(Code.STORE_FAILED, problem="key.json is damaged")
    return wrapped


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    # The same passphrase typed on two systems may come composed or decomposed (Hangul above all).
    normal = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**cost, r=_BLOCK, p=1).derive(normal)
