"""Cells of a table of labels, and header lines."""

from pathlib import Path

import pytest

from einthoven.datasets.header_codes import header_codes
from einthoven.datasets.label_table import read_table
from einthoven.datasets.stated import Stated, StatedTable, match_files


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("AFIB", {"AFIB"}),
        ("AFIB;MI", {"AFIB", "MI"}),
        ("AFIB | MI", {"AFIB", "MI"}),
        ("['AFIB', 'MI']", {"AFIB", "MI"}),
        ("{'NORM': 100.0, 'SR': 0.0}", {"NORM", "SR"}),
        ("[164889003]", {"164889003"}),
        ("[]", set()),
        ("[broken", {"[broken"}),
    ],
)
def test_lists(tmp_path: Path, cell: str, codes: set[str]) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f'record,dx\na,"{cell}"\n')
    assert read_table(path, {}).rows == {"a": Stated(frozenset(codes))}


def test_an_empty_cell_states_nothing(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("record,dx\na,\n")
    table = read_table(path, {})
    assert not table.rows
    assert [problem.problem for problem in table.problems] == ["no-labels"]


def test_columns_of_flags(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,AF,MI,BMI,Age,Gender\na,1,no,22,300,W\nb,0.0,,31,44,f\n")
    table = read_table(path, {"patient": "BMI"})
    assert table.rows["a"] == Stated(frozenset({"AF"}), patient="22")
    assert table.rows["b"] == Stated(frozenset(), frozenset({"MI"}), "31", age=44, sex=1)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.dcm", "x/a.dcm"),
        ("a", "x/a.dcm"),
        ("x/a", "x/a.dcm"),
        ("./x/a.dcm", "x/a.dcm"),
        (r"C:\data\x\a.dcm", "x/a.dcm"),
        ("/archive/x/b.dcm", "x/b.dcm"),
        ("b.dcm", None),  # there are two
        ("c.dcm", None),
    ],
)
def test_names_of_files(name: str, source: str | None) -> None:
    stated = Stated(frozenset({"MI"}))
    rows, problems = match_files(StatedTable({name: stated}), ["x/a.dcm", "x/b.dcm", "y/b.dcm"])
    assert rows == ({source: stated} if source else {})
    assert len([problem for problem in problems if problem.problem == "no-labels"]) == 3 - len(rows)


@pytest.mark.parametrize(
    ("comments", "field", "codes"),
    [
        (["Age: 74", "Dx: 164889003,426783006"], "Dx", {"164889003", "426783006"}),
        ([" dx: 1 , 2 "], "Dx", {"1", "2"}),
        (["Dx: Unknown"], "Dx", None),
        (["Dx: NaN"], "Dx", None),
        (["Hx: 1"], "Dx", None),
        (
            ["<diagnoses>:", "Rhythm: Sinus rhythm.", "Left atrial overload."],
            "<diagnoses>",
            {"Rhythm: Sinus rhythm", "Left atrial overload"},
        ),
        (["Reason for admission: Healthy control"], "Reason for admission", {"Healthy control"}),
    ],
)
def test_header_lines(comments: list[str], field: str, codes: set[str] | None) -> None:
    assert header_codes(comments, field) == codes
