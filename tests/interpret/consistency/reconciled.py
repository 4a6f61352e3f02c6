"""An Interpretation of evidence, a rhythm and an acute answer, as `assemble` makes it."""

from datetime import UTC, datetime

from einthoven import Interpretation
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.consistency.reconcile import reconcile
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.interpretation import ModelInfo
from einthoven.interpret.recording_info import PacingInfo, QualityInfo, RecordingInfo
from einthoven.interpret.rhythm.values import Rhythm

MODEL = ModelInfo("test", "1", 64 * "0")
RECORDING = RecordingInfo("a.hea", "WFDB", 500, 10, False, (), recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
QUALITY = QualityInfo(True, (), False, ())


def interpretation_of(evidence: Evidence, rhythm: Rhythm, acute: AcutePattern | None = None) -> Interpretation:
    result = reconcile(evidence, rhythm, acute)
    return Interpretation(
        **vars(result.answer),
        model=MODEL,
        recording=RECORDING,
        quality=QUALITY,
        abstained_because=evidence.refusal_reasons,
        conclusion=result.conclusion,
        conclusion_reasons=result.conclusion_reasons,
        critical=result.critical,
        rhythm=rhythm,
        acute=result.acute,
        electrodes=evidence.electrodes,
        heart_rate_bpm=rhythm.rate_bpm,
        pacing=PacingInfo(evidence.pacing.spikes, evidence.pacing.captured),
        measurements=evidence.measurements,
        criteria=evidence.criteria,
    )
