"""What is said about exchanged electrodes."""

import pytest

from einthoven.signal.electrodes.values import Electrodes, overall_electrodes
from einthoven.simulate.exchanges import EXCHANGES, SUSPECTED_AS


def test_every_exchange_has_words():
    words = {name: Electrodes(name, 0.9).in_words for name in EXCHANGES if name not in SUSPECTED_AS}
    assert len(set(words.values())) == len(EXCHANGES) - len(SUSPECTED_AS)
    upside_down = words.pop("all inverted")
    assert all(" may " in text and text.endswith("Check the electrodes and record again") for text in words.values())
    assert "upside down. Check the polarity" in upside_down
    assert words["V1/V2"].startswith("the electrodes of V1 and V2 may be exchanged.")
    assert words["V3 inverted"].startswith("V3 may be inverted.")
    assert Electrodes(None, 0.01).in_words == ""


@pytest.mark.parametrize(
    ("suspected", "doubt"),
    [
        ("RA/LA", "electrodes may be exchanged"),
        ("V1-V6 reversed", "electrodes may be exchanged"),
        ("V3 inverted", "lead V3 may be inverted"),
        ("all inverted", "the tracing may be upside down"),
        (None, ""),
    ],
)
def test_the_doubt_names_what_is_wrong(suspected: str | None, doubt: str):
    assert Electrodes(suspected, 0.9).doubt == doubt


def test_half_of_the_segments_do_not_make_an_exchange():
    swapped, right, unknown = Electrodes("RA/LA", 0.99), Electrodes(None, 0.01), Electrodes()
    assert overall_electrodes([swapped, right, unknown]) == Electrodes(None, 0.5)
    assert overall_electrodes([swapped, swapped, right, unknown]) == Electrodes("RA/LA", 0.99)
    assert overall_electrodes([unknown]) == Electrodes()
