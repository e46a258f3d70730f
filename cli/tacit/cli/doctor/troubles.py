"""What the doctors can find, in words: what is wrong, and what to do about it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files

from tacit.cli.language import Language
from tacit.linkage.errors import TacitError
from tacit.linkage.korean_problems import in_korean


class Weight(Enum):
    """How bad a finding is; everything above a note makes the exit code non-zero."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    TROUBLE = "trouble"


class Trouble(Enum):
    """Everything that a doctor can find; the words are in troubles.tsv."""

    HOME_OPEN = "home-open"
    HOME_UNWRITABLE = "home-unwritable"
    DISK_FULL = "disk-full"
    STORE_LOCKED = "store-locked"
    STORE_DAMAGED = "store-damaged"
    STORE_NEWER = "store-newer"
    STORE_OLDER = "store-older"
    PASSPHRASE_WRONG = "passphrase-wrong"  # noqa: S105 (a name)
    NOT_ENROLLED = "not-enrolled"
    CERTIFICATE_ENDED = "certificate-ended"
    CERTIFICATE_ENDS_SOON = "certificate-ends-soon"
    CERTIFICATE_NOT_YET = "certificate-not-yet"
    CLOCK_OFF = "clock-off"
    PROXY_SET = "proxy-set"
    PROXY_IN_THE_WAY = "proxy-in-the-way"
    NAME_UNKNOWN = "name-unknown"
    PORT_CLOSED = "port-closed"
    NO_ANSWER = "no-answer"
    NOT_TLS = "not-tls"
    OTHER_AUTHORITY = "other-authority"
    SERVER_CERTIFICATE_DATES = "server-certificate-dates"
    MEMBER_UNKNOWN = "member-unknown"
    VERSION_MISMATCH = "version-mismatch"
    REFUSED = "refused"
    KEY_PASSPHRASE_WRONG = "key-passphrase-wrong"  # noqa: S105 (a name)
    KEY_MISSING = "key-missing"
    KEY_MISMATCH = "key-mismatch"
    DATABASE_UNREACHABLE = "database-unreachable"
    DATABASE_DAMAGED = "database-damaged"
    DATABASE_LOCKED = "database-locked"
    DATABASE_NEWER = "database-newer"
    MIGRATIONS_PENDING = "migrations-pending"
    LEDGER_BROKEN = "ledger-broken"
    CLOCK_BEHIND_LEDGER = "clock-behind-ledger"
    NOT_SERVING = "not-serving"
    UNWELL = "unwell"
    PORT_TAKEN = "port-taken"
    ADDRESS_MISSING = "address-missing"
    ADDRESS_UNREACHED = "address-unreached"
    MEMBERS_END_SOON = "members-end-soon"
    AGREEMENT_ENDED = "agreement-ended"
    AGREEMENT_ENDS_SOON = "agreement-ends-soon"
    MEMBER_LEFT = "member-left"
    KEY_OVERDUE = "key-overdue"
    SIGNATURE_WAITS = "signature-waits"


_WHOSE = {"node's": "노드", "authority's": "인증 기관"}


@dataclass(frozen=True, slots=True)
class Words:
    """A trouble in words; templates for `str.format_map`."""

    weight: Weight
    sentence: str
    advice: str
    korean: str
    korean_advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was looked at.
        trouble: what is wrong, or None.
        params: values for the sentence; paths, dates, addresses, never anything of a record.
    """

    check: str
    trouble: Trouble | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """How bad it is."""
        return Weight.OK if self.trouble is None else words()[self.trouble].weight

    def sentence(self, language: Language) -> str:
        """Say what is wrong; empty where nothing is."""
        return self._said(language, advice=False)

    def advice(self, language: Language) -> str:
        """Say what to do; empty where nothing is wrong."""
        return self._said(language, advice=True)

    def _said(self, language: Language, *, advice: bool) -> str:
        if self.trouble is None:
            return ""
        found, params = words()[self.trouble], dict(self.params)
        if language == "ko":
            problem = params.get("problem")
            if isinstance(problem, TacitError):
                params["problem"] = problem.sentence(language)
            elif problem is not None:
                params["problem"] = in_korean(str(problem))
            if "whose" in params:
                params["whose"] = _WHOSE[str(params["whose"])]
            return (found.korean_advice if advice else found.korean).format_map(params)
        return (found.advice if advice else found.sentence).format_map(params)


def refused(check: str, error: TacitError) -> Finding:
    """Give the finding of an error that has words of its own."""
    return Finding(check, Trouble.REFUSED, {"problem": error, "code": error.code.value})


@cache
def words() -> Mapping[Trouble, Words]:
    """Give the words of every trouble."""
    text = (files("tacit.cli.doctor") / "troubles.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        Trouble(row["trouble"]): Words(
            Weight(row["weight"]),
            row["sentence"],
            row["advice"],
            row["korean"],
            row["korean_advice"],
        )
        for row in rows
    }
