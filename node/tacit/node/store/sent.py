"""What the coordinator holds of single records, so that only what changes travels."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from tacit.node.store.tables import sent_records, upload_records, uploads


def sent_hashes(connection: Connection, project_id: str) -> Mapping[bytes, bytes]:
    """Give the hash of what was sent of each record in a project's current upload, by token."""
    query = select(sent_records.c.token, sent_records.c.hash).where(
        sent_records.c.project_id == project_id
    )
    return {row.token: row.hash for row in connection.execute(query)}


def travelling_tokens(connection: Connection, project_id: str) -> frozenset[bytes]:
    """Give the tokens of an upload on its way, some of which may have arrived."""
    query = (
        select(upload_records.c.token)
        .join(uploads, uploads.c.digest == upload_records.c.digest)
        .where(uploads.c.project_id == project_id, upload_records.c.hash != b"")
    )
    return frozenset(connection.scalars(query))


def forget_sent(connection: Connection, project_id: str) -> None:
    """Forget what was sent, so that the next upload is sent whole."""
    connection.execute(delete(sent_records).where(sent_records.c.project_id == project_id))


def keep_sent(connection: Connection, digest: bytes) -> None:
    """Note what the coordinator holds once an upload is entered; before its bytes are let go."""
    upload = connection.execute(
        select(uploads.c.project_id, uploads.c.base_upload_id).where(uploads.c.digest == digest)
    ).one()
    if not upload.base_upload_id:
        forget_sent(connection, upload.project_id)
    own = upload_records.c.digest == digest
    left = select(upload_records.c.token).where(own, upload_records.c.hash == b"")
    gone = (sent_records.c.project_id == upload.project_id, sent_records.c.token.in_(left))
    connection.execute(delete(sent_records).where(*gone))
    rows = select(upload_records.c.token, upload_records.c.hash).where(
        own, upload_records.c.hash != b""
    )
    values = [
        {"project_id": upload.project_id, "token": row.token, "hash": row.hash}
        for row in connection.execute(rows)
    ]
    if values:
        statement = insert(sent_records)
        changed = statement.on_conflict_do_update(
            index_elements=["project_id", "token"], set_={"hash": statement.excluded.hash}
        )
        connection.execute(changed, values)
