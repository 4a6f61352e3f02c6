import errno
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.array_metrics import expected_calibration_error
from einthoven.evaluate.curve_plots import reliability_bins
from einthoven.evaluate.evaluation import evaluate
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.formatting import interval, number
from einthoven.evaluate.page import write_page
from einthoven.evaluate.plot_style import label_color
from einthoven.evaluate.plots import MOST_LABELS, draw_plots
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.task_metrics import task_metrics
from einthoven.evaluate.thresholds import Thresholds
from einthoven.model.figures import Interval

SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
SIZES = {
    "confusion": (1350, 705),
    "confusion_single": (975, 780),
    "roc": (1350, 1000),
    "precision_recall": (1350, 1000),
    "reliability": (1350, 1210),
}
"""Pixels of the figures of five labels."""


def evaluation_data(labels=SUPERCLASSES, records=400, seed=0):
    rng = np.random.default_rng(seed)
    prevalence = np.linspace(0.5, 0.1, len(labels))
    truth = rng.random((records, len(labels))) < prevalence
    logits = rng.normal(size=truth.shape) + 2.5 * truth - 1.5
    return EvaluationData(tuple(labels), truth, 1 / (1 + np.exp(-logits)), np.arange(records))


def measured(data, thresholds=None):
    thresholds = thresholds or Thresholds.fit(data.truth, data.scores, "fold 9")
    return task_metrics(data, thresholds, task="superclass", n_resamples=10, seed=0)


