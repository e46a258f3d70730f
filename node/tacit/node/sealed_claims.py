"""Claims: what a member says of a record, sealed for the members and committed to for everybody.

A claim is {"documented_on", "forum", "petition", "consent"}. It leaves the node twice: as a salted
commitment, which the coordinator's ledger vouches for and which tells nothing, and sealed under a
key that every member of the project can derive from the linkage key and the coordinator cannot.
"""

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tacit.linkage import statements
from tacit.linkage.canonical import Json, canonical
from tacit.linkage.errors import Code, TacitError

SALT_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class ClaimText:
    """What a member claims: when it documented the record, and where it stands.

    Attributes:
        documented_on: ISO date, or empty.
        forum: body before which the case was brought, or empty.
        petition: reference of the petition, or empty.
        consent: where the consent to use the record comes from, or empty.
    """

    documented_on: str = ""
    forum: str = ""
    petition: str = ""
    consent: str = ""

    def document(self) -> dict[str, str]:
        """Give the claim as it is committed to."""
        return {
            "documented_on": self.documented_on,
            "forum": self.forum,
            "petition": self.petition,
            "consent": self.consent,
        }

    def commitment(self, salt: bytes, token: bytes) -> bytes:
        """Commit to the claim: SHA-256, 32 bytes."""
        return statements.claim_commitment(salt, token, self.document())


@dataclass(frozen=True, slots=True)
class OpenedClaim:
    """A claim as another member sealed it, and the salt that proves its commitment."""

    text: ClaimText
    salt: bytes


def derive_keys(linkage_key: bytes, agreement_hash: bytes) -> tuple[bytes, bytes]:
    """Derive the sealing key and the nonce key, 32 bytes each (HKDF-SHA256, RFC 5869).

    The sealing key is the first block of the expansion, so it is what any other implementation
    gets that asks for 32 bytes only.
    """
    derived = HKDF(SHA256(), 64, None, b"tacit claim seal v1" + agreement_hash).derive(linkage_key)
    return derived[:32], derived[32:]


class ClaimSealer:
    """Seals and opens the claims of one project.

    Sealing the same claim again gives the same bytes, so that an interrupted upload can be rebuilt
    and go on: the nonce is an HMAC over all that is sealed, 96 bits of it, and repeats only where
    token, salt and claim all repeat.
    """

    def __init__(self, linkage_key: bytes, agreement_hash: bytes) -> None:
        seal_key, self._nonce_key = derive_keys(linkage_key, agreement_hash)
        self._cipher = AESGCM(seal_key)

    def seal(self, text: ClaimText, salt: bytes, token: bytes) -> bytes:
        """Seal a claim with its salt; returns nonce (12 bytes) and AES-256-GCM ciphertext."""
        content: dict[str, Json] = {
            "claim": text.document(),
            "salt": salt.hex(),
            "token": token.hex(),
        }
        plain = canonical(content)
        nonce = hmac.digest(self._nonce_key, plain, sha256)[:_NONCE_BYTES]
        return nonce + self._cipher.encrypt(nonce, plain, token)

    def open(self, sealed: bytes, token: bytes) -> OpenedClaim:
        """Open a sealed claim of the record with this token.

        Raises:
            TacitError: PROOF_INVALID where it was not sealed by a member for this token.
        """
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], token)
            content = json.loads(plain)
            if content["token"] != token.hex():
                raise ValueError("token")  # noqa: TRY301
            text = ClaimText(**content["claim"])
            if not all(isinstance(value, str) for value in text.document().values()):
                raise TypeError("claim")  # noqa: TRY301
            salt = bytes.fromhex(content["salt"])
        except (InvalidTag, ValueError, KeyError, TypeError) as error:
            detail = f"a sealed claim does not open: {type(error).__name__}"
            raise TacitError(Code.PROOF_INVALID, detail) from error
        return OpenedClaim(text, salt)
