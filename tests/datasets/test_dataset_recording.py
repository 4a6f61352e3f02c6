"""A record of the data set as a recording."""

import numpy as np

from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS


def test_a_record_is_a_recording_with_the_patients_age_and_sex(simulated):
    dataset = Dataset.open(simulated)
    table = dataset.annotations.table
    for row in (0, 7, 63):
        recording = dataset.recording(row)
        np.testing.assert_array_equal(recording.signal, dataset.signals[row] / np.float32(1000))
        assert (recording.rate, recording.leads) == (100, LEADS)
        assert recording.source == str(dataset.annotations.ecg_ids[row])
        assert recording.patient.age == min(table.age.iloc[row], 90)
        assert recording.patient.sex == ("male", "female")[table.sex.iloc[row]]


def test_what_the_table_does_not_state_is_not_guessed(simulated):
    dataset = Dataset.open(simulated)
    table = dataset.annotations.table
    table.loc[table.index[0], ["age", "sex"]] = np.nan
    table.loc[table.index[1], "age"] = 300
    assert dataset.recording(0).patient.age is None
    assert dataset.recording(0).patient.sex is None
    assert dataset.recording(1).patient.age == 90
