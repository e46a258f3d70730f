"""Members' signatures over the ledger's heads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from tacit.coordinator.store.ledger import Head
from tacit.coordinator.store.tables import cosignatures, tree_heads


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A member's signature over the head of one size; time in milliseconds, by its clock."""

    size: int
    member_id: str
    cosigned_at: int
    signature: bytes


def put_cosignature(connection: Connection, made: Cosignature) -> None:
    """Keep a signature in place of the member's earlier one for the same size."""
    table = cosignatures.c
    same = (table.size == made.size) & (table.member_id == made.member_id)
    known = connection.execute(select(table.cosigned_at).where(same)).scalar_one_or_none()
    if known is not None and known >= made.cosigned_at:
        return
    connection.execute(delete(cosignatures).where(same))
    connection.execute(
        insert(cosignatures).values(
            size=made.size,
            member_id=made.member_id,
            cosigned_at=made.cosigned_at,
            signature=made.signature,
        )
    )


def list_heads(connection: Connection, from_size: int, most: int) -> Sequence[Head]:
    """Give the first `most` heads of at least that size."""
    query = (
        select(tree_heads)
        .where(tree_heads.c.size >= from_size)
        .order_by(tree_heads.c.size)
        .limit(most)
    )
    return [Head(**row) for row in connection.execute(query).mappings()]


def cosignatures_of(
    connection: Connection, sizes: Iterable[int]
) -> Mapping[int, Sequence[Cosignature]]:
    """Give all signatures over the heads of these sizes."""
    query = select(cosignatures).where(cosignatures.c.size.in_(list(sizes)))
    return _by_size(connection, query)


def newest_cosigned(connection: Connection) -> Sequence[tuple[Head, Sequence[Cosignature]]]:
    """Give the largest head that each member has signed, with the signatures of those members."""
    largest = (
        select(cosignatures.c.member_id, func.max(cosignatures.c.size).label("size"))
        .group_by(cosignatures.c.member_id)
        .subquery()
    )
    on = (cosignatures.c.member_id == largest.c.member_id) & (cosignatures.c.size == largest.c.size)
    found = _by_size(connection, select(cosignatures).join(largest, on))
    heads = select(tree_heads).where(tree_heads.c.size.in_(found)).order_by(tree_heads.c.size)
    return [(Head(**row), found[row["size"]]) for row in connection.execute(heads).mappings()]


def _by_size(connection: Connection, query: Select[Any]) -> Mapping[int, Sequence[Cosignature]]:
    found: dict[int, list[Cosignature]] = {}
    ordered = query.order_by(cosignatures.c.size, cosignatures.c.member_id)
    for row in connection.execute(ordered).mappings():
        found.setdefault(row["size"], []).append(Cosignature(**row))
    return found
