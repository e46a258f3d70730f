"""Looking at folders, disks and certificates."""

import datetime as dt
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from tacit.cli.doctor.troubles import Finding, Trouble

_MEGABYTE = 1_000_000
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a doctor calls too little.

    Attributes:
        free_bytes: room on the disk.
        share: of a member's certificate's own time that is left. It renews itself at a third; where
            half of that third has gone by, nothing renews it.
        authority_days: until the authority's ends, which means a new coalition.
        seconds: between two clocks.
        patience: seconds to wait for an answer.
    """

    free_bytes: int = 500 * _MEGABYTE
    share: float = 1 / 6
    authority_days: int = 180
    seconds: float = 120.0
    patience: float = 10.0


def look_at_home(home: Path, files: Sequence[Path]) -> Iterator[Finding]:
    """Is the folder writable, and closed to other users, with what is in it?"""
    if not _writable(home):
        yield Finding("home", Trouble.HOME_UNWRITABLE, {"path": home})
        return
    found = [
        Finding("home", Trouble.HOME_OPEN, {"path": path, "mode": f"{mode:03o}", "wanted": wanted})
        for path, wanted in ((home, "700"), *((file, "600") for file in files if file.exists()))
        if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077
    ]
    yield from found or [Finding("home")]


def look_at_disk(home: Path, limits: Limits) -> Finding:
    """Is there room on the disk?"""
    free = shutil.disk_usage(home).free
    if free < limits.free_bytes:
        return Finding("disk", Trouble.DISK_FULL, {"path": home, "free": free // _MEGABYTE})
    return Finding("disk")


def look_at_certificate(
    certificate: x509.Certificate, whose: str, now: dt.datetime, least: dt.timedelta
) -> Finding:
    """Is a certificate valid now, and for so long yet?"""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    trouble, date = None, end
    if now < start:
        trouble, date = Trouble.CERTIFICATE_NOT_YET, start
    elif now >= end:
        trouble = Trouble.CERTIFICATE_ENDED
    elif now + least >= end:
        trouble = Trouble.CERTIFICATE_ENDS_SOON
    if trouble is None:
        return Finding("certificate")
    return Finding("certificate", trouble, {"whose": whose, "date": day(date)})


def lifetime(certificate: x509.Certificate) -> dt.timedelta:
    """Give for how long a certificate was made."""
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc


def now_utc() -> dt.datetime:
    """Give the time by this machine."""
    return dt.datetime.now(dt.UTC)


def day(moment: dt.datetime) -> str:
    """Write a moment to the minute, UTC."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def _writable(home: Path) -> bool:
    try:
        # What access(2) says is not what happens on a full or read-only disk.
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"tacit")
            file.flush()
    except OSError:
        return False
    return True
