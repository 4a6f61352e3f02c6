"""Fetching one file from a server that misbehaves, seen through `download`."""

import time
from base64 import b64encode
from email.utils import formatdate
from itertools import repeat
from pathlib import Path

import pytest
from server import Fault, Server, contents, stem, write_sums

from einthoven.errors import EinthovenError
from einthoven.ptbxl import fetch
from einthoven.ptbxl.check import SUMS
from einthoven.ptbxl.download import download

DATA = stem(2, 100) + ".dat"  # 24,000 bytes
AGAIN = "run the same command again to resume"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ptb-xl"


def leave_part(folder: Path, name: str, content: bytes) -> None:
    part = folder / f"{name}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content)


def test_a_cut_connection_resumes_where_it_was_cut(server: Server, folder: Path) -> None:
    server.faults[DATA] = iter([Fault(cut=20_000)])
    download(folder, base_url=server.url)
    first, second = server.of(DATA)
    assert (first.status, first.range, first.sent) == (200, None, 20_000)
    assert second.status == 206
    assert second.range == f"bytes={24_000 - second.sent}-"
    assert second.if_range
    assert 0 < second.sent < 24_000 - 16_000  # a chunk in flight may be lost, no more
    assert contents(folder) == contents(server.folder)


def test_cuts_that_leave_progress_are_never_too_many(server: Server, folder: Path) -> None:
    database = server.folder / "ptbxl_database.csv"
    database.write_bytes(database.read_bytes() * 1000)
    (server.folder / SUMS).unlink()
    write_sums(server.folder)
    server.faults[database.name] = repeat(Fault(cut=17_000), 2 * fetch.TRIES)
    assert database.stat().st_size > 2 * fetch.TRIES * 17_000
    download(folder, base_url=server.url)
    assert contents(folder) == contents(server.folder)


def test_a_file_always_cut_is_named_and_the_others_arrive(server: Server, folder: Path) -> None:
    server.faults[DATA] = repeat(Fault(cut=0))
    with pytest.raises(
        EinthovenError, match=rf"1 of 15 files .*{DATA} \(the connection was closed, 8 times\).*{AGAIN}"
    ):
        download(folder, base_url=server.url)
    assert len(server.of(DATA)) == fetch.TRIES
    expected = contents(server.folder)
    del expected[DATA]
    assert {name: b for name, b in contents(folder).items() if not name.endswith(".part")} == expected


def test_a_file_that_changed_while_it_was_cut_starts_over(server: Server, folder: Path) -> None:
    server.faults[DATA] = iter([Fault(cut=20_000, wrong=True, headers={"ETag": '"old"'})])
    download(folder, base_url=server.url)
    first, second = server.of(DATA)
    assert second.if_range == '"old"'
    assert (first.status, second.status, second.sent) == (200, 200, 24_000)
    assert contents(folder) == contents(server.folder)


def test_a_weak_validator_is_not_used_to_resume(server: Server, folder: Path) -> None:
    headers = {"ETag": 'W/"same"', "Last-Modified": formatdate(0, usegmt=True)}
    server.faults[DATA] = iter([Fault(cut=20_000, headers=headers)])
    download(folder, base_url=server.url)
    assert server.of(DATA)[1].if_range == headers["Last-Modified"]


def test_without_range_support_a_cut_file_starts_over(server: Server, folder: Path) -> None:
    server.resumes = False
    server.faults[DATA] = iter([Fault(cut=20_000), Fault(cut=10_000)])
    download(folder, base_url=server.url)
    assert [(r.status, r.sent) for r in server.of(DATA)] == [(200, 20_000), (200, 10_000), (200, 24_000)]
    assert contents(folder) == contents(server.folder)


def test_without_range_support_cuts_end_all_the_same(server: Server, folder: Path) -> None:
    server.resumes = False
    server.faults[DATA] = repeat(Fault(cut=20_000))
    with pytest.raises(EinthovenError, match=DATA):
        download(folder, base_url=server.url)
    assert len(server.of(DATA)) == fetch.TRIES


def test_a_part_that_was_left_is_resumed(server: Server, folder: Path) -> None:
    leave_part(folder, DATA, (server.folder / DATA).read_bytes()[:23_990])
    download(folder, base_url=server.url)
    assert [(r.range, r.status, r.sent) for r in server.of(DATA)] == [("bytes=23990-", 206, 10)]
    assert contents(folder) == contents(server.folder)


@pytest.mark.parametrize("size", [24_000, 30_000])
def test_a_part_too_long_to_resume_starts_over(server: Server, folder: Path, size: int) -> None:
    leave_part(folder, DATA, b"x" * size)
    download(folder, base_url=server.url)
    assert [(r.range, r.status) for r in server.of(DATA)] == [(f"bytes={size}-", 416), (None, 200)]
    assert contents(folder) == contents(server.folder)


def test_a_part_of_other_bytes_starts_over(server: Server, folder: Path) -> None:
    leave_part(folder, DATA, b"x" * 5)
    download(folder, base_url=server.url)
    assert [(r.range, r.status) for r in server.of(DATA)] == [("bytes=5-", 206), (None, 200)]
    assert contents(folder) == contents(server.folder)


