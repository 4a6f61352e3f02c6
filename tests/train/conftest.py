"""What the tests of training share."""

from collections.abc import Callable

import pytest

from einthoven.train import loop


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int, Callable[[], object]], None]:
    """Begins a training and stops it before a step of an epoch, both counted from 0."""

    def stop(last_epoch: int, last_step: int, train: Callable[[], object]) -> None:
        real = loop.epoch_steps

        def until(rows, batch_size, spare, seed, epoch):
            for k, step in enumerate(real(rows, batch_size, spare, seed, epoch)):
                if (epoch, k) == (last_epoch, last_step):
                    raise KeyboardInterrupt
                yield step

        with monkeypatch.context() as patch:
            patch.setattr(loop, "epoch_steps", until)
            with pytest.raises(KeyboardInterrupt):
                train()

    return stop
