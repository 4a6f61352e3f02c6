"""An Interpretation as text for a terminal."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from textwrap import wrap
from typing import Any

from einthoven.report.summary import beside_mi
from einthoven.report.why import explained
from einthoven.report.words import fine_percent, measured, percent, seconds
from einthoven.terminal import escape

_WIDTH = 90
_NAME = 48
_BAR = 20
_INDENT = "  "


def as_text(answer: Mapping[str, Any]) -> str:
    """The text of an answer, in the shape of `Interpretation.to_dict`, or of a file that failed.

    The infarct pattern first, then what else was found; lines of at most 90 characters, unless a path is longer.
    Characters that a terminal would obey are shown by their codes.
    """
    lines = _failed(answer) if "error" in answer else _lines(answer)
    return "\n".join(map(escape, lines)) + "\n"


def _failed(answer: Mapping[str, Any]) -> Iterator[str]:
    yield answer["recording"]["source"]
    yield "NOT READ"
    yield from _listed([answer["error"]])


def _lines(answer: Mapping[str, Any]) -> Iterator[str]:
    recording, model = answer["recording"], answer["model"]
    yield recording["source"]
    leads = f"{len(recording['leads'])} leads"
    if recording["derived_leads"]:
        leads += f" ({', '.join(recording['derived_leads'])} derived)"
    yield f"{_INDENT}{recording['format']}, {seconds(recording['duration_s'])} at {recording['rate_hz']:g} Hz, {leads}"
    yield ""
    if answer["abstained"]:
        yield "NOT INTERPRETED"
        yield from _listed(answer["abstained_because"])
    elif answer["mi"]:
        yield from _infarct(answer["mi"])
    if answer["heart_rate_bpm"] is not None:
        yield f"Heart rate {answer['heart_rate_bpm']:.0f} a minute"
    if answer["intervals"]:
        yield ", ".join(map(" ".join, measured(answer["intervals"])))
    if findings := beside_mi(answer):
        yield ""
        yield f"{'Findings':{_NAME + 2}} {'probability':{_BAR + 5}} {'from':>5}"
        yield from map(_bar, findings)
    named = {finding["label"] for finding in answer["findings"]}
    present = [s for s in answer["statements"] if s["present"] and s["label"] not in named]
    if present:
        yield ""
        yield "Statements"
        yield from map(_bar, sorted(present, key=lambda s: -s["probability"]))
    yield from _stretch(answer["most_abnormal"])
    if answer["explanations"]:
        yield ""
        yield "Why"
        yield from _listed(map(partial(explained, answer), answer["explanations"]))
    remarks = [*recording["warnings"], *answer["warnings"]]
    if remarks:
        yield ""
        yield "To note"
        yield from _listed(remarks)
    yield ""
    yield f"Model {model['name']} {model['version']} (SHA-256 {model['sha256'][:12]}). {answer['notice']}"


def _infarct(mi: Mapping[str, Any]) -> Iterator[str]:
    words = mi["in_words"]
    probability, prevalence, above, below = (
        fine_percent(mi[part]) for part in ("probability", "prevalence", "rule_in_from", "rule_out_below")
    )
    yield f"INFARCT PATTERN?  {words[0].upper() + words[1:]}."
    yield (
        f"{_INDENT}probability {probability} where {prevalence} of tracings show one; "
        f"rule-in from {above}, rule-out below {below}"
    )


def _bar(finding: Mapping[str, Any]) -> str:
    filled = round(finding["probability"] * _BAR)
    bar = "█" * filled + "·" * (_BAR - filled)
    mark = "●" if finding["present"] else "○"
    share, threshold = percent(finding["probability"]), percent(finding["threshold"])
    return f"{mark} {finding['name']:{_NAME}} {share:>5} {bar} {threshold:>5}"


def _stretch(stretch: Mapping[str, Any] | None) -> Iterator[str]:
    if stretch:
        found = [f"{f['name']} {percent(f['probability'])}" for f in beside_mi(stretch) if f["present"]]
        if mi := stretch["mi"]:
            found = [f"infarct pattern {fine_percent(mi['probability'])}: {mi['in_words']}", *found]
        yield ""
        yield f"Most abnormal from {seconds(stretch['start_s'])} to {seconds(stretch['end_s'])}"
        yield from _listed(found)


def _listed(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from wrap(sentence, _WIDTH, initial_indent=f"{_INDENT}- ", subsequent_indent=_INDENT * 2)
