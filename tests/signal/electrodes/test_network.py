"""The network behind the detector, and the card that describes it."""

import json
from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.signal.bands import RATE
from einthoven.signal.electrodes import network
from einthoven.signal.electrodes.network import AFTER, BEFORE, INDEPENDENT, PlacementNetwork, probability_of_any
from einthoven.signal.electrodes.values import PRIOR
from einthoven.simulate.exchanges import EXCHANGES, SUSPECTED_AS

CARD = json.loads(network.CARD.read_text())


def test_the_card_describes_the_network_that_ships():
    content = network.MODEL.read_bytes()
    assert CARD["files"] == {network.MODEL.name: sha256(content).hexdigest()}
    assert len(content) <= 300_000
    stated = CARD["input"]
    assert (stated["leads"], stated["rate_hz"]) == (list(INDEPENDENT), RATE)
    assert (stated["before_samples"], stated["after_samples"]) == (BEFORE, AFTER)
    (needed,) = PlacementNetwork.load().session.get_inputs()
    assert (needed.name, needed.shape[1:]) == (stated["name"], [len(INDEPENDENT), BEFORE + AFTER])


def test_the_network_knows_the_exchanges_that_are_simulated():
    assert CARD["exchanges"] == [name for name in EXCHANGES if name not in SUSPECTED_AS]
    assert CARD["training"]["folds"] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_beat_has_the_same_odds_alone_and_among_others():
    beats = np.random.default_rng(0).normal(0, 0.3, (5, len(INDEPENDENT), BEFORE + AFTER)).astype(np.float32)
    loaded = PlacementNetwork.load()
    together = loaded.log_odds(beats)
    assert together.shape == (5, len(loaded.exchanges))
    alone = np.concatenate([loaded.log_odds(beat[None]) for beat in beats])
    np.testing.assert_allclose(alone, together, atol=1e-4)


@given(arrays(float, 22, elements=st.floats(-30, 30)))
def test_the_probability_is_what_the_card_states(log_odds):
    odds = PRIOR / (1 - PRIOR) * np.exp(log_odds).mean()
    np.testing.assert_allclose(probability_of_any(log_odds), odds / (1 + odds), rtol=1e-9)
    assert CARD["prior"] == PRIOR
