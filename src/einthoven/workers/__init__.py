"""Worker processes: they obey limits, are replaced when they die, and end with their parent."""

from einthoven.workers.errors import KilledError, WorkerError
from einthoven.workers.launch import cpu_count, prepare
from einthoven.workers.schedule import in_order
from einthoven.workers.worker import Worker

__all__ = ["KilledError", "Worker", "WorkerError", "cpu_count", "in_order", "prepare"]
