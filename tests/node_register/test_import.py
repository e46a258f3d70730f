import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.node.home import Home
from tacit.node.mapping import ColumnMapping
from tacit.node.register.history import import_history, undo_last_import
from tacit.node.register.importing import (
    ImportOptions,
    import_register,
)
from tacit.node.roles import RegisterFields
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import InputRefused
from tacit.node.store.base import Store, create_store, open_store
from tacit.node.store.records import (
    StoredRecord,
    count_records,
    get_record,
    get_records,
    iter_records,
)

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
FIELDS = RegisterFields(("name", "birth_date"), frozenset({"birth_date"}))
MAPPING = ColumnMapping({"id": "record_id", "name": "name", "born": "birth_date"})


def write(folder: Path, *rows: str, header: str = "id,name,born") -> Path:
    path = folder / "register.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def take(
    store: Store, path: Path, mapping: ColumnMapping = MAPPING, **options: bool
) -> tuple[int, int, int, int, int, int]:
    report = import_register(
        store, open_source(path), mapping, FIELDS, NOW, options=ImportOptions(**options)
    )
    return (
        report.new,
        report.changed,
        report.unchanged,
        report.withdrawn,
        report.skipped,
        report.total,
    )


def names(store: Store) -> dict[str, str]:
    with store.read() as connection:
        return {record.record_id: record.fields["name"] for record in iter_records(connection)}


def test_new_changed_and_unchanged(store: Store, tmp_path: Path) -> None:
    assert take(store, write(tmp_path, "1,a,1950", "2,b,1951")) == (2, 0, 0, 0, 0, 2)
    assert take(store, write(tmp_path, "1,a,1950", "2,B,1951", "3,c,")) == (1, 1, 1, 0, 0, 3)
    assert names(store) == {"1": "a", "2": "B", "3": "c"}


def test_records_not_in_the_file_stay_unless_it_replaces(store: Store, tmp_path: Path) -> None:
    take(store, write(tmp_path, "1,a,", "2,b,", "3,c,"))
    assert take(store, write(tmp_path, "2,b,")) == (0, 0, 1, 0, 0, 3)
    assert take(store, write(tmp_path, "2,b,", "4,d,"), replace=True) == (1, 0, 1, 2, 0, 2)
    assert names(store) == {"2": "b", "4": "d"}


def test_undo_puts_back_what_was(store: Store, tmp_path: Path) -> None:
    take(store, write(tmp_path, "1,a,1950", "2,b,1951"))
    with store.read() as connection:
        before = list(iter_records(connection))
    take(store, write(tmp_path, "2,B,1951", "3,c,"), replace=True)
    assert names(store) == {"2": "B", "3": "c"}

    undone = undo_last_import(store, NOW)

    assert (undone.new, undone.changed, undone.withdrawn) == (1, 1, 1)
    with store.read() as connection:
        assert list(iter_records(connection)) == before
    assert [entry.undone_at is None for entry in import_history(store)] == [False, True]
    with pytest.raises(TacitError) as caught:
        undo_last_import(store, NOW)
    assert caught.value.code is Code.NOT_FOUND


def test_only_the_last_import_can_be_undone(store: Store, tmp_path: Path) -> None:
    take(store, write(tmp_path, "1,a,"))
    take(store, write(tmp_path, "1,b,"))
    take(store, write(tmp_path, "1,c,"))
    undo_last_import(store, NOW)
    assert names(store) == {"1": "b"}


def test_refused_import_keeps_the_undo(store: Store, tmp_path: Path) -> None:
    take(store, write(tmp_path, "1,a,"))
    take(store, write(tmp_path, "1,b,"))
    with pytest.raises(InputRefused):
        take(store, write(tmp_path, "1,c,1950-13-01"))
    undo_last_import(store, NOW)
    assert names(store) == {"1": "a"}


def test_bad_rows_can_be_skipped_and_are_reported(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "1,a,", "2,b,1950-13-01", "3", "1,again,", ",x,1950-02-30", "4,d,")
    report = import_register(
        store, open_source(path), MAPPING, FIELDS, NOW, options=ImportOptions(skip_bad=True)
    )
    assert (report.rows, report.new, report.skipped, report.total) == (6, 2, 4, 2)
    assert [problem.row for problem in report.problems] == [3, 4, 5, 6, 6]
    assert names(store) == {"1": "a", "4": "d"}


def test_skipping_with_nothing_left_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        take(store, write(tmp_path, "1,a,1950-13-01"), skip_bad=True)
    assert import_history(store) == ()


def test_rows_cannot_be_skipped_where_that_would_withdraw(store: Store, tmp_path: Path) -> None:
    with pytest.raises(TacitError) as caught:
        take(store, write(tmp_path, "1,a,"), skip_bad=True, replace=True)
    assert caught.value.code is Code.USAGE


def test_impossible_dates_of_identity_can_be_kept(store: Store, tmp_path: Path) -> None:
    mapping = ColumnMapping(MAPPING.columns, tolerate_dates=True)
    take(store, write(tmp_path, "1,a,1862-81-01"), mapping)
    with store.read() as connection:
        record = get_record(connection, "1")
    assert record is not None
    assert record.fields["birth_date"] == "1862-81-01"


