import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server import stem, write_ptbxl, write_sums

from einthoven.errors import EinthovenError
from einthoven.ptbxl import DATABASE, SIMULATED_MARK, STATEMENTS_TABLE
from einthoven.ptbxl.check import SUMS, check, parse_sums, rate_of

RECORD = stem(2, 100)
DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_ptbxl(tmp_path)
    return tmp_path


@pytest.fixture(params=[False, True], ids=["checksums", "hashes"])
def either(request: pytest.FixtureRequest, folder: Path) -> Path:
    """A whole copy without and with SHA256SUMS.txt."""
    if request.param:
        write_sums(folder)
    return folder


def test_a_whole_copy(either: Path) -> None:
    report = check(either)
    assert report.intact
    assert report.damaged == {}
    assert report.listed == 3
    assert report.records == {100: 3, 500: 3}
    assert report.hashed == (either / SUMS).exists()
    text = "\n".join(report.lines())
    assert "100 Hz: 3 of 3 records intact (complete)." in text
    assert "500 Hz: 3 of 3 records intact (complete)." in text
    assert ("compared with SHA256SUMS.txt" if report.hashed else "headers' checksums") in text
    assert "SIMULATED" not in text


def test_a_rate_in_part_is_no_damage(either: Path) -> None:
    for ending in (".hea", ".dat"):
        (either / stem(3, 500)).with_suffix(ending).unlink()
    report = check(either)
    assert report.intact
    assert report.records == {100: 3, 500: 2}
    assert "500 Hz: 2 of 3 records intact (incomplete)." in report.lines()


