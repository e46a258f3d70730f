"""Open a node's store for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tacit.cli.output import Output
from tacit.cli.passphrase import existing_passphrase
from tacit.linkage.errors import Code, TacitError
from tacit.node.home import find_home
from tacit.node.store.base import Store, open_store


@contextmanager
def open_node(out: Output, home: Path | None, passphrase_file: Path | None) -> Iterator[Store]:
    """Open the store of the node at `home`; nobody is asked for a passphrase where none is.

    Raises:
        TacitError: NOT_FOUND, WRONG_PASSPHRASE, STORE_BUSY, STORE_FAILED or USAGE.
    """
    found = find_home(home)
    if not found.exists:
        raise TacitError(Code.NOT_FOUND, what=f"node in {found.path}; run `tacit node init`")
    with open_store(found, existing_passphrase(out, found.path, passphrase_file)) as store:
        yield store
