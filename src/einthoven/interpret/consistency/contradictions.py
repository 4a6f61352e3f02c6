"""Find contradictions in an interpretation: an independent check of the rules of consistency.

It uses only the finished interpretation, and shares no code with the rules that made it.
docs/explanation/consistency.md numbers the rules.
"""

from collections.abc import Iterator

from einthoven.interpret.answer import Finding
from einthoven.interpret.interpretation import Interpretation

_RHYTHMS = ["SR", "AFIB", "STACH", "SARRH", "SBRAD", "PACE", "SVARR", "BIGU", "AFLT", "SVTAC", "PSVT", "TRIGU"]
_SINUS = {"SR", "SBRAD", "STACH", "SARRH"}
_FAST_RHYTHMS = {"STACH", "SVTAC", "PSVT", "WCT", "NCT"}
_NO_P_WAVES = {"AFIB", "AFLT", "3AVB", "WCT", "IVR", "JUNCTIONAL", "NO-BEATS", "PACING-NO-CAPTURE"}
_WIDE_RHYTHMS = {"PACE", "WCT", "IVR", "PACING-NO-CAPTURE"}
_TERRITORIES = [
    "IMI",
    "ASMI",
    "ILMI",
    "AMI",
    "ALMI",
    "INJAS",
    "LMI",
    "INJAL",
    "IPLMI",
    "IPMI",
    "INJIN",
    "INJLA",
    "PMI",
    "INJIL",
]  # PTB-XL's superclass MI
_ST_ELEVATION = {"STEMI-UDMI4", "STEMI-V7V9", "STEMI-V3RV4R"}
_SIGNS = {
    *_ST_ELEVATION,
    *("STEMI-POSTERIOR-V1V3", "STEMI-RV-V1", "STD-UDMI4", "STD6-AVR", "SGARBOSSA-1996", "SGARBOSSA-SMITH"),
    *("BARCELONA-2020", "SMITH-4V", "DE-WINTER", "WELLENS-B", "ASLANGER", "TALL-T", "BRUGADA-1"),
}
_NO_RULE_OUT = {"STEMI", "NO-BEATS", "WCT", "RATE-LOW", "RATE-HIGH", "PAUSE", "AVB-HIGH", "PACING-NO-CAPTURE"}
_DECIDED_BY_CRITERION = {"1AVB": "PR-LONG", "LPR": "PR-LONG", "LNGQT": "QTC-LONG"}


def find_contradictions(interpretation: Interpretation) -> tuple[str, ...]:
    """Find contradictions within an interpretation, and between it and its measurements.

    Parameters
    ----------
    interpretation
        Interpretation of a recording.

    Returns
    -------
    tuple of str
        A sentence for each contradiction, with the number of the rule; empty for an interpretation without any.
    """
    checks = (_normal, _rule_out, _territory, _exclusions, _measured, _probabilities, _p_waves, _critical, _conclusion)
    return tuple(text for check in checks for text in check(interpretation))


def _all(interpretation: Interpretation) -> dict[str, Finding]:
    return {finding.label: finding for finding in interpretation.findings + interpretation.statements}


def _met(interpretation: Interpretation) -> dict[str, bool | None]:
    return {criterion.code: criterion.met for criterion in interpretation.criteria}


