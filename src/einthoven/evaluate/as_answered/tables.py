"""The engine's answers as tables for the terminal."""

from collections.abc import Iterator

from rich.table import Table

from einthoven.evaluate.as_answered.metrics import AsAnswered, BothDecisions, Conclusions, DecisionMetrics, YesNoMetrics
from einthoven.evaluate.formatting import DASH, number
from einthoven.model.figures import Interval
from einthoven.ptbxl.annotations import SUPERCLASSES

KEY_STATEMENTS = ("AFIB", "AFLT", "SBRAD", "STACH", "1AVB", "PACE", "PVC", "LVH", "LAFB", "IRBBB", "CRBBB", "CLBBB")
"""Statements shown below the superclasses of PTB-XL, which has 71; as-answered.json has all labels."""


def decisions_table(measured: AsAnswered) -> Table:
    """Show the decisions and conclusions by group of records, the engine next to its bare model.

    Parameters
    ----------
    measured
        Result of `measure_answers`.

    Returns
    -------
    rich.table.Table
        Shares of the records of each group; the caption has the performance of the rule-in.
    """
    table = Table(title=f"{measured.model} as answered, {_folds(measured)}: decisions", caption=_caption(measured))
    table.add_column("records of", no_wrap=True)
    for name in ("records", "answer of", "rule-in", "undecided", "rule-out", "not answered"):
        table.add_column(name, justify="right", no_wrap=True)
    for title, both in (("infarct", measured.mi), ("acute", measured.acute)):
        for who, metrics in (("model", both.model), ("engine", both.engine)):
            if metrics:
                _add_decisions(table, title, who, metrics)
    table.add_section()
    table.add_row("conclusion", "", "", "normal", "borderline", "abnormal", "not interpreted")
    for who, conclusions in (("model", measured.model_conclusions), ("engine", measured.conclusions)):
        for group, counts in conclusions.items():
            table.add_row(group, str(counts.records), who, *_conclusion_shares(counts))
    return table


def labels_table(measured: AsAnswered) -> Table:
    """Show each superclass and key statement: as the bare model predicts it and as the engine states it.

    Parameters
    ----------
    measured
        Result of `measure_answers`.

    Returns
    -------
    rich.table.Table
        Table with the sensitivity on all records and on the answered ones.
    """
    table = Table(title=f"{measured.model} as answered, {_folds(measured)}: sensitivity, specificity, PPV")
    table.add_column("label", no_wrap=True)
    for name in ("positives", "model", "stated", "of answered", "stated or possible"):
        table.add_column(name, justify="right", no_wrap=True)
    shown = measured.labels if measured.external else (*SUPERCLASSES, *KEY_STATEMENTS)
    for label in shown:
        if metrics := measured.labels.get(label):
            answered = f"{_value(metrics.present.sensitivity_answered)} {_value(metrics.present.specificity_answered)}"
            rates = (_rates(metrics.model), _rates(metrics.present), answered, _rates(metrics.reported))
            table.add_row(label, str(metrics.positives), *rates)
    return table


def _add_decisions(table: Table, title: str, who: str, metrics: DecisionMetrics) -> None:
    table.add_section()
    for group, counts in metrics.groups.items():
        numbers = (counts.rule_in, counts.undecided, counts.rule_out, counts.not_answered)
        shares = (_share(count, counts.records) for count in numbers)
        table.add_row(f"{title}: {group}", str(counts.records), who, *shares)


def _conclusion_shares(counts: Conclusions) -> Iterator[str]:
    for count in (counts.normal, counts.borderline, counts.abnormal, counts.not_interpreted):
        yield _share(count, counts.records)


def _caption(measured: AsAnswered) -> str:
    lines = [f"External validation on {measured.data_set}"] if measured.external else []
    lines += [
        f"{measured.records:,} records of {measured.patients:,} patients; the engine refuses "
        f"{_percent(measured.not_answered)}"
    ]
    lines += [
        line for name, both in (("infarct", measured.mi), ("acute", measured.acute)) for line in _rule_in(name, both)
    ]
    if normal := measured.conclusions.get("normal"):
        lines.append(
            f"normal records that read normal with a rule-out: {_share(normal.normal_and_rule_out, normal.records)}"
        )
    if found := measured.contradictions:
        lines.append(f"answers that contradict themselves or a measurement: {found.records:,} of {measured.records:,}")
    return "\n".join(lines)


def _rule_in(name: str, both: BothDecisions) -> Iterator[str]:
    for who, metrics in (("model", both.model), ("engine", both.engine)):
        if metrics:
            rule_in = metrics.rule_in
            yield (
                f"{name}, {who}: rule-in sensitivity {_percent(rule_in.sensitivity)} (of answered "
                f"{_percent(rule_in.sensitivity_answered)}), specificity {_percent(rule_in.specificity)} (of answered "
                f"{_percent(rule_in.specificity_answered)}), PPV {_percent(rule_in.ppv)}; ruled out wrongly "
                f"{_percent(metrics.rule_out_missed)}, rightly {_percent(metrics.rule_out_share)}"
            )


def _rates(metrics: YesNoMetrics) -> str:
    return " ".join(map(_value, (metrics.sensitivity, metrics.specificity, metrics.ppv)))


def _value(interval: Interval | None) -> str:
    return number(interval.value if interval else None)


def _percent(interval: Interval | None) -> str:
    return f"{interval.value:.1%}".replace("%", " %") if interval else DASH


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.1%}".replace("%", " %") if whole else DASH


def _folds(measured: AsAnswered) -> str:
    simulated = " - SIMULATED DATA" if measured.simulated else ""
    return f"fold {', '.join(map(str, measured.folds))}{simulated}"
