"""Synthetic registers as columns of the schema's fields, for matching without a node."""

import tomllib

from tacit.linkage.synthesis.records import Register


def columns_of(register: Register) -> dict[str, list[str]]:
    """Give a register's values by field or role, as its mapping reads them.

    What the mapping keeps or ignores is left out.
    """
    mapping = tomllib.loads(register.mapping)
    meanings = mapping.get("values", {})
    found: dict[str, list[str]] = {
        role: [value] * len(register.rows) for role, value in mapping.get("constants", {}).items()
    }
    for place, name in enumerate(register.header):
        role = mapping["columns"].get(name, "keep")
        if role in {"keep", "ignore"}:
            continue
        known = meanings.get(name, {})
        found[role] = [known.get(row[place], row[place]) for row in register.rows]
    return found