def test_an_answer_from_another_byte_is_not_appended(server: Server, folder: Path) -> None:
    leave_part(folder, DATA, (server.folder / DATA).read_bytes()[:5])
    server.faults[DATA] = iter([Fault(headers={"Content-Range": "bytes 4-23999/24000"})])
    download(folder, base_url=server.url)
    assert [(r.range, r.status) for r in server.of(DATA)] == [("bytes=5-", 206), (None, 200)]
    assert contents(folder) == contents(server.folder)


def test_wrong_bytes_once_are_fetched_again(server: Server, folder: Path) -> None:
    server.faults[DATA] = iter([Fault(wrong=True)])
    download(folder, base_url=server.url)
    assert [(r.range, r.sent) for r in server.of(DATA)] == [(None, 24_000)] * 2
    assert contents(folder) == contents(server.folder)


def test_wrong_bytes_always_never_get_their_name(server: Server, folder: Path) -> None:
    server.faults[DATA] = repeat(Fault(wrong=True))
    with pytest.raises(EinthovenError, match=rf"{DATA} \(wrong content 4 times\)"):
        download(folder, base_url=server.url)
    assert len(server.of(DATA)) == 1 + fetch.WRONG_CONTENT_RETRIES
    expected = contents(server.folder)
    del expected[DATA]
    assert contents(folder) == expected


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses in s that were made; none of them takes time."""
    pauses: list[float] = []
    monkeypatch.setattr(fetch.Fetcher, "_pause", lambda _, seconds: pauses.append(seconds))
    return pauses


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", [DATA, SUMS])
@pytest.mark.parametrize("by_date", [False, True])
def test_retry_after_is_heeded(
    server: Server, folder: Path, pauses: list[float], status: int, name: str, by_date: bool
) -> None:
    after = formatdate(time.time() + 40, usegmt=True) if by_date else "40"
    server.faults[name] = iter([Fault(status=status, headers={"Retry-After": after})])
    download(folder, base_url=server.url)
    assert [r.status for r in server.of(name)] == [status, 200]
    assert 35 < max(pauses) <= 40
    assert contents(folder) == contents(server.folder)


def test_retry_after_holds_for_all_connections(server: Server, folder: Path, pauses: list[float]) -> None:
    server.faults["LICENSE.txt"] = iter([Fault(status=429, headers={"Retry-After": "40"})])
    download(folder, base_url=server.url, connections=1)
    assert sum(pause > 30 for pause in pauses) > 10  # every request after it would have waited


def test_retry_after_an_hour_does_not_hang(server: Server, folder: Path) -> None:
    server.faults[DATA] = repeat(Fault(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(EinthovenError, match=rf"busy \(429 Too Many Requests\); try again in 3600 s; .*{AGAIN}"):
        download(folder, base_url=server.url)
    assert len(server.of(DATA)) == 1


@pytest.mark.parametrize("after", [None, "soon", "0"])
def test_a_busy_server_without_a_time_is_asked_again(server: Server, folder: Path, after: str | None) -> None:
    server.faults[DATA] = iter([Fault(status=503, headers={"Retry-After": after} if after else {})] * 3)
    download(folder, base_url=server.url)
    assert [r.status for r in server.of(DATA)] == [503, 503, 503, 200]


def test_pauses_grow_up_to_a_limit(
    server: Server, folder: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BACKOFF_S", 0.5)
    server.faults[DATA] = repeat(Fault(status=500))
    with pytest.raises(EinthovenError, match=rf"{DATA} \(500 Internal Server Error, 8 times\)"):
        download(folder, base_url=server.url)
    assert [pause for pause in pauses if pause] == [0.5, 1, 2, 4, 8, 16, 30]


def test_redirects_are_followed(server: Server, folder: Path) -> None:
    server.faults[DATA] = iter([Fault(status=302, headers={"Location": server.url + DATA})])
    download(folder, base_url=server.url)
    assert [r.status for r in server.of(DATA)] == [302, 200]


def test_redirects_in_a_circle_end(server: Server, folder: Path) -> None:
    server.faults[SUMS] = repeat(Fault(status=302, headers={"Location": server.url + SUMS}))
    with pytest.raises(EinthovenError, match="too many redirects"):
        download(folder, base_url=server.url)


def test_a_proxy_is_used(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:word@127.0.0.1:{server.server_address[1]}")
    download(folder, base_url=server.url.replace("127.0.0.1", "physionet.invalid"))
    assert contents(folder) == contents(server.folder)
    assert {r.proxy_login for r in server.requests} == {"Basic " + b64encode(b"user:word").decode()}


def test_names_that_an_address_must_quote(server: Server, folder: Path) -> None:
    (server.folder / "notes für #1? 100%.txt").write_text("hard")
    (server.folder / SUMS).unlink()
    write_sums(server.folder)
    download(folder, base_url=server.url)
    assert contents(folder) == contents(server.folder)


@pytest.mark.parametrize("url", ["ftp://physionet.org/", "physionet.org/files", "https://", "", "/srv/ptb-xl"])
def test_an_address_that_is_none(folder: Path, url: str) -> None:
    with pytest.raises(EinthovenError, match="is not a web address"):
        download(folder, base_url=url)


def test_connections_are_kept_open(server: Server, folder: Path) -> None:
    download(folder, base_url=server.url, connections=2)
    assert 1 <= server.connections <= 2
