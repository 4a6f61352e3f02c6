"""The parts of an answer in words: critical values, infarct answers, rhythm line, statements, criteria, conclusion.

Every output takes its words from here, so that a reader finds the same in the terminal, on the page and in a record
system. Severity is in words, never in colour alone.
"""

from collections.abc import Iterator, Sequence

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding, InfarctPattern
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import TimeShare
from einthoven.report.summary import format_rare_percent
from einthoven.text import capitalize

CRITICAL = "CRITICAL"
"""The word before a critical value."""
ACUTE_QUESTION = "Acute infarct?"
INFARCT_QUESTION = "Infarct pattern?"
_MEANINGS = {"rule-in": "acute infarct pattern", "undecided": "undecided", "rule-out": "no acute infarct pattern found"}
_NAMES = ("Aslanger", "Barcelona", "Brugada", "Sgarbossa", "Smith", "Wellens")
_SOURCES = {"model": "", "measurement": "measured", "criteria": "by criteria"}


def sentence(words: str) -> str:
    """Return words as a sentence.

    Parameters
    ----------
    words
        Text with or without a capital and a full stop.

    Returns
    -------
    str
        Text with a capital and a full stop; "" for no words.
    """
    words = words.strip()
    if not words:
        return ""
    return capitalize(words) + "." * (words[-1] not in ".?!")


def _clause(words: str) -> str:
    """Words without a full stop, for the middle of a sentence."""
    return words.strip().removesuffix(".")


def _inner(words: str) -> str:
    """Words for the middle of a sentence: "Atrial fibrillation." becomes "atrial fibrillation", "PR 236 ms" stays."""
    words = _clause(words)
    is_name = words.startswith(_NAMES) or not words[1:2].islower()
    return words if is_name else words[:1].lower() + words[1:]


def _join(name: str, reason: str | None) -> str:
    """Return "Name: reason.", without the name if the reason begins with it."""
    reason = _clause(reason or "")
    if not reason or reason.lower().startswith(name.lower()):
        return sentence(reason or name)
    return sentence(f"{_clause(name)}: {reason}")


def critical_text(value: CriticalValue) -> str:
    """Describe a critical value, without the word CRITICAL.

    Parameters
    ----------
    value
        The critical value.

    Returns
    -------
    str
        Text such as "Wide-complex tachycardia: 152 bpm, limit 120 bpm."
    """
    return _join(value.name, value.reason)


def acute_text(acute: AcutePattern) -> str:
    """Describe the answer about an acute infarct.

    Parameters
    ----------
    acute
        The answer.

    Returns
    -------
    str
        One sentence with the territory, or with the reason why the answer is withheld.
    """
    words = acute.in_words or _MEANINGS[acute.decision]
    if acute.withheld_because:
        return _withheld(words, acute.withheld_because)
    return sentence(_with_territory(words, acute.territory))


def acute_facts(acute: AcutePattern) -> list[str]:
    """Describe the basis of the answer about an acute infarct.

    Parameters
    ----------
    acute
        The answer.

    Returns
    -------
    list of str
        Sentences: the probability with its prevalence, then the other reasons.
    """
    return [text for text in map(sentence, (_probability(acute), *acute.reasons)) if text]


def _probability(acute: AcutePattern) -> str:
    """The probability with its prevalence and thresholds; "" if it is unknown."""
    if acute.probability is None:
        return ""
    text = f"probability {format_rare_percent(acute.probability)}"
    if acute.prevalence is not None:
        text += f" at {format_rare_percent(acute.prevalence)} prevalence"
    if acute.rule_in_from is None or acute.rule_out_below is None:
        return text
    rule_in, rule_out = map(format_rare_percent, (acute.rule_in_from, acute.rule_out_below))
    return f"{text}; thresholds: rule-in {rule_in}, rule-out {rule_out}"


def infarct_text(mi: InfarctPattern) -> str:
    """Describe the answer about an infarct pattern of any age.

    Parameters
    ----------
    mi
        The answer.

    Returns
    -------
    str
        One sentence with the territory, or with the reason why the answer is withheld.
    """
    if mi.withheld_because:
        return _withheld(mi.in_words, mi.withheld_because)
    return sentence(_with_territory(mi.in_words, mi.territory))


def infarct_probability_text(mi: InfarctPattern) -> str:
    """Describe the probability of an infarct pattern and its thresholds.

    Parameters
    ----------
    mi
        The answer.

    Returns
    -------
    str
        Text such as "probability 96 % at 25 % prevalence; thresholds: rule-in 52 %, rule-out 3 %".
    """
    probability, prevalence, rule_in, rule_out = map(
        format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
    )
    return f"probability {probability} at {prevalence} prevalence; thresholds: rule-in {rule_in}, rule-out {rule_out}"


