"""A small data set in PTB-XL's layout, and predictions for it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulated_predictions import predict

from einthoven.datasets.annotations import Annotations

VOCABULARY = pd.DataFrame(
    [
        ("NORM", 1, None, None, "NORM", "NORM"),
        ("IMI", 1, None, None, "MI", "IMI"),
        ("AMI", 1, None, None, "MI", "AMI"),
        ("INJAS", 1, None, None, "MI", "AMI"),
        ("NDT", 1, 1, None, "STTC", "STTC"),
        ("CLBBB", 1, None, None, "CD", "CLBBB"),
        ("LVH", 1, None, None, "HYP", "LVH"),
        ("ABQRS", None, 1, None, None, None),
        ("SR", None, None, 1, None, None),
        ("AFIB", None, None, 1, None, None),
    ],
    columns=["", "diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"],
).set_index("")
SHARES = {"NORM": 0.4, "IMI": 0.2, "AMI": 0.15, "INJAS": 0.08, "NDT": 0.2, "CLBBB": 0.15, "LVH": 0.15}
SHARES |= {"ABQRS": 0.3, "SR": 0.8, "AFIB": 0.15}


@pytest.fixture(scope="session")
def annotations(tmp_path_factory: pytest.TempPathFactory) -> Annotations:
    """1,200 records of some 800 patients in ten folds, with every column that evaluation looks at."""
    rng = np.random.default_rng(1)
    folder = tmp_path_factory.mktemp("data")
    VOCABULARY.to_csv(folder / "scp_statements.csv")
    patients = np.sort(rng.integers(0, 1000, 1200))
    codes, stages = [], []
    for _ in patients:
        stated = {name: 100.0 for name, share in SHARES.items() if rng.random() < share}
        codes.append(str(stated))
        infarct = {"IMI", "AMI", "INJAS"} & set(stated)
        stages.append(rng.choice(["Stadium I", "Stadium II-III", "unknown"]) if infarct else None)
    count = len(patients)
    pd.DataFrame(
        {
            "ecg_id": np.arange(1, count + 1) * 3,
            "patient_id": patients.astype(float),
            "age": rng.choice([5.0, 17.0, 18.0, 45.0, 65.0, 80.0, 300.0], count),
            "sex": rng.integers(0, 2, count),
            "device": rng.choice(["CS-12   E", "AT-6 C 5.5", "AT-6 C", "AT-60    3"], count, p=[0.4, 0.3, 0.29, 0.01]),
            "scp_codes": codes,
            "infarction_stadium1": stages,
            "validated_by_human": rng.random(count) < 0.7,
            "baseline_drift": np.where(rng.random(count) < 0.1, " , V6", None),
            "static_noise": None,
            "burst_noise": np.where(rng.random(count) < 0.05, "alles", None),
            "electrodes_problems": None,
            "strat_fold": patients % 10 + 1,
            "filename_lr": "records100/00000/00001_lr",
            "filename_hr": "records500/00000/00001_hr",
        }
    ).to_csv(folder / "ptbxl_database.csv", index=False)
    return Annotations.read(folder)


@pytest.fixture(scope="session")
def statements(annotations: Annotations):
    return predict(annotations, annotations.task("statements"))


@pytest.fixture
def tmp_file(tmp_path: Path) -> Path:
    return tmp_path / "predictions.csv"
