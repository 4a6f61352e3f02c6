"""Simulated exchanges of electrodes against the definitions of the leads."""

import numpy as np
import pytest

from einthoven.simulate.exchanges import EXCHANGES, exchange
from einthoven.simulate.heart import DOWER

CABLES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")
MOVES = {
    "RA/LA": {"RA": "LA", "LA": "RA"},
    "RA/LL": {"RA": "LL", "LL": "RA"},
    "LA/LL": {"LA": "LL", "LL": "LA"},
    "RL/RA": {"RA": "LL"},  # both legs have one potential
    "RL/LA": {"LA": "LL"},
    "arms/legs": {"RA": "LL", "LA": "LL", "LL": "LA"},
    "V1/V2": {"V1": "V2", "V2": "V1"},
    "V1/V3": {"V1": "V3", "V3": "V1"},
    "V2/V3": {"V2": "V3", "V3": "V2"},
    "V3/V4": {"V3": "V4", "V4": "V3"},
    "V4/V5": {"V4": "V5", "V5": "V4"},
    "V5/V6": {"V5": "V6", "V6": "V5"},
    "V1-V6 reversed": {f"V{k}": f"V{7 - k}" for k in range(1, 7)},
}


def leads(potential: dict[str, np.ndarray]) -> np.ndarray:
    """The twelve leads of the cables' potentials, by their definitions."""
    ra, la, ll = (potential[cable] for cable in ("RA", "LA", "LL"))
    limb = [la - ra, ll - ra, ll - la, ra - (la + ll) / 2, la - (ra + ll) / 2, ll - (ra + la) / 2]
    return np.stack([*limb, *(potential[f"V{k}"] - (ra + la + ll) / 3 for k in range(1, 7))]).astype(np.float32)


@pytest.mark.parametrize("name", MOVES)
def test_an_exchange_is_what_the_definitions_of_the_leads_give(name: str) -> None:
    rng = np.random.default_rng(0)
    potential = {cable: rng.normal(size=50) for cable in CABLES}
    moved = {cable: potential[MOVES[name].get(cable, cable)] for cable in CABLES}
    np.testing.assert_allclose(exchange(leads(potential), name), leads(moved), atol=1e-5)


def test_two_exchanges_of_the_same_pair_undo_each_other() -> None:
    for name, matrix in EXCHANGES.items():
        if name not in ("RL/RA", "RL/LA", "arms/legs", "dextrocardia"):
            np.testing.assert_allclose(matrix @ matrix, np.eye(8), atol=1e-12)


def test_dextrocardia_mirrors_the_heart() -> None:
    heart = np.random.default_rng(0).normal(size=(3, 20))
    mirrored = EXCHANGES["dextrocardia"] @ DOWER @ heart
    np.testing.assert_allclose(mirrored, DOWER @ (heart * [[-1], [1], [1]]), atol=1e-9)
