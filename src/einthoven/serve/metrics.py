"""Metrics for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from einthoven.serve.pool import Pool

_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """Metrics of one service.

    Parameters
    ----------
    pool
        The service's workers.
    """

    def __init__(self, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "einthoven_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "einthoven_request_seconds", "Time to respond", ("route",), buckets=_BUCKETS_S, registry=self.registry
        )
        for name, description, value in (
            ("einthoven_workers_ready", "Worker processes that are up", lambda: pool.ready),
            ("einthoven_workers_busy", "Worker processes with a job", lambda: pool.busy),
            ("einthoven_jobs_waiting", "Jobs that wait for a worker", lambda: pool.waiting),
            ("einthoven_workers_replaced", "Worker processes that died or took too long", lambda: pool.replacements),
            ("einthoven_workers_failed_to_start", "Failed starts of a worker", lambda: pool.failed_starts),
        ):
            Gauge(name, description, registry=self.registry).set_function(value)

    def record(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Parameters
        ----------
        method
            HTTP method, or WS for a WebSocket.
        route
            The route's pattern, never the requested path.
        status
            HTTP status.
        seconds
            Time to respond.
        """
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics.

        Returns
        -------
        bytes
            Prometheus' text format.
        """
        return generate_latest(self.registry)
