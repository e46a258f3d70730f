"""A tree head on paper: short enough to copy by hand, long enough that no other history fits it.

    42 2026-11-22 7KQ2-0ZP4-...-M3XD

is the head's size, its day (UTC), and eleven groups of four: ten of a hash over ledger key, size
and root, one of a checksum over all that stands before it. 200 bits are kept, so that not even
who may write both histories finds two that share a form (2^100 trials).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is read as another
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BITS = 5
_GROUP = 4
_CODE_LENGTH = 40
_CHECK_LENGTH = 4
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class PaperHead:
    """What a paper says: the head's size and day, and 40 characters of its hash."""

    size: int
    day: date
    code: str

    @property
    def text(self) -> str:
        """The form that people write down."""
        letters = self.code + _check(self.size, self.day, self.code)
        groups = [letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)]
        return f"{self.size} {self.day.isoformat()} {'-'.join(groups)}"

    def is_of(self, ledger_key: bytes, root: bytes) -> bool:
        """Say whether the root over the first `size` entries is the one on paper."""
        return self.code == _code(ledger_key, self.size, root)


def put_on_paper(ledger_key: bytes, size: int, timestamp: int, root: bytes) -> PaperHead:
    """Give a head's paper form; `timestamp` in milliseconds."""
    return PaperHead(size, day_of(timestamp), _code(ledger_key, size, root))


def read_paper(text: str) -> PaperHead:
    """Read what somebody typed from paper; case, spaces and hyphens in the code do not matter.

    Raises:
        TacitError: USAGE, it is not such a form or a character is wrong.
    """
    words = text.replace(",", "").split()
    letters = "".join(words[2:]).replace("-", "").upper().translate(_READ_AS)
    try:
        size, day = int(words[0]), date.fromisoformat(words[1])
    except (IndexError, ValueError) as error:
        raise TacitError(Code.USAGE, problem=_FORM) from error
    if len(letters) != _CODE_LENGTH + _CHECK_LENGTH or not 0 <= size < _LARGEST:
        raise TacitError(Code.USAGE, problem=_FORM)
    code, check = letters[:_CODE_LENGTH], letters[_CODE_LENGTH:]
    if not set(letters) <= set(_ALPHABET) or check != _check(size, day, code):
        problem = "The head from paper was not copied right: its last group does not fit the rest."
        raise TacitError(Code.USAGE, problem=problem)
    return PaperHead(size, day, code)


_FORM = (
    "A head from paper is a size, a date and eleven groups of four, as in '42 2026-11-22 7KQ2-...'."
)


def day_of(timestamp: int) -> date:
    """Give the day (UTC) of a time in milliseconds."""
    return datetime.fromtimestamp(timestamp / 1000, UTC).date()


def _code(ledger_key: bytes, size: int, root: bytes) -> str:
    return _letters(statements.paper_head(ledger_key, size, root), _CODE_LENGTH)


def _check(size: int, day: date, code: str) -> str:
    return _letters(f"{size} {day.isoformat()} {code}".encode(), _CHECK_LENGTH)


def _letters(statement: bytes, length: int) -> str:
    """Give the first bits of a SHA-256, five in each character."""
    number = int.from_bytes(sha256(statement).digest(), "big") >> (256 - _BITS * length)
    places = range(_BITS * (length - 1), -1, -_BITS)
    return "".join(_ALPHABET[number >> place & 31] for place in places)
