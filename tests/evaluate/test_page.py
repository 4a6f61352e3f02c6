import base64
import copy
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.figure import Figure

from einthoven.errors import EinthovenError
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import Evaluation
from einthoven.evaluate.page import write_page
from einthoven.evaluate.task_metrics import task_metrics
from einthoven.evaluate.thresholds import Thresholds

VOID = {"meta", "img", "br", "link", "input", "hr", "col", "source", "base", "area", "embed", "track", "wbr"}
LABELS = ["NORM", "MI"]
HEADLINE = ["macro_auroc", "macro_auprc", "macro_f1", "global_accuracy", "exact_match"]
HEADLINE += ["macro_f1_at_0.5", "global_accuracy_at_0.5", "exact_match_at_0.5"]


def estimate(value):
    return {"value": value, "low": value - 0.011, "high": value + 0.011}


def task(name, seed):
    rng = np.random.default_rng(seed)
    truth = rng.random((1500, 2)) < [0.45, 0.2]
    scores = 1 / (1 + np.exp(1.5 - 3 * truth - rng.normal(size=truth.shape)))
    data = EvaluationData(tuple(LABELS), truth, scores, np.arange(len(truth)) // 2)
    thresholds = Thresholds.fit(truth, scores, "fold 9")
    return task_metrics(data, thresholds, task=name, n_resamples=10, seed=7).to_dict()


@pytest.fixture
def metrics():
    subgroup = {"per_label": {name: {"positives": 9, "auroc": estimate(0.8713)} for name in LABELS}}
    top = task("superclass", 0)
    return {
        **top,
        "model": "smigiel-conv",
        "run": {"seed": 3, "epochs": 15, "versions": {"torch": "2.13.0", "python": "3.11.9"}},
        "simulated": False,
        "fold": 10,
        "validation_fold": 9,
        "trained_on": [],
        "subgroups": [
            {"group": "sex", "value": "female", "records": 1066, "macro_auroc": estimate(0.9221), **subgroup},
            {"group": "sex", "value": "male", "records": 1132, "macro_auroc": estimate(0.8337), **subgroup},
            {"group": "age", "value": "0-17", "records": 1, "macro_auroc": None, **subgroup},
        ],
        "mi_by_stage": [
            {
                "stage": "I",
                "records": 14,
                "auroc": estimate(0.9512),
                "sensitivity": {"0.95": {"detected": 9, "value": 0.6429, "low": 0.3876, "high": 0.8366}},
            }
        ],
        "acute_pattern": {
            "positives": 43,
            "negatives": 1648,
            "auroc": estimate(0.9634),
            "operating_points": top["per_label"]["MI"]["operating_points"],
        },
        "as_published": {
            "rule": "softmax over the labels > 0.9",
            "records": 2198,
            "global_accuracy": 0.7554,
            "all_no_accuracy": 0.7459,
            "macro_f1": 0.3149,
            "per_label": {
                name: top["per_label"][name] | {"sensitivity": 0.1931, "specificity": 0.8972} for name in LABELS
            },
        },
        "tasks": {"statements": task("statements", 1)},
    }


class Page(HTMLParser):
    """Reads a page strictly: every element that opens must close, in order."""

    def __init__(self, path):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()
        assert self.open == []
        self.text = re.sub(r"\s+", " ", "".join(self.words)).replace("\u00a0", " ")

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ("td", "th", "dt", "dd"):
            self.words.append(" ")

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    paths = []
    for name in ("confusion", "confusion_single", "roc", "precision_recall", "reliability"):
        paths.append(folder / f"{name}.png")
        Figure(figsize=(2, 1), dpi=150).savefig(paths[-1])
    return paths


@pytest.fixture
def page(pictures, tmp_path):
    def make(metrics):
        write_page(Evaluation.from_dict(metrics), pictures, tmp_path / "results.html")
        return Page(tmp_path / "results.html")

    return make


def numbers(estimate):
    return f"{estimate['value']:.3f} ({estimate['low']:.3f}–{estimate['high']:.3f})"


def test_page_is_whole_and_loads_nothing(page, metrics):
    made = page(metrics)
    assert made.source.startswith("<!DOCTYPE html>")
    assert made.all("html") == [{"lang": "en"}]
    assert not {"script", "link", "iframe", "object", "embed", "base", "a"} & {tag for tag, _ in made.elements}
    for _, attributes in made.elements:
        assert not {"href", "srcset", "action", "data"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
    without_images = re.sub(r"data:image/png;base64,[\w+/=]+", "", made.source)
    assert not re.search(r"https?:|//|url\(|@import", without_images)


def test_page_can_be_read_by_a_screen_reader_on_a_phone_in_the_dark_and_on_paper(page, metrics):
    made = page(metrics)
    ids = [attributes["id"] for _, attributes in made.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for a in made.all("section")} <= set(ids)
    assert len(made.all("h1")) == 1
    assert len(made.all("caption")) == len(made.all("table")) > 5
    assert all("scope" in attributes for attributes in made.all("th"))
    assert all(attributes["alt"] for attributes in made.all("img"))
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in made.all("meta")
    assert "prefers-color-scheme: dark" in made.source
    assert "@media print" in made.source


def test_cells_fill_the_rows_of_every_table(page, metrics):
    for table in re.findall(r"<table.*?</table>", page(metrics).source, re.S):
        columns = len(re.findall(r"<th\b", re.search(r"<thead>.*?</thead>", table, re.S)[0]))
        spans = [re.findall(r'(?:row|col)span="(\d+)"', cell) for cell in re.findall(r"<t[hd]\b[^>]*>", table)]
        assert sum(int(span[0]) if span else 1 for span in spans) == columns * table.count("<tr"), table


def test_images_are_the_files(page, metrics, pictures):
    images = page(metrics).all("img")
    assert len(images) == len(pictures)
    inside = [base64.b64decode(a["src"].partition(",")[2]) for a in images]
    assert sorted(inside) == sorted(path.read_bytes() for path in pictures)
    assert {(a["width"], a["height"]) for a in images} == {("192", "96")}  # 2 x 1 inch at 96 px/inch


def test_every_headline_figure_occurs(page, metrics):
    text = page(metrics).text
    for part in (metrics, metrics["labelled_only"]):
        assert all(numbers(part[name]) in text for name in HEADLINE)
        assert f" {part['fmax']:.3f} " in text
    single = metrics["single_label"]
    limits = {"value": single["accuracy"], "low": single["accuracy_low"], "high": single["accuracy_high"]}
    assert f"{numbers(limits)} of them; macro F1 {single['macro_f1']:.3f}" in text
    positives = sum(figures["positives"] for figures in metrics["per_label"].values())
    assert f"no label at all scores {1 - positives / 3000:.3f}" in text


def test_every_figure_of_each_label_and_operating_point_occurs(page, metrics):
    text = page(metrics).text
    for name, f in metrics["per_label"].items():
        ranks = [
            f"{f['positives']}",
            numbers(f["auroc"]),
            *(f"{f[k]:.3f}" for k in ("auprc", "ece", "brier")),
        ]
        assert f" {' '.join(ranks)} " in text
        shares = ["threshold", "sensitivity", "specificity", "ppv", "npv", "f1", "accuracy"]
        counts = [f"{f[k]:,}" for k in ("tp", "fn", "fp", "tn")]
        assert f" {name} {' '.join([*(f'{f[k]:.3f}' for k in shares), *counts])} " in text
        for targets in f["operating_points"].values():
            for target, point in targets.items():
                attained = f"{numbers(point['sensitivity'])} {numbers(point['specificity'])}"
                assert f" {target} {point['threshold']:.3f} {attained} " in text


def test_page_says_what_was_evaluated(page, metrics):
    text = page(metrics).text
    for words in (
        "smigiel-conv",
        "Records 1,500",
        "Patients 750",
        "fold 10",
        "fold 9",
        "10 bootstrap resamples",
        "seed 7",
    ):
        assert words in text
    for words in ("seed 3", "epochs 15", "versions.torch 2.13.0", "versions.python 3.11.9"):
        assert words in text
    assert "Research software, not a medical device" in text


def test_every_section_shows_its_figures(page, metrics):
    text = page(metrics).text
    assert "female 1,066 0.922 (0.911–0.933)" in text
    assert "0-17 1 –" in text
    assert "I 14 0.951 (0.940–0.962) 9 of 14" in text
    assert "0.643 (0.388–0.837)" in text
    assert "AUROC 0.963 (0.952–0.974), 43 records with the pattern against 1,648 without MI" in text
    assert f"statements 2 {numbers(metrics['tasks']['statements']['macro_auroc'])}" in text
    assert f"Global accuracy 0.755 {numbers(metrics['global_accuracy'])}" in text
    assert "MI: sensitivity / specificity 0.193 / 0.897 " in text


def test_mi_in_plain_words_is_rounded_from_the_operating_point(page, metrics):
    point = metrics["per_label"]["MI"]["operating_points"]["specificity"]["0.95"]
    point["sensitivity"], point["specificity"] = estimate(0.676), estimate(0.945)
    assert (
        "of 100 records with an infarct pattern the model flags 68; of 100 without one it flags 6" in page(metrics).text
    )


def test_page_says_what_mi_means_only_where_it_speaks_of_mi(page, metrics):
    text = page(metrics).text
    assert "infarct pattern, acute or old" in text
    assert "does not exclude infarction" in text
    rhythm = {key: value for key, value in metrics.items() if key not in SECTIONS}
    rhythm |= {"labels": ["AFIB", "SR"], "subgroups": [], "tasks": {}}
    rhythm["per_label"] = dict(zip(["AFIB", "SR"], metrics["per_label"].values(), strict=True))
    assert "infarct" not in page(rhythm).text


def test_simulated_data_are_named_in_title_and_banner(page, metrics):
    assert "imulated" not in page(metrics).text
    metrics["simulated"] = True
    made = page(metrics)
    assert "(simulated data)" in re.search("<title>(.*)</title>", made.source)[1]
    assert "Simulated data. These ECGs were computed, not recorded." in made.text
    assert "Recorded ECGs" not in made.text
    assert any("simulated" in attributes.get("class", "") for attributes in made.all("p"))


SECTIONS = {
    "mi_by_stage": "MI by infarction stage",
    "acute_pattern": "Acute pattern",
    "as_published": "Legacy scoring",
    "single_label": "the label of highest probability is correct",
}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_the_metrics_lack_is_absent(page, metrics, section):
    words = SECTIONS[section]
    assert words in page(metrics).text
    del metrics[section]
    assert words not in page(metrics).text


@pytest.mark.parametrize(
    ("empty", "words"),
    [
        ("subgroups", "Subgroups"),
        ("mi_by_stage", "MI by infarction stage"),
        ("tasks", "Other tasks"),
        ("run", "Settings, seeds and versions"),
    ],
)
def test_an_empty_section_is_absent(page, metrics, empty, words):
    assert words in page(metrics).text
    metrics[empty] = type(metrics[empty])()
    assert words not in page(metrics).text


def emptied(value):
    """The same shape with null for every figure: None for estimates and shares."""
    if isinstance(value, dict):
        if set(value) >= {"value", "low", "high"}:
            return None
        return {key: emptied(part) for key, part in value.items()}
    if isinstance(value, list):
        return [emptied(part) for part in value]
    return None if isinstance(value, float) else value


def test_null_shows_as_a_dash_wherever_it_may_stand(page, metrics):
    text = page(emptied(metrics)).text
    assert "Macro AUROC – –" in text
    assert not re.search(r"\b(None|nan|null|Undefined\(|\{)", text)
    assert "Undefined here: 43 records with the pattern" in text
    assert "In plain words" not in text


def test_without_validation_fold_there_are_no_operating_points(page, metrics):
    metrics |= {"validation_fold": None, "thresholds": "0.5 (no validation fold)"}
    for figures in metrics["per_label"].values():
        figures["operating_points"] = None
    metrics["acute_pattern"]["operating_points"] = None
    metrics["mi_by_stage"][0]["sensitivity"] = None
    made = page(metrics)
    assert "Operating points" not in made.text
    assert "Detected at specificity" not in made.text
    assert "Validation fold –" in made.text
    assert "F1 threshold (0.5 (no validation fold))" in made.text


def test_several_folds_and_what_was_left_out_are_named(page, metrics):
    metrics |= {"fold": [1, 2], "validation_fold": [8, 9], "labels_left_out": ["NORM"]}
    metrics["bootstrap"]["incomplete_rounds"] = 12
    text = page(metrics).text
    assert "results on fold 1, 2" in text
    assert "Validation fold 8, 9" in text
    assert "or no negative record here: NORM" in text
    assert "12 of the bootstrap resamples" in text


def test_the_models_own_acute_pattern_stands_beside_the_mi_probability(page, metrics):
    metrics["acute_pattern"]["own"] = {**metrics["acute_pattern"], "auroc": estimate(0.9871)}
    text = page(metrics).text
    assert "By the MI probability: AUROC 0.963" in text
    assert "By the model's own acute-pattern probability: AUROC 0.987" in text


def test_whiskers_lie_on_their_axis(page, metrics):
    made = page(metrics)
    lines = [a for a in made.all("line") if "class" not in a]
    overall = {a["x1"] for a in made.all("line") if a.get("class") == "overall"}
    centres = [float(a["cx"]) for a in made.all("circle")]
    assert len(lines) == len(centres) == 2  # the group of one record has no interval
    assert ">0.80<" in made.source  # the lowest limit is 0.823
    for line, centre, group in zip(lines, centres, metrics["subgroups"][:2], strict=True):
        expected = [(group["macro_auroc"][key] - 0.8) / 0.2 * 150 for key in ("low", "value", "high")]
        assert [float(line["x1"]), centre, float(line["x2"])] == pytest.approx(expected, abs=0.06)
    assert len(overall) == 1


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{ 71*73 }}"


def test_names_from_files_are_escaped_everywhere(page, metrics):
    hostile = json.loads(json.dumps(metrics))
    hostile |= {"model": HOSTILE, "thresholds": HOSTILE, "labels": [HOSTILE], "labels_left_out": [HOSTILE]}
    hostile["task"] = HOSTILE
    hostile["run"] = {HOSTILE: HOSTILE, "nested": {HOSTILE: [HOSTILE]}}
    hostile["per_label"] = {HOSTILE: metrics["per_label"]["MI"]}
    hostile["tasks"] = {HOSTILE: metrics["tasks"]["statements"]}
    hostile["as_published"]["rule"] = HOSTILE
    hostile["as_published"]["per_label"] = {HOSTILE: metrics["as_published"]["per_label"]["MI"]}
    hostile["mi_by_stage"][0]["stage"] = HOSTILE
    for group in hostile["subgroups"]:
        group |= {"group": HOSTILE, "value": HOSTILE, "per_label": {HOSTILE: {"positives": 1, "auroc": None}}}
    made = page(hostile)
    assert not made.all("script")
    assert len(made.all("img")) == 5
    assert not any("onerror" in attributes for _, attributes in made.elements)
    assert made.text.count(HOSTILE) >= 15
    assert "5183" not in made.text


def test_same_numbers_give_the_same_page_and_leave_the_metrics_alone(page, metrics):
    before = copy.deepcopy(metrics)
    assert page(metrics).source == page(metrics).source
    assert metrics == before


def test_figures_that_are_not_given_are_absent(metrics, tmp_path):
    write_page(Evaluation.from_dict(metrics), [], tmp_path / "results.html")
    made = Page(tmp_path / "results.html")
    assert not made.all("img")
    assert not made.all("figure")


@pytest.mark.parametrize(("content", "words"), [(None, "not found"), (b"GIF89a", "is not a PNG file")])
def test_a_bad_figure_is_named_and_the_old_page_stays(metrics, tmp_path, content, words):
    page = tmp_path / "results.html"
    page.write_text("old")
    picture = tmp_path / "roc.png"
    if content:
        picture.write_bytes(content)
    with pytest.raises(EinthovenError, match=rf"roc\.png: {words}"):
        write_page(Evaluation.from_dict(metrics), [picture], page)
    assert page.read_text() == "old"
    assert not list(tmp_path.glob(".*"))