def _normal(interpretation: Interpretation) -> Iterator[str]:
    findings = _all(interpretation)
    if "NORM" in findings and findings["NORM"].present != (interpretation.conclusion == "normal"):
        yield "1: the finding of a normal ECG is not the conclusion."
    if interpretation.conclusion != "normal":
        return
    for label, finding in findings.items():
        allowed = label == "NORM" or (finding.present and label in _SINUS) or label in {"BRADY", "TACHY"}
        if (finding.present or finding.possible) and not allowed:
            yield f"1: normal with {finding.title}."
    yield from (f"1: normal, but {code} is met." for code, met in _met(interpretation).items() if met)
    rhythm, measured, mi = interpretation.rhythm, interpretation.measurements, interpretation.mi
    beyond = {
        "rate": rhythm.rate_bpm is None or not 50 <= rhythm.rate_bpm <= 100,
        "rhythm": rhythm.code not in _SINUS,
        "pause": any(pause.seconds > 2 for pause in rhythm.pauses),
        "spikes": bool(interpretation.pacing.spikes),
        "electrodes": interpretation.electrodes.suspected is not None,
        "PR": measured is not None and measured.pr_ms is not None and measured.pr_ms > 200,
        "QRS": measured is not None and measured.qrs_ms is not None and measured.qrs_ms >= 120,
        "QTc": measured is not None and measured.qtc_fridericia_ms is not None and measured.qtc_fridericia_ms >= 460,
        "infarct pattern": mi is not None and mi.decision != "rule-out",
        "acute pattern": interpretation.acute is not None and interpretation.acute.decision != "rule-out",
        "unmeasured interval": measured is not None and None in (measured.pr_ms, measured.qrs_ms, measured.qt_ms),
        "critical value": bool(interpretation.critical),
    }
    yield from (f"1: normal in spite of: {name}." for name, holds in beyond.items() if holds)


def _rule_out(interpretation: Interpretation) -> Iterator[str]:
    acute = interpretation.acute
    ruled_out = [
        name
        for name, decision in (
            ("infarct pattern", interpretation.mi and interpretation.mi.decision),
            ("acute pattern", acute and acute.decision),
        )
        if decision == "rule-out"
    ]
    if not ruled_out:
        return
    findings, met, rhythm = _all(interpretation), _met(interpretation), interpretation.rhythm
    measured = interpretation.measurements
    wide = measured is not None and measured.qrs_ms is not None and measured.qrs_ms >= 120
    right = _reported(findings, "CRBBB") or bool(met.get("RBBB-AHA"))
    hidden = {
        "left bundle branch block": _reported(findings, "CLBBB") or bool(met.get("LBBB-PATTERN")),
        "a paced rhythm": rhythm.code == "PACE" or bool(interpretation.pacing.spikes) or _reported(findings, "PACE"),
        "wide complexes": rhythm.code in _WIDE_RHYTHMS or (wide and not right),
        "pre-excitation": _reported(findings, "WPW") or bool(met.get("WPW-AHA")),
        "electrodes": interpretation.electrodes.suspected is not None,
        "no rhythm": rhythm.code in {"UNCERTAIN", "BRADY", "TACHY", "NO-BEATS", "PACING-NO-CAPTURE"},
        "AV block": rhythm.code in {"2AVB", "3AVB"},
        "an unclear heart rate": rhythm.rate_bpm is None,
        "a slow heart": rhythm.rate_bpm is not None and rhythm.rate_bpm < 50,
        "signs of ischaemia": any(met.get(code) for code in _SIGNS),
        "an acute pattern": acute is not None and acute.decision == "rule-in",
        "a critical value": any(value.code in _NO_RULE_OUT for value in interpretation.critical),
    }
    if "infarct pattern" in ruled_out and acute is not None and acute.decision != "rule-out":
        yield "2: infarct pattern ruled out, but an acute one is not."
    if "infarct pattern" in ruled_out and any(_reported(findings, label) for label in ("MI", *_TERRITORIES)):
        yield "2: infarct pattern ruled out in spite of the finding of an infarct."
    for name in ruled_out:
        yield from (f"2: {name} ruled out in spite of {reason}." for reason, holds in hidden.items() if holds)


def _territory(interpretation: Interpretation) -> Iterator[str]:
    findings, mi = _all(interpretation), interpretation.mi
    named = [label for label in _TERRITORIES if _reported(findings, label)]
    if "MI" in findings and named and not _reported(findings, "MI"):
        yield f"3: {findings[named[0]].title} without the finding of an infarct."
    if mi is None:
        return
    if "MI" in findings and _reported(findings, "MI") and not named and not mi.caveats:
        yield "3: an infarct without a territory, and no reason for it."
    if mi.decision == "rule-in" and not mi.territory and not mi.caveats:
        yield "3: ruled in without a territory, and no reason for it."
    if mi.decision == "rule-in" and "MI" in findings and not _reported(findings, "MI"):
        yield "3: ruled in without the finding of an infarct."
    if mi.decision != "rule-in" and "MI" in findings and findings["MI"].present:
        yield "3: an infarct is present, but its pattern is not ruled in."
    if bool(named) != bool(mi.territory):
        yield f"3: the territory {mi.territory} is not that of the statements {named}."


