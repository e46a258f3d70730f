"""The one place that imports clkhash, so that its import-time warning is silenced once."""

import warnings

with warnings.catch_warnings():
    # clkhash reads its own version through pkg_resources, which warns of its coming end.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    warnings.filterwarnings("ignore", message="Deprecated call to `pkg_resources")
    from clkhash import comparators, field_formats, key_derivation
    from clkhash import schema as clkhash_schema

__all__ = ["clkhash_schema", "comparators", "field_formats", "key_derivation"]