def test_an_absent_rate_is_no_damage(either: Path) -> None:
    for path in sorted((either / "records500").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    report = check(either)
    assert report.intact
    assert report.records == {100: 3, 500: 0}
    assert "500 Hz: 0 of 3 records intact (absent)." in report.lines()


def test_no_rate_is_not_whole(tmp_path: Path) -> None:
    write_ptbxl(tmp_path, rates=())
    report = check(tmp_path)
    assert report.damaged == {}
    assert not report.intact
    assert report.lines()[-1].startswith("Run `einthoven data get ptb-xl ")


def test_an_empty_folder(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert not report.intact
    assert sorted(report.damaged) == [DATABASE, STATEMENTS_TABLE]
    assert report.listed == 0


@pytest.mark.parametrize("make", [lambda _: None, Path.touch], ids=["nothing", "a file"])
def test_no_folder(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "ptb-xl")
    with pytest.raises(EinthovenError, match=f"{tmp_path / 'ptb-xl'}: there is no such folder"):
        check(tmp_path / "ptb-xl")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("ending", [".hea", ".dat"])
@pytest.mark.parametrize("damage", [flip_a_bit, shorten, empty, make_a_folder, Path.unlink])
def test_a_damaged_record_is_named(either: Path, ending: str, damage: Callable[[Path], None]) -> None:
    path = (either / RECORD).with_suffix(ending)
    damage(path)
    report = check(either)
    assert list(report.damaged) == [RECORD]
    assert str(path) in report.damaged[RECORD]
    assert not report.intact
    assert report.records == {100: 2, 500: 3}
    assert "1 damaged:" in report.lines()


def test_only_hashes_see_what_leaves_the_checksum_as_it_is(folder: Path) -> None:
    write_sums(folder)
    path = (folder / RECORD).with_suffix(".dat")
    samples = np.frombuffer(path.read_bytes(), "<i2").reshape(-1, 12)
    path.write_bytes(samples[::-1].tobytes())
    assert list(check(folder).damaged) == [RECORD]
    (folder / SUMS).unlink()
    assert check(folder).intact


def test_all_damaged_names_in_the_report_and_twenty_in_the_lines(tmp_path: Path) -> None:
    ecg_ids = tuple(range(1, 33))
    write_ptbxl(tmp_path, ecg_ids, rates=(100,))
    for ecg_id in ecg_ids[:25]:
        (tmp_path / f"{stem(ecg_id, 100)}.dat").unlink()
    report = check(tmp_path)
    assert list(report.damaged) == [stem(ecg_id, 100) for ecg_id in ecg_ids[:25]]
    assert report.records[100] == 7
    lines = report.lines()
    assert sum(".dat: missing" in line for line in lines) == 20
    assert "  and 5 more." in lines


def test_more_records_than_one_batch(tmp_path: Path) -> None:
    ecg_ids = tuple(range(1, 151))
    write_ptbxl(tmp_path, ecg_ids, rates=(100,))
    shorten(tmp_path / f"{stem(150, 100)}.dat")
    report = check(tmp_path)
    assert report.records == {100: 149, 500: 0}
    assert list(report.damaged) == [stem(150, 100)]


def cut_in_a_row(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def add_a_field(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"4,7004,{},,5,,records100/00000/00004_lr,records500/00000/00004_hr,\n")


def cut_in_a_name(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def cut_in_quotes(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"sinusrhythmus") + 4])


def recode(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))


def drop_a_column(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("strat_fold", "fold"), encoding="utf-8")


def keep_the_first_line(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def repeat_the_last_row(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")


def lead_out_of_the_folder(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("records100", "../records100"), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (cut_in_a_row, "line 4 has more or fewer fields"),
        (add_a_field, "line 5 has more or fewer fields"),
        (cut_in_a_name, "record 3 has a wrong filename_hr"),
        (cut_in_quotes, "unexpected end of data"),
        (recode, "'utf-8' codec can't decode"),
        (drop_a_column, "has no column 'strat_fold'"),
        (keep_the_first_line, "has no rows"),
        (empty, "has no column"),
        (repeat_the_last_row, "record 3 has a wrong filename_lr"),
        (lead_out_of_the_folder, "record 1 has a wrong filename_lr"),
        (Path.unlink, "missing"),
    ],
)
def test_a_damaged_table_is_named(folder: Path, damage: Callable[[Path], None], complaint: str) -> None:
    damage(folder / DATABASE)
    report = check(folder)
    assert list(report.damaged) == [DATABASE]
    assert complaint in report.damaged[DATABASE]
    assert str(folder / DATABASE) in report.damaged[DATABASE]
    assert not report.intact


def test_a_damaged_statement_table_is_named(folder: Path) -> None:
    path = folder / STATEMENTS_TABLE
    path.write_text(path.read_text().replace("diagnostic_class", "class"))
    assert "has no column 'diagnostic_class'" in check(folder).damaged[STATEMENTS_TABLE]


def test_a_damaged_table_does_not_hide_damaged_records_from_the_hashes(folder: Path) -> None:
    write_sums(folder)
    cut_in_a_row(folder / DATABASE)
    flip_a_bit(folder / f"{stem(3, 100)}.dat")
    assert sorted(check(folder).damaged) == sorted([DATABASE, stem(3, 100)])


@pytest.mark.parametrize("damage", [flip_a_bit, Path.unlink])
def test_other_files_are_compared_with_the_hashes(folder: Path, damage: Callable[[Path], None]) -> None:
    write_sums(folder)
    damage(folder / "LICENSE.txt")
    assert list(check(folder).damaged) == ["LICENSE.txt"]


def test_a_damaged_list_of_sums_leaves_the_checksums(folder: Path) -> None:
    (folder / SUMS).write_text("half a li")
    flip_a_bit(folder / f"{RECORD}.dat")
    report = check(folder)
    assert sorted(report.damaged) == sorted([SUMS, RECORD])
    assert not report.hashed


def test_simulated_records_are_said_to_be(folder: Path) -> None:
    (folder / SIMULATED_MARK).touch()
    assert check(folder).lines()[0].startswith("SIMULATED records")


def test_a_record_that_the_sums_do_not_list_is_checked_by_its_header(folder: Path) -> None:
    write_sums(folder)
    sums = (folder / SUMS).read_text()
    (folder / SUMS).write_text("".join(line for line in sums.splitlines(True) if RECORD not in line))
    flip_a_bit(folder / f"{RECORD}.dat")
    assert "checksum differs" in check(folder).damaged[RECORD]


names = st.text("abz019_-. ü", min_size=1, max_size=12).filter(lambda name: name.strip() and name not in (".", ".."))
paths = st.lists(names.map(str.strip).filter(lambda name: name not in ("", ".", "..")), min_size=1, max_size=4)


@given(st.lists(paths.map("/".join), unique=True))
def test_sums_are_read_as_they_are_written(listed: list[str]) -> None:
    text = "".join(f"{DIGEST}  {name}\n" for name in [*listed, DATABASE])
    assert parse_sums(text, "here") == dict.fromkeys([*listed, DATABASE], DIGEST)


@given(st.lists(names, max_size=3), st.lists(names, max_size=3), st.sampled_from("/\\"))
def test_no_path_with_a_step_up_is_accepted(before: list[str], after: list[str], slash: str) -> None:
    path = slash.join([*before, "..", *after]).strip()
    with pytest.raises(EinthovenError, match="here: line 2"):
        parse_sums(f"{DIGEST}  {DATABASE}\n{DIGEST}  {path}\n", "here")


@pytest.mark.parametrize(
    "line",
    ["", "no hash", f"{DIGEST} {DATABASE}", f"{DIGEST[:-1]}  {DATABASE}", f"{DIGEST.upper()}  {DATABASE}"],
)
def test_lines_that_are_no_sum(line: str) -> None:
    with pytest.raises(EinthovenError, match="here: line 2 is not a SHA-256 and a path"):
        parse_sums(f"{DIGEST}  {DATABASE}\n{line}\n", "here")


def test_sums_of_binary_mode_and_of_the_folder_itself() -> None:
    text = f"{DIGEST} *{DATABASE}\n{DIGEST}  ./records100/00000/00001_lr.hea\n"
    assert list(parse_sums(text, "here")) == [DATABASE, "records100/00000/00001_lr.hea"]


def test_the_rate_of_a_file() -> None:
    assert [rate_of(name) for name in (f"{RECORD}.dat", "records500/x", "records100", DATABASE)] == [
        100,
        500,
        None,
        None,
    ]


def test_real_ptbxl_is_whole(test_data: Path) -> None:
    report = check(test_data / "ptbxl")
    assert report.intact
    assert report.listed == 21_799
    assert report.records[100] == 21_799
    assert report.records[500] in (100, 21_799)


def test_real_ptbxl_damaged(test_data: Path, tmp_path: Path) -> None:
    """One real part of 1,000 records, of which one has lost its signal and one a bit of it."""
    source = test_data / "ptbxl"
    part = tmp_path / "records100" / "05000"
    part.mkdir(parents=True)
    for path in (source / "records100" / "05000").iterdir():
        (part / path.name).symlink_to(path)
    for name in (DATABASE, STATEMENTS_TABLE):
        (tmp_path / name).symlink_to(source / name)
    with (source / DATABASE).open(newline="", encoding="utf-8") as file:
        listed = [row["filename_lr"] for row in csv.DictReader(file) if "/05000/" in row["filename_lr"]]
    (tmp_path / listed[10]).with_suffix(".dat").unlink()
    flipped = (tmp_path / listed[20]).with_suffix(".dat")
    content = bytearray(flipped.read_bytes())
    content[777] ^= 1
    flipped.unlink()
    flipped.write_bytes(content)
    report = check(tmp_path)
    assert list(report.damaged) == sorted([listed[10], listed[20]])
    assert report.records == {100: len(listed) - 2, 500: 0}
