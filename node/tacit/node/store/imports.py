"""What was imported into the register, and when."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update

from tacit.node.store.rows import every, one
from tacit.node.store.tables import imports


@dataclass(frozen=True, slots=True)
class StoredImport:
    """One import.

    Attributes:
        import_id: counts imports from 1.
        source: the file's name.
        digest: SHA-256 of the file.
        mapping: the mapping it was read through, JSON.
        imported_at: milliseconds since 1970.
        replaced: whether records that the file did not hold were withdrawn.
        undone_at: when it was undone, or None.
    """

    import_id: int
    source: str
    digest: bytes
    mapping: str
    imported_at: int
    replaced: bool
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    skipped: int = 0
    undone_at: int | None = None


def begin_import(
    connection: Connection, source: str, digest: bytes, mapping: str, now: int, *, replaced: bool
) -> StoredImport:
    """Enter an import; its counts follow with `end_import`."""
    draft = StoredImport(0, source, digest, mapping, now, replaced)
    values = {name: value for name, value in asdict(draft).items() if name != "import_id"}
    result = connection.execute(insert(imports).values(values))
    return (
        one(
            connection,
            select(imports).where(imports.c.import_id == result.lastrowid),
            StoredImport,
        )
        or draft
    )


def end_import(connection: Connection, done: StoredImport) -> None:
    """Enter an import's counts."""
    values = asdict(done)
    connection.execute(
        update(imports).where(imports.c.import_id == values.pop("import_id")).values(values)
    )


def last_import(connection: Connection) -> StoredImport | None:
    """Give the latest import, undone or not."""
    query = select(imports).order_by(imports.c.import_id.desc()).limit(1)
    return one(connection, query, StoredImport)


def list_imports(connection: Connection) -> Sequence[StoredImport]:
    """Give all imports, newest first."""
    return every(connection, select(imports).order_by(imports.c.import_id.desc()), StoredImport)
