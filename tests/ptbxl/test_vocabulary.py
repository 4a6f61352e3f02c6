"""The statement table against what PTB-XL publishes."""

import csv
from collections import Counter
from pathlib import Path

from einthoven.ptbxl.vocabulary import STATEMENTS, described, superclasses, write_statements


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_counts_are_the_published_ones() -> None:
    statements = STATEMENTS.values()
    assert len(STATEMENTS) == 71
    assert sum(s.diagnostic for s in statements) == 44
    assert sum(s.form for s in statements) == 19
    assert sum(s.rhythm for s in statements) == 12
    classes = Counter(s.diagnostic_class for s in statements)
    assert classes == {"": 27, "MI": 14, "STTC": 13, "CD": 11, "HYP": 5, "NORM": 1}
    assert len({s.diagnostic_subclass for s in statements} - {""}) == 23


def test_classes_belong_to_diagnostic_statements_alone() -> None:
    for s in STATEMENTS.values():
        assert bool(s.diagnostic_class) == bool(s.diagnostic_subclass) == s.diagnostic
        assert s.diagnostic or s.form or s.rhythm
        assert s.description


def test_superclasses() -> None:
    assert superclasses(["NORM", "SR"]) == {"NORM"}
    assert superclasses(["IMI", "INJIN", "LAFB", "QWAVE"]) == {"MI", "CD"}
    assert superclasses(["AFIB"]) == set()


def test_file_has_one_line_a_statement(tmp_path: Path) -> None:
    write_statements(tmp_path / "scp_statements.csv")
    rows = _rows(tmp_path / "scp_statements.csv")
    assert [row[""] for row in rows] == list(STATEMENTS)
    ndt = rows[0]
    assert (ndt["diagnostic"], ndt["form"], ndt["rhythm"]) == ("1.0", "1.0", "")
    assert None not in [*ndt, *ndt.values()]  # as many fields as the header has


def test_flags_and_classes_are_those_of_ptbxl(test_data: Path, tmp_path: Path) -> None:
    write_statements(tmp_path / "scp_statements.csv")
    ours, real = _rows(tmp_path / "scp_statements.csv"), _rows(test_data / "ptbxl/scp_statements.csv")
    assert list(ours[0]) == list(real[0])
    for column in ("", "diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"):
        assert [row[column] for row in ours] == [row[column] for row in real], column


def test_every_label_is_described_in_words() -> None:
    assert described("MI") == {"description": "infarct pattern, acute or old", "kinds": ["superclass"]}
    assert described("NORM") == {"description": "normal tracing", "kinds": ["superclass", "diagnostic"]}
    assert described("NDT")["kinds"] == ["diagnostic", "form"]
    assert described("AFIB")["kinds"] == ["rhythm"]
    assert described("subclass:AMI")["kinds"] == []
    for code in STATEMENTS:
        assert described(code)["description"] != code
