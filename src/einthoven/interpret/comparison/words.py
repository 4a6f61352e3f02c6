"""The comparison in words: one paragraph, the most urgent change first."""

from collections.abc import Iterable, Iterator, Sequence

from einthoven.interpret.comparison.comparable import join
from einthoven.interpret.comparison.measured import WAVE_NAMES
from einthoven.interpret.comparison.usual_difference import QRS_WAVES, ST, WIDE_FROM_MS, Q, T
from einthoven.interpret.comparison.values import Change
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.recording import LEADS
from einthoven.text import capitalize

NO_CHANGE = "No change beyond the usual difference between two ECGs of one person"
_BLOCKS = ("CLBBB", "PACE", "CRBBB", "3AVB", "2AVB", "WPW")  # these change the shape of the whole ECG
_WIDENING = ("CLBBB", "PACE", "CRBBB", "IVCD", "WPW", "WCT", "IVR")  # with secondary changes of ST and T
_MUCH_BPM = 20.0  # difference from which ST differs more than in other pairs of ECGs of one person
_DECISION_WORDS = {
    "rule-in": "ruled in",
    "rule-out": "ruled out (this does not exclude an infarction)",
    "undecided": "undecided",
}
_VERBS = {
    "st_j_mv": ("ST rose", "ST fell"),
    "q_mv": ("Q waves are shallower", "Q waves are deeper"),
    "r_mv": ("R waves are higher", "R waves are lower"),
    "s_mv": ("S waves are shallower", "S waves are deeper"),
    "t_mv": ("T waves rose", "T waves fell"),
}
"""Words for a positive and a negative change of amplitudes; those of ST at J also apply to ST at J + 60 ms."""
_UNITS = {"mV": " mV", "ms": " ms", "bpm": " bpm", "degrees": "°"}


def change_sentences(changes: Sequence[Change]) -> Iterator[str]:
    """Word the significant changes.

    Parameters
    ----------
    changes
        Changes of a comparison; only significant ones are worded.

    Yields
    ------
    str
        A sentence for each change, or for several of a kind, the most urgent first.
    """
    significant = [change for change in changes if change.significant]
    statements = [change for change in significant if change.kind == "statement"]
    statements = list(_without_superclasses(statements))
    blocks = [change for change in statements if change.code in _BLOCKS]
    infarcts = [change for change in statements if _diagnostic_class(change) == "MI"]
    others = [change for change in statements if change not in blocks and change not in infarcts]
    measured = [change for change in significant if change.kind == "measurement"]
    yield from _new_and_gone((c for c in significant if c.kind == "critical"), "critical value: ")
    yield from map(_decision_sentence, (c for c in significant if c.kind == "acute"))
    yield from (f"Rhythm: {c.after}, before {c.before}." for c in significant if c.kind == "rhythm")
    yield from _new_and_gone(blocks)
    yield from _st_sentences(measured, secondary=_widens(significant), rate_change=_rate_change(changes))
    yield from map(_decision_sentence, (c for c in significant if c.kind == "infarct"))
    yield from _new_and_gone(infarcts)
    yield from (_value_sentence(change) for change in measured if change.lead is None)
    yield from _new_and_gone(others)
    yield from _criterion_sentences([c for c in significant if c.kind == "criterion"])
    for name in (*Q, *QRS_WAVES, *T):
        yield from _wave_sentences(measured, (name,))


def _new_and_gone(changes: Iterable[Change], kind: str = "") -> Iterator[str]:
    changes = list(changes)
    for state, words in (("absent", f"New {kind}" if kind else "New: "), ("present", f"No longer present: {kind}")):
        if names := [change.what for change in changes if change.before == state]:
            yield f"{words}{join(names)}."


def _decision_sentence(change: Change) -> str:
    before, after = (_DECISION_WORDS[str(decision)] for decision in (change.before, change.after))
    return f"{capitalize(change.what)}: {after}, before {before}."


