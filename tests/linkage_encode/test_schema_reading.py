import json
from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest

from tacit.linkage.encode import Encoder
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import Feature, parse_schema, validate_schema

BASE: dict[str, Any] = {
    "version": 3,
    "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
    "features": [
        {"identifier": "id", "ignored": True},
        {
            "identifier": "name",
            "format": {"type": "string"},
            "hashing": {
                "comparison": {"type": "ngram", "n": 2},
                "strategy": {"bitsPerFeature": 200},
            },
        },
        {
            "identifier": "born",
            "format": {"type": "date", "format": "%Y-%m-%d"},
            "hashing": {
                "comparison": {"type": "ngram", "n": 2, "positional": True},
                "strategy": {"bitsPerToken": 20},
                "missingValue": {"sentinel": ""},
            },
        },
    ],
    "tacit": {
        "format": 1,
        "features": {"name": {"source": "full_name", "normalise": "name"}},
        "strata": ["kind", "year"],
    },
}


def changed(*steps: Any, to: Any) -> str:
    """Give the base schema with one place set anew."""
    raw = deepcopy(BASE)
    place: Any = raw
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return json.dumps(raw)


def test_a_schema_with_the_extension() -> None:
    schema = parse_schema(json.dumps(BASE))
    assert schema.features == (
        Feature("name", (("full_name",),), "name", 200.0),
        # Eight digits and one space on either side make nine bigrams of 20 bits.
        Feature("born", (("born",),), "none", 180.0),
    )
    assert schema.length == 1024
    assert schema.strata == ("kind", "year")
    assert schema.sources == ("full_name", "born")
    assert schema.hash == sha256(schema.text.encode()).digest()


def test_two_features_may_share_a_source() -> None:
    raw = deepcopy(BASE)
    raw["tacit"]["features"]["born"] = {"source": "full_name"}
    assert parse_schema(json.dumps(raw)).sources == ("full_name",)


def test_a_feature_may_have_several_sources() -> None:
    raw = deepcopy(BASE)
    raw["tacit"]["features"]["name"] = {"sources": ["surname", "given"], "combine": "join"}
    raw["tacit"]["features"]["born"] = {"sources": ["dob", ["given", "surname"]]}
    schema = parse_schema(json.dumps(raw))
    assert schema.features == (
        Feature("name", (("surname", "given"),), "none", 200.0),
        Feature("born", (("dob",), ("given", "surname")), "none", 180.0),
    )
    assert schema.sources == ("surname", "given", "dob")


def test_text_is_one_for_equal_documents() -> None:
    schema = parse_schema(json.dumps(BASE))
    shuffled = json.dumps(dict(reversed(BASE.items())), indent=3)
    again = parse_schema(b"\xef\xbb\xbf" + shuffled.encode())
    assert again == schema
    assert again.text == schema.text
    assert parse_schema(schema.text) == schema
    assert schema.text.startswith('{"clkConfig":{"kdf":{"type":"HKDF"},"l":1024},"features":[')


def test_every_change_changes_the_hash() -> None:
    texts = [
        json.dumps(BASE),
        changed("clkConfig", "l", to=512),
        changed("features", 1, "hashing", "strategy", to={"bitsPerFeature": 201}),
        changed("tacit", "strata", to=["kind"]),
        changed("tacit", "features", "name", "normalise", to="text"),
    ]
    assert len({parse_schema(text).hash for text in texts}) == len(texts)


def test_a_schema_without_the_extension_is_taken_as_it_is() -> None:
    raw = {key: value for key, value in BASE.items() if key != "tacit"}
    schema = parse_schema(json.dumps(raw))
    assert [(f.sources, f.normaliser) for f in schema.features] == [
        (("name",), "none"),
        (("born",), "none"),
    ]
    assert schema.strata == ()


@pytest.mark.parametrize(
    ("comparison", "form", "strategy", "bits"),
    [
        ({"type": "exact"}, {"type": "string"}, {"bitsPerToken": 7}, 7),
        ({"type": "ngram", "n": 1}, {"type": "enum", "values": ["M", "F"]}, {"bitsPerToken": 7}, 7),
        ({"type": "ngram", "n": 2}, {"type": "integer", "maximum": 999}, {"bitsPerToken": 2}, 8),
        ({"type": "ngram", "n": 2}, {"type": "string", "maxLength": 3}, {"bitsPerToken": 2}, 8),
        ({"type": "ngram", "n": 2}, {"type": "enum", "values": [""]}, {"bitsPerToken": 2}, 4),
        (
            {"type": "numeric", "thresholdDistance": 4, "resolution": 2},
            {"type": "integer"},
            {"bitsPerToken": 3},
            15,
        ),
    ],
)
def test_expected_bits(
    comparison: dict[str, Any], form: dict[str, Any], strategy: dict[str, int], bits: float
) -> None:
    feature = {
        "identifier": "name",
        "format": form,
        "hashing": {"comparison": comparison, "strategy": strategy},
    }
    assert parse_schema(changed("features", 1, to=feature)).features[0].bits == bits


