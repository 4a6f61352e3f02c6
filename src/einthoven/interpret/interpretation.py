"""The result for a recording: an Interpretation or a Failure.

Numbers are rounded when an Interpretation is made, so that Python, JSON and every report show the same. `to_dict`
returns an object that fits interpretation.schema.json, and `from_dict` makes an equal value from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from einthoven.display import show
from einthoven.errors import EinthovenError, RecordingError
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer, answer_from_dict, answer_to_dict
from einthoven.interpret.comparison.values import Comparison
from einthoven.interpret.consistency.values import Conclusion, CriticalValue
from einthoven.interpret.criteria.criterion import Criterion
from einthoven.interpret.json_text import dumps, loads
from einthoven.interpret.recording_info import NO_PACING, PacingInfo, QualityInfo, RecordingInfo
from einthoven.interpret.rhythm.values import UNCERTAIN, Rhythm
from einthoven.interpret.segment_results import Excerpt, Explanation, SegmentResult, TimeShare
from einthoven.model.json_fields import JsonFields
from einthoven.recording import RecordingWarning
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.measurements.values import Measurements
from einthoven.text import path_text, shorten

NOTICE = "Research software, not a medical device."
SCHEMA_VERSION = 2


@dataclass(frozen=True)
class ModelInfo(JsonFields):
    """The model of an interpretation."""

    name: str
    version: str
    sha256: str
    """SHA-256 hash of model.onnx."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, kw_only=True, repr=False)
