import glob
import os
from pathlib import Path

import pytest

from einthoven.batch.patterns import expand
from einthoven.batch.sources import DUPLICATE, NOT_A_RECORDING, OWN_OUTPUT, TABLE_IN_FOLDER, find_sources
from einthoven.errors import EinthovenError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "b.hea",
        "b.dat",
        "a.dcm",
        "deep/c.XML",
        "deep/IM0001",
        "t.csv",
        "notes.txt",
        ".hidden.hea",
        "x.dat",
        "RECORDS",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str) -> list[str]:
    return [path.replace(os.sep, "/") for path in find_sources(arguments).files]


def test_a_folder(folder: Path) -> None:
    assert names(".") == ["a.dcm", "b.hea", "deep/IM0001", "deep/c.XML"]
    assert names(str(folder))[0] == str(folder / "a.dcm").replace(os.sep, "/")


def test_patterns(folder: Path) -> None:
    assert names("*.csv") == ["t.csv"]
    assert names("**/*.XML") == ["deep/c.XML"]
    assert names("*.dat") == ["x.dat"]  # b.dat belongs to b.hea
    assert names("b.*") == ["b.hea"]


def test_files_in_the_order_given_each_once(folder: Path) -> None:
    assert names("t.csv", "a.dcm", "deep", "a.dcm", "b") == ["t.csv", "a.dcm", "deep/IM0001", "deep/c.XML", "b"]


def test_a_file_whose_name_looks_like_a_pattern(folder: Path) -> None:
    (folder / "e[1].dcm").touch()
    assert names("e[1].dcm") == ["e[1].dcm"]


