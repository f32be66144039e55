"""Counts and times for Prometheus, at ``/metrics``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from web.served import EXTENSION, ServedStore

blueprint = Blueprint("metrics", __name__)

METRICS = "trialkin-metrics"
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What is counted while an application serves; each application has its own.

    Parameters
    ----------
    store : ServedStore
        Whose generation and query workers are told.
    """

    def __init__(self, store: ServedStore):
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "trialkin_requests",
            "Requests answered.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "trialkin_request_seconds",
            "Time from a request's arrival to its answer.",
            ["route"],
            buckets=_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self._in_progress = Gauge(
            "trialkin_requests_in_progress", "Requests being answered.", registry=self.registry
        )
        self.registry.register(_StoreState(store))

    def begin(self) -> None:
        """Count a request that has come."""
        self._in_progress.inc()

    def end(self) -> None:
        """Count a request that is done with, well or not."""
        self._in_progress.dec()

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer.

        Parameters
        ----------
        route : str
            The rule of the address, not the address: there are few rules.
        method : str
        status : int
        seconds : float
        """
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class _StoreState:
    """Asked by Prometheus' registry for what is open now."""

    def __init__(self, store: ServedStore):
        self._store = store

    def collect(self) -> Iterator[Metric]:
        now = self._store.opened()
        if now is None:
            return
        manifest = now.generation.manifest
        yield GaugeMetricFamily(
            "trialkin_generation", "Number of the generation served.", value=now.number
        )
        yield GaugeMetricFamily(
            "trialkin_generation_age_seconds",
            "Time since the generation served was built.",
            value=age_seconds(manifest.built_at),
        )
        yield GaugeMetricFamily(
            "trialkin_trials", "Trials served.", value=manifest.counts.get("trials", 0)
        )
        queries = GaugeMetricFamily(
            "trialkin_queries",
            "SPARQL queries that run (busy), wait, and could begin at once (free).",
            labels=["state"],
        )
        for state, count in now.queries.state().items():
            queries.add_metric([state], count)
        yield queries


def age_seconds(built_at: str) -> float:
    """Return how long ago a generation was built.

    Parameters
    ----------
    built_at : str
        ISO 8601 with an offset, as manifests have it.
    """
    return (datetime.now(UTC) - datetime.fromisoformat(built_at)).total_seconds()


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return all metrics in Prometheus' text format."""
    store: ServedStore = current_app.extensions[EXTENSION]
    found: Metrics = current_app.extensions[METRICS]
    if store.opened() is None:
        store.current()  # so that what is served is told from the start
    response = Response(generate_latest(found.registry), content_type=_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