def _exclusions(interpretation: Interpretation) -> Iterator[str]:
    findings, rhythm = _all(interpretation), interpretation.rhythm
    rhythms = [label for label in _RHYTHMS if _reported(findings, label)]
    if len(rhythms) > 1:
        yield f"4: several rhythms: {', '.join(rhythms)}."
    if rhythms and rhythm.code != "UNCERTAIN" and not (rhythms[0] == rhythm.code or {*rhythms, rhythm.code} <= _SINUS):
        yield f"4: {rhythms[0]} is stated, but the rhythm is {rhythm.code}."
    rate = rhythm.rate_bpm
    limits: dict[str, tuple[float, float]] = {"SBRAD": (0, 60), "STACH": (100, 1000)}
    slowest, fastest = limits.get(rhythm.code, (0, 1000))
    if rate is not None and not slowest < rate < fastest and "basic rate" not in rhythm.reason.lower():
        yield f"4: {rhythm.code} at {rate} bpm."
    for complete, incomplete in (("CRBBB", "IRBBB"), ("CLBBB", "ILBBB")):
        if _reported(findings, complete) and _reported(findings, incomplete):
            yield f"4: both {complete} and {incomplete}."
    high = [label for label in ("2AVB", "3AVB") if _reported(findings, label)]
    if len(high) > 1 or (high and _reported(findings, "1AVB")):
        yield "4: several degrees of AV block."
    if rhythm.code in {"2AVB", "3AVB"} and _reported(findings, "1AVB"):
        yield "4: first-degree AV block in a higher one."


def _measured(interpretation: Interpretation) -> Iterator[str]:
    findings, met, rate = _all(interpretation), _met(interpretation), interpretation.rhythm.rate_bpm
    measured = interpretation.measurements
    if interpretation.abstained or measured is None:
        return
    if rate is not None:
        slow = interpretation.rhythm.code == "SBRAD" or _present(findings, "BRADY")
        fast = interpretation.rhythm.code in _FAST_RHYTHMS or _present(findings, "TACHY")
        if (rate < 60 and not slow) or (rate > 100 and not fast):
            yield f"5: {rate} bpm unsaid."
        if (rate >= 60 and _present(findings, "BRADY")) or (rate <= 100 and _present(findings, "TACHY")):
            yield f"5: the statement about the rate is not that of {rate} bpm."
    for label, code in _DECIDED_BY_CRITERION.items():
        excluded = label != "LNGQT" and interpretation.rhythm.code in {*_NO_P_WAVES, "2AVB"}
        if met.get(code) is not None and not excluded and _present(findings, label) != met[code]:
            yield f"5: {label} against {code}."
    for code in ("AXIS-LEFT", "AXIS-RIGHT", "AXIS-EXTREME"):
        if bool(met.get(code)) != _present(findings, code):
            yield f"5: {code} is met, but not stated, or the other way round."
    if any(met.get(code) for code in ("LOWV-LIMB", "LOWV-CHEST")) and not _present(findings, "LVOLT"):
        yield "5: low voltage is measured, but not stated."
    voltage = any(met.get(code) for code in ("LVH-SOKOLOW-LYON", "LVH-R-AVL", "LVH-CORNELL"))
    if voltage and not _reported(findings, "VCLVH"):
        yield "5: voltage criteria for LVH are met, but not stated."
    if measured.qrs_ms is not None:
        stated = any(_present(findings, label) for label in ("QRS-WIDE", "CLBBB", "CRBBB", "IVCD", "WPW", "PACE"))
        if measured.qrs_ms >= 120 and not stated and interpretation.rhythm.code not in _WIDE_RHYTHMS:
            yield f"5: QRS of {measured.qrs_ms} ms unsaid."
        if measured.qrs_ms < 120 and any(_present(findings, label) for label in ("QRS-WIDE", "CLBBB", "CRBBB")):
            yield f"5: a complete block or a wide QRS complex at {measured.qrs_ms} ms."


