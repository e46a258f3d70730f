"""gRPC passes over options that it does not know without a word."""

from importlib.util import find_spec
from pathlib import Path

from tacit.coordinator.channel_options import channel_options
from tacit.coordinator.limits import Limits
from tacit.node.client import channel


def test_grpc_knows_every_option_that_it_is_given() -> None:
    found = find_spec("grpc._cython.cygrpc")
    assert found is not None
    library = Path(str(found.origin)).read_bytes()
    given = [*channel_options(Limits()), *channel._OPTIONS]
    unknown = [name for name, _ in given if name.encode() + b"\0" not in library]
    assert unknown == []