def test_what_means_nothing(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(EinthovenError, match="contains no recordings"):
        names("empty")
    with pytest.raises(EinthovenError, match="matches no file"):
        names("*.scp")


def test_segments_are_no_recordings_of_their_own(folder: Path) -> None:
    (folder / "m.hea").write_text("m/4 12 500 3000\nm_layout 0\nm_1 1500\n~ 500\nm_2 1000\n")
    for name in ("m_layout.hea", "m_1.hea", "m_1.dat", "m_2.hea", "m_2.dat", "n.hea"):
        (folder / name).write_text("damaged")
    assert names(".") == ["a.dcm", "b.hea", "deep/IM0001", "deep/c.XML", "m.hea", "n.hea"]
    assert names("m*.hea") == ["m.hea"]
    assert names("m_1.hea") == ["m_1.hea"]  # asked for by its name


def test_headers_that_list_themselves_or_each_other_are_taken(folder: Path) -> None:
    for name, segment in (("l", "l"), ("p", "q"), ("q", "p")):
        (folder / f"{name}.hea").write_text(f"{name}/2 1 500 5000\n{segment} 2500\n{segment} 2500\n")
    assert names("?.hea") == ["b.hea", "l.hea", "p.hea", "q.hea"]


class TestEachFileOnce:
    """By whatever names, in whatever way they are given, the first of them counts."""

    @pytest.fixture
    def circles(self, folder: Path) -> Path:
        """Links that lead back, from which Python's own `**` makes endlessly many paths."""
        try:
            for name, target in (("z1", ".."), ("z2", ".."), ("deep", "../deep"), ("self", ".")):
                (folder / "deep" / name).symlink_to(target)
            (folder / "other").symlink_to("deep")
        except OSError:
            pytest.skip("no such links here")
        return folder

    def test_patterns_with_circles(self, circles: Path) -> None:
        assert names("**/*.XML") == ["deep/c.XML"]
        assert names(f"{circles}/**") == names(f"{circles}/**/*") == names(f"{circles}/**/**")
        assert names(f"{circles}/**/deep/**/*.XML") == [str(circles / "deep" / "c.XML")]
        assert [Path(name).name for name in names("**/*.hea", "*/*/*.hea")] == ["b.hea"]
        assert names("*/c.XML") == ["deep/c.XML"]

    def test_folders_with_circles(self, circles: Path) -> None:
        assert names(".") == ["a.dcm", "b.hea", "deep/IM0001", "deep/c.XML"]
        assert names("other") == ["other/IM0001", "other/c.XML"]
        assert names("deep", "other", "**/*.XML", "deep/z1/deep") == ["deep/IM0001", "deep/c.XML"]

    def test_as_python_finds_them_where_there_are_none(self, folder: Path) -> None:
        for number in range(3):
            (folder / "deep" / str(number) / "x").mkdir(parents=True)
            (folder / "deep" / str(number) / "x" / f"{number}.dcm").touch()
            (folder / "deep" / str(number) / ".hidden").mkdir()
            (folder / "deep" / str(number) / ".hidden" / "h.dcm").touch()
        for pattern in ("**/*.dcm", "**", "deep/**/x/**", "*/**/*.dcm", "**/[12]/**/?.dcm", "./**/x/*", "d*/**"):
            expected = {path for path in glob.glob(pattern, recursive=True) if Path(path).is_file()}  # noqa: PTH207
            assert {path for path in expand(pattern) if Path(path).is_file()} == expected, pattern

    def test_links_to_files(self, folder: Path) -> None:
        try:
            (folder / "h.dcm").hardlink_to(folder / "a.dcm")
            (folder / "s.dcm").symlink_to(folder / "a.dcm")
        except OSError:
            pytest.skip("no such links here")
        assert names(".")[0] == "a.dcm"
        assert len(names(".")) == 4
        assert names("s.dcm", "a.dcm", "h.dcm", str(folder / "a.dcm"), "deep/../a.dcm") == ["s.dcm"]
        assert find_sources(["."]).skipped[DUPLICATE] == 2

    def test_names_of_a_record(self, folder: Path) -> None:
        assert names("b", "b.hea", "b.dat", "./b") == ["b"]

    def test_a_header_linked_into_another_folder_is_another_record(self, folder: Path) -> None:
        """The signals are those of the folder that it is in."""
        try:
            (folder / "deep" / "b.hea").hardlink_to(folder / "b.hea")
        except OSError:
            pytest.skip("no such links here")
        assert names("b.hea", "deep/b.hea") == ["b.hea", "deep/b.hea"]

    def test_names_that_mean_nothing_are_kept(self, folder: Path) -> None:
        assert names("none.dcm", "NONE.dcm", "none.dcm") == ["none.dcm", "NONE.dcm"]


def test_what_was_passed_over_is_counted(folder: Path) -> None:
    (folder / "old.csv").write_text("source,error,format,rate_hz\n")
    (folder / "out.jsonl").write_text("anything")
    (folder / "page.pdf").touch()
    found = find_sources(["."], [folder / "out.jsonl"])
    assert [file for file, _ in found.skipped_files] == sorted(file for file, _ in found.skipped_files)
    assert found.skipped == {NOT_A_RECORDING: 4, TABLE_IN_FOLDER: 2, OWN_OUTPUT: 1}
    assert {Path(file).name for file, reason in found.skipped_files if reason == TABLE_IN_FOLDER} == {
        "t.csv",
        "notes.txt",
    }
    found = find_sources(["*"], [folder / "out.jsonl"])
    assert found.files == ["RECORDS", "a.dcm", "b.hea", "notes.txt", "t.csv", "x.dat"]
    assert found.skipped == {NOT_A_RECORDING: 1, OWN_OUTPUT: 2}
    assert names("*.pdf") == ["page.pdf"]  # asked for, and refused by its reader
    assert names("old.csv") == ["old.csv"]
    with pytest.raises(EinthovenError, match="matches no file"):
        names("old*.csv")


def test_dicom_waveforms_of_any_name_are_found(folder: Path) -> None:
    """Archives name files by their UIDs, of which the last number looks like a suffix."""
    meta = b"\2\0\2\0UI\x1e\x00" + b"1.2.840.10008.5.1.4.1.1.%b\0"
    explicit = b"\x08\0\x16\0UI\x1e\x00" + b"1.2.840.10008.5.1.4.1.1.9.1.1\0"
    (folder / "1.2.840.99999.78").write_bytes(bytes(128) + b"DICM" + meta % b"9.1.1")
    (folder / "1.3.6.1.4.1.5407").write_bytes(explicit)  # no preamble
    (folder / "ecg.export").write_bytes(bytes(128) + b"DICM" + meta % b"9.1.2")
    (folder / "1.2.840.99999.79").write_bytes(bytes(128) + b"DICM" + meta % b"2")  # an image
    (folder / "1.2.840.99999.80").write_bytes(b"anything else")
    (folder / "1.2.840.99999.81").touch()
    before = {"a.dcm", "b.hea", "deep/IM0001", "deep/c.XML"}
    assert set(names(".")) - before == {"1.2.840.99999.78", "1.3.6.1.4.1.5407", "ecg.export"}
    skipped = {file for file, reason in find_sources(["."]).skipped_files if reason == NOT_A_RECORDING}
    assert {f"1.2.840.99999.{number}" for number in (79, 80, 81)} < skipped
