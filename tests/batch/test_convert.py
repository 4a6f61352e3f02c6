"""`einthoven convert` as a user meets it."""

import csv
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import einthoven
from convert.recordings import named
from einthoven.batch import convert as batch_convert
from einthoven.batch.checkpoint import checkpoint_path
from einthoven.batch.convert import ConvertOptions, run_convert
from einthoven.batch.targets import Targets

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def archive(simulated: Path, tmp_path: Path) -> Path:
    """Four records in three folders, two of which differ only in their suffix, and a file that is no recording."""
    folder = tmp_path / "archive"
    for number, place in ((1, "a"), (2, "a"), (3, "b/c")):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for file in simulated.rglob(f"0000{number}_lr.*"):
            shutil.copy(file, folder / place / file.name)
    paced = replace(einthoven.examples.recording("normal"), pacing_spikes_s=(1.0, 2.0))
    einthoven.write(paced, folder / "a" / "00001_lr.edf")
    (folder / "b" / "nothing.edf").write_text("no recording")
    return folder


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_keeps_its_layout(einthoven: Command, archive: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "out", tmp_path / "list.csv"
    code, _, err = einthoven("convert", archive, "--out", out, "--format", "dicom", "--list", table)
    assert code == 1
    assert "b/nothing.edf: is" in err
    assert "Converted 4 of 5 recordings to DICOM" in err
    assert err.count("pacing spikes (1)") == 1
    assert files(out) == ["a/00001_lr.edf.dcm", "a/00001_lr.hea.dcm", "a/00002_lr.dcm", "b/c/00003_lr.dcm"]
    rows = list(csv.DictReader(table.open()))
    assert [bool(row["output"]) for row in rows] == [not row["error"] for row in rows]
    assert not checkpoint_path(out).exists()
    before = {name: (out / name).stat().st_mtime_ns for name in files(out)}
    assert einthoven("convert", archive, "--out", out, "--format", "dicom")[0] == 1  # a repetition changes nothing
    assert {name: (out / name).stat().st_mtime_ns for name in files(out)} == before


def test_a_file(einthoven: Command, archive: Path, tmp_path: Path) -> None:
    import einthoven as library

    source, target = archive / "a" / "00001_lr.edf", tmp_path / "one.xml"
    code, _, err = einthoven("convert", source, "--out", target)
    assert (code, err.count("\n")) == (0, 1)
    assert "Not kept, because HL7 aECG cannot hold it: pacing spikes." in err
    assert np.abs(library.read(target).signal - library.read(source).signal).max() < 1e-4
    code, _, err = einthoven("convert", archive / "a" / "00002_lr", "--out", target)
    assert code == 2
    assert "does not replace" in err


def test_a_part(einthoven: Command, archive: Path, tmp_path: Path) -> None:
    import einthoven as library

    source, target = archive / "a" / "00001_lr.hea", tmp_path / "part.hea"
    assert einthoven("convert", source, "--out", target, "--from", "0:00:02", "--to", 7)[0] == 0
    np.testing.assert_allclose(library.read(target).signal, library.read(source).signal[:, 200:700], atol=1e-4)
    code, out, _ = einthoven("interpret", source, "--from", 2, "--to", "0:07", "--every", 60)
    assert code == 0
    assert "5 s at 100 Hz" in out
    code, _, err = einthoven("interpret", source, "--from", "1h")
    assert code == 2
    assert "h:mm:ss" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{archive}", "--out", "{archive}/new", "--format", "edf"), "outside"),
        (("{archive}", "--out", "{tmp}/one.edf"), "cannot hold 5"),
        (("{archive}", "--out", "{tmp}/out"), "add --format"),
        (("{archive}/a/00001_lr.hea", "--out", "{tmp}/one.bdf"), "names a format"),
        (("{archive}/a/00001_lr.hea", "--out", "{archive}/a/00001_lr.hea"), "overwrite"),
        (("{archive}/a/00001_lr.hea", "--out", "{archive}/a/00002_lr.hea"), "does not replace"),
        (("{archive}/b/nothing.edf", "--out", "{tmp}/one.edf"), "nothing.edf"),
        (("{archive}/a/none.edf", "--out", "{tmp}/one.edf"), "not found"),
    ],
)
def test_refusals_change_nothing(
    einthoven: Command, archive: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    code, _, err = einthoven("convert", *(text.format(archive=archive, tmp=tmp_path) for text in arguments))
    assert code == 2
    assert words in err
    assert err.startswith("Error: ")
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_anonymous_files_have_anonymous_names(einthoven: Command, tmp_path: Path) -> None:
    import einthoven as library

    source, key = tmp_path / "Zimmermann" / "Waltraud", tmp_path / "key"
    source.mkdir(parents=True)
    key.write_bytes(os.urandom(32).hex().encode())
    recording = named(library.examples.recording("inferior-infarct"))
    library.write(recording, source / "Zimmermann_1.xml")
    library.write(library.examples.recording("normal"), source / "Zimmermann_2.xml")
    for option in (("--anonymise",), ("--anonymize",), ("--pseudonym-key", key)):
        out = tmp_path / f"out{option[0]}"
        code, _, err = einthoven("convert", tmp_path / "Zimmermann", "--out", out, "--format", "wfdb", *option)
        assert code == 0, err
        assert len(files(out)) == 4
        for name in files(out):
            assert "immermann" not in name
            assert b"immermann" not in (out / name).read_bytes()
            assert len(Path(name).stem) == 16


def test_an_interrupted_run_resumes(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [str(archive / "a" / "00001_lr.hea"), str(archive / "a" / "00002_lr.hea")]
    out, asked = tmp_path / "out", list[list[str]]()
    options = ConvertOptions(Targets.for_sources(out, [], sources, "edf"))
    convert_files = batch_convert.convert_files

    def interrupted(missing: list[str], *arguments: object):  # type: ignore[no-untyped-def]
        asked.append(missing)
        results = convert_files(missing, *arguments)  # type: ignore[arg-type]
        if len(asked) == 1:
            yield next(results)
            results.close()
            raise KeyboardInterrupt
        yield from results

    monkeypatch.setattr(batch_convert, "convert_files", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_convert(sources, options)
    assert checkpoint_path(out).exists()
    assert run_convert(sources, options) == 0
    assert asked == [sources, sources[1:]]
    assert files(out) == ["00001_lr.edf", "00002_lr.edf"]
    assert not checkpoint_path(out).exists()