def draw(data, folder, metrics=None):
    return draw_plots(metrics or measured(data), data.truth, data.scores, folder)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved, by name, for a look at what is in them; no pixels are made."""
    figures = {}

    def save(figure, path, **_):
        figures[Path(path).name.split(".")[1]] = figure
        Path(path).touch()

    monkeypatch.setattr(Figure, "savefig", save)
    return figures


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    return draw(evaluation_data(), tmp_path_factory.mktemp("five"))


def curve(axes, color):
    """The data of the one line of this color."""
    lines = [line for line in axes.get_lines() if to_hex(line.get_color()).upper() == color]
    return [line.get_xydata() for line in lines]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_files_are_images_of_the_stated_size(five):
    assert {path.stem for path in five} == set(SIZES)
    for path in five:
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
            assert image.size == SIZES[path.stem]
            assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_nothing_but_the_figures_is_left_behind(five):
    assert sorted(five[0].parent.iterdir()) == sorted(five)


def test_figures_show_something_in_each_labels_color(five):
    for path in five:
        if path.stem == "confusion_single":
            continue
        with Image.open(path) as image:
            colors = {color for _, color in image.convert("RGB").getcolors(2**24)}
        for label in SUPERCLASSES:
            red, green, blue = bytes.fromhex(label_color(label, SUPERCLASSES)[1:])
            near = [c for c in colors if np.abs(np.subtract(c, (red, green, blue))).max() <= 40]
            assert near, f"{path.stem} lacks the color of {label}"


def test_same_numbers_give_the_same_bytes_whatever_the_users_matplotlib_says(five, tmp_path):
    with mpl.rc_context({"font.size": 20, "axes.grid": True, "savefig.bbox": "tight"}):
        again = draw(evaluation_data(), tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in five]


@pytest.mark.usefixtures("drawn")
def test_drawing_leaves_matplotlibs_settings_alone(tmp_path):
    before = dict(mpl.rcParams)
    draw(evaluation_data(), tmp_path)
    assert dict(mpl.rcParams) == before


def test_pyplot_is_not_imported():
    code = "import sys, einthoven.evaluate.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_confusion_cells_hold_the_counts_and_row_percentages(drawn, tmp_path):
    data = evaluation_data()
    metrics = measured(data)
    draw(data, tmp_path, metrics)
    for label, axes in zip(SUPERCLASSES, drawn["confusion"].axes, strict=True):
        f = metrics.per_label[label].to_dict()
        cells = {tuple(int(c) for c in text.get_position()): text.get_text() for text in axes.texts}
        positives, negatives = f["tp"] + f["fn"], f["fp"] + f["tn"]
        assert cells == {
            (0, 0): f"{f['tp']}\n{f['tp'] / positives:.1%}",
            (1, 0): f"{f['fn']}\n{f['fn'] / positives:.1%}",
            (0, 1): f"{f['fp']}\n{f['fp'] / negatives:.1%}",
            (1, 1): f"{f['tn']}\n{f['tn'] / negatives:.1%}",
        }
        assert [t.get_text() for t in axes.get_xticklabels()] == ["model: yes", "model: no"]
        assert [t.get_text() for t in axes.get_yticklabels()] == ["label: yes", "label: no"]
        assert number(f["threshold"]) in axes.get_title(loc="left")


def test_single_label_matrix_has_truth_in_rows(drawn, tmp_path):
    data = evaluation_data()
    metrics = measured(data)
    confusion = tuple(tuple(1500 if c == 1 and r == 0 else 0 for c in range(5)) for r in range(5))
    metrics = replace(metrics, single_label=replace(metrics.single_label, confusion=confusion))
    draw(data, tmp_path, metrics)
    (axes,) = drawn["confusion_single"].axes
    cells = {tuple(int(c) for c in text.get_position()): text.get_text() for text in axes.texts}
    assert cells[1, 0] == "1,500\n100.0%"  # x is the column, y the row
    assert cells[0, 1] == "0\n–"  # a row without records has no share
    assert axes.get_ylabel() == "label of the record"
    assert number(metrics.single_label.accuracy) in drawn["confusion_single"].get_suptitle()


def test_roc_curve_encloses_the_auroc_and_runs_through_the_operating_point(drawn, tmp_path):
    data = evaluation_data()
    metrics = measured(data)
    draw(data, tmp_path, metrics)
    for label, axes in zip(SUPERCLASSES, drawn["roc"].axes, strict=True):
        f = metrics.per_label[label]
        line, point = curve(axes, label_color(label, SUPERCLASSES))
        assert np.trapezoid(line[:, 1], line[:, 0]) == pytest.approx(f.auroc.value)
        attained = f.operating_points.specificity["0.95"]
        sensitivity, specificity = attained.sensitivity.value, attained.specificity.value
        assert point[0] == pytest.approx([1 - specificity, sensitivity])
        assert np.interp(1 - specificity, line[:, 0], line[:, 1]) == pytest.approx(sensitivity, abs=0.03)
        assert texts(axes) == [f"sensitivity {number(sensitivity)}\nspecificity {number(specificity)}"]
        assert interval(f.auroc) in axes.get_title(loc="left")
        assert len(axes.get_lines()) == 1 + 4 + 2  # diagonal, other labels, curve and point


def test_roc_has_no_operating_point_without_validation_fold(drawn, tmp_path):
    data = evaluation_data()
    draw(data, tmp_path, measured(data, Thresholds.half(5)))
    assert "Point" not in drawn["roc"].get_suptitle()
    assert all(texts(axes) == [] for axes in drawn["roc"].axes)
    assert "0.5 (no validation fold)" in drawn["confusion"].get_suptitle()


def test_precision_recall_ends_at_the_prevalence_and_marks_the_f1_threshold(drawn, tmp_path):
    data = evaluation_data()
    metrics = measured(data)
    draw(data, tmp_path, metrics)
    for k, (label, axes) in enumerate(zip(SUPERCLASSES, drawn["precision_recall"].axes, strict=True)):
        f, prevalence = metrics.per_label[label], data.truth[:, k].mean()
        line, point = curve(axes, label_color(label, SUPERCLASSES))
        assert -np.sum(np.diff(line[:, 0]) * line[:-1, 1]) == pytest.approx(f.auprc)
        assert line[0] == pytest.approx([1, prevalence])
        assert point[0] == pytest.approx([f.confusion.sensitivity, f.confusion.ppv])
        assert texts(axes) == [f"prevalence {prevalence:.3f}"]


def test_reliability_shows_every_record_once(drawn, tmp_path):
    data = evaluation_data()
    metrics = measured(data)
    draw(data, tmp_path, metrics)
    axes = drawn["reliability"].axes
    curves = [a for a in axes if a.get_legend()]
    histograms = [a for a in axes if a.get_xlabel() == "probability"]
    assert len(curves) == len(histograms) == 5
    for label, panel in zip(SUPERCLASSES, curves, strict=True):
        assert panel.get_title(loc="left") == label
        (legend,) = panel.get_legend().get_texts()
        assert f"ECE {number(metrics.per_label[label].ece)}" in legend.get_text()
    for panel in histograms:
        (steps,) = panel.patches
        assert len(steps.get_data().values) == 15
        assert steps.get_data().values.sum() == len(data.truth)


probabilities = st.floats(0, 1) | st.sampled_from([k / 15 for k in range(16)])


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(arrays(bool, n), arrays(float, n, elements=probabilities))))
def test_reliability_bins_are_those_of_the_calibration_error(data):
    truth, scores = data
    mean, share, counts = reliability_bins(truth, scores)
    assert counts.sum() == len(truth)
    assert np.isnan(mean).tolist() == np.isnan(share).tolist() == (counts == 0).tolist()
    error = np.nansum(np.abs(mean - share) * counts) / len(truth)
    assert error == pytest.approx(expected_calibration_error(truth, scores), abs=1e-12)


def test_of_many_labels_the_most_frequent_are_drawn_and_the_title_says_so(drawn, tmp_path):
    labels = [f"S{k}" for k in range(15)]
    data = evaluation_data(labels)
    paths = draw(data, tmp_path)
    frequent = set(np.argsort(-data.truth.sum(0), kind="stable")[:MOST_LABELS].tolist())
    for name in ("confusion", "roc", "precision_recall"):
        titles = [axes.get_title(loc="left").split()[0] for axes in drawn[name].axes]
        assert titles == [label for k, label in enumerate(labels) if k in frequent]
        assert "The 12 most frequent of 15 labels." in drawn[name].get_suptitle()
    assert "confusion_single" not in {path.stem for path in paths}


@pytest.mark.parametrize("without_positives", [False, True])
def test_one_label_is_enough_even_where_no_record_has_it(tmp_path, without_positives):
    data = evaluation_data(["MI"])
    data.truth[:] &= not without_positives
    paths = draw(data, tmp_path)
    assert {path.stem for path in paths} == set(SIZES) - {"confusion_single"}
    for path in paths:
        with Image.open(path) as image:
            image.load()
            assert image.size[0] == 975


@pytest.mark.parametrize("value", [False, True])
def test_a_label_that_all_records_or_none_have_says_that_its_curves_are_undefined(drawn, tmp_path, value):
    data = evaluation_data()
    data.truth[:, 2] = value
    draw(data, tmp_path)
    for name in ("roc", "precision_recall"):
        undefined = [any("undefined" in text for text in texts(axes)) for axes in drawn[name].axes]
        assert undefined == [False, False, True, False, False]


def test_no_record_with_exactly_one_label_is_no_reason_to_fail(drawn, tmp_path):
    data = evaluation_data()
    data.truth[:] = data.truth[:, :1]  # all labels or none
    draw(data, tmp_path)
    assert {text for axes in drawn["confusion_single"].axes for text in texts(axes)} == {"0\n–"}


def test_label_names_are_shown_as_they_are(drawn, tmp_path):
    names = [r"$\frac{1$", "a_b^c", "subclass:AMI", "%s", "{}"]
    data = evaluation_data(names)
    draw(data, tmp_path)
    assert [axes.get_title(loc="left").split()[0] for axes in drawn["roc"].axes] == names
    drawn["roc"].draw_without_rendering()  # mathematics would raise here


def test_colors_differ_and_stay_with_their_label():
    assert len({label_color(label, SUPERCLASSES) for label in SUPERCLASSES}) == 5
    assert label_color("MI", ["MI"]) == label_color("MI", SUPERCLASSES)
    labels = [f"S{k}" for k in range(7)]
    assert len({label_color(label, labels) for label in labels}) == 7


def test_shapes_that_do_not_fit_are_refused(tmp_path):
    data = evaluation_data()
    with pytest.raises(ValueError, match="do not fit 5 labels"):
        draw_plots(measured(data), data.truth[:, :4], data.scores[:, :4], tmp_path)
    with pytest.raises(ValueError, match="do not fit"):
        draw_plots(measured(data), data.truth, data.scores[:10], tmp_path)


def test_a_file_in_the_place_of_the_folder_is_one_clear_sentence(tmp_path):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(EinthovenError, match="results"):
        draw(evaluation_data(), tmp_path / "results")
    assert (tmp_path / "results").read_text() == "mine"


def test_a_full_disk_leaves_the_old_figure_and_no_part_of_the_new(monkeypatch, tmp_path):
    (tmp_path / "confusion.png").write_bytes(b"old")

    def full(_, path, **__):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(EinthovenError, match=r"confusion\.png: the disk is full"):
        draw(evaluation_data(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["confusion.png"]
    assert (tmp_path / "confusion.png").read_bytes() == b"old"


def test_estimates_in_words():
    assert interval(Interval(0.93749, 0.9, 1.0)) == "0.937 (0.900–1.000)"
    assert interval(None) == number(None) == number(float("nan")) == "–"


def test_page_and_figures_of_a_published_network_on_the_real_fold(test_data, tmp_path):
    annotations = Annotations.read(test_data / "ptbxl")
    stored = np.load(test_data / "benchmark" / "xresnet1d101_statements.npz")
    kept = stored["ecg_id_test"] >= 0
    statements = tuple(map(str, stored["statements"]))
    scores = stored["p_test"][kept].astype(np.float64)
    top = annotations.task("superclass")
    members = [[statements.index(name) for name in annotations.members(label)] for label in top]
    combined = np.stack([1 - (1 - scores[:, columns]).prod(1) for columns in members], 1)
    predictions = Predictions(stored["ecg_id_test"][kept], top, combined)
    metrics = evaluate(predictions, annotations, validation_folds=(), model="xresnet1d101", run={}, n_resamples=2)
    truth = annotations.labels(top)[np.searchsorted(annotations.ecg_ids, stored["ecg_id_test"][kept])]
    paths = draw_plots(metrics.top, truth, combined, tmp_path)
    write_page(metrics, paths, tmp_path / "results.html")

    page = (tmp_path / "results.html").read_text(encoding="utf-8")
    assert page.count("<img ") == len(paths) == 5
    text = " ".join(re.sub("<[^>]*>", " ", page).split())
    assert "PTB-XL: 2,198 records" in text
    for name, positives in zip(top, (963, 550, 521, 496, 262), strict=True):
        assert re.search(rf" {name} \D* {positives} ", text), name
    assert "predicting no label at all scores 0.746" in text
    assert re.search(r" mi 1 0\.9", text)
    assert "43 records with the pattern against 1,648 without MI" in text
