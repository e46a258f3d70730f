"""What this member's register shows of how well each field tells people apart."""

from collections.abc import Callable

from tacit.linkage.feature_groups import feature_groups, repeated_features
from tacit.linkage.learnt_weights import FieldWeights, learn_weights
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import LinkageSchema
from tacit.node.duplicates import find_duplicates
from tacit.node.store.base import Store
from tacit.node.store.records import iter_records

LEAST_PAIRS = 50
"""Errors are estimated where the register holds so many people twice, as estimated."""


def register_weights(
    store: Store,
    schema: LinkageSchema,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> FieldWeights:
    """Learn field weights from the register.

    Args:
        store: this node's store.
        schema: whose features are weighed.
        progress: is told how many pairs of records are compared, of how many.

    Raises:
        TacitError: USAGE; the register is too small to share anything of it.
    """
    with store.read() as connection:
        rows = [record.fields for record in iter_records(connection)]
    raw = {source: [row.get(source, "") for row in rows] for source in schema.sources}
    columns = normalise_columns(schema, raw)
    # Checked before the register is compared with itself.
    weights = learn_weights(schema, columns)
    found = find_duplicates(store, schema, progress)
    if found.expected_pairs < LEAST_PAIRS:
        return weights
    groups = feature_groups(schema.features, repeated_features(schema, columns))
    errors = {
        feature.identifier: error
        for group, error in zip(groups, found.errors, strict=True)
        for feature in group
    }
    return learn_weights(schema, columns, errors)
