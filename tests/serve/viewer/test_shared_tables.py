"""The viewer's own tables and formats agree with the package's; its types of an answer with the JSON schema."""

import asyncio
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from unittest.mock import Mock

import httpx
import numpy as np
import pytest
from schema_types import TYPES, typescript

from einthoven.interpret.answer import MI_IN_WORDS
from einthoven.recording import LEADS, Filters
from einthoven.report.page.layout import LAYOUTS
from einthoven.report.summary import format_filters, format_percent, format_rare_percent, format_time
from einthoven.serve.app import create_app
from einthoven.serve.pool import Pool
from einthoven.serve.settings import Settings
from einthoven.signal.quality.gate import PROBLEM_TEXTS
from einthoven.text import format_duration

NODE = shutil.which("node")
SHARES = [
    0.0,
    *np.geomspace(1e-5, 0.009, 60).round(6).tolist(),
    *np.linspace(0.0101, 0.9999, 97).round(4).tolist(),
    1.0,
]
TIMES = [0, 0.5, 2.34, 99.96, 119.0, 120, 120.5, 121.5, 3599, 3600, 86400]
RECORDED = [
    datetime(2026, 11, 28, 10, 42, 5),
    datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC),
]
FILTERS = [
    Filters(*limits) for limits in ((0.05, 150.0, None), (0.5, None, 50.0), (None, 40.0, 60.0), (None, None, 50.0))
]
INPUT = {
    "shares": SHARES,
    "times": TIMES,
    "recorded": [time.isoformat() for time in RECORDED],
    "filters": [filters._asdict() for filters in FILTERS],
}
SCRIPT = """
const [format, layout, state, files] = await Promise.all(
    ["./ui/format.js", "./tracing/layout.js", "./state.js", "./recordings/files.js"].map((path) => import(path)));
const input = JSON.parse(process.argv[1]);
const columns = Object.entries(layout.LAYOUTS).map(([name, {columns}]) => [name, columns]);
console.log(JSON.stringify({
    leads: state.LEADS, layouts: Object.fromEntries(columns), speeds: layout.SPEEDS, gains: layout.GAINS,
    units: files.UNITS,
    decisions: format.DECISION_TEXTS, problems: format.PROBLEM_TEXTS,
    percents: input.shares.map(format.formatPercent), finePercents: input.shares.map(format.formatRarePercent),
    durations: input.times.map(format.formatDuration),
    recorded: input.recorded.map(format.formatRecordedAt), filters: input.filters.map(format.formatFilters),
}));
"""


@pytest.fixture(scope="module")
def viewer() -> dict[str, Any]:
    """The viewer's tables, and how it writes SHARES and TIMES."""
    if not NODE:
        pytest.skip("no node here (Debian: nodejs)")
    command = [NODE, "--input-type=module", "--eval", SCRIPT, json.dumps(INPUT)]
    return json.loads(subprocess.run(command, cwd=TYPES.parent, check=True, capture_output=True, text=True).stdout)


def test_words(viewer: dict[str, Any]) -> None:
    assert viewer["decisions"] == MI_IN_WORDS
    assert viewer["problems"] == PROBLEM_TEXTS


def test_leads_and_layouts(viewer: dict[str, Any]) -> None:
    assert viewer["leads"] == list(LEADS)
    assert viewer["layouts"] == {name: [list(column) for column in columns] for name, columns in LAYOUTS.items()}


def test_choices(viewer: dict[str, Any]) -> None:
    described = asyncio.run(_openapi())
    parameters = described["paths"]["/v1/interpret"]["post"]["parameters"]
    choices = {one["name"]: _choices(one["schema"]) for one in parameters}
    assert list(viewer["layouts"]) == choices["layout"]
    assert [str(speed) for speed in viewer["speeds"]] == choices["speed"]
    assert [str(gain) for gain in viewer["gains"]] == choices["gain"]
    assert set(viewer["units"]) == set(described["components"]["schemas"]["Recording"]["properties"]["unit"]["enum"])


async def _openapi() -> dict[str, Any]:
    transport = httpx.ASGITransport(create_app(Settings(), Mock(spec=Pool)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        described: dict[str, Any] = (await client.get("/openapi.json")).json()
        return described


def _choices(schema: dict[str, Any]) -> list[str]:
    return next((option["enum"] for option in schema.get("anyOf", [schema]) if "enum" in option), [])


def test_numbers(viewer: dict[str, Any]) -> None:
    assert viewer["percents"] == [format_percent(share) for share in SHARES]
    assert viewer["finePercents"] == [format_rare_percent(share) for share in SHARES]
    assert viewer["recorded"] == [format_time(time) for time in RECORDED]
    assert viewer["filters"] == [format_filters(filters) for filters in FILTERS]
    assert viewer["durations"] == [format_duration(time) for time in TIMES]


def test_types_of_an_answer() -> None:
    assert TYPES.read_text(encoding="utf-8") == typescript(), "Run: python tests/serve/viewer/schema_types.py"
