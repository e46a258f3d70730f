"""The coordinator's home: one directory with its configuration, keys and database."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.coordinator.authority import Authority, create_authority
from tacit.coordinator.config import Config, read_config, render_config, validate_config
from tacit.coordinator.keys import read_ec_key, read_ed25519_key, write_key, write_private_file
from tacit.coordinator.store.engine import Store, open_store
from tacit.linkage.errors import Code, TacitError

PASSPHRASE_VARIABLE = "TACIT_COORDINATOR_PASSPHRASE"  # noqa: S105 (a name)
CONFIG = "coordinator.toml"
AUTHORITY_CERTIFICATE = "authority.pem"
AUTHORITY_KEY = "authority.key"
LEDGER_KEY = "ledger.key"
_DATABASE = "coordinator.sqlite3"
_LOCK = "lock"
_SERVING = "serving.json"


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a running coordinator listens, host:port with the ports that were taken.

    Attributes:
        address: for members.
        enrol_address: for nodes that enrol.
        pid: of the process.
        metrics_address: for metrics, or empty where they are off.
    """

    address: str
    enrol_address: str
    pid: int
    metrics_address: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """An initialised home and its configuration."""

    path: Path
    config: Config

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the coordinator's database."""
        return self.config.database or f"sqlite:///{self.database_file}"

    @property
    def database_file(self) -> Path:
        """Where the database is, if it is SQLite's."""
        return self.path / _DATABASE

    def kept_files(self) -> dict[str, bytes]:
        """Read what a backup must hold beside the database: configuration, certificate, keys.

        Raises:
            TacitError: STORE_FAILED; one of them cannot be read.
        """
        passing = {_LOCK, _SERVING}
        try:
            return {
                file.name: file.read_bytes()
                for file in sorted(self.path.iterdir())
                if file.is_file()
                and file.name not in passing
                and not file.name.startswith(_DATABASE)
                and file.suffix != ".new"
            }
        except OSError as error:
            raise TacitError(Code.STORE_FAILED, problem="the home cannot be read.") from error

    def open_store(self) -> Store:
        """Open the database, with its tables up to date.

        Raises:
            TacitError: STORE_FAILED or USAGE.
        """
        return open_store(self.database_url)

    def authority_certificate(self) -> x509.Certificate:
        """Read the authority's certificate; needs no passphrase.

        Raises:
            TacitError: NOT_FOUND.
        """
        try:
            return x509.load_pem_x509_certificate((self.path / AUTHORITY_CERTIFICATE).read_bytes())
        except FileNotFoundError as error:
            raise TacitError(Code.NOT_FOUND, what=f"file {AUTHORITY_CERTIFICATE}") from error

    def read_authority(self, passphrase: str | None) -> Authority:
        """Read the authority with its key.

        Raises:
            TacitError: NOT_FOUND or WRONG_PASSPHRASE.
        """
        key = read_ec_key(self.path / AUTHORITY_KEY, passphrase)
        return Authority(self.authority_certificate(), key, self.config.certificate_days)

    def read_ledger_key(self, passphrase: str | None) -> Ed25519PrivateKey:
        """Read the key that signs tree heads.

        Raises:
            TacitError: NOT_FOUND or WRONG_PASSPHRASE.
        """
        return read_ed25519_key(self.path / LEDGER_KEY, passphrase)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only coordinator of this home; the lock ends with the process at the latest.

        Raises:
            TacitError: STORE_BUSY, another coordinator serves this home.
        """
        with (self.path / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise TacitError(Code.STORE_BUSY, "another coordinator serves this home") from error
            yield

    def write_serving(self, serving: Serving) -> None:
        """Note where the coordinator listens, for invitations made meanwhile."""
        write_private_file(self.path / _SERVING, json.dumps(asdict(serving)).encode())

    def read_serving(self) -> Serving | None:
        """Say where the coordinator listened last; None if it never served."""
        try:
            raw = json.loads((self.path / _SERVING).read_bytes())
            return Serving(**raw)
        except (OSError, ValueError, TypeError):
            return None


def init_home(path: Path, config: Config, passphrase: str | None = None) -> Home:
    """Make a coordinator's home: directory 0700, files 0600.

    Args:
        path: the directory; made if it is missing, taken if it holds no coordinator yet.
        config: how to serve.
        passphrase: encrypts the private keys at rest, if given.

    Raises:
        TacitError: EXISTS, the directory holds a coordinator; USAGE, the configuration is wrong.
    """
    if (path / CONFIG).exists():
        raise TacitError(Code.EXISTS, what=f"A coordinator in {path}")
    validate_config(config, Path(CONFIG))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    authority = create_authority(config.coalition)
    write_key(path / AUTHORITY_KEY, authority.key, passphrase)
    write_private_file(path / AUTHORITY_CERTIFICATE, authority.pem)
    write_key(path / LEDGER_KEY, Ed25519PrivateKey.generate(), passphrase)
    home = Home(path.resolve(), config)
    home.open_store().close()
    # Last, since its presence says that the home is complete.
    write_private_file(path / CONFIG, render_config(config).encode())
    return home


def open_home(path: Path) -> Home:
    """Open an initialised home.

    Raises:
        TacitError: NOT_FOUND, there is none; USAGE, its configuration is wrong.
    """
    file = path / CONFIG
    if not file.is_file():
        raise TacitError(
            Code.NOT_FOUND, what=f"coordinator in {path}; run `tacit coordinator init`"
        )
    return Home(path.resolve(), read_config(file))


def passphrase_from_environment() -> str | None:
    """Give the passphrase of the keys at rest, if the environment holds one."""
    return os.environ.get(PASSPHRASE_VARIABLE) or None