class Interpretation(Answer):
    """The interpretation of a recording. `print` shows the text of the command line, a notebook a table.

    For a recording of several segments, `mi` and all findings are medians over the interpreted ones.
    """

    model: ModelInfo
    recording: RecordingInfo
    quality: QualityInfo
    abstained_because: tuple[str, ...] = ()
    """Reasons why the recording is not interpreted; empty if it is."""
    warnings: tuple[RecordingWarning, ...] = ()
    """Warnings for a reader of the interpretation."""
    conclusion: Conclusion = "not interpreted"
    conclusion_reasons: tuple[str, ...] = ()
    """Reasons why the ECG is not normal or not interpreted; empty if it is normal."""
    critical: tuple[CriticalValue, ...] = ()
    """Findings that need attention now, the most urgent first."""
    rhythm: Rhythm = UNCERTAIN
    acute: AcutePattern | None = None
    """Whether the infarct pattern is acute; None if the recording is not interpreted."""
    electrodes: Electrodes = field(default_factory=Electrodes)
    """Whether electrodes may be exchanged; the answer about an infarct is then withheld."""
    heart_rate_bpm: float | None = None
    pacing: PacingInfo = NO_PACING
    measurements: Measurements | None = None
    """Medians over the interpreted segments; None if the recording is not interpreted."""
    criteria: tuple[Criterion, ...] = ()
    """Criteria of guidelines and papers, evaluated on `measurements`; empty without measurements."""
    over_time: tuple[TimeShare, ...] = ()
    """Share of time and longest episode of each rhythm and finding; empty if the recording is one segment."""
    segments: tuple[SegmentResult, ...] = ()
    """Results of the segments; empty if the recording is one segment."""
    most_abnormal: Excerpt | None = None
    """The most abnormal 30 s; None for shorter recordings."""
    explanations: tuple[Explanation, ...] = ()
    """Explanations of the requested labels; empty if the recording is not interpreted."""
    comparison: Comparison | None = None
    """Comparison with a previous ECG; None if no previous ECG was given."""

    def __str__(self) -> str:
        return str(show("text", self)).removesuffix("\n")

    def __repr__(self) -> str:
        if self.abstained:
            answer = f"not interpreted: {'; '.join(self.abstained_because)}"
        elif self.mi:
            answer = f"{self.mi.decision}, probability {self.mi.probability:.2g}"
        else:
            answer = ", ".join(finding.label for finding in self.findings if finding.present)
        return f"<Interpretation of {shorten(self.source, 40, keep_end=True)}: {shorten(answer, 58)}>"

    def _repr_html_(self) -> str:
        return str(show("html", self))

    @property
    def abstained(self) -> bool:
        """Whether the recording is not interpreted."""
        return bool(self.abstained_because)

    @property
    def source(self) -> str:
        """Source of the recording."""
        return self.recording.source

    @property
    def all_warnings(self) -> tuple[RecordingWarning, ...]:
        """The warnings of the recording, then those of its interpretation."""
        return self.recording.warnings + self.warnings

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object.

        Returns
        -------
        dict
            Dicts, lists, texts and numbers in the shape of interpretation.schema.json.
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "notice": NOTICE,
            "model": self.model.to_dict(),
            "recording": self.recording.to_dict(),
            "quality": self.quality.to_dict(),
            "abstained": self.abstained,
            "abstained_because": list(self.abstained_because),
            "warnings": [warning._asdict() for warning in self.warnings],
            "conclusion": self.conclusion,
            "conclusion_reasons": list(self.conclusion_reasons),
            "critical": [value._asdict() for value in self.critical],
            "rhythm": self.rhythm.to_dict(),
            "acute": self.acute and self.acute.to_dict(),
            **answer_to_dict(self),
            "electrodes": dict(vars(self.electrodes)),
            "heart_rate_bpm": self.heart_rate_bpm,
            "pacing": self.pacing.to_dict(),
            "measurements": self.measurements and self.measurements.to_dict(),
            "criteria": [criterion.to_dict() for criterion in self.criteria],
            "over_time": [share.to_dict() for share in self.over_time],
            "segments": [segment.to_dict() for segment in self.segments],
            "most_abnormal": self.most_abnormal and self.most_abnormal.to_dict(),
            "explanations": [explanation.to_dict() for explanation in self.explanations],
            **({"comparison": self.comparison.to_dict()} if self.comparison else {}),
        }

    def to_json(self) -> str:
        """Return the JSON text on one line.

        Returns
        -------
        str
            The text; equal interpretations have equal texts.
        """
        return dumps(self.to_dict()).decode()

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the interpretation of a JSON object.

        Parameters
        ----------
        fields
            The fields that `to_dict` returns.

        Returns
        -------
        Interpretation
            The value from which `to_dict` made the fields.

        Raises
        ------
        EinthovenError
            If the object does not have the shape of interpretation.schema.json, or that of another version.
        """
        try:
            if fields["schema_version"] != SCHEMA_VERSION:
                raise EinthovenError(
                    f"The interpretation has schema version {fields['schema_version']!r}, and this version of "
                    f"Einthoven reads {SCHEMA_VERSION}; interpret the recording again."
                )
            return cls(
                **vars(answer_from_dict(fields)),
                model=ModelInfo.from_dict(fields["model"]),
                recording=RecordingInfo.from_dict(fields["recording"]),
                quality=QualityInfo.from_dict(fields["quality"]),
                abstained_because=tuple(fields["abstained_because"]),
                warnings=tuple([RecordingWarning(**warning) for warning in fields["warnings"]]),
                conclusion=fields["conclusion"],
                conclusion_reasons=tuple(fields["conclusion_reasons"]),
                critical=tuple([CriticalValue(**value) for value in fields["critical"]]),
                rhythm=Rhythm.from_dict(fields["rhythm"]),
                acute=fields["acute"] and AcutePattern.from_dict(fields["acute"]),
                electrodes=Electrodes(**fields["electrodes"]),
                heart_rate_bpm=fields["heart_rate_bpm"],
                pacing=PacingInfo.from_dict(fields["pacing"]),
                measurements=fields["measurements"] and Measurements.from_dict(fields["measurements"]),
                criteria=tuple(map(Criterion.from_dict, fields["criteria"])),
                over_time=tuple(map(TimeShare.from_dict, fields["over_time"])),
                segments=tuple(map(SegmentResult.from_dict, fields["segments"])),
                most_abnormal=fields["most_abnormal"] and Excerpt.from_dict(fields["most_abnormal"]),
                explanations=tuple(map(Explanation.from_dict, fields["explanations"])),
                comparison=Comparison.from_dict(fields["comparison"]) if "comparison" in fields else None,
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise EinthovenError(
                "This JSON object is not an interpretation: it does not fit interpretation.schema.json."
            ) from error


@dataclass(frozen=True, repr=False)
class Failure:
    """The reason why there is no interpretation of a file."""

    source: str
    reason: str
    """A sentence, without the source."""

    @classmethod
    def from_error(cls, source: str, error: EinthovenError) -> Self:
        """Return the failure of a file.

        Parameters
        ----------
        source
            The file, as the user named it.
        error
            Error about the file itself, or about another one, such as its report.

        Returns
        -------
        Failure
            The failure; its reason names the other file.
        """
        return cls(path_text(source), path_text(error.reason if isinstance(error, RecordingError) else str(error)))

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"

    def __repr__(self) -> str:
        return f"<Failure of {shorten(self.source, 40, keep_end=True)}: {shorten(self.reason, 60)}>"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object.

        Returns
        -------
        dict
            An object that fits the second form of interpretation.schema.json.
        """
        return {"recording": {"source": self.source}, "error": self.reason}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the failure of a JSON object.

        Parameters
        ----------
        fields
            The fields that `to_dict` returns.

        Returns
        -------
        Failure
            The value from which `to_dict` made the fields.
        """
        return cls(fields["recording"]["source"], fields["error"])


Result = Interpretation | Failure
"""The result for one file."""


def result_from_json(text: str | bytes) -> Result:
    """Parse the JSON of a result.

    Parameters
    ----------
    text
        JSON of an interpretation or a failure.

    Returns
    -------
    Interpretation or Failure
        The value from which the JSON was made.

    Raises
    ------
    EinthovenError
        If the JSON does not have the shape of interpretation.schema.json.
    ValueError
        If the text is not JSON.
    """
    fields = loads(text)
    return Failure.from_dict(fields) if "error" in fields else Interpretation.from_dict(fields)
