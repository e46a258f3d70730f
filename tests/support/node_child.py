"""A node's process that a test can kill at a chosen call.

    python tests/support/node_child.py HOME [POINT...]

brings the node in HOME all the way from its register to results, as `tacit node sync` and
`tacit link` would. The passphrase comes on standard input; POINTs are as in `crash`.
"""

import sys
from pathlib import Path

from crash import arm
from tacit.node.fetch import RunView
from tacit.node.home import find_home
from tacit.node.link import link
from tacit.node.store.base import Store, open_store
from tacit.node.sync import sync


def go_all_the_way(store: Store) -> RunView:
    """Upload what the register holds, link, and fetch what was found."""
    sync(store, None, on_progress)
    return link(store, None, on_run)


def on_progress(stage: str, done: int, total: int) -> None:
    """Be a point at which to die while something is on its way."""
    del stage, done, total


def on_run(run: RunView) -> None:
    """Be a point at which to die while a run is watched."""
    del run


def main() -> None:
    """Open the store, arm every point, and go all the way."""
    home, *points = sys.argv[1:]
    # Armed in the module that others see, not in the one that runs as __main__.
    import node_child  # noqa: PLC0415

    with open_store(find_home(Path(home)), sys.stdin.read()) as store:
        for point in points:
            arm(point)
        node_child.go_all_the_way(store)


if __name__ == "__main__":
    main()
