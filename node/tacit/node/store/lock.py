"""One process at a time in a store."""

import os
import sys
from pathlib import Path
from typing import Self

from tacit.linkage.errors import Code, TacitError

if sys.platform == "win32":
    import msvcrt

    def _acquire(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _acquire(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProcessLock:
    """A lock file that the system lets go of when the process ends, however it ends.

    Args:
        path: the lock file; it is created and stays.

    Raises:
        TacitError: STORE_BUSY; another process, or another opening in this one, holds it.
    """

    def __init__(self, path: Path) -> None:
        # Closed on exec by default (PEP 446), so that a child process does not keep the store.
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _acquire(self._descriptor)
        except OSError as error:
            self.release()
            raise TacitError(Code.STORE_BUSY) from error

    def release(self) -> None:
        """Let go; doing so twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
