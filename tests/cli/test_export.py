import csv
from pathlib import Path

import pytest

from tacit.cli.export import write_csv
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
