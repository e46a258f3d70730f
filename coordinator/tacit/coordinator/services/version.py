"""Which protocols this coordinator speaks."""

from functools import cache
from importlib.metadata import version

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION


@cache
def software_version() -> str:
    """Version of the installed software."""
    return version("tacit")


def check_version(node: int) -> None:
    """Refuse a node with whom there is no protocol in common.

    Raises:
        TacitError: VERSION_UNSUPPORTED.
    """
    if not OLDEST_PROTOCOL_VERSION <= node <= PROTOCOL_VERSION:
        raise TacitError(
            Code.VERSION_UNSUPPORTED,
            oldest=OLDEST_PROTOCOL_VERSION,
            newest=PROTOCOL_VERSION,
            node=node,
        )
