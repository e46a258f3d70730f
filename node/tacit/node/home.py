"""The node's home directory: where its store, its wrapped key and its lock lie."""

import contextlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from tacit.linkage.errors import Code, TacitError

_PRIVATE_DIRECTORY = 0o700
_PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Home:
    """A node's home directory and what lies in it.

    Attributes:
        path: the directory, mode 0700.
    """

    path: Path

    @property
    def store(self) -> Path:
        """The SQLCipher database."""
        return self.path / "store.db"

    @property
    def key(self) -> Path:
        """The database key, wrapped under the passphrase; its presence makes a store exist."""
        return self.path / "key.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that has the store open."""
        return self.path / "lock"

    @property
    def exists(self) -> bool:
        """Whether a store was created here."""
        return self.key.is_file()


def find_home(option: Path | str | None = None, environ: Mapping[str, str] = os.environ) -> Home:
    """Give the home named by `--home`, else by TACIT_HOME, else the user's data directory."""
    named = option or environ.get("TACIT_HOME")
    path = Path(named).expanduser() if named else user_data_path("tacit", appauthor=False) / "node"
    return Home(path.absolute())


def prepare_home(home: Home) -> None:
    """Create the directory if need be and close it to other users.

    Raises:
        TacitError: STORE_FAILED; it is no directory or cannot be made private.
    """
    try:
        home.path.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        if os.name == "posix" and stat.S_IMODE(home.path.stat().st_mode) & 0o077:
            home.path.chmod(_PRIVATE_DIRECTORY)
    except OSError as error:
        problem = f"the home directory cannot be made private ({error.strerror})"
        raise TacitError(Code.STORE_FAILED, problem=problem) from error


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only, and see it to the disk.

    Raises:
        TacitError: STORE_FAILED; the disk refuses.
    """
    draft = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        problem = f"{path.name} cannot be written ({error.strerror})"
        raise TacitError(Code.STORE_FAILED, problem=problem) from error


def touch_private(path: Path) -> None:
    """Make an empty file readable by its owner only, unless it is there already."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE))


def _sync_directory(path: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
