"""The server that the tests of downloading share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Server, write_ptbxl, write_sums

from einthoven.ptbxl import fetch


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Three records published at both rates; the client pauses hardly at all and uses no proxy."""
    monkeypatch.setattr(fetch, "BACKOFF_S", 0.001)
    for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    published = tmp_path / "published"
    published.mkdir()
    write_ptbxl(published)
    write_sums(published)
    server = Server(published)
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
