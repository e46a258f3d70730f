"""What the interceptor asks the database about a call."""

from sqlalchemy import Connection, select

from tacit.coordinator.store.tables import runs, uploads


def owns_upload(connection: Connection, upload_id: str, project_id: str, member_id: str) -> bool:
    """Say whether an upload is this member's in this project."""
    query = select(uploads.c.id).where(
        uploads.c.id == upload_id,
        uploads.c.project_id == project_id,
        uploads.c.member_id == member_id,
    )
    return connection.execute(query).first() is not None


def run_state(connection: Connection, run_id: str, project_id: str) -> str | None:
    """Give the state of a run, or None where it is none of this project's."""
    query = select(runs.c.state).where(runs.c.id == run_id, runs.c.project_id == project_id)
    return connection.execute(query).scalar_one_or_none()
