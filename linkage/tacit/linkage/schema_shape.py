"""Whether a document has the shape of clkhash's master schema for version 3, said readably."""

import json
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError

from tacit.linkage.korean_problems import in_korean

FEATURE_DEPTH = 2  # a feature stands at features / number


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say of a schema; `feature` is empty where it concerns the whole."""

    feature: str
    message: str

    def sentence(self, language: str = "en") -> str:
        """Say it with the feature's name, in `en` or `ko`."""
        said = f"feature '{self.feature}': {self.message}" if self.feature else self.message
        return in_korean(said) if language == "ko" else said


def encoded(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the features that are encoded, in order; `raw` must fit the master schema."""
    return [item for item in raw["features"] if not item.get("ignored", False)]


@cache
def _validator() -> jsonschema.Draft7Validator:
    master = pkgutil.get_data("clkhash", "schemas/v3.json") or b""
    return jsonschema.Draft7Validator(json.loads(master))


def shape_problems(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """List where the document departs from clkhash's master schema."""
    version = raw.get("version")
    if version != 3 or not isinstance(version, int):  # noqa: PLR2004
        yield Finding("", "'version' must be 3")
        return
    for error in _validator().iter_errors(raw):
        yield _located(raw, error)


def _located(raw: Mapping[str, Any], error: ValidationError) -> Finding:
    deepest = _deepest(error)
    path = list(deepest.absolute_path)
    name = ""
    if len(path) > 1 and path[0] == "features":
        item = raw["features"][path[1]]
        name = str(item.get("identifier", "")) if isinstance(item, dict) else ""
        name = name or f"number {int(path[1]) + 1}"
        path = path[2:]
    place = ".".join(str(step) for step in path)
    message = deepest.message if len(deepest.message) <= 200 else f"{deepest.message[:200]}..."  # noqa: PLR2004
    return Finding(name, f"in '{place}': {message}" if place else message)


def _deepest(error: ValidationError) -> ValidationError:
    """Follow a failed choice into the branch that was most likely meant."""
    while error.context:
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        if len(error.absolute_path) == FEATURE_DEPTH and error.absolute_path[0] == "features":
            feature = error.instance
            ignored = isinstance(feature, dict) and feature.get("ignored") is True
            meant = branches[int(ignored)]
        else:
            meant = min(branches.values(), key=_distance)
        error = max(meant, key=lambda inner: len(inner.absolute_path))
    return error


def _distance(branch: list[ValidationError]) -> tuple[bool, bool, int]:
    other_kind = any(
        inner.validator in ("const", "enum") and list(inner.path)[-1:] in (["type"], ["ignored"])
        for inner in branch
    )
    return (
        other_kind,
        any(inner.validator == "additionalProperties" for inner in branch),
        len(branch),
    )
