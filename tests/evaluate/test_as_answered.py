"""The engine's answers next to those of its bare model."""

import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.as_answered.answers import RecordAnswer
from einthoven.evaluate.as_answered.interpret import BothAnswers, interpret_records
from einthoven.evaluate.as_answered.measure import measure_answers
from einthoven.evaluate.as_answered.metrics import AsAnswered, DecisionCounts
from einthoven.evaluate.as_answered.tables import decisions_table, labels_table
from einthoven.evaluate.evaluation_data import fold_rows


def _measure(answers, annotations, rows, **options):
    return measure_answers(answers, annotations, rows, model="some", folds=(10,), n_resamples=50, **options)


@pytest.fixture(scope="module")
def rows(annotations):
    return fold_rows(annotations, (10,))


@pytest.fixture(scope="module")
def answers(annotations, rows):
    """A model that knows every label; an engine that refuses every fifth record and calls AFIB possible only."""
    made = []
    for place, row in enumerate(rows):
        stated = frozenset(annotations.statements.columns[annotations.statements.iloc[row]])
        infarct = bool(annotations.labels(("MI",))[row, 0])
        stated |= {"MI"} if infarct else set()
        model = RecordAnswer(
            conclusion="normal" if "NORM" in stated else "abnormal",
            mi="rule-in" if infarct else "rule-out",
            present=stated,
            probabilities={label: float(label in stated) for label in ("NORM", "MI", "AFIB", "LVH")},
        )
        engine = replace(
            model,
            rhythm="SR",
            present=stated - {"AFIB"},
            possible=stated & {"AFIB"},
            acute="undecided",
            contradictions=("two rhythms",) if place == 1 else (),
            critical=("RATE-HIGH",) if place < 3 else (),
        )
        made.append(
            BothAnswers(
                model,
                engine
                if place % 5
                else RecordAnswer(refused_because=("noise",), rhythm="UNCERTAIN", contradictions=()),
            )
        )
    return made


def test_a_refusal_is_a_failure_of_all_and_none_of_the_answered(annotations, rows, answers):
    measured = _measure(answers, annotations, rows)
    refused = np.arange(len(rows)) % 5 == 0
    infarct = annotations.labels(("MI",))[rows, 0]
    assert measured.not_answered.value == pytest.approx(refused.mean())
    mi = measured.labels["MI"]
    assert mi.model.sensitivity.value == mi.model.specificity.value == 1
    assert mi.present.sensitivity.value == pytest.approx(1 - refused[infarct].mean())
    assert mi.present.specificity.value == pytest.approx(1 - refused[~infarct].mean())
    assert mi.present.sensitivity_answered.value == mi.present.specificity_answered.value == mi.present.ppv.value == 1
    assert mi.present.yes == (infarct & ~refused).sum()
    assert mi.present.sensitivity.low < mi.present.sensitivity.value < mi.present.sensitivity.high
    assert mi.model_auroc == mi.model_auroc_answered == mi.auroc_answered == 1


def test_possible_counts_as_reported_and_not_as_stated(annotations, rows, answers):
    afib = _measure(answers, annotations, rows).labels["AFIB"]
    assert (afib.present.yes, afib.present.sensitivity.value, afib.present.ppv) == (0, 0, None)
    assert afib.reported.sensitivity_answered.value == 1


def test_every_record_has_one_decision_and_one_conclusion(annotations, rows, answers):
    measured = _measure(answers, annotations, rows)
    infarct = annotations.labels(("MI",))[rows, 0]
    refused = np.arange(len(rows)) % 5 == 0
    groups = measured.mi.engine.groups
    assert groups["MI"] == DecisionCounts(infarct.sum(), (infarct & ~refused).sum(), 0, 0, (infarct & refused).sum())
    for both in (measured.mi, measured.acute):
        for metrics in filter(None, (both.model, both.engine)):
            for counts in metrics.groups.values():
                kinds = (counts.rule_in, counts.undecided, counts.rule_out, counts.not_answered)
                assert sum(kinds) == counts.records
    for counts in measured.conclusions.values():
        kinds = (counts.normal, counts.borderline, counts.abnormal, counts.not_interpreted)
        assert sum(kinds) == counts.records
        assert counts.normal_and_rule_out <= counts.normal
    assert sum(counts.records for counts in measured.conclusions.values()) == len(rows)
    assert measured.mi.engine.rule_out_missed.value == 0
    assert measured.mi.engine.rule_out_npv.value == 1
    assert measured.mi.engine.rule_out_share.value == pytest.approx((~infarct & ~refused).sum() / (~infarct).sum())
    assert measured.acute.model is None


