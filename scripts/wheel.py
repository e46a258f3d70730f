"""Build the wheel, check what is in it, install it into a fresh environment and run it."""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "tacit/v1/membership_pb2.py",
    "tacit/v1/membership_pb2.pyi",
    "tacit/v1/membership_pb2_grpc.py",
    "tacit/v1/membership.proto",
    "tacit/linkage/normalise/data/",
    "tacit/linkage/schemas/",
    "tacit/node/store/",
    "tacit/coordinator/store/migrations/versions/",
    "tacit/cli/demo/templates/",
    "tacit/cli/py.typed",
    "tacit/coordinator/py.typed",
    "tacit/linkage/py.typed",
    "tacit/node/py.typed",
    "tacit/v1/py.typed",
)


def build(folder: Path) -> Path:
    """Build the wheel into `folder`."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def problems(names: list[str]) -> list[str]:
    """Say what is wrong with a wheel that holds these files."""
    packages = [name for name in names if ".dist-info/" not in name]
    tops = sorted({name.split("/")[0] for name in packages})
    found = [] if tops == ["tacit"] else [f"top-level names are {tops}"]
    found += [f"{need} is missing" for need in NEEDED if not any(n.startswith(need) for n in names)]
    found += [f"{name} has no business in a wheel" for name in packages if _stray(name)]
    return found


def _stray(name: str) -> bool:
    parts = name.split("/")
    return (
        parts[-1].startswith(("test_", "conftest"))
        or "__pycache__" in parts
        or parts[1:] == ["__init__.py"]
        or name.endswith((".csv", ".xlsx", ".db", ".nbi", ".nbc"))
    )


def install_and_run(wheel: Path, folder: Path) -> None:
    """Install the wheel as anyone would and ask it for its version and its errors."""
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(pip, check=True)
    for words in (["--version"], ["errors", "--json"], ["evaluate", "--help"]):
        subprocess.run([str(scripts / "tacit"), *words], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Do it all; exit non-zero where something is wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build(Path(scratch))
        with zipfile.ZipFile(wheel) as archive:
            found = problems(archive.namelist())
        if found:
            sys.exit("\n".join(found))
        if "--contents" not in sys.argv[1:]:
            install_and_run(wheel, Path(scratch) / "venv")
    print("the wheel is sound")


if __name__ == "__main__":
    main()