HASHING = BASE["features"][1]["hashing"]
NUMERIC = {"type": "numeric", "thresholdDistance": 0.001, "resolution": 2}
MANY = [{**BASE["features"][1], "identifier": f"f{i}"} for i in range(65)]
BROKEN: list[tuple[str | bytes, str]] = [
    ("", "it is not JSON in UTF-8"),
    (b"\xff\xfe{}", "it is not JSON in UTF-8"),
    ("[1]", "it is not a JSON object"),
    ("[" * 100_000, "it is not JSON in UTF-8"),
    ('{"version": 3, "version": 3}', "'version' stands twice"),
    ('{"version": NaN}', "number out of range"),
    ('{"version": 1e999}', "number out of range"),
    ('{"version": 3, "x": "\\ud800"}', "it is not JSON in UTF-8"),
    (" " * (1 << 20) + "{}", "larger than"),
    (changed("version", to=2), "'version' must be 3"),
    (changed("version", to=3.0), "'version' must be 3"),
    (changed("clkConfig", to={"l": 1024}), "'kdf' is a required property"),
    (changed("clkConfig", "l", to=0), "in 'clkConfig.l'"),
    (changed("clkConfig", "l", to=1024.0), "'clkConfig.l' must be a whole number"),
    (changed("clkConfig", "l", to=1 << 40), "'clkConfig.l' is larger than"),
    (changed("clkConfig", "xor_folds", to=-1), "'clkConfig.xor_folds' must be"),
    (changed("clkConfig", "xor_folds", to=15), "filter before folding is longer"),
    (changed("clkConfig", "l", to=1000), "feature 'name': blakeHash needs a filter of a power"),
    (changed("clkConfig", "kdf", "keySize", to=65), "feature 'name': blakeHash takes keys"),
    (changed("clkConfig", "kdf", "keySize", to=1.0), "written as a whole number"),
    (changed("clkConfig", "kdf", "salt", to="a"), "'clkConfig.kdf.salt' is not base64"),
    (changed("clkConfig", "kdf", "info", to="é"), "'clkConfig.kdf.info' is not base64"),
    (changed("features", to=[]), "it encodes no feature"),
    (changed("features", to=MANY), "more than 64 features"),
    (changed("features", to=MANY[:64]), "the features need 8192 bytes of keys, HKDF gives at most"),
    (changed("features", 0, to=3), "feature 'number 1': 3 is not of type 'object'"),
    (changed("features", 0, to=BASE["features"][1]), "feature 'name': the identifier stands more"),
    (changed("features", 1, "hashing", "strategy", to={}), "'name': in 'hashing.strategy'"),
    (changed("features", 1, "hashing", "comparison", "n", to=1001), "'name': 'n' must be"),
    (changed("features", 1, "hashing", "comparison", "n", to=2.0), "'name': 'n' must be"),
    (changed("features", 1, "hashing", "comparison", to=NUMERIC), "'name': not enough fractional"),
    (
        changed("features", 1, "format", to={"type": "string", "pattern": "("}),
        "'name': Invalid regular expression",
    ),
    (
        changed(
            "features", 1, "hashing", "hash", to={"type": "blakeHash", "prevent_singularity": 1}
        ),
        "'name': Prevent_singularity must only",
    ),
    (changed("features", 2, "format", "format", to="%q"), "'born': Python cannot read dates"),
    (changed("features", 2, "format", "format", to="%d %d"), "'born': Python cannot read dates"),
    (
        changed(
            "features",
            1,
            "hashing",
            to={
                **HASHING,
                "comparison": {**NUMERIC, "thresholdDistance": 1},
                "missingValue": {"sentinel": "N/A"},
            },
        ),
        "'name': what stands for a missing value cannot be encoded",
    ),
    (changed("tacit", to=[]), "'tacit' is not an object"),
    (changed("tacit", to={}), "'tacit.format' must be 1"),
    (changed("tacit", "format", to=True), "'tacit.format' must be 1"),
    (changed("tacit", "salt", to=1), "unknown key 'salt'"),
    (changed("tacit", "strata", to="kind"), "'tacit.strata' is not a list of names"),
    (changed("tacit", "strata", to=["kind", "kind"]), "names a dimension twice"),
    (changed("tacit", "features", to=[]), "'tacit.features' is not an object"),
    (changed("tacit", "features", "id", to={}), "feature 'id': 'tacit.features' names it, but"),
    (changed("tacit", "features", "born", to=1), "feature 'born': its entry"),
    (changed("tacit", "features", "name", "salt", to="x"), "unknown key 'salt'"),
    (changed("tacit", "features", "name", "sources", to=["a"]), "'name': 'source' and 'sources'"),
    (changed("tacit", "features", "born", to={"sources": "a"}), "'born': 'sources' is not a list"),
    (changed("tacit", "features", "born", to={"sources": []}), "'born': 'sources' is not a list"),
    (changed("tacit", "features", "born", to={"sources": [""]}), "'sources' is not a list of"),
    (changed("tacit", "features", "born", to={"sources": ["a", "a"]}), "a register field twice"),
    (
        changed("tacit", "features", "born", to={"sources": [str(n) for n in range(33)]}),
        "'sources' names more than 32 register fields",
    ),
    (
        changed("tacit", "features", "born", to={"sources": [["a"]], "combine": "join"}),
        "'born': 'sources' is not a list",
    ),
    (changed("tacit", "features", "born", to={"sources": [["a", 1]]}), "'sources' is not a list"),
    (changed("tacit", "features", "born", to={"sources": [[]]}), "'sources' is not a list"),
    (changed("tacit", "features", "born", to={"sources": ["a", ["b", "b"]]}), "field twice"),
    (changed("tacit", "features", "born", to={"combine": "sum"}), "'born': 'combine' must be"),
    (changed("tacit", "features", "born", to={"combine": []}), "'born': 'combine' must be"),
    (changed("tacit", "features", "name", "source", to=""), "'name': 'source' is not the name"),
    (changed("tacit", "features", "name", "normalise", to="soundex"), "'name': 'normalise' names"),
    (changed("tacit", "features", "name", "normalise", to=[]), "'name': 'normalise' names"),
]


