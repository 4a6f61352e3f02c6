"""`Interpreter.frame`: the CSV table as a DataFrame."""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import einthoven
from einthoven.report.rows import as_row, columns


def test_it_has_the_columns_of_the_table_and_errors_as_rows(tmp_path: Path) -> None:
    interpreter = einthoven.Interpreter.load("edge")
    normal = einthoven.examples.recording("normal")
    few_leads = replace(normal, signal=normal.signal[:1], leads=("I",), source="one lead")
    (tmp_path / "broken.dcm").write_text("no ECG")
    frame = interpreter.frame([normal, few_leads, tmp_path / "broken.dcm", einthoven.examples.path("inferior-infarct")])
    assert list(frame) == list(columns(interpreter.bundle.card))
    row = as_row(interpreter(normal))
    for name, value in row.items():
        assert (pd.isna(frame[name][0]) and value is None) or frame[name][0] == value, name
    assert "holds only lead I" in frame.error[1]
    assert "broken.dcm" in frame.source[2]
    assert frame.error.isna().tolist() == [True, False, False, True]
    assert frame.mi_decision[3] == "rule-in"
    assert (frame.heart_rate_bpm.dtype, frame.acceptable.dtype) == ("float64", "boolean")


def test_it_says_which_extra_has_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = einthoven.Interpreter.load("edge")
    monkeypatch.delitem(sys.modules, "einthoven.frame", raising=False)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(einthoven.EinthovenError, match=r"needs pandas, which is not installed.*\[evaluate\]"):
        interpreter.frame([])