def test_dates_of_identity_are_otherwise_not_judged(store: Store, tmp_path: Path) -> None:
    written = ["1950", "1950-00-00", "1950-02", "19391331", "1950년대", "50.1.2", "x", "3/15/1950"]
    rows = [f"{number},a,{text}" for number, text in enumerate(written)]
    assert take(store, write(tmp_path, *rows))[0] == len(written)


def test_roles_constants_answers_and_raw(store: Store, tmp_path: Path) -> None:
    header = "id,name,born,거부,목적,기록일,만료,종류,비고,주소"
    mapping = ColumnMapping(
        {
            "id": "record_id",
            "name": "name",
            "born": "birth_date",
            "거부": "publication",
            "목적": "purposes",
            "기록일": "documented_on",
            "만료": "consent_expires",
            "종류": "kind",
            "비고": "keep",
            "주소": "ignore",
        },
        constants={"forum": "WGEID", "consent_source": "family"},
        values={"거부": {"예": "objected", "아니오": ""}},
    )
    path = write(
        tmp_path,
        "1,홍,1950,예,확인; 집계,2020.1.2,20300131,실종,메모,서울",
        "2,김,1951,아니오,all,2020년 1월 2일,,xyzzy,,",
        "3,박,,공개,none,,,,,",
        header=header,
    )
    report = import_register(store, open_source(path), mapping, FIELDS, NOW)
    assert report.unrecognised == {"kind": 1}
    with store.read() as connection:
        records = get_records(connection, ["1", "2", "3", "4"])
    assert records["1"] == StoredRecord(
        record_id="1",
        fields={"name": "홍", "birth_date": "1950"},
        raw={
            "id": "1",
            "name": "홍",
            "born": "1950",
            "거부": "예",
            "목적": "확인; 집계",
            "기록일": "2020.1.2",
            "만료": "20300131",
            "종류": "실종",
            "비고": "메모",
        },
        documented_on="2020-01-02",
        forum="WGEID",
        consent_source="family",
        purposes=("check", "count"),
        publication="objected",
        consent_expires="2030-01-31",
        kind="실종",
        import_id=1,
        row_number=2,
    )
    assert (records["2"].purposes, records["2"].publication) == (
        ("check", "count", "attribute"),
        "",
    )
    assert (records["3"].purposes, records["3"].publication) == (("none",), "allowed")


def test_formulas_in_columns_that_are_not_used_are_text(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "name", "born", "age"])
    sheet.append([1, "홍", dt.date(1950, 1, 2), "=2026-1950"])
    book.save(path)
    take(store, path)
    with store.read() as connection:
        record = get_record(connection, "1")
    assert record is not None
    assert record.fields == {"name": "홍", "birth_date": "1950-01-02"}
    assert record.raw["age"] == "=2026-1950"


def test_progress_and_large_files(store: Store, tmp_path: Path) -> None:
    told: list[int] = []
    path = write(tmp_path, *(f"{i},name {i}," for i in range(2500)))
    import_register(store, open_source(path), MAPPING, FIELDS, NOW, progress=told.append)
    assert told == [1000, 2000, 2500]
    with store.read() as connection:
        assert count_records(connection) == 2500


def test_history_names_file_and_digest(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "1,a,")
    take(store, path)
    (entry,) = import_history(store)
    assert (entry.source, entry.imported_at) == ("register.csv", 1795334400000)
    assert entry.digest == open_source(path).digest


SCRIPT = """
import datetime as dt, os, signal, sys
from pathlib import Path
from sqlalchemy import event
from tacit.node.home import Home
from tacit.node.mapping import ColumnMapping
from tacit.node.register.importing import ImportOptions, import_register
from tacit.node.roles import RegisterFields
from tacit.node.sources.opening import open_source
from tacit.node.store.base import open_store

home, path, moment = Home(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
store = open_store(home, "passphrase")
if moment == "commit":
    event.listen(store._engine, "commit", die)
import_register(
    store, open_source(path),
    ColumnMapping({"id": "record_id", "name": "name", "born": "birth_date"}),
    RegisterFields(("name", "birth_date")), dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    options=ImportOptions(replace=True),
    progress=lambda rows: die() if str(rows) == moment else None,
)
die()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("moment", ["1000", "3000", "commit", "after"])
def test_killed_import_leaves_the_store_before_or_after(tmp_path: Path, moment: str) -> None:
    home = Home(tmp_path / "node")
    with create_store(home, "passphrase", 14) as store:
        take(store, write(tmp_path, "old,a,", "0,b,"))
    path = write(tmp_path, *(f"{i},name {i}," for i in range(3000)))

    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home.path), str(path), moment],
        check=False,
        capture_output=True,
    )

    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    with open_store(home, "passphrase") as store:
        held = names(store)
        if moment == "after":
            assert (len(held), held["0"], len(import_history(store))) == (3000, "name 0", 2)
            undo_last_import(store, NOW)
            held = names(store)
        else:
            assert len(import_history(store)) == 1
        assert held == {"old": "a", "0": "b"}
