"""The plan is fixed by what it is made of, and refuses what is not its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.errors import EinthovenError

pytest.importorskip("obstore", reason="needs the extra ray")
from einthoven.batch.archive.plan import PATH, from_manifest, list_recordings, open_plan
from einthoven.batch.archive.store import Store


def table(*paths: str) -> Iterator[pa.Table]:
    yield pa.table({PATH: list(paths)})


def never() -> Iterator[pa.Table]:
    raise AssertionError
    yield


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), min_size=1), st.integers(1, 9))
def test_shards_hold_each_recording_once_and_in_order(paths: list[str], size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = open_plan(Store(folder), {}, table(*paths), size)
        recordings = [path for shard in range(len(plan.shards)) for path in plan.recordings(shard)[PATH].to_pylist()]
    assert recordings == paths
    assert len(set(plan.shards)) == len(plan.shards)


def test_a_plan_is_made_once(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "out"))
    first = open_plan(store, {"model": "a"}, table("a", "b", "c"), 2)
    assert open_plan(store, {"model": "a"}, never(), 2).shards == first.shards
    assert first.done() == set()
    store.write(first.shards[1], b"an answer")
    assert first.done() == {first.shards[1]}


def test_another_run_is_refused(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "out"))
    open_plan(store, {"model": "a"}, table("a"), 2)
    with pytest.raises(EinthovenError, match="another model or other options; choose another --out"):
        open_plan(store, {"model": "b"}, never(), 2)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sales.parquet").touch()
    with pytest.raises(EinthovenError, match="Parquet files of something else"):
        open_plan(Store(str(tmp_path / "other")), {}, never(), 2)


def test_names_of_shards_depend_on_recordings_keys_and_run(tmp_path: Path) -> None:
    def names(run: str, *paths: str, key: int = 0) -> list[str]:
        store = Store(str(tmp_path / f"{run}{key}{''.join(paths)}"))
        recordings = pa.table({PATH: list(paths), "key": [key] * len(paths)})
        return list(open_plan(store, {"run": run}, iter([recordings]), 1).shards)

    one, *others = names("a", "x"), names("a", "y"), names("b", "x"), names("a", "x", key=1)
    assert all(one != other for other in others)
    assert names("a", "x", "y")[0] == one[0]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"file": ["a"]}, "no rows with a column `path`"),
        ({"path": []}, "no rows with a column `path`"),
        ({"path": ["a", None]}, "has no path in row 2"),
    ],
)
def test_a_manifest_without_paths(tmp_path: Path, columns: dict[str, list[str | None]], reason: str) -> None:
    pq.write_table(pa.table(columns), tmp_path / "files.parquet")
    with pytest.raises(EinthovenError, match=reason):
        next(from_manifest(str(tmp_path / "files.parquet"), None))


def test_paths_of_a_manifest_are_relative_to_the_folder(tmp_path: Path) -> None:
    paths = ["records100/1_lr", "/other/2.dcm", "gs://bucket/3.scp"]
    pq.write_table(pa.table({"id": [1, 2, 3], "path": paths}), tmp_path / "files.parquet")
    full = next(from_manifest(str(tmp_path / "files.parquet"), "s3://bucket/ptb-xl/"))
    assert full["path"].to_pylist() == ["s3://bucket/ptb-xl/records100/1_lr", *paths[1:]]
    assert full["id"].to_pylist() == [1, 2, 3]


def test_a_folder_whose_name_looks_like_a_url_further_on_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "of" / "s3:" / "ward"
    folder.mkdir(parents=True)
    (folder / "ecg.dcm").touch()
    monkeypatch.chdir(tmp_path)
    (listed,) = list_recordings(["of/s3://ward"])
    assert [Path(path).name for path in listed[PATH].to_pylist()] == ["ecg.dcm"]