def test_contradictions_and_critical_values_are_counted(annotations, rows, answers):
    measured = _measure(answers, annotations, rows)
    assert (measured.contradictions.records, measured.contradictions.by_kind) == (1, {"two rhythms": 1})
    assert measured.critical == {"RATE-HIGH": 2}  # the first record is refused
    refused = len(rows[::5])
    assert measured.refusals == {"noise": refused}
    assert measured.rhythms == {"SR": len(rows) - refused, "UNCERTAIN": refused}
    unknown = [BothAnswers(both.model, replace(both.engine, contradictions=None)) for both in answers]
    assert _measure(unknown, annotations, rows).contradictions is None


def test_json_holds_everything(annotations, rows, answers):
    measured = _measure(answers, annotations, rows)
    assert AsAnswered.from_dict(json.loads(json.dumps(measured.to_dict(), allow_nan=False))) == measured


def test_tables_show_the_engine_next_to_the_model(annotations, rows, answers):
    measured = _measure(answers, annotations, rows)
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(decisions_table(measured))
    console.print(labels_table(measured))
    text = console.export_text()
    assert "the engine refuses 20." in text
    assert "contradict themselves or a measurement: 1 of" in text
    assert "infarct: MI" in text
    assert "AFIB" in text


def test_the_command_measures_a_simulated_data_set(simulated, einthoven, tmp_path):
    options = ("--data", simulated, "--fold", "9-10", "--out", tmp_path, "--resamples", 20, "--workers", 2)
    code, out, _ = einthoven("evaluate", "edge", *options, "--as-answered")
    assert code == 0
    assert "SIMULATED DATA" in out
    measured = AsAnswered.from_dict(json.loads((tmp_path / "as-answered.json").read_text()))
    dataset = Dataset.open(simulated)
    assert measured.records == len(dataset.rows((9, 10)))
    assert measured.mi.engine.groups["MI"].records == dataset.annotations.labels(("MI",))[dataset.rows((9, 10))].sum()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["as-answered.json"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--as-answered", "--task", "mi"), "goes without --task"),
        (("--as-answered", "--into-card"), "goes without --task"),
        (("--as-answered",), "--as-answered needs --data"),
        (("--workers", "2"), "--workers is for --as-answered"),
    ],
)
def test_options_that_do_not_fit_are_refused(einthoven, options, reason):
    code, _, error = einthoven("evaluate", "edge", *options)
    assert code == 2
    assert reason in error


def test_real_records_get_the_models_own_probabilities(test_data):
    """On PTB-XL, the engine keeps the model's probabilities, and its rule-in loses few of the model's."""
    dataset = Dataset.open(test_data / "ptbxl")
    infarct = dataset.annotations.labels(("MI",))[:, 0] & (dataset.annotations.folds == 9)
    rows = np.flatnonzero(infarct)[:48]
    answers = interpret_records("edge", dataset, rows, workers=2)
    assert len(answers) == 48
    mi = [(model.probabilities["MI"], engine.probabilities.get("MI", np.nan)) for model, engine in answers]
    assert sum(abs(model - engine) <= 0.001 for model, engine in mi) >= 40  # lost leads and offsets change a few
    by_model = sum(both.model.mi == "rule-in" for both in answers)
    by_engine = sum(both.engine.mi == "rule-in" for both in answers)
    assert by_model >= 28
    assert by_engine >= by_model - 8