@pytest.mark.parametrize(("text", "says"), BROKEN, ids=range(len(BROKEN)))
def test_broken_schemas(text: str | bytes, says: str) -> None:
    with pytest.raises(TacitError) as caught:
        parse_schema(text)
    assert caught.value.code is Code.BAD_SCHEMA
    assert says in caught.value.sentence()
    assert "\n" not in caught.value.sentence()


def test_every_problem_is_reported() -> None:
    raw = deepcopy(BASE)
    raw["features"][2]["format"]["format"] = "%q"
    raw["tacit"]["features"]["name"]["normalise"] = "soundex"
    raw["clkConfig"]["kdf"]["salt"] = "a"
    report = validate_schema(json.dumps(raw))
    assert report.schema is None
    assert [finding.feature for finding in report.problems] == ["", "born", "name"]


@pytest.mark.parametrize(
    ("text", "feature", "says"),
    [
        (changed("tacit", "strata", to=["shoe size"]), "", "stratum 'shoe size'"),
        (changed("clkConfig", "xorFolds", to=1), "", "write 'xor_folds'"),
        (
            changed("features", 1, "hashing", to={**HASHING, "missingValue": {"sentinel": "?"}}),
            "name",
            "sets bits",
        ),
        (changed("features", 1, "format", to={"type": "enum", "values": []}), "name", "no value"),
    ],
)
def test_warnings(text: str, feature: str, says: str) -> None:
    report = validate_schema(text)
    assert report.schema is not None
    assert [finding.feature for finding in report.warnings] == [feature]
    assert says in report.warnings[0].sentence()


def test_a_length_that_is_no_multiple_of_64_is_warned_of() -> None:
    raw = deepcopy(BASE)
    raw["clkConfig"]["l"] = 32
    report = validate_schema(json.dumps(raw))
    assert report.schema is not None
    assert "multiple of 64" in report.warnings[0].message


def test_a_good_schema_has_nothing_to_report() -> None:
    report = validate_schema(json.dumps(BASE))
    assert (report.problems, report.warnings) == ((), ())


def test_dates_without_a_year_are_read() -> None:
    report = validate_schema(changed("features", 2, "format", "format", to="%d/%m"))
    assert report.schema is not None
    assert (report.problems, report.warnings) == ((), ())
    encoded = Encoder(report.schema, b"secret").encode(
        {"name": ["", ""], "born": ["03/02", "04/02"]}
    )
    assert encoded.clks[0].any()
    assert (encoded.clks[0] != encoded.clks[1]).any()


def test_xor_folds_is_what_clkhash_reads() -> None:
    # The master schema says xorFolds, clkhash 0.17 reads xor_folds.
    ignored = parse_schema(changed("clkConfig", "xorFolds", to=1))
    folded = parse_schema(changed("clkConfig", "xor_folds", to=1))
    plain = parse_schema(json.dumps(BASE))
    columns = {"name": ["anna"], "born": [""]}
    same, other, base = (
        Encoder(schema, b"secret").encode(columns).clks for schema in (ignored, folded, plain)
    )
    assert (same == base).all()
    assert not (other == base).all()
