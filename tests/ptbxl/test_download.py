import signal
import subprocess
import sys
import time
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest
from filelock import FileLock
from server import Fault, Server, contents, stem, write_sums

from einthoven.errors import EinthovenError
from einthoven.ptbxl import SIMULATED_MARK
from einthoven.ptbxl.check import SUMS, check
from einthoven.ptbxl.download import download

DATA = stem(2, 100) + ".dat"  # 24,000 bytes
AGAIN = "run the same command again to resume"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ptb-xl"


def test_everything_arrives_as_published(server: Server, folder: Path) -> None:
    report = download(folder, base_url=server.url)
    published = contents(server.folder)
    assert contents(folder) == published  # and no .part among them
    assert server.names() == sorted(published)
    assert report.records == {100: 3, 500: 3}
    assert report.files == report.fetched == len(published) - 1  # the list itself not counted
    assert report.size == sum(len(b) for name, b in published.items() if name != SUMS)
    assert "3 records at 100 Hz and 3 records at 500 Hz" in str(report)
    assert check(folder).intact


@pytest.mark.parametrize(("rate", "other"), [(100, 500), (500, 100)])
def test_one_rate_leaves_the_other_alone(server: Server, folder: Path, rate: int, other: int) -> None:
    report = download(folder, rate, server.url)
    assert report.records == {rate: 3}
    assert (folder / f"{stem(3, rate)}.dat").exists()
    assert not (folder / f"records{other}").exists()
    assert not any(name.startswith(f"records{other}") for name in server.names())


def test_a_second_run_downloads_nothing_and_needs_no_network(server: Server, folder: Path) -> None:
    download(folder, base_url=server.url)
    server.requests.clear()
    report = download(folder, base_url="http://127.0.0.1:9/")
    assert server.requests == []
    assert report.fetched == 0
    assert report.files == 15


def test_a_second_run_repairs_and_fetches_nothing_else(server: Server, folder: Path) -> None:
    download(folder, base_url=server.url)
    server.requests.clear()
    damaged, missing = folder / DATA, folder / "scp_statements.csv"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    missing.unlink()
    report = download(folder, base_url=server.url)
    assert server.names() == sorted([DATA, missing.name])
    assert report.fetched == 2
    assert contents(folder) == contents(server.folder)


def test_a_damaged_list_of_sums_is_fetched_again(server: Server, folder: Path) -> None:
    download(folder, base_url=server.url)
    server.requests.clear()
    (folder / SUMS).write_text("half a li")
    download(folder, base_url=server.url)
    assert server.names() == [SUMS]


def test_missing_files_are_named_and_the_next_run_gets_them(server: Server, folder: Path) -> None:
    missing = [f"{stem(ecg_id, 100)}{ending}" for ecg_id in (1, 2, 3) for ending in (".dat", ".hea")]
    for name in missing[:5]:
        server.faults[name] = iter([Fault(status=404)])
    with pytest.raises(EinthovenError) as caught:
        download(folder, base_url=server.url, connections=1)
    message = str(caught.value)
    assert "5 of 15 files" in message
    assert [name for name in missing if f"{name} (404 Not Found)" in message] == missing[:3]
    assert "and 2 more" in message
    assert AGAIN in message
    server.requests.clear()
    assert download(folder, base_url=server.url).fetched == 5
    assert server.names() == missing[:5]


def test_no_list_of_sums(server: Server, folder: Path) -> None:
    (server.folder / SUMS).unlink()
    with pytest.raises(EinthovenError, match=rf"{server.url}{SUMS}: 404 Not Found; check .*address"):
        download(folder, base_url=server.url)
    assert contents(folder) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<html>Please log in</html>", "line 1 is not a SHA-256 and a path"),
        ("", "does not list ptbxl_database.csv"),
        (f"{'0' * 64}  record.csv\n", "does not list ptbxl_database.csv"),
        (f"{'0' * 64}  ptbxl_database.csv\n", "lists no records"),
        (f"{'0' * 64}  ../../escape.txt\n", r"names a file outside the folder \(../../escape.txt\)"),
        (f"{'0' * 64}  records100/../../escape.txt\n", "names a file outside the folder"),
        (f"{'0' * 64}  /escape.txt\n", "names a file outside the folder"),
        (f"{'0' * 64}  C:/escape.txt\n", "names a file outside the folder"),
        (f"{'0' * 64}  ..\\escape.txt\n", "names a file outside the folder"),
    ],
)
def test_a_list_of_sums_that_is_none(server: Server, folder: Path, text: str, complaint: str) -> None:
    (server.folder / SUMS).write_text(text)
    with pytest.raises(EinthovenError, match=complaint):
        download(folder, base_url=server.url)
    assert set(server.names()) == {SUMS}
    (server.folder / SUMS).unlink()
    write_sums(server.folder)  # the mend: nothing of the bad list stays behind
    download(folder, base_url=server.url)


def test_a_rate_that_is_not_published(server: Server, folder: Path) -> None:
    with pytest.raises(EinthovenError, match="no records at 250 Hz; choose 100 or 500"):
        download(folder, 250, server.url)
    assert not folder.exists()


