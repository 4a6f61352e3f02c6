"""Simulated recordings with labels in the headers, as the PhysioNet Challenges publish them."""

import re
from pathlib import Path

import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.ptbxl.records import write_record

SNOMED = {"SR": 426783006, "AFIB": 164889003, "CLBBB": 164909002, "IMI": 164865005, "ASMI": 164865005, "LVH": 164873001}
UNKNOWN_CODE = 123456789
SHORT_LABELS = {"SR", "AFIB", "CLBBB", "MI", "LVH"}


def write_challenge(folder: Path, dataset: Dataset, rows: range) -> None:
    """Write records as WFDB with the lines #Age, #Sex and #Dx."""
    table = dataset.annotations.table
    for row in rows:
        stem, facts = folder / f"g1/E{row:05}", table.iloc[row]
        write_record(stem, dataset.signals[row].T, dataset.rate)
        stated = re.findall(r"'([^']+)'", facts.scp_codes)
        codes = [str(SNOMED.get(code, UNKNOWN_CODE)) for code in stated]
        with stem.with_suffix(".hea").open("a") as header:
            sex = "Female" if facts.sex else "Male"
            header.write(f"#Age: {facts.age:.0f}\n#Sex: {sex}\n#Dx: {','.join(codes)}\n")


@pytest.fixture(scope="session")
def challenge(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 recordings in a folder below."""
    folder = tmp_path_factory.mktemp("challenge") / "georgia"
    write_challenge(folder, Dataset.open(simulated), range(200))
    return folder


@pytest.fixture(scope="session")
def challenge_set(challenge: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a data set."""
    from einthoven.batch.sources import find_sources
    from einthoven.datasets.importing import ImportOptions, import_recordings
    from einthoven.datasets.mapping import read_mapping
    from einthoven.datasets.reading import ReadOptions

    out = tmp_path_factory.mktemp("sets") / "challenge"
    files = find_sources([str(challenge)]).files
    options = ImportOptions("Somewhere", read_mapping("challenge"), ReadOptions(header_field="Dx"), "A 2026", "CC0")
    import_recordings(challenge, files, None, out, options)
    return out
