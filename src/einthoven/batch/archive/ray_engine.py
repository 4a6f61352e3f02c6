"""Make shards on a cluster with Ray Data. Only this module imports Ray."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray is imported

import ray
import ray.data
from ray.exceptions import RayError
from ray.util.annotations import RayDeprecationWarning

from einthoven.batch.archive.shards import ShardWorker, ShardWriter
from einthoven.errors import EinthovenError, ShortageError

_FAILURE = "failure"
"""The only column of an actor's output: the reason why a shard failed; "" if it succeeded."""
_STORE_BYTES = 200 * 2**20
"""Size of Ray's object store in bytes; it holds only numbers."""


class _Actor:
    """An actor of Ray Data: makes one shard for each row."""

    def __init__(self, writer: ShardWriter) -> None:
        self._writer = writer
        self._worker: ShardWorker | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Make a shard; an error comes back as text, because Ray only logs errors of lost shards."""
        try:
            self._worker = self._worker or ShardWorker(self._writer)
            self._worker.make(row["shard"])
        except EinthovenError as error:
            return {_FAILURE: str(error)}
        return {_FAILURE: ""}


def start(address: str | None, cpus: int | None) -> None:
    """Connect to a cluster, or start Ray on this machine for as long as this process runs.

    Parameters
    ----------
    address
        Address of a cluster, or "auto"; None for this machine alone.
    cpus
        Number of CPUs to use on this machine alone; None for all.

    Raises
    ------
    EinthovenError
        If there is no such cluster.
    ShortageError
        If Ray does not start on this machine.
    """
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            ray.init(address, **quiet)
        else:
            ray.init(
                "local",
                num_cpus=cpus,
                include_dashboard=False,
                object_store_memory=_STORE_BYTES,
                _node_ip_address="127.0.0.1",  # otherwise its ports are open to other machines
                **quiet,
            )
    except Exception as error:  # a node that does not start in time raises no class of its own
        if address:
            reason = f"no Ray cluster responds ({str(error).splitlines()[0]}); start one with `ray start --head`."
            raise EinthovenError(reason, address) from error
        reason = f"Ray did not start ({str(error).splitlines()[0]})."
        raise ShortageError(
            f"{reason} Run the command again; RAY_TMPDIR names a short folder for its files."
        ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # a shard that is lost with its node is made in the next round
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


def stop() -> None:
    """Disconnect; end Ray if `start` started it."""
    ray.shutdown()


def make_shards(writer: ShardWriter, shards: Sequence[int], workers: int | None) -> Iterator[str]:
    """Make shards in parallel.

    Parameters
    ----------
    writer
        Settings for the shards.
    shards
        Indices of the shards.
    workers
        Number of actors; None for one per CPU of the cluster.

    Yields
    ------
    str
        "" for a shard that is done, or why it failed. A shard that is lost with its node yields nothing.

    Raises
    ------
    EinthovenError
        If the provider needs a GPU and the cluster has none.
    """
    resources = ray.cluster_resources()  # type: ignore[no-untyped-call]
    cpus, gpus = int(resources.get("CPU", 1)), int(writer.options.provider == "cuda")
    if gpus and not resources.get("GPU"):
        raise EinthovenError("The cluster has no GPU; choose --provider cpu, or add a node with a GPU.")
    items = ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RayDeprecationWarning)  # of max_restarts, for which there is no other way yet
        made = items.map(
            _Actor,  # type: ignore[arg-type]
            fn_constructor_args=[writer],
            concurrency=min(workers or cpus, len(shards)),
            num_cpus=1,
            num_gpus=gpus,
            max_restarts=0,  # a lost node may never be replaced
        )
    with suppress(RayError):  # a node was lost before its actor started
        for row in made.iter_rows():
            yield row[_FAILURE]
