import csv
from pathlib import Path

import pytest

from tacit.cli.export import write_csv
from tacit.cli.options import write_new
from tacit.linkage.errors import Code, TacitError


def test_csv_opens_in_spreadsheets_and_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv(path, ("이름", "n"), [('=x,"y"', 3), ("두\n줄", None), ("@SUM(A1)", -3), ("-1+1", 0)])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[:3] == [["이름", "n"], ['\'=x,"y"', "3"], ["두\n줄", ""]]
    assert rows[3:] == [["'@SUM(A1)", "-3"], ["'-1+1", "0"]]
    with pytest.raises(TacitError) as caught:
        write_csv(path, ("x",), [])
    assert caught.value.code is Code.EXISTS
    write_csv(path, ("x",), [], force=True)
    assert path.read_bytes() == b"\xef\xbb\xbfx\r\n"


def test_unwritable_place(tmp_path: Path) -> None:
    with pytest.raises(TacitError) as caught:
        write_csv(tmp_path / "none" / "out.csv", ("x",), [])
    assert caught.value.code is Code.BAD_INPUT


def test_a_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, link = tmp_path / "kept.json", tmp_path / "link.json"
    kept.write_text("before")
    kept.chmod(0o640)
    link.symlink_to(kept)
    with pytest.raises(UnicodeEncodeError):
        write_new(kept, "half of it \ud800", force=True)
    assert kept.read_text() == "before"
    write_new(link, "after", force=True)
    assert (link.is_symlink(), kept.read_text()) == (True, "after")
    assert kept.stat().st_mode & 0o777 == 0o640
    # Where a file system has no second names.
    monkeypatch.setattr(Path, "hardlink_to", _refuse)
    write_new(tmp_path / "new.json", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "kept.json",
        "link.json",
        "new.json",
    ]


def _refuse(*_: object) -> None:
    raise PermissionError
