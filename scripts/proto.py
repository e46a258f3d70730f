"""Generate the committed gRPC stubs, or check that they are what the .proto files say.

python scripts/proto.py           write proto/tacit/v1/*_pb2*.py(i)
python scripts/proto.py --check   lint with buf and fail where a stub has drifted
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
PACKAGE = PROTO / "tacit" / "v1"


def generate(out: Path) -> None:
    """Write all stubs below `out`."""
    plugins = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([plugins, os.environ.get("PATH", "")])
    sources = [str(path.relative_to(PROTO)) for path in sorted(PACKAGE.glob("*.proto"))]
    flags = [f"--{kind}_out={out}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    if protoc.main(["protoc", f"-I{PROTO}", *flags, *sources]) != 0:
        sys.exit("protoc failed")


def stubs(root: Path) -> set[str]:
    """Name every generated file in `root`."""
    return {path.name for path in root.glob("*_pb2*")}


def check() -> None:
    """Exit non-zero where buf complains or a stub is not what the sources give."""
    buf = shutil.which("buf") or str(Path(sys.executable).with_name("buf"))
    subprocess.run([buf, "lint", str(PROTO)], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh = Path(scratch) / "tacit" / "v1"
        names = stubs(fresh) | stubs(PACKAGE)
        _, differing, missing = filecmp.cmpfiles(PACKAGE, fresh, names, shallow=False)
    if differing or missing:
        sys.exit(
            f"stubs drifted from their .proto: {sorted(differing + missing)}; run `make proto`"
        )
    print(f"{len(names)} stubs are current")


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        check()
    else:
        generate(PROTO)