def _withheld(words: str, reason: str) -> str:
    return sentence(words) if _clause(reason).lower() in words.lower() else sentence(f"{_clause(words)}: {reason}")


def _with_territory(words: str, territory: tuple[str, ...]) -> str:
    """Add the walls that the words do not name yet."""
    missing = [wall for wall in territory if wall.lower() not in words.lower()]
    return f"{_clause(words)}: {', '.join(missing)}" if missing else words


def rhythm_text(rhythm: Rhythm) -> str:
    """Describe the rhythm on one line, without the reason.

    Parameters
    ----------
    rhythm
        The rhythm.

    Returns
    -------
    str
        Text such as "Sinus rhythm, 75 bpm, regular, 2 premature ventricular complexes".
    """
    return capitalize(", ".join(_rhythm_parts(rhythm)))


def _rhythm_parts(rhythm: Rhythm) -> Iterator[str]:
    name, *additions = rhythm.name.split(", ")
    yield name
    if rhythm.rate_bpm is not None:
        yield f"{rhythm.rate_bpm:.0f} bpm"
    if rhythm.regular is not None:
        yield "regular" if rhythm.regular else "irregular"
    yield from additions
    if rhythm.atrial_rate_bpm is not None and rhythm.p_waves in ("dissociated", "dropped"):
        yield f"atrial rate {rhythm.atrial_rate_bpm:.0f} bpm"
    for kind, count in (
        ("ventricular", rhythm.premature_ventricular),
        ("supraventricular", rhythm.premature_supraventricular),
    ):
        if count and f"premature {kind}" not in rhythm.name:
            yield f"{count} premature {kind} complex{'es' * (count > 1)}"
    if rhythm.pauses and "pause" not in rhythm.name:
        longest = max(rhythm.pauses, key=lambda pause: pause.seconds)
        number = f"{len(rhythm.pauses)} pauses, the longest" if len(rhythm.pauses) > 1 else "a pause"
        yield f"{number} of {longest.seconds:.1f} s at {longest.start_s:.1f} s"


def conclusion_text(interpretation: Interpretation) -> str:
    """Describe the conclusion and its reasons.

    Parameters
    ----------
    interpretation
        The interpretation.

    Returns
    -------
    str
        Text such as "Abnormal: inferior infarct pattern; first-degree AV block."
    """
    name, reasons = conclusion_parts(interpretation)
    return sentence(f"{name}: {reasons}" if reasons else name)


def conclusion_parts(interpretation: Interpretation) -> tuple[str, str]:
    """Return the conclusion and its reasons separately, for outputs that show them in different sizes.

    Parameters
    ----------
    interpretation
        The interpretation.

    Returns
    -------
    tuple of two str
        Texts such as "Abnormal" and "inferior infarct pattern; first-degree AV block"; no reasons of a normal ECG.
    """
    name = "normal ECG" if interpretation.conclusion == "normal" else interpretation.conclusion
    return capitalize(name), "; ".join(map(_inner, interpretation.conclusion_reasons))


def finding_reason(finding: Finding) -> str:
    """Describe why a statement is present if the model does not decide it.

    Parameters
    ----------
    finding
        A superclass or a statement.

    Returns
    -------
    str
        Text such as "measured: PR 236 ms, limit 200 ms"; "" without a reason.
    """
    reason = _clause(finding.reason or "")
    source = _SOURCES[finding.source]
    return ": ".join(part for part in (source, reason) if part) if reason or source else ""


def criterion_text(criterion: Criterion) -> str:
    """Describe a criterion and the reason why it is met or not.

    Parameters
    ----------
    criterion
        The criterion.

    Returns
    -------
    str
        Text such as "PR interval above 200 ms: PR 236 ms (limit 200 ms)."
    """
    return _join(criterion.name, criterion.reason)


def over_time_texts(shares: Sequence[TimeShare]) -> list[str]:
    """Describe how much of a longer recording has each rhythm and finding.

    Parameters
    ----------
    shares
        The shares.

    Returns
    -------
    list of str
        Texts such as "Atrial fibrillation: 45 % of the time, the longest of 2 episodes 2:00 min from 30 s". A rhythm
        that is a critical value is among the shares twice, and here once.
    """
    critical = {share.code for share in shares if share.kind == "critical"}
    return [capitalize(share.in_words) for share in shares if share.kind != "rhythm" or share.code not in critical]
