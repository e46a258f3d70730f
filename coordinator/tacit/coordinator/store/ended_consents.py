"""Records whose consent is over, at rest."""

from sqlalchemy import ColumnElement, Connection, delete, exists, select

from tacit.coordinator.store.runs import LIVE
from tacit.coordinator.store.tables import records, run_inputs, runs, uploads


def uploads_with_ended(connection: Connection, project_id: str, day: int) -> list[str]:
    """Give the uploads of a project with records whose consent ended before `day`.

    Without those that a run under way reads, and those that are not finished.
    """
    read = select(run_inputs.c.upload_id).join(runs).where(runs.c.state.in_(LIVE))
    query = (
        select(uploads.c.id)
        .where(
            uploads.c.project_id == project_id,
            uploads.c.finished,
            uploads.c.id.not_in(read),
            exists().where(records.c.upload_id == uploads.c.id, _ended(day)),
        )
        .order_by(uploads.c.id)
    )
    return list(connection.scalars(query))


def erase_ended(connection: Connection, upload_id: str, day: int, most: int) -> int:
    """Erase up to `most` of an upload's records whose consent ended before `day`; says how many."""
    own = records.c.upload_id == upload_id
    places = select(records.c.position).where(own, _ended(day)).order_by(records.c.position)
    last = connection.scalars(places.limit(most)).all()[-1:]
    if not last:
        return 0
    up_to = records.c.position <= last[0]
    return connection.execute(delete(records).where(own, _ended(day), up_to)).rowcount


def _ended(day: int) -> ColumnElement[bool]:
    return (records.c.consent_expires > 0) & (records.c.consent_expires < day)
