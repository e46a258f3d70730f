"""What a linkage schema must hold, beyond and including clkhash's own master schema.

clkhash finds some faults only once it encodes (a BLAKE2 filter whose length is no power of two,
a missing-value replacement that is no number). A schema is signed long before, so these are found
here.
"""

import base64
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from warnings import catch_warnings, simplefilter

from tacit.linkage.clkhash_import import field_formats
from tacit.linkage.schema_extension import STRATA, extension_problems
from tacit.linkage.schema_shape import Finding, encoded, shape_problems

MAXIMUM_FEATURES = 64  # one bit each in the presence mask
# A schema comes from another organisation; these keep it from exhausting a node's memory.
MAXIMUM_FILTER_BITS = 1 << 20
MAXIMUM_NUMBERS = {
    "bitsPerToken": 1 << 16,
    "bitsPerFeature": 1 << 16,
    "n": 1000,
    "resolution": 10_000,
    "fractional_precision": 300,
}
KEYS_PER_FEATURE = 2
DEFAULT_KEY_SIZE = 64
BLAKE2_KEY_SIZE = 64
DIGEST_SIZE = {"SHA256": 32, "SHA512": 64}
HKDF_BLOCKS = 255  # RFC 5869 section 2.3


def expected_bits(feature: Mapping[str, Any]) -> float:
    """Estimate how many bits a present value of `feature` inserts."""
    strategy, comparison = feature["hashing"]["strategy"], feature["hashing"]["comparison"]
    if "bitsPerFeature" in strategy:
        return float(strategy["bitsPerFeature"])
    match comparison["type"]:
        case "exact":
            tokens = 1.0
        case "numeric":
            tokens = 2.0 * comparison["resolution"] + 1
        case _:
            tokens = max(1.0, _typical_length(feature["format"])) + comparison["n"] - 1
    return float(strategy["bitsPerToken"] * tokens)


def _typical_length(format_: Mapping[str, Any]) -> float:
    match format_["type"]:
        case "date":
            return 8.0  # clkhash writes dates as %Y%m%d
        case "integer":
            bounds = [format_[key] for key in ("minimum", "maximum") if key in format_]
            return float(max((len(str(abs(bound))) for bound in bounds), default=4))
        case "enum":
            lengths = [len(value) for value in format_["values"]]
            return sum(lengths) / len(lengths) if lengths else 1.0
        case _:
            low, high = format_.get("minLength", 0), format_.get("maxLength", math.inf)
            return float(min(max(8, low), high))


def problems(raw: Mapping[str, Any]) -> list[Finding]:
    """List why the document cannot be used; empty if it can."""
    found = list(shape_problems(raw)) or list(_numbers(raw))
    if found:
        return found
    return [
        *_whole(raw),
        *(f for item in encoded(raw) for f in _feature(raw, item)),
        *extension_problems(raw),
    ]


def _numbers(raw: Mapping[str, Any]) -> Iterator[Finding]:
    config = raw["clkConfig"]
    for key, low in (("l", 1), ("xor_folds", 0)):
        value = config.get(key, low)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value:
            yield Finding("", f"'clkConfig.{key}' must be a whole number from {low}")
        elif value > MAXIMUM_FILTER_BITS:
            yield Finding("", f"'clkConfig.{key}' is larger than {MAXIMUM_FILTER_BITS}")
    if not isinstance(config["kdf"].get("keySize", 1), int):
        yield Finding("", "'clkConfig.kdf.keySize' must be written as a whole number")
    for item in encoded(raw):
        for group in (item["hashing"]["strategy"], item["hashing"]["comparison"]):
            for key, largest in MAXIMUM_NUMBERS.items():
                value = group.get(key, 1)
                if not isinstance(value, int) or value > largest:
                    yield Finding(
                        item["identifier"], f"'{key}' must be a whole number up to {largest}"
                    )


def _filter_bits(raw: Mapping[str, Any]) -> int:
    length: int = raw["clkConfig"]["l"]
    folds: int = raw["clkConfig"].get("xor_folds", 0)
    return length << min(folds, 64)