@pytest.mark.usefixtures("server")
def test_no_server(folder: Path) -> None:
    with pytest.raises(EinthovenError, match=rf"{SUMS}: no connection, 3 times; check the network"):
        download(folder, base_url="http://127.0.0.1:9/")
    assert contents(folder) == {}


def test_a_server_that_is_gone_ends_the_download(server: Server, folder: Path) -> None:
    for name in contents(server.folder):
        if name.startswith("records"):
            server.faults[name] = repeat(Fault(cut=0))
    with pytest.raises(EinthovenError, match=f"no longer reachable .*{AGAIN}"):
        download(folder, base_url=server.url, connections=2)
    assert len({r.name for r in server.requests if r.name.startswith("records")}) <= 6  # of 12
    assert (folder / "ptbxl_database.csv").exists()


def test_files_that_fail_among_others_that_arrive_do_not_end_it(server: Server, folder: Path) -> None:
    failing = [f"{stem(ecg_id, rate)}.dat" for rate in (100, 500) for ecg_id in (1, 2, 3)]
    for name in failing:
        server.faults[name] = repeat(Fault(cut=0))
    with pytest.raises(EinthovenError, match="6 of 15 files"):
        download(folder, base_url=server.url, connections=1)
    assert all((folder / name).with_suffix(".hea").exists() for name in failing)


def start(folder: Path, url: str) -> subprocess.Popen[str]:
    code = f"from einthoven.ptbxl.download import download; download({str(folder)!r}, 100, {url!r}, 2)"
    # A shell that runs the tests in the background has them ignore SIGINT, which a child would inherit.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, preexec_fn=listen)


def wait_until_stalled(process: subprocess.Popen[str], folder: Path) -> None:
    """Wait until all but the stalled file is there, and some of that."""
    part = folder / f"{DATA}.part"
    for _ in range(3000):
        finished = [path for path in folder.rglob("*.*") if path.suffix in (".hea", ".dat", ".csv", ".txt")]
        if len(finished) == 9 and part.exists() and part.stat().st_size:
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.01)
    raise AssertionError("the download did not get as far as the stalled file")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_stopped_process_is_resumed(server: Server, folder: Path, how: signal.Signals) -> None:
    server.faults[DATA] = iter([Fault(cut=20_000, stall=True)])
    process = start(folder, server.url)
    wait_until_stalled(process, folder)
    process.send_signal(how)
    _, stderr = process.communicate(timeout=60)
    there = (folder / f"{DATA}.part").stat().st_size
    assert 0 < there < 24_000
    assert process.returncode != 0
    assert not (folder / DATA).exists()
    if how == signal.SIGINT:
        assert stderr.strip().endswith(f"EinthovenError: {folder}: interrupted; finished files are kept; {AGAIN}.")
    server.released.set()
    server.requests.clear()
    download(folder, 100, server.url)
    assert [(r.name, r.range, r.sent) for r in server.requests] == [(DATA, f"bytes={there}-", 24_000 - there)]
    assert (folder / DATA).read_bytes() == (server.folder / DATA).read_bytes()


def test_two_downloads_into_one_folder(server: Server, folder: Path) -> None:
    folder.mkdir(parents=True)
    with (
        FileLock(folder / ".download.lock"),
        pytest.raises(EinthovenError, match="another download is running"),
    ):
        download(folder, base_url=server.url)
    assert server.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, the device that is always full")
def test_disk_full(server: Server, folder: Path) -> None:
    part = folder / f"{DATA}.part"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(EinthovenError, match=f"{folder / DATA}: the disk is full; free some space .*{AGAIN}"):
        download(folder, base_url=server.url, connections=1)
    assert not (folder / DATA).exists()
    part.unlink()  # the mend
    download(folder, base_url=server.url)
    assert contents(folder) == contents(server.folder)


def test_a_file_in_place_of_the_folder(server: Server, folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("mine")
    with pytest.raises(EinthovenError, match=f"{folder}: is a file where a folder is needed"):
        download(folder, base_url=server.url)
    assert folder.read_text() == "mine"


def test_a_file_in_place_of_a_folder_inside(server: Server, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "records100").write_text("mine")
    with pytest.raises(EinthovenError, match=r"records100.*: is a file where a folder is needed"):
        download(folder, base_url=server.url)


def test_no_permission(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(EinthovenError, match=f"{folder}: no permission"):
        download(folder, base_url=server.url)


def test_simulated_records_are_not_overwritten(server: Server, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / SIMULATED_MARK).touch()
    with pytest.raises(EinthovenError, match=f"{folder}: holds simulated records; choose another folder"):
        download(folder, base_url=server.url)
    assert server.requests == []


def test_the_defect_of_a_thread_is_not_hidden(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> str:
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr("einthoven.ptbxl.download.sha256", break_down)
    with pytest.raises(RuntimeError, match="a defect of ours"):
        download(folder, base_url=server.url)


def test_neither_download_nor_check_needs_more_than_the_core() -> None:
    code = (
        "import sys, einthoven.ptbxl.check, einthoven.ptbxl.download; "
        "assert not {'pandas', 'scipy', 'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
