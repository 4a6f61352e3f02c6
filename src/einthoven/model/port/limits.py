"""The limits and parameters of a port: gate.json of a bundle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any, Self

import orjson

from einthoven.errors import EinthovenError

FORMAT = 1
"""The version of gate.json that this release writes; it reads this one only."""
CODES = {
    "input": "not 12 leads of finite values, 2.5 to 10 s long, at 100 Hz or more",
    "spikes": "sharp spikes, as of a pacemaker",
    "lost": "a lead is off, flat at times or leaps, or its beats do not coincide with the other leads'",
    "noise": "muscle noise",
    "no-rest": "the leads do not rest between beats, as in ventricular fibrillation and noise",
    "leads": "the leads do not relate to each other as in other ECGs",
    "spectrum": "the spectrum is not that of an ECG",
    "limb-leads": "the limb leads contradict each other",
    "scaled-separately": "each limb lead may have a scale of its own",
    "scale": "the waves are too large or too small: the unit may be wrong",
    "beats": "too few beats, beats of different forms, or beats less steep than a heart's",
    "fast": "a fast heart rate",
}
"""Reasons for no answer at all, by code, in order."""
INFARCT_CODES = {
    "electrodes": "electrodes may be exchanged",
    "rhythm": "neither a sinus rhythm nor atrial fibrillation is likely",
}
"""Reasons for no answer about an infarct pattern, by code."""


@dataclass(frozen=True)
class Limits:
    """The limits of the gate. Each is as strict as the Interpreter's, or stricter."""

    spike_sharpness: float = 0.44
    """Energy of the fourth difference of a peak, relative to the peak's."""
    spike_mv: float = 0.095
    """Height of such a peak."""
    spikes: int = 1
    """Largest number of such peaks."""
    flat_mv: float = 0.021
    """Smallest range in mV of each lead in each second."""
    leap_mv: float = 7.9
    """Largest range in mV of each lead in each second, 0.6 to 42 Hz."""
    agreement: float = 0.51
    """Smallest correlation of each lead's slope with the common slope; one of I, II and III may have less."""
    noise_mv: float = 0.034
    resting_slope: float = 0.49
    leads: float = 0.99
    """Distance of the leads, relative to its limit."""
    spectrum: float = 0.99
    contradiction: float = 0.2
    """Contradiction of the limb leads, relative to their size."""
    law_rest: float = 0.006
    """Share of the power of I, II and III that is left in their weakest direction, up to which their scales count."""
    law_plane: float = 0.004
    """Smallest share of this power in their second direction for known scales; with less, the leads hold one wave."""
    law_scale: float = 0.045
    """Largest difference between the log scales of I, II and III, if these count."""
    factor_low: float = 0.36
    factor_high: float = 3.5
    size_low: float = 0.21
    size_high: float = 4.8
    beats: int = 3
    """Smallest number of whole beats."""
    steep_mv: float = 0.09
    """Smallest steepness of the beats in mV per sample; median over the beats."""
    alike: float = 0.8
    """Smallest correlation of a beat with the median beat, 0.1 s around its steepest part."""
    alike_share: float = 0.6
    """Smallest share of the beats that reach this correlation."""
    rate_bpm: float = 118.0
    """Highest rate in bpm of the positions that may be beats."""
    exchange: float = 0.1
    """Probability of any exchange of electrodes from which there is no answer about an infarct pattern."""
    sinus: float = 0.71
    """Smallest sum of the probabilities of sinus rhythms, each the least that measurements may leave, for an answer
    about an infarct pattern."""
    fibrillation: float = 0.55
    """Smallest probability of atrial fibrillation that allows this answer without a sinus rhythm."""
    slow_bpm: float = 51.0
    """Rate in bpm, of all beats or of the strict ones, below which `slow_sinus` replaces `sinus`."""
    slow_sinus: float = 0.91
    """Smallest such sum at a slow rate."""
    qrs_mv: float = 1.2
    """Smallest size of the QRS complexes in mV for a rule-in of an infarct pattern: small ones look like infarcts."""


SINUS = ("SR", "SBRAD", "STACH", "SARRH")
FIBRILLATION = "AFIB"
MI = "MI"
RULE_IN = "0.98"
"""Specificity of the rule-in of a port; the Interpreter uses it in conditions that imitate an infarct."""
INFARCTS = (
    *(MI, "ACUTE", "INJURY"),
    *("IMI", "ASMI", "ILMI", "AMI", "ALMI", "INJAS", "LMI", "INJAL", "IPLMI", "IPMI", "INJIN", "PMI", "INJLA", "INJIL"),
)
"""Labels that are not answered if an infarct pattern is not: PTB-XL's infarcts, and the acute patterns."""
WITHOUT_DECISION = ("NORM", MI)
"""Labels with a probability only: NORM needs measurements as well, and MI has an answer of its own."""


@dataclass(frozen=True)
class Gate:
    """The content of gate.json that the reference implementation uses; the rest specifies its functions for ports."""

    limits: Limits
    exchanges: tuple[str, ...]
    """Names of the exchanges, in the order of the output of placement.onnx."""
    content: Mapping[str, Any]

    @classmethod
    def parse(cls, content: bytes, path: Path) -> Self:
        """Parse and check the content of a gate.json.

        Parameters
        ----------
        content
            Bytes of the file.
        path
            Path of the file, for errors.

        Returns
        -------
        Gate
            The gate, checked.

        Raises
        ------
        EinthovenError
            If it is not JSON, of another format, or a field is missing or wrong.
        """
        try:
            facts = orjson.loads(content)  # strict: no NaN, no endless nesting
        except ValueError:
            raise EinthovenError("is damaged (not JSON); export the bundle again.", path) from None
        try:
            return cls.from_dict(facts)
        except ValueError as error:
            raise EinthovenError(f"{error}; export the bundle again.", path) from None

    @classmethod
    def from_dict(cls, facts: object) -> Self:
        """Return the gate of a JSON object, after checking the fields that are used.

        Parameters
        ----------
        facts
            The content of gate.json.

        Returns
        -------
        Gate
            The gate.

        Raises
        ------
        ValueError
            If a field is missing or wrong; the text is the middle of a sentence.
        """
        if not isinstance(facts, dict):
            raise ValueError("is damaged (not a JSON object)")
        if facts.get("format") != FORMAT:
            raise ValueError(f"has format {str(facts.get('format'))[:20]!r}, and this Einthoven reads {FORMAT}")
        limits, placement = facts.get("limits"), facts.get("placement")
        if not isinstance(limits, dict) or not isinstance(placement, dict):
            raise ValueError("limits or placement is not an object")
        for limit in fields(Limits):
            value = limits.get(limit.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
                raise ValueError(f"limits.{limit.name} is not a number")
        exchanges = placement.get("exchanges")
        if not isinstance(exchanges, list) or not exchanges or not all(isinstance(name, str) for name in exchanges):
            raise ValueError("placement.exchanges is not a list of texts")
        return cls(Limits(**{limit.name: limits[limit.name] for limit in fields(Limits)}), tuple(exchanges), facts)

    def to_json(self) -> str:
        """Return the text of gate.json.

        Returns
        -------
        str
            Indented JSON that ends with a newline.
        """
        return json.dumps(self.content, indent=1) + "\n"
