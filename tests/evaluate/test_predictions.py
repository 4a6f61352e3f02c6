"""Predictions as a file that anybody may have written."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.errors import EinthovenError
from einthoven.evaluate.predictions import Predictions, label_scores

GOOD = "ecg_id,label,probability\n9,MI,0.25\n9,CD,1\n38,CD,1e-3\n38,MI,0.5\n"


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, (4, 3), elements=st.floats(0, 1)))
def test_what_is_written_is_read_to_the_last_digit(tmp_path_factory, probabilities):
    path = tmp_path_factory.mktemp("predictions") / "predictions.csv"
    written = Predictions(np.array([5, 2, 9, 21799]), ("MI", "subclass:AMI", "1AVB"), probabilities)
    written.write(path)
    read = Predictions.read(path)
    assert read.ecg_ids.tolist() == [5, 2, 9, 21799]
    assert read.labels == written.labels
    assert (read.probabilities == probabilities).all()
    assert read.name == str(path)


def test_lines_may_stand_in_any_order(tmp_file):
    tmp_file.write_text("\ufeffmodel,probability,label,ecg_id\nx,0.25,MI,9\nx,0.5,MI,38\nx,1,CD,9\nx,1e-3,CD,38\n\n")
    read = Predictions.read(tmp_file, known=["CD", "MI"])
    assert read.ecg_ids.tolist() == [9, 38]
    assert read.labels == ("MI", "CD")
    assert read.probabilities.tolist() == [[0.25, 1], [0.5, 0.001]]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD.replace("probability", "p"), 1, "'probability'"),
        (GOOD.replace("label", "class"), 1, "'label'"),
        (GOOD.replace("38,MI", "38,XX"), 5, "'XX'"),
        (GOOD.replace("38,MI", "38,CD"), 5, "twice"),
        (GOOD.replace("38,MI", "x38,MI"), 5, "'x38'"),
        (GOOD.replace("38,MI", "38.5,MI"), 5, "'38.5'"),
        (GOOD.replace("38,MI", ",MI"), 5, "''"),
        (GOOD.replace("0.25", "nan"), 2, "'nan'"),
        (GOOD.replace("0.25", "high"), 2, "'high'"),
        (GOOD.replace("0.25", ""), 2, "''"),
        (GOOD.replace("0.25", "inf"), 2, "outside 0 to 1"),
        (GOOD.replace("0.25", "-0.1"), 2, "'-0.1' lies outside 0 to 1"),
        (GOOD.replace("0.25", "25"), 2, "'25' lies outside 0 to 1"),
        (GOOD.replace("9,MI,0.25\n", "\n9,MI,25\n"), 3, "'25'"),
        (GOOD.replace("38,MI,0.5", "38"), 5, "''"),
        (GOOD.replace("0.25", "0.25,7,8"), 2, "fields"),
    ],
)
def test_a_wrong_file_is_refused_naming_file_and_line(tmp_file, text, line, what):
    tmp_file.write_text(text)
    with pytest.raises(EinthovenError) as error:
        Predictions.read(tmp_file, known=["MI", "CD"])
    message = str(error.value)
    assert str(tmp_file) in message
    assert f"line {line}" in message
    assert what in message
    assert "\n" not in message


def test_a_record_that_lacks_a_label_is_named(tmp_file):
    tmp_file.write_text(GOOD.replace("38,CD,1e-3\n", ""))
    with pytest.raises(EinthovenError, match=r"ecg_id 38 has no line for the label 'CD'"):
        Predictions.read(tmp_file)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00binary\x00", b"\x89PNG\r\n\x1a\n\x00\x00", b'"'])
def test_something_else_is_refused_in_one_sentence(tmp_file, content):
    tmp_file.write_bytes(content)
    with pytest.raises(EinthovenError, match=r"predictions\.csv") as error:
        Predictions.read(tmp_file)
    assert "\n" not in str(error.value)


def test_a_header_alone_holds_no_predictions(tmp_file):
    tmp_file.write_text("ecg_id,label,probability\n")
    with pytest.raises(EinthovenError, match="no predictions"):
        Predictions.read(tmp_file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(EinthovenError, match="not found"):
        Predictions.read(tmp_path / "nothing.csv")
    with pytest.raises(EinthovenError, match="folder"):
        Predictions.read(tmp_path)


def test_a_failed_write_leaves_the_older_file(tmp_file, monkeypatch):
    tmp_file.write_text("older")

    def full(_, path, **__):
        Path(path).write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    with pytest.raises(EinthovenError, match="disk is full"):
        Predictions(np.array([1]), ("MI",), np.array([[0.5]])).write(tmp_file)
    assert tmp_file.read_text() == "older"
    assert list(tmp_file.parent.iterdir()) == [tmp_file]


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1, np.inf])
def test_numbers_that_are_no_probabilities_are_refused(value):
    with pytest.raises(EinthovenError, match="ecg_id 2, label CD"):
        Predictions(np.array([1, 2]), ("MI", "CD"), np.array([[0.5, 0.5], [0.5, value]]))


def test_records_and_labels_stand_once():
    half = np.full((2, 2), 0.5)
    with pytest.raises(EinthovenError, match="twice"):
        Predictions(np.array([1, 1]), ("MI", "CD"), half)
    with pytest.raises(EinthovenError, match="twice"):
        Predictions(np.array([1, 2]), ("MI", "MI"), half)


def test_select_gives_records_in_the_order_asked_for():
    predictions = Predictions(np.array([5, 2, 9]), ("MI",), np.array([[0.5], [0.2], [0.9]]))
    assert predictions.select(np.array([9, 5])).probabilities.tolist() == [[0.9], [0.5]]
    with pytest.raises(KeyError, match="7"):
        predictions.select(np.array([9, 7]))


def test_labels_that_were_not_predicted_are_combined_from_their_statements(annotations):
    labels = ("NORM", "INJAS", "AMI", "IMI", "LVH")
    predictions = Predictions(np.array([3]), labels, np.array([[0.1, 0.2, 0.3, 0.4, 0.5]]))
    scores = label_scores(predictions, annotations, ("MI", "NORM", "subclass:AMI", "HYP"))
    assert scores == pytest.approx(np.array([[1 - 0.8 * 0.7 * 0.6, 0.1, 1 - 0.8 * 0.7, 0.5]]))
    assert label_scores(predictions, annotations, ("MI", "CD")) is None


def test_a_label_that_was_predicted_itself_is_taken_as_it_is(annotations):
    labels = ("MI", "INJAS", "AMI", "IMI")
    predictions = Predictions(np.array([3]), labels, np.array([[0.9, 0.2, 0.3, 0.4]]))
    assert label_scores(predictions, annotations, ("MI",)).tolist() == [[0.9]]
