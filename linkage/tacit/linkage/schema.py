"""The linkage schema: clkhash's version 3, read as it is, with Tacit's optional extension.

The extension is one more top-level key, which clkhash itself passes over:

    "tacit": {"format": 1,
              "features": {"<identifier>": {"source": "<register field>", "normalise": "<name>"}},
              "strata": ["kind", "year"]}

A feature may be made from several register fields, `"sources": ["name", "alias"]` with
`"combine": "alternatives"` (each that is filled gives alternatives of the value) or
`"combine": "join"` (they are parts of one value, such as surname and given name). Among
alternatives a list of fields is joined: `"sources": ["name", ["surname", "given_name"]]`.

Without the extension every feature is computed from the register field of its own name, as it
stands.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tacit.linkage import schema_rules
from tacit.linkage.clkhash_import import clkhash_schema
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema_extension import readings_of
from tacit.linkage.schema_shape import Finding, encoded

MAXIMUM_DOCUMENT = 1 << 20


@dataclass(frozen=True, slots=True)
class Feature:
    """One encoded feature, which is one bit of the presence mask.

    Attributes:
        identifier: clkhash identifier, unique among the encoded features.
        readings: alternatives of the value; each is made from register fields, which are joined
            where there are several.
        normaliser: name of a normaliser; "none" keeps the value as it is.
        bits: expected number of bit insertions where the feature is present.
    """

    identifier: str
    readings: tuple[tuple[str, ...], ...]
    normaliser: str
    bits: float

    @property
    def sources(self) -> tuple[str, ...]:
        """Distinct register fields that the feature is computed from, in order."""
        return tuple(dict.fromkeys(field for reading in self.readings for field in reading))


@dataclass(frozen=True, slots=True)
class LinkageSchema:
    """A valid linkage schema.

    Attributes:
        text: the document with sorted keys and no white space; equal documents have equal text.
        features: encoded features in clkhash's order, ignored ones left out.
        length: bits of a finished CLK, after folding.
        strata: names of the coarse dimensions that travel with each record.
        clk: clkhash's own reading of the document (`clkhash.schema.Schema`).
    """

    text: str
    features: tuple[Feature, ...]
    length: int
    strata: tuple[str, ...]
    clk: Any = field(repr=False, compare=False)

    @property
    def hash(self) -> bytes:
        """SHA-256 of the text in UTF-8, 32 bytes."""
        return sha256(self.text.encode()).digest()

    @property
    def sources(self) -> tuple[str, ...]:
        """Distinct register fields that the features need, in order."""
        return tuple(dict.fromkeys(s for feature in self.features for s in feature.sources))


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """What there is to say of a schema document.

    Attributes:
        problems: reasons why the document cannot be used; none if it can.
        warnings: what works but is probably not meant.
        schema: the schema, if there are no problems.
    """

    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    schema: LinkageSchema | None


def parse_schema(document: bytes | str) -> LinkageSchema:
    """Read a linkage schema.

    Args:
        document: JSON in UTF-8, with or without a byte order mark.

    Raises:
        TacitError: BAD_SCHEMA; the sentence names the feature and what is wrong with it.
    """
    report = validate_schema(document)
    if report.schema is None:
        raise TacitError(Code.BAD_SCHEMA, problem=report.problems[0].sentence())
    return report.schema


def validate_schema(document: bytes | str) -> SchemaReport:
    """Read a linkage schema and say everything that is wrong or doubtful about it."""
    raw = _read(document)
    if isinstance(raw, Finding):
        return SchemaReport((raw,), (), None)
    problems = schema_rules.problems(raw)
    if problems:
        return SchemaReport(tuple(problems), (), None)
    return SchemaReport((), tuple(schema_rules.warnings(raw)), _build(raw))


def _read(document: bytes | str) -> dict[str, Any] | Finding:
    if len(document) > MAXIMUM_DOCUMENT:
        return Finding("", f"it is larger than {MAXIMUM_DOCUMENT} bytes")
    try:
        text = document.decode("utf-8-sig") if isinstance(document, bytes) else document
        raw = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_float=_finite,
            parse_constant=_finite,
        )
        _text(raw).encode()
    except _DocumentError as error:
        return Finding("", str(error))
    except (ValueError, RecursionError):
        return Finding("", "it is not JSON in UTF-8")
    return raw if isinstance(raw, dict) else Finding("", "it is not a JSON object")


class _DocumentError(Exception):
    """JSON that two readers could understand differently."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _DocumentError(f"the key '{twice}' stands twice in one object")
    return dict(pairs)


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) > 1e300 or number != number:  # noqa: PLR0124, PLR2004
        raise _DocumentError("it holds a number out of range")
    return number


def _text(raw: Mapping[str, Any]) -> str:
    # Not RFC 8785 alone: thresholdDistance may be a fraction, which Python writes as its shortest
    # form that reads back to the same number.
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _build(raw: dict[str, Any]) -> LinkageSchema:
    # Validated already, and clkhash fills defaults into its argument.
    clk = clkhash_schema.from_json_dict(deepcopy(raw), validate=False)
    extension = raw.get("tacit", {})
    settings = extension.get("features", {})
    features = []
    for item in encoded(raw):
        own = settings.get(item["identifier"], {})
        features.append(
            Feature(
                identifier=item["identifier"],
                readings=readings_of(item["identifier"], own),
                normaliser=own.get("normalise", "none"),
                bits=schema_rules.expected_bits(item),
            )
        )
    return LinkageSchema(
        text=_text(raw),
        features=tuple(features),
        length=clk.l,
        strata=tuple(extension.get("strata", ())),
        clk=clk,
    )