def _whole(raw: Mapping[str, Any]) -> Iterator[Finding]:
    features, kdf = encoded(raw), raw["clkConfig"]["kdf"]
    if not features:
        yield Finding("", "it encodes no feature")
    if len(features) > MAXIMUM_FEATURES:
        yield Finding("", f"it encodes more than {MAXIMUM_FEATURES} features")
    for name, count in Counter(item["identifier"] for item in features).items():
        if count > 1:
            yield Finding(name, "the identifier stands more than once")
    if _filter_bits(raw) > MAXIMUM_FILTER_BITS:
        yield Finding("", f"the filter before folding is longer than {MAXIMUM_FILTER_BITS} bits")
    for key in ("salt", "info"):
        try:
            base64.b64decode(kdf.get(key, ""))
        except ValueError:
            yield Finding("", f"'clkConfig.kdf.{key}' is not base64")
    wanted = KEYS_PER_FEATURE * len(raw["features"]) * kdf.get("keySize", DEFAULT_KEY_SIZE)
    given = HKDF_BLOCKS * DIGEST_SIZE[kdf.get("hash", "SHA256")]
    if wanted > given:
        yield Finding("", f"the features need {wanted} bytes of keys, HKDF gives at most {given}")


def _feature(raw: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[Finding]:
    name, bits = item["identifier"], _filter_bits(raw)
    hashing = item["hashing"].get("hash", {"type": "blakeHash"})
    if hashing["type"] == "blakeHash":
        if bits & (bits - 1):
            yield Finding(name, f"blakeHash needs a filter of a power of two, not {bits} bits")
        if raw["clkConfig"]["kdf"].get("keySize", DEFAULT_KEY_SIZE) > BLAKE2_KEY_SIZE:
            yield Finding(name, f"blakeHash takes keys of at most {BLAKE2_KEY_SIZE} bytes")
    elif hashing.get("prevent_singularity") and bits == 1:
        yield Finding(name, "prevent_singularity needs a filter of two bits or more")
    try:
        spec = field_formats.spec_from_json_dict(deepcopy(item))
    except (ValueError, TypeError, KeyError, OverflowError, re.error) as error:
        yield Finding(name, str(error).splitlines()[0])
        return
    yield from _date_format(name, item["format"])
    yield from _replacement(name, spec)


def _date_format(name: str, format_: Mapping[str, Any]) -> Iterator[Finding]:
    if format_["type"] != "date":
        return
    sample = datetime(2001, 2, 3, tzinfo=UTC)
    try:
        with catch_warnings():
            # From Python 3.13 on `strptime` warns, once a format, of days without a year.
            simplefilter("ignore", DeprecationWarning)
            datetime.strptime(sample.strftime(format_["format"]), format_["format"])  # noqa: DTZ007
    except (ValueError, re.error):
        yield Finding(name, f"Python cannot read dates in the format '{format_['format']}'")


def _replacement(name: str, spec: Any) -> Iterator[Finding]:
    properties = spec.hashing_properties
    if properties.missing_value is None:
        return
    replacement = properties.missing_value.replace_with
    try:
        for token in properties.comparator.tokenize(replacement):
            token.encode(properties.encoding)
    except (ValueError, OverflowError):
        yield Finding(
            name, "what stands for a missing value cannot be encoded; set 'replaceWith' to \"\""
        )


def warnings(raw: Mapping[str, Any]) -> list[Finding]:
    """List what works but is probably not meant; `raw` must have no problems."""
    found = []
    config = raw["clkConfig"]
    if config["l"] % 64:
        found.append(Finding("", "'l' is no multiple of 64: CLKs travel padded with zero bits"))
    if config.get("xorFolds", 0) and "xor_folds" not in config:
        found.append(
            Finding("", "clkhash does not read 'xorFolds', so nothing is folded: write 'xor_folds'")
        )
    found += [
        Finding("", f"no register field can fill the stratum '{name}'")
        for name in raw.get("tacit", {}).get("strata", ())
        if name not in STRATA
    ]
    for item in encoded(raw):
        found += _doubts(item)
    return found


def _doubts(item: Mapping[str, Any]) -> Iterator[Finding]:
    name, missing = item["identifier"], item["hashing"].get("missingValue")
    if missing and missing.get("replaceWith", missing["sentinel"]):
        yield Finding(
            name, "a missing value sets bits, so that two records that lack it look alike"
        )
    if item["format"]["type"] == "enum" and not item["format"]["values"]:
        yield Finding(name, "no value is allowed")