def _value_sentence(change: Change) -> str:
    name, unit = capitalize(change.what), _UNITS[change.unit or "ms"]
    before, after = _number(change.before), _number(change.after)
    return f"{name} {after}{unit}, before {before}{unit} (limit {change.limit:.0f}{unit})."


def _st_sentences(measured: Sequence[Change], *, secondary: bool, rate_change: float) -> Iterator[str]:
    sentences = list(_wave_sentences(measured, ST))
    yield from sentences
    if sentences and secondary:
        yield "Part of the ST change may follow from the change of the QRS complex."
    if sentences and rate_change >= _MUCH_BPM:
        yield f"The heart rate differs by {rate_change:.0f} bpm, which can move ST, too."


def _rate_change(changes: Sequence[Change]) -> float:
    rates = [change for change in changes if change.code == "heart_rate_bpm"]
    return abs(_rise(rates[0])) if rates else 0.0


def _wave_sentences(measured: Sequence[Change], names: Sequence[str]) -> Iterator[str]:
    """Word the rise, then the fall of amplitudes, with the leads and the largest change."""
    wave_changes = [change for change in measured if change.code in names]
    for sign, verb in zip((1, -1), _VERBS[names[0]], strict=True):
        moved = [change for change in wave_changes if sign * _rise(change) > 0]
        if moved:
            largest = max(moved, key=lambda change: abs(_rise(change)))
            leads = _ranges({str(change.lead) for change in moved})
            point = f"{WAVE_NAMES[largest.code].removeprefix('ST ')} " if names == ST else ""
            size, limit = _millivolts(abs(_rise(largest)), largest.limit or 0.0)
            if leads == largest.lead:
                yield f"{verb} in {leads} by {size}{point and f' {point.strip()}'} ({limit})."
            else:
                yield f"{verb} in {leads} by up to {size} ({point}in {largest.lead}, {limit})."


def _millivolts(size: float, limit: float) -> tuple[str, str]:
    """Word a change and its limit, with a third decimal if they would read the same."""
    digits = 3 if f"{size:.2f}" == f"{limit:.2f}" else 2
    return f"{size:.{digits}f} mV", f"limit {limit:.{digits}f} mV"


def _rise(change: Change) -> float:
    return float(change.after or 0) - float(change.before or 0)


def _criterion_sentences(changes: Sequence[Change]) -> Iterator[str]:
    for state, words in (("met", "Criteria met now, not before"), ("not met", "Criteria met before, not now")):
        if names := [change.what for change in changes if change.after == state]:
            yield f"{words}: {join(names)}."


def _without_superclasses(changes: Sequence[Change]) -> Iterator[Change]:
    """Leave out a superclass if one of its statements changed in the same direction."""
    explained = {(_diagnostic_class(change), change.after) for change in changes if change.code in STATEMENTS}
    for change in changes:
        if change.code in STATEMENTS or (change.code, change.after) not in explained:
            yield change


def _diagnostic_class(change: Change) -> str:
    statement = STATEMENTS.get(change.code)
    return statement.diagnostic_class if statement else ""


def _widens(changes: Sequence[Change]) -> bool:
    """Return whether wide QRS complexes are new or gone."""
    return any(
        change.code in _WIDENING
        or (change.code == "qrs_ms" and max(float(change.before or 0), float(change.after or 0)) >= WIDE_FROM_MS)
        for change in changes
    )


def _ranges(leads: set[str]) -> str:
    """Name leads in order, three or more neighbouring chest leads as a range."""
    limb = [lead for lead in LEADS[:6] if lead in leads]
    chest, parts = [lead for lead in LEADS[6:] if lead in leads], list[list[str]]()
    for lead in chest:
        if parts and LEADS.index(lead) == LEADS.index(parts[-1][-1]) + 1:
            parts[-1].append(lead)
        else:
            parts.append([lead])
    names = [name for part in parts for name in ([f"{part[0]} to {part[-1]}"] if len(part) > 2 else part)]
    return join([*limb, *names, *sorted(leads - set(LEADS))])


def _number(value: float | str | None) -> str:
    return f"{float(value or 0):.0f}".replace("-", "−")
