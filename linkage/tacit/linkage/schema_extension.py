"""What Tacit's own top-level key in a linkage schema may hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from tacit.linkage.normalise.registry import NORMALISERS
from tacit.linkage.schema_shape import Finding, encoded

# Register fields that may serve as strata.
STRATA = frozenset({"kind", "year", "body", "forum"})

ALTERNATIVES = "alternatives"
"""Each source that holds something gives alternatives of the value."""

JOIN = "join"
"""What the sources hold is one value in several parts."""

COMBINE = (ALTERNATIVES, JOIN)

MAXIMUM_SOURCES = 32


def extension_problems(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """List what is wrong with the extension; the rest of `raw` must be valid."""
    if "tacit" not in raw:
        return
    extension = raw["tacit"]
    if not isinstance(extension, dict):
        yield Finding("", "'tacit' is not an object")
        return
    unknown = sorted(extension.keys() - {"format", "features", "strata"})
    if unknown:
        yield Finding("", f"'tacit' holds the unknown key '{unknown[0]}'")
    if type(extension.get("format")) is not int or extension["format"] != 1:
        yield Finding("", "'tacit.format' must be 1")
    strata = extension.get("strata", [])
    if not isinstance(strata, list) or not all(isinstance(name, str) for name in strata):
        yield Finding("", "'tacit.strata' is not a list of names")
    elif len(strata) != len(set(strata)):
        yield Finding("", "'tacit.strata' names a dimension twice")
    settings = extension.get("features", {})
    if not isinstance(settings, dict):
        yield Finding("", "'tacit.features' is not an object")
        return
    known = {item["identifier"] for item in encoded(raw)}
    for name, own in settings.items():
        yield from _setting(name, own, known)


def _setting(name: str, own: Any, known: set[str]) -> Iterator[Finding]:
    if name not in known:
        yield Finding(name, "'tacit.features' names it, but it is not an encoded feature")
    if not isinstance(own, dict):
        yield Finding(name, "its entry in 'tacit.features' is not an object")
        return
    unknown = sorted(own.keys() - {"source", "sources", "combine", "normalise"})
    if unknown:
        yield Finding(name, f"its entry in 'tacit.features' holds the unknown key '{unknown[0]}'")
    source = own.get("source", name)
    if not isinstance(source, str) or not source:
        yield Finding(name, "'source' is not the name of a register field")
    yield from _several(name, own)
    normaliser = own.get("normalise", "none")
    if not isinstance(normaliser, str) or normaliser not in NORMALISERS:
        names = ", ".join(sorted(NORMALISERS))
        yield Finding(name, f"'normalise' names no normaliser of this version ({names})")


def readings_of(name: str, own: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Give the readings of a feature, whose entry must be valid: fields that are joined, each."""
    if "sources" not in own:
        return ((own.get("source", name),),)
    if own.get("combine", ALTERNATIVES) == JOIN:
        return (tuple(own["sources"]),)
    return tuple(_fields(source) for source in own["sources"])


def _fields(source: Any) -> tuple[Any, ...]:
    return tuple(source) if isinstance(source, list) else (source,)


def _several(name: str, own: Mapping[str, Any]) -> Iterator[Finding]:
    if "source" in own and "sources" in own:
        yield Finding(name, "'source' and 'sources' stand together")
    if own.get("combine", ALTERNATIVES) not in COMBINE:
        yield Finding(name, "'combine' must be 'alternatives' or 'join'")
    sources = own.get("sources", [name])
    nested = own.get("combine") != JOIN
    parts = [_fields(source) if nested else (source,) for source in _fields(sources)]
    fields = [field for part in parts for field in part]
    if not (isinstance(sources, list) and sources and all(parts)) or not all(
        isinstance(field, str) and field for field in fields
    ):
        yield Finding(name, "'sources' is not a list of names of register fields")
    elif len(set(parts)) != len(parts) or any(len(set(part)) != len(part) for part in parts):
        yield Finding(name, "'sources' names a register field twice")
    elif len(fields) > MAXIMUM_SOURCES:
        yield Finding(name, f"'sources' names more than {MAXIMUM_SOURCES} register fields")
