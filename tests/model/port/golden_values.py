"""Compare the golden values of a bundle with what it computes now."""

import json

import numpy as np

from einthoven.evaluate.golden import compute_stages
from einthoven.model.bundle import Bundle
from einthoven.model.port.limits import CODES, INFARCT_CODES
from einthoven.signal.recording_features import RecordingFeatures

_LIMIT = {"logits": 1e-2, "log_odds": 1e-2, "embedding": 1e-2}


def check_golden(bundle: Bundle) -> None:
    """Every stage of every recording, in golden.npz and golden.json."""
    facts = json.loads((bundle.folder / "golden.json").read_text("utf-8"))
    with np.load(bundle.folder / "golden.npz") as golden:
        reasons = set[str]()
        for recording in facts["recordings"]:
            name, uv = recording["name"], golden[f"{recording['name']}/uv"]
            assert (uv == recording["signal_uv"]).all()
            answer, values = compute_stages(bundle, uv, float(golden[f"{name}/rate_hz"]))
            stored = {key.split("/")[1] for key in golden.files if key.startswith(f"{name}/")}
            assert stored == {"uv", "rate_hz", "reasons", *values}
            for stage, value in values.items():
                expected, limit = golden[f"{name}/{stage}"], _LIMIT.get(stage, 1e-3)
                np.testing.assert_allclose(value, expected, atol=limit, rtol=1e-4, err_msg=f"{name}: {stage}")
                of_json = np.array({**recording["stages"], **recording}[stage], float)
                np.testing.assert_allclose(of_json, expected, atol=1e-4, rtol=1e-6, err_msg=f"{name}: {stage}")
            assert tuple(recording["reasons"]) == answer.reasons
            assert tuple(recording["infarct_reasons"]) == answer.infarct_reasons
            assert recording["infarct"] == answer.infarct
            reasons |= {*answer.reasons, *answer.infarct_reasons, str(answer.infarct)}
    assert {*CODES, *INFARCT_CODES} - reasons <= {"electrodes", "rhythm"}  # of a model that answers


def check_by_hand(bundle: Bundle) -> None:
    """The card alone leads from logits to probabilities."""
    with np.load(bundle.folder / "golden.npz") as golden:
        names = [key.split("/")[0] for key in golden.files if key.endswith("/logits")]
        assert len(names) > 5
        for name in names:
            scores = (1 / (1 + np.exp(-golden[f"{name}/logits"].astype(float)))).mean(axis=0)
            features = RecordingFeatures(golden[f"{name}/rr"], None)
            scores = bundle.layers.correct(scores, bundle.card.labels, features)
            np.testing.assert_allclose(scores, golden[f"{name}/scores"], atol=1e-6)
            probabilities = bundle.card.calibrate(scores)
            answered = np.isfinite(golden[f"{name}/probabilities"])
            np.testing.assert_allclose(probabilities[answered], golden[f"{name}/probabilities"][answered], atol=1e-6)
