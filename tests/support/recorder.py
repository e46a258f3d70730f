"""Run `tacit` and append every message that its gRPC server reads or writes, in clear, to a file.

python tests/support/recorder.py FILE tacit's arguments
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


def record(path: Path) -> None:
    """Wrap the functions through which generated code hands its serialisers to gRPC."""
    file = path.open("ab", buffering=0)

    def reading(deserialise: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        def read(data: bytes) -> Any:
            file.write(data)
            return deserialise(data)

        return read

    def writing(serialise: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        def write(message: Any) -> bytes:
            data = serialise(message)
            file.write(data)
            return data

        return write

    def wrap(make: Callable[..., Any]) -> Callable[..., Any]:
        def handler(
            behaviour: Any,
            request_deserializer: Any = None,
            response_serializer: Any = None,
        ) -> Any:
            return make(behaviour, reading(request_deserializer), writing(response_serializer))

        return handler

    for kind in KINDS:
        name = f"{kind}_rpc_method_handler"
        setattr(grpc, name, wrap(getattr(grpc, name)))


if __name__ == "__main__":
    record(Path(sys.argv[1]))
    from tacit.cli.main import main

    sys.argv = ["tacit", *sys.argv[2:]]
    main()
