"""Keeps gRPC's core from writing to standard error; import it before `grpc`, which looks once.

It would quote there what anybody who can connect sends, without a certificate and as often as they
like: the text of a GOAWAY frame, for one. `GRPC_VERBOSITY=ERROR` in the environment lets it speak,
to look into a connection that does not come about.
"""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
