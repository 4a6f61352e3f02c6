"""What Prometheus is told."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from einthoven.serve.pool import Pool

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """Counts of one service."""

    def __init__(self, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "einthoven_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "einthoven_request_seconds", "Time to answer", ("route",), buckets=_SECONDS, registry=self.registry
        )
        for name, words, value in (
            ("einthoven_workers_ready", "Worker processes that are up", lambda: pool.ready),
            ("einthoven_workers_busy", "Worker processes at work", lambda: pool.busy),
            ("einthoven_jobs_waiting", "Jobs that wait for a worker", lambda: pool.waiting),
            ("einthoven_workers_replaced", "Worker processes that died or took too long", lambda: pool.replaced),
            ("einthoven_workers_failed_to_start", "Times that a worker could not be started", lambda: pool.failed),
        ):
            Gauge(name, words, registry=self.registry).set_function(value)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
