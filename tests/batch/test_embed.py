"""`einthoven embed`: a row for each segment, and for each file that failed."""

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import einthoven
from einthoven.batch.embed import embed_files
from einthoven.errors import EinthovenError
from einthoven.interpret.interpreter import Interpreter

MINUTE, NORMAL = (str(einthoven.examples.path(name)) for name in ("minute", "normal"))


@pytest.fixture(scope="module")
def interpreter(exported: Path) -> Interpreter:
    return Interpreter.load(exported)


def test_both_formats_have_the_embeddings_of_python(interpreter: Interpreter, tmp_path: Path) -> None:
    (tmp_path / "broken.dcm").write_text("no ECG")
    sources = [MINUTE, str(tmp_path / "broken.dcm"), NORMAL]
    expected = [interpreter.embed(einthoven.read(source)) for source in (MINUTE, NORMAL)]
    errors = [embed_files(sources, interpreter, tmp_path / f"e.{kind}") for kind in ("npz", "parquet")]
    assert errors[0] == errors[1]
    assert len(errors[0]) == 1
    assert "broken.dcm" in errors[0][0]
    arrays, table = np.load(tmp_path / "e.npz"), pq.read_table(tmp_path / "e.parquet").to_pydict()
    assert len(expected[0]) > 1
    assert arrays["source"].tolist() == table["source"] == [MINUTE] * len(expected[0]) + sources[1:]
    assert arrays["segment"].tolist() == [*range(len(expected[0])), 0, 0]
    for embeddings in (arrays["embedding"], np.array(table["embedding"], np.float32)):
        np.testing.assert_array_equal(embeddings[: len(expected[0])], expected[0])
        assert np.isnan(embeddings[-2]).all()
        np.testing.assert_array_equal(embeddings[-1:], expected[1])


def test_what_cannot_be_written_is_refused_and_nothing_remains(interpreter: Interpreter, tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match=r"suffix '.csv'; choose .npz or .parquet"):
        embed_files([NORMAL], interpreter, tmp_path / "e.csv")
    card = dataclasses.replace(interpreter.bundle.card, embedding=None)
    without = Interpreter(dataclasses.replace(interpreter.bundle, card=card))
    with pytest.raises(EinthovenError, match="has no embedding"):
        embed_files([NORMAL], without, tmp_path / "e.npz")
    assert not list(tmp_path.iterdir())
