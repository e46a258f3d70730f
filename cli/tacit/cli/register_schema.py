"""The schema by which a node reads its register."""

from tacit.cli.files import PACKAGED_SCHEMA, read_schema
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.store.base import Store
from tacit.node.store.identity import get_setting, put_setting

_SCHEMA = "schema"


def remembered_schema(store: Store, given: str | None) -> LinkageSchema:
    """Give the schema named now, else the one named before, else the packaged one.

    Raises:
        TacitError: NOT_FOUND, BAD_INPUT or BAD_SCHEMA.
    """
    with store.read() as connection:
        known = get_setting(connection, _SCHEMA)
    if given is None and known is not None:
        return parse_schema(known)
    return read_schema(given or PACKAGED_SCHEMA)


def remember_schema(store: Store, schema: LinkageSchema) -> None:
    """Keep a schema as the one that the register is read by from now on."""
    with store.write() as connection:
        put_setting(connection, _SCHEMA, schema.text)
