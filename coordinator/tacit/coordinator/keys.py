"""Private keys at rest: PKCS #8, under a passphrase if there is one."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from tacit.linkage.errors import Code, TacitError

_PLAIN = b"tacit key plain v1\n"
_SEALED = b"tacit key scrypt aes-256-gcm v1\n"
_SALT_BYTES = 16
_NONCE_BYTES = 12


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in one step and durably."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def write_key(
    path: Path, key: EllipticCurvePrivateKey | Ed25519PrivateKey, passphrase: str | None
) -> None:
    """Keep a private key, encrypted (scrypt, RFC 7914, and AES-256-GCM) if there is a passphrase."""
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    if not passphrase:
        write_private_file(path, _PLAIN + der)
        return
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, der, _SEALED)
    write_private_file(path, _SEALED + salt + nonce + sealed)


def read_ec_key(path: Path, passphrase: str | None) -> EllipticCurvePrivateKey:
    """Read back an elliptic curve key.

    Raises:
        TacitError: NOT_FOUND or WRONG_PASSPHRASE.
    """
    key = load_der_private_key(_open(_read(path), path.name, passphrase), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TacitError(Code.WRONG_PASSPHRASE, f"{path.name} holds another kind of key")
    return key


def read_ed25519_key(path: Path, passphrase: str | None) -> Ed25519PrivateKey:
    """Read back an Ed25519 key.

    Raises:
        TacitError: NOT_FOUND or WRONG_PASSPHRASE.
    """
    return ed25519_key_from(_read(path), path.name, passphrase)


def ed25519_key_from(content: bytes, name: str, passphrase: str | None) -> Ed25519PrivateKey:
    """Read an Ed25519 key from what its file holds.

    Raises:
        TacitError: WRONG_PASSPHRASE.
    """
    key = load_der_private_key(_open(content, name, passphrase), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TacitError(Code.WRONG_PASSPHRASE, f"{name} holds another kind of key")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TacitError(Code.NOT_FOUND, what=f"file {path.name} in this home") from error


def _open(content: bytes, name: str, passphrase: str | None) -> bytes:
    if content.startswith(_PLAIN):
        return content.removeprefix(_PLAIN)
    body = content.removeprefix(_SEALED)
    salt, nonce = body[:_SALT_BYTES], body[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES]
    try:
        key = AESGCM(_stretch(passphrase or "", salt))
        return key.decrypt(nonce, body[_SALT_BYTES + _NONCE_BYTES :], _SEALED)
    except (InvalidTag, ValueError) as error:
        raise TacitError(Code.WRONG_PASSPHRASE, name) from error


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())
