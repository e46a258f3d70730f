"""The coordinator's configuration, a TOML file that people may edit."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from tacit.coordinator.engine.names import ENGINES
from tacit.coordinator.limits import EXPLAINED as LIMITS_EXPLAINED
from tacit.coordinator.limits import LEAST, MOST, Limits
from tacit.linkage.errors import Code, TacitError

DATABASE_VARIABLE = "TACIT_COORDINATOR_DATABASE"
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Config:
    """How a coordinator serves.

    Attributes:
        coalition: what people call the coalition.
        listen: host:port for members (mutual TLS); port 0 takes a free one.
        enrol_listen: host:port for enrolment (server TLS only).
        address: host:port at which nodes reach `listen`; empty means `listen` itself.
        enrol_address: the same for `enrol_listen`.
        database: SQLAlchemy URL; empty means SQLite in the home.
        engine: how runs compare: "auto", "serial" or "process".
        metrics: host:port on loopback for Prometheus metrics; empty means none.
        confirmations: how many members must confirm a newcomer before it may do anything.
        certificate_days: how long a member's certificate holds; nodes renew theirs in time.
        limits: how much one caller may have; the file's table of that name.
    """

    coalition: str
    listen: str = "127.0.0.1:7443"
    enrol_listen: str = "127.0.0.1:7444"
    address: str = ""
    enrol_address: str = ""
    database: str = ""
    engine: str = "auto"
    metrics: str = ""
    confirmations: int = 0
    certificate_days: int = 90
    limits: Limits = field(default_factory=Limits)


# Least and most of each number.
_NUMBERS = {"confirmations": (0, 10), "certificate_days": (1, 3650)}
_EXPLAINED = {
    "coalition": "What people call the coalition.",
    "listen": "Where members' nodes connect, host:port.",
    "enrol_listen": "Where new nodes enrol, host:port.",
    "address": "host:port at which nodes reach `listen`, if that is another (NAT, containers).",
    "enrol_address": "The same for `enrol_listen`.",
    "database": f"postgresql://user:password@host/name, or empty for SQLite; {DATABASE_VARIABLE} overrides it.",
    "metrics": "host:port on loopback for Prometheus metrics, or empty for none.",
    "confirmations": "How many members must confirm a newcomer before it may do anything; 0 for none.",
    "certificate_days": "Days that a member's certificate holds; nodes renew theirs by themselves.",
    "engine": "How runs compare: serial, process (all cores), or auto to choose by size.",
}


def render_config(config: Config) -> str:
    """Write a configuration as TOML with a comment on each line."""
    values = asdict(config)
    limits = values.pop("limits")
    # A JSON string is a TOML basic string.
    lines = [
        f"# {_EXPLAINED[key]}\n{key} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in values.items()
    ]
    table = [f"# {LIMITS_EXPLAINED[key]}\n{key} = {value}\n" for key, value in limits.items()]
    return "\n".join([*lines, "[limits]", *table])


def read_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and validate the configuration at `path`.

    Raises:
        TacitError: USAGE; the sentence names the file and the key.
    """
    try:
        raw = _parse(path.read_text(encoding="utf-8"), path)
    except UnicodeDecodeError as error:
        raise _bad(path, "it is not TOML") from error
    if DATABASE_VARIABLE in environment:
        raw["database"] = environment[DATABASE_VARIABLE]
    return _made(raw, path)


def parse_config(text: str, name: str) -> Config:
    """Parse and validate a configuration that was kept elsewhere; `name` is named in the error.

    Raises:
        TacitError: USAGE; the sentence names the file and the key.
    """
    return _made(_parse(text, Path(name)), Path(name))


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, "it is not TOML") from error
    raw["limits"] = _limits(raw.get("limits", {}), path)
    known = {item.name for item in fields(Config)}
    for key, value in raw.items():
        if key not in known:
            raise _bad(path, f"unknown key '{key}'")
        if key == "limits":
            continue
        if key in _NUMBERS and type(value) is not int:
            raise _bad(path, f"'{key}' must be a whole number")
        if key not in _NUMBERS and not isinstance(value, str):
            raise _bad(path, f"'{key}' must be text")
    return raw


def _limits(raw: object, path: Path) -> Limits:
    if not isinstance(raw, dict):
        raise _bad(path, "'limits' must be a table")
    known = {item.name for item in fields(Limits)}
    for key, value in raw.items():
        if key not in known:
            raise _bad(path, f"unknown key '{key}'")
        if type(value) is not int:
            raise _bad(path, f"'{key}' must be a whole number")
        if not LEAST <= value <= MOST:
            raise _bad(path, f"'{key}' must be from {LEAST} to {MOST}")
    return Limits(**raw)


def _made(raw: Mapping[str, Any], path: Path) -> Config:
    config = Config(**{"coalition": "", **raw})
    validate_config(config, path)
    return config


def validate_config(config: Config, path: Path) -> None:
    """Check a configuration; `path` is named in the error.

    Raises:
        TacitError: USAGE; the sentence names the file and the key.
    """
    if not config.coalition.strip():
        raise _bad(path, "'coalition' is empty")
    values = asdict(config)
    for key, (least, most) in _NUMBERS.items():
        if not least <= values[key] <= most:
            raise _bad(path, f"'{key}' must be from {least} to {most}")
    for key in ("listen", "enrol_listen", "metrics"):
        off = key == "metrics" and not config.metrics
        if not off and not _is_address(values[key], lowest_port=0):
            raise _bad(path, f"'{key}' must be host:port")
    for key in ("address", "enrol_address"):
        if values[key] and not _is_address(values[key], lowest_port=1):
            raise _bad(path, f"'{key}' must be host:port")
    if config.engine not in ENGINES:
        raise _bad(path, f"'engine' must be one of {', '.join(ENGINES)}")


def _is_address(text: str, lowest_port: int) -> bool:
    host, colon, port = text.rpartition(":")
    number = port.isascii() and port.isdigit() and lowest_port <= int(port) <= _HIGHEST_PORT
    return bool(host and colon and number) and not any(c.isspace() for c in text)


def _bad(path: Path, problem: str) -> TacitError:
    return TacitError(Code.USAGE, problem=f"{path.name}: {problem}.")
