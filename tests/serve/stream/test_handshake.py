"""First messages, and what is reported about wrong ones."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.recording import LEADS
from einthoven.serve.stream.fields import StreamError
from einthoven.serve.stream.handshake import Resume, StreamConfig, Watch, parse_handshake, read_first_message
from serve.stream.monitors import FIRST, config

EIGHT = ["MDC_ECG_LEAD_I", "II", *(f"v{k}" for k in range(1, 7))]


def test_eight_leads_give_twelve() -> None:
    handshake = config(leads=EIGHT)
    assert handshake.leads == LEADS
    assert handshake.channels == tuple(EIGHT)
    assert (handshake.interval_s, handshake.alert_windows, handshake.tracing) == (1.0, 3, False)


def test_the_other_kinds_of_client() -> None:
    assert parse_handshake({"resume": "abc", "token": "t"}, LEADS) == Resume("abc")
    assert parse_handshake({"watch": True, "stream": "abc", "token": "t"}, LEADS) == Watch("abc", True)
    assert parse_handshake({"watch": True, "stream": "abc", "tracing": False}, LEADS) == Watch("abc", False)


def test_a_low_pass_has_a_warning() -> None:
    assert not config(filter_hz=[0.05, 150]).warnings
    assert "40 Hz" in config(filter_hz=[0.5, 40]).warnings[0].text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"leads": None}, "must be a list of names"),
        ({"leads": []}, "1 to 32 channels"),
        ({"leads": [*LEADS, "I" + "_" * 100]}, "100 characters, not 101"),
        ({"leads": ["ECG 1", "ECG 2"]}, "none of the standard leads"),
        ({"leads": ["I", "II", "III"]}, "lacks V1, V2, V3, V4, V5, V6"),
        ({"leads": ["I", "II", "V1", "V2", "V3R", "V4", "V5", "V6"]}, "not the standard 12-lead set"),
        ({"rate_hz": 50}, "from 100 to 2000"),
        ({"rate_hz": 1e300}, "from 100 to 2000"),
        ({"rate_hz": -1}, "from 100 to 2000"),
        ({"rate_hz": "500"}, '"rate_hz" must be a number'),
        ({"rate_hz": True}, '"rate_hz" must be a number'),
        ({"rate_hz": float("nan")}, '"rate_hz" must be a number'),
        ({"dtype": "int32"}, '"int16", "float32" or "json", not "int32"'),
        ({"uv_per_unit": None}, '"uv_per_unit" must be a number'),
        ({"uv_per_unit": 0}, "from 0.001 to 1e+06"),
        ({"interval_s": 0.1}, "from 0.5 to 60"),
        ({"speed": 100}, "from 0.1 to 20"),
        ({"alert_windows": 0}, "from 1 to 30"),
        ({"filter_hz": [150, 0.05]}, "the band"),
        ({"filter_hz": 40}, "the band"),
        ({"tracing": 1}, "true or false"),
        ({"patient": {"name": "Eva"}}, '"name" is not a field of patient'),
        ({"patient": {"sex": "F"}}, '"female", "male"'),
        ({"patient": {"age": 400}}, '"age" must be a number from 0 to 150'),
        ({"rate": 500}, '"rate" is not a field of the first message'),
        ({"resume": 7}, "ID of a stream"),
        ({"watch": "yes"}, '"watch" is'),
    ],
)
def test_wrong_fields_are_reported(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(StreamError) as error:
        parse_handshake((FIRST if "resume" not in wrong else {}) | wrong, LEADS)
    assert words in str(error.value) or "watch" in wrong
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "null", "[]", "{", b"\xff\x00", "[" * 100_000, '{"leads": ' + "[" * 100_000])
def test_a_message_that_is_not_an_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(StreamError, match="JSON object"):
        read_first_message(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*FIRST, "filter_hz", "interval_s", "patient", "alert_windows", "tracing", "resume"]), _JSON)
def test_any_value_is_accepted_or_refused(name: str, value: Any) -> None:
    try:
        handshake = parse_handshake(read_first_message(json.dumps(FIRST | {name: value})), LEADS)
    except StreamError:
        return
    assert isinstance(handshake, StreamConfig)
