"""What of a project's records the coordinator does not hold yet as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass

from tacit.node.context import BoundProject
from tacit.node.eligible import Eligible, Selection, content_hash, record_hash
from tacit.node.store.base import Store
from tacit.node.store.sent import sent_hashes
from tacit.node.store.uploads import StoredUpload, list_uploads


@dataclass(frozen=True, slots=True)
class Changes:
    """What an upload has to bring.

    Attributes:
        nothing_to_do: the upload that says it all already, finished or on its way; else None.
        base_upload_id: the coordinator's name of the upload to be changed; empty where everything
            travels.
        records: those that are new or changed, by token.
        hashes: of the same, what they are made from.
        leaving: tokens of records that are in the base and not any more.
        content: hash of everything that the whole is made from.
    """

    nothing_to_do: StoredUpload | None
    base_upload_id: str
    records: tuple[Eligible, ...]
    hashes: tuple[bytes, ...]
    leaving: tuple[bytes, ...]
    content: bytes

    @property
    def tokens(self) -> list[bytes]:
        """Tokens of the records that travel."""
        return [item.token.token for item in self.records]


def find_changes(
    store: Store, project: BoundProject, selection: Selection, sources: Sequence[str], *, held: bool
) -> Changes:
    """Compare what goes into a project with what was sent.

    Args:
        store: this node's store.
        project: the project.
        selection: what goes in.
        sources: register fields that are encoded.
        held: whether the coordinator still holds this member's last finished upload.
    """
    hashes = [record_hash(project, item, sources) for item in selection.records]
    content = content_hash(hashes)
    with store.read() as connection:
        earlier = list_uploads(connection, project.id)
        sent = sent_hashes(connection, project.id)
    last = earlier[-1] if earlier else None
    if last and last.content == content and (held or last.finished_at is None):
        return Changes(last, "", (), (), (), content)
    base = _base(earlier, project) if held and sent else None
    if base is None:
        return Changes(None, "", selection.records, tuple(hashes), (), content)
    now = {item.token.token for item in selection.records}
    leaving = tuple(sorted(sent.keys() - now))
    new = [
        (item, made)
        for item, made in zip(selection.records, hashes, strict=True)
        if sent.get(item.token.token) != made
    ]
    records, made = tuple(item for item, _ in new), tuple(made for _, made in new)
    if not new and not leaving:
        return Changes(base, "", (), (), (), content)
    # Where nothing stays as it was, there is nothing to build on.
    whole = len(new) == len(selection.records)
    return Changes(
        None, "" if whole else base.upload_id, records, made, () if whole else leaving, content
    )


def _base(earlier: Sequence[StoredUpload], project: BoundProject) -> StoredUpload | None:
    finished = [upload for upload in earlier if upload.finished_at is not None]
    last = finished[-1] if finished else None
    return last if last and last.epoch == project.epoch else None
