"""Field weights as a file that one member sends another: small, readable, checked when read."""

import json
import re
from typing import Any

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.learnt_weights import FeatureWeight, FieldWeights

FORMAT = 1
MOST_BITS = 128
MOST_RECORDS = 10**9
_HASH = re.compile(r"[0-9a-f]{64}")


def write_weights(weights: FieldWeights) -> str:
    """Write weights as JSON text."""
    document = {
        "tacit-weights": FORMAT,
        "fields": weights.fields,
        "records": weights.records,
        "features": {
            name: {"filled": own.filled, "information": own.information, "errors": own.errors}
            for name, own in weights.features.items()
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read_weights(document: bytes, name: str) -> FieldWeights:
    """Read what `write_weights` wrote.

    Args:
        document: JSON in UTF-8.
        name: of the file, for the error's sentence.

    Raises:
        TacitError: BAD_INPUT; it is something else.
    """
    try:
        raw = json.loads(document)
        return FieldWeights(
            _fields(raw),
            _whole(raw["records"]),
            {str(feature): _feature(own) for feature, own in raw["features"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        problem = "it is no file of weights that `tacit node weights` of this version wrote"
        raise TacitError(Code.BAD_INPUT, where=name, problem=problem) from None


def _fields(raw: Any) -> str:
    fields = raw["fields"]
    if raw["tacit-weights"] != FORMAT or not _HASH.fullmatch(fields):
        raise ValueError
    return str(fields)


def _feature(raw: Any) -> FeatureWeight:
    errors = raw["errors"]
    return FeatureWeight(
        filled=_number(raw["filled"], 1),
        information=_number(raw["information"], MOST_BITS),
        errors=None if errors is None else _number(errors, 1),
    )


def _whole(raw: Any) -> int:
    if type(raw) is not int or not 0 < raw <= MOST_RECORDS:
        raise ValueError
    return raw


def _number(raw: Any, most: float) -> float:
    if type(raw) not in (int, float) or not 0 <= raw <= most:
        raise ValueError
    return float(raw)
