"""The containers: nodes apart from each other, each reaching only the coordinator."""

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
NODES = ("petition", "centre", "archive")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    document: dict[str, Any] = YAML(typ="safe").load(text)
    return document


def test_services(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"database", "coordinator", *NODES}


def test_nodes_share_no_network(compose: dict[str, Any]) -> None:
    networks = {name: set(service["networks"]) for name, service in compose["services"].items()}
    for one, other in combinations(("database", *NODES), 2):
        assert not networks[one] & networks[other], (one, other)
    for name in ("database", *NODES):
        assert len(networks[name]) == 1, name
        assert networks[name] <= networks["coordinator"], name
    assert all(compose["networks"][name]["internal"] for name in compose["networks"])
    assert set().union(*networks.values()) == set(compose["networks"])


def test_nothing_is_published_and_nothing_runs_as_root(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "ports" not in service, name
        assert "network_mode" not in service, name
        assert "privileged" not in service, name
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == ["tacit"]


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for setting, value in service.get("environment", {}).items():
            if any(word in setting for word in ("PASS", "URL", "SECRET", "KEY")):
                assert setting.endswith("_FILE"), (name, setting)
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    for secret in compose["secrets"].values():
        assert secret["file"].startswith("docker/secrets/")
    assert "docker/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_volumes_are_not_shared(compose: dict[str, Any]) -> None:
    mounts = [v.split(":")[0] for s in compose["services"].values() for v in s["volumes"]]
    assert len(mounts) == len(set(mounts)) == len(compose["volumes"])


def test_services_wait_for_health(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["coordinator"]["healthcheck"]["test"] == [
        "CMD",
        "tacit",
        "coordinator",
        "health",
    ]
    for name in NODES:
        assert services[name]["depends_on"] == {"coordinator": {"condition": "service_healthy"}}
