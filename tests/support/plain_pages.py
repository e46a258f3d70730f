"""Everything that a node's store holds, deciphered page by page: rows, free pages and the log."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tacit.node.home import Home
from tacit.node.store.wrapping import parse_wrapped, unwrap

# SQLCipher 4: each page ends with a reserve of IV (16 bytes) and HMAC; the file begins with a salt.
PAGE, RESERVE, IV, SALT = 4096, 80, 16, 16
WAL_HEADER, FRAME_HEADER = 32, 24


def plain_pages(home: Home, passphrase: str) -> bytes:
    """Decipher `store.db` and `store.db-wal`, whatever is in use of them."""
    key = unwrap(parse_wrapped(home.key.read_bytes()), passphrase)
    content = home.store.read_bytes()
    pages = [
        _decipher(key, content[at : at + PAGE], SALT if at == 0 else 0)
        for at in range(0, len(content) - PAGE + 1, PAGE)
    ]
    log = home.store.with_name("store.db-wal")
    frames = log.read_bytes()[WAL_HEADER:] if log.exists() else b""
    step = FRAME_HEADER + PAGE
    for at in range(0, len(frames) - step + 1, step):
        first = int.from_bytes(frames[at : at + 4], "big") == 1
        pages.append(_decipher(key, frames[at + FRAME_HEADER : at + step], SALT if first else 0))
    return b"".join(pages)


def _decipher(key: bytes, page: bytes, skip: int) -> bytes:
    reserve = PAGE - RESERVE
    cipher = Cipher(algorithms.AES256(key), modes.CBC(page[reserve : reserve + IV]))
    decryptor = cipher.decryptor()
    return decryptor.update(page[skip:reserve]) + decryptor.finalize()
