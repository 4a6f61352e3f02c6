"""The last 10 s as a worker interprets them, and a stream that asks for it: real interpreter, no network."""

import asyncio
import json
import random
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import LEADS, Recording
from einthoven.serve.pool import Busy
from einthoven.serve.stream.frames import Samples
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.session import StreamSession
from einthoven.serve.stream.window import DescribeStreamModel, Window, WindowResult
from serve.stream.monitors import config


@cache
def interpreter(mi: float | None = None) -> Interpreter:
    return Interpreter.load("edge", {"MI": mi} if mi else None)


async def ask(job: Any) -> Any:
    return job(interpreter())


def interpreted(ecg: Recording, samples: Samples | None = None, mi: float | None = None) -> WindowResult:
    window = Window("id", config(), ecg.signal.T.copy() if samples is None else samples)
    return window(interpreter(mi))


def test_a_window_is_interpreted_like_a_file(ecg: Recording) -> None:
    interpretation = json.loads(interpreted(ecg).interpretation or b"")
    expected = interpreter()(replace(ecg, source="id", format="live stream")).to_dict()
    assert interpretation == expected


def test_gaps_are_filled_as_in_files(ecg: Recording) -> None:
    samples = ecg.signal.T.copy()
    samples[1000:1020] = np.nan
    assert json.loads(interpreted(ecg, samples).interpretation or b"")["recording"]["warnings"] == []
    samples[1000:1400] = np.nan
    assert json.loads(interpreted(ecg, samples).interpretation or b"")["recording"]["warnings"] == [
        {"code": "signal-gap", "text": "There is no signal in any lead from 2.00 to 2.80 s; it is 0 mV there."}
    ]


def test_a_silent_lead_is_off(ecg: Recording) -> None:
    samples = ecg.signal.T.copy()
    samples[:, 6] = np.nan
    interpretation = json.loads(interpreted(ecg, samples).interpretation or b"")
    assert {"lead": "V1", "problems": ["off"]} in interpretation["quality"]["leads"]
    text = "No samples of V1 were recorded; they are 0 mV."
    assert {"code": "lead-silent", "text": text} in interpretation["recording"]["warnings"]


def test_a_window_that_is_not_an_ecg(ecg: Recording) -> None:
    assert interpreted(ecg, np.full((5000, 12), np.nan, np.float32)).detail
    assert "check the unit" in (interpreted(ecg, 1000 * ecg.signal.T).detail or "")


def test_the_alert_does_not_depend_on_the_prevalence(ecg: Recording) -> None:
    assert interpreted(ecg, mi=0.01).mi == pytest.approx(interpreted(ecg).mi, abs=0.002)
    assert interpreted(ecg, mi=0.01).interpretation != interpreted(ecg).interpretation


def test_model_facts_for_streams() -> None:
    model = DescribeStreamModel()(interpreter())
    assert model.leads == LEADS
    assert model.thresholds


async def _play(frames: list[tuple[int, Samples]], **fields: Any) -> list[dict[str, Any]]:
    """Return all answers about frames that arrive as fast as they are taken."""
    session, queue, messages = StreamSession("id", 0, config(**fields), None, ask), SendQueue(), []
    session.queues.append(queue)

    async def collect() -> None:
        while waiting := await queue.take():
            messages.extend(map(json.loads, waiting))

    collecting = asyncio.create_task(collect())
    for frame in frames:
        await session.take(*frame)
    await session.finish()
    session.end("monitor")
    await collecting
    return [message for message in messages if message["type"] == "answer"]


@settings(max_examples=8)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=5), st.integers(0, 1000))
def test_frames_do_not_change_answers(ecg: Recording, sizes: list[int], seed: int) -> None:
    """Answers do not depend on how samples are cut into frames and repeated."""
    samples = ecg.signal.T[:2500]
    expected = asyncio.run(_play([(0, samples)]))
    assert [round(answer["time_s"], 1) for answer in expected] == [2.5, 3.5, 4.5, 5.0]
    assert expected[0]["interpretation"]["recording"]["short"]
    frames, place, rng = [], 0, random.Random(seed)
    while place < len(samples):
        size = rng.choice(sizes)
        frames.append((place, samples[place : place + size]))
        if rng.random() < 0.2:
            frames.append(rng.choice(frames))
        place += size
    assert asyncio.run(_play(frames)) == expected


def test_frames_in_disorder(ecg: Recording) -> None:
    samples = ecg.signal.T[:2500]
    frames = [(place, samples[place : place + 50]) for place in range(0, 2500, 50)]
    frames[10:13] = frames[12], frames[11], frames[10]
    assert asyncio.run(_play(frames)) == asyncio.run(_play([(0, samples)]))


def test_a_jump_is_a_gap_and_costs_nothing(ecg: Recording) -> None:
    samples = ecg.signal.T[:500]
    answers = asyncio.run(_play([(0, samples), (2**31 - 10**6, samples)]))
    assert [answer["missing_s"] for answer in answers] == [9.0]
    assert answers[0]["interpretation"]["abstained"]


def test_a_live_monitor_skips_answers_and_a_replay_waits(ecg: Recording) -> None:
    """Workers are busy at first."""

    async def run(speed: float) -> int:
        tries = 0

        async def busy(job: Any) -> Any:
            nonlocal tries
            tries += 1
            if tries <= 3:
                raise Busy
            return job(interpreter())

        session, queue = StreamSession("id", 0, config(speed=speed), None, busy), SendQueue()
        session.queues.append(queue)
        await session.take(0, ecg.signal.T[:1300])
        await session.finish()
        answer = json.loads((await queue.take())[-1])
        return int(answer["skipped"])

    assert asyncio.run(run(20)) == 0
    assert asyncio.run(run(1)) > 0
