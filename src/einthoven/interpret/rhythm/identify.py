"""Identify the rhythm of a segment."""

from collections.abc import Mapping

from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.facts import Facts
from einthoven.interpret.rhythm.names import NO_P_WAVES, SINUS
from einthoven.interpret.rhythm.rules import RULES, Named, uncertain
from einthoven.interpret.rhythm.values import UNCERTAIN, Rhythm
from einthoven.signal.beat_values import Pause
from einthoven.signal.fitness import NO_ORGANIZED_BEATS
from einthoven.text import capitalize

_WITHOUT_EVENTS = frozenset({"NO-BEATS", "PACING-NO-CAPTURE", "UNCERTAIN"})  # their names do not describe beats


def identify_rhythm(evidence: Evidence) -> Rhythm:
    """Identify the rhythm of a segment.

    Parameters
    ----------
    evidence
        Evidence of one segment, before any of its measurements is dropped.

    Returns
    -------
    Rhythm
        The rhythm; "rhythm uncertain", with the reason, if it cannot be determined.
    """
    facts = Facts(evidence)
    named = next((named for rule in RULES if (named := rule(facts))), None) or uncertain(facts)
    if evidence.refusal_reasons:
        named = _of_refused(named, facts)
    beats, rate = evidence.beats, facts.rate_bpm
    premature = facts.premature_in(named.code)
    return Rhythm(
        named.code,
        _with_events(named, facts),
        rate_bpm=None if rate is None else round(rate, 1),
        regular=None if named.code == "NO-BEATS" else facts.regular,
        reason=_sentence(named, facts, premature),
        p_waves=beats.p_waves,
        atrial_rate_bpm=None if beats.atrial_rate_bpm is None else round(beats.atrial_rate_bpm, 1),
        pauses=tuple([Pause(round(pause.start_s, 2), round(pause.seconds, 2)) for pause in beats.pauses]),
        premature_ventricular=premature["ventricular"],
        premature_supraventricular=premature["supraventricular"],
    )


def drops_p_waves(rhythm: Rhythm) -> bool:
    """Return whether P waves, and so the PR interval, must not be measured in a rhythm.

    Parameters
    ----------
    rhythm
        Rhythm of a segment or a recording.

    Returns
    -------
    bool
        True if no P wave leads the beats: in fibrillation, flutter, AV dissociation and ventricular rhythms, in
        tachycardias without visible P waves, in uncertain rhythms, and in paced rhythms unless P waves lead the beats.
    """
    if rhythm.code in NO_P_WAVES or rhythm.code == UNCERTAIN.code:
        return True
    if rhythm.code == "PACE":
        return rhythm.p_waves != "leading"
    return rhythm.p_waves in ("absent", "dissociated")


def _with_events(named: Named, facts: Facts) -> str:
    """Return the name with a pause and a run of ventricular beats; the reason counts single ones."""
    if named.code in _WITHOUT_EVENTS:
        return named.name
    name = named.name
    if facts.pauses:
        name += f" with a pause of {max(pause.seconds for pause in facts.pauses):.1f} s"
    if facts.run:
        name += f", {facts.run.in_words}"
    return name


def _of_refused(named: Named, facts: Facts) -> Named:
    """Return the rhythm of a segment that is not interpreted.

    Without a rate, its beats may be chance unless they are regular, and it is never named a sinus rhythm.
    """
    if facts.rate_bpm is None and not facts.regular and named.code not in ("PACE", "PACING-NO-CAPTURE"):
        return Named("NO-BEATS", NO_ORGANIZED_BEATS, named.note)
    if named.code in SINUS:
        return Named(UNCERTAIN.code, UNCERTAIN.name, "the signal is not interpreted")
    return named


def _sentence(named: Named, facts: Facts, premature: Mapping[str, int]) -> str:
    measured = facts.rate_in_words if named.code == "NO-BEATS" else facts.in_words(premature)
    text = measured + (f"; {named.note}" if named.note else "")
    return f"{capitalize(text)}."