def _probabilities(interpretation: Interpretation) -> Iterator[str]:
    for finding in interpretation.findings + interpretation.statements:
        if finding.present and finding.possible:
            yield f"6: {finding.label} is both present and possible."
        if finding.source == "model" and finding.present and (finding.probability is None or finding.probability < 0.5):
            yield f"6: {finding.label} is present with {finding.probability}."
        low = finding.threshold is not None and (finding.probability or 0) < finding.threshold - 5e-5
        if finding.source == "model" and finding.possible and low and not finding.reason:
            yield f"6: {finding.label} is possible below its threshold."
        if finding.source != "model" and not finding.reason:
            yield f"6: no reason for {finding.label}."


def _p_waves(interpretation: Interpretation) -> Iterator[str]:
    measured, rate = interpretation.measurements, interpretation.rhythm.rate_bpm
    if measured is None or measured.pr_ms is None:
        return
    paced = interpretation.rhythm.code == "PACE" and (measured.qrs_ms is None or measured.qrs_ms >= 120)
    if interpretation.rhythm.code in _NO_P_WAVES or paced:
        yield f"7: PR in {interpretation.rhythm.code}."
    if rate and measured.qt_ms is not None and measured.pr_ms + measured.qt_ms > 60000 / rate:
        yield "7: the P wave lies in the previous T wave."


def _critical(interpretation: Interpretation) -> Iterator[str]:
    """Find critical values that follow from the rest of the answer, but are missing in `critical`."""
    codes, met, rhythm = [value.code for value in interpretation.critical], _met(interpretation), interpretation.rhythm
    acute = interpretation.acute
    elevated = rhythm.code not in ("WCT", "IVR") and any(met.get(code) for code in _ST_ELEVATION)
    needed = {
        "STEMI": elevated
        or bool(acute and acute.decision == "rule-in")
        or (interpretation.electrodes.suspected is not None and _high(interpretation)),
        "NO-BEATS": rhythm.code == "NO-BEATS",
        "WCT": rhythm.code == "WCT" and (rhythm.rate_bpm is None or rhythm.rate_bpm >= 120),
        "RATE-LOW": rhythm.rate_bpm is not None and rhythm.rate_bpm < 40,
        "RATE-HIGH": rhythm.rate_bpm is not None and rhythm.rate_bpm > 150,
        "PAUSE": any(pause.seconds >= 3 for pause in rhythm.pauses),
        "AVB-HIGH": rhythm.code == "3AVB",
        "PACING-NO-CAPTURE": interpretation.pacing.captured is False,
        "QTC-500": bool(met.get("QTC-500")),
        "HYPERKALEMIA": bool(met.get("HYPERKALEMIA")),
    }
    yield from (f"critical: {code} is missing." for code, holds in needed.items() if holds and code not in codes)
    if len(codes) != len(set(codes)):
        yield "critical: a code twice."


def _conclusion(interpretation: Interpretation) -> Iterator[str]:
    conclusion, reasons = interpretation.conclusion, interpretation.conclusion_reasons
    if (conclusion == "not interpreted") != interpretation.abstained:
        yield "conclusion: not interpreted, or not so, against the reasons of refusal."
    if (conclusion == "normal") == bool(reasons):
        yield "conclusion: reasons for a normal ECG, or none for another one."
    mi, acute = interpretation.mi, interpretation.acute
    serious = bool(interpretation.critical) or (mi is not None and mi.decision == "rule-in")
    serious = serious or (acute is not None and acute.decision == "rule-in") or _high(interpretation)
    serious = serious or "run of" in interpretation.rhythm.name
    if serious and conclusion not in ("abnormal", "not interpreted"):
        yield f"conclusion: {conclusion} with an infarct pattern or a critical value."


def _high(interpretation: Interpretation) -> bool:
    """Return whether the probability of an acute infarct reaches the rule-in threshold, even if withheld."""
    acute = interpretation.acute
    if acute is None or acute.probability is None or acute.rule_in_from is None:
        return False
    return acute.probability >= acute.rule_in_from


def _present(findings: dict[str, Finding], label: str) -> bool:
    return label in findings and findings[label].present


def _reported(findings: dict[str, Finding], label: str) -> bool:
    return label in findings and (findings[label].present or findings[label].possible)
