"""Whether the server lives (``/health``), and whether it can answer (``/ready``)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib.metadata import version

from flask import Blueprint, Response, current_app, jsonify

from kg.manifest import Manifest
from kg.refresh.health import data_age
from ontology.errors import QueryBusyError, QueryError, StoreError
from web.config import READY_CHECK_SECONDS
from web.errors import error_headers
from web.served import ServedStore

blueprint = Blueprint("health", __name__)

READINESS = "trialkin-readiness"
# Nobody keeps an answer that is made by chance: one that was kept tells nothing of the workers.
_PROBE = "ASK { FILTER (RAND() >= 0) }"


class Readiness:
    """Whether requests can be answered well, looked at not too often.

    Parameters
    ----------
    store : ServedStore
    max_age : float, optional
        Seconds after which data are too old to be served without a warning light: the job that
        refreshes them has failed. See `kg.refresh.health.data_age`.
    clock : callable
        Seconds, rising.
    """

    def __init__(
        self,
        store: ServedStore,
        *,
        max_age: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.max_age = max_age
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._found: tuple[float, tuple[Manifest | None, tuple[str, ...]]] | None = None

    def check(self) -> tuple[Manifest | None, tuple[str, ...]]:
        """Return the manifest of what is served, and what is wrong, in sentences."""
        with self._lock:
            now = self._clock()
            if self._found is None or now >= self._found[0] + READY_CHECK_SECONDS:
                self._found = now, self._look()
            return self._found[1]

    def _look(self) -> tuple[Manifest | None, tuple[str, ...]]:
        try:
            served = self._store.current()
        except StoreError as error:
            return None, (str(error),)
        manifest, wrong = served.generation.manifest, []
        try:
            served.queries.run(_PROBE, client="(readiness)")
        except QueryBusyError:
            pass  # they are at work, and killed when they work too long
        except (QueryError, StoreError) as error:
            wrong.append(f"The query workers do not answer: {error}")
        wrong += served.queries.wrong()
        if self.max_age is not None:
            wrong += self._too_old(self.max_age)
        return manifest, tuple(wrong)

    def _too_old(self, max_age: float) -> list[str]:
        """Say so if the data are too old: a refresh that found nothing new keeps them young."""
        try:
            found = data_age(self._store.store)
        except StoreError as error:
            return [str(error)]
        allowed = max_age / 3600
        if not found.is_older_than(allowed):
            return []
        hours = found.age.total_seconds() / 3600
        since = f"last known to be current: {found.current_as_of}"
        limit = f"more than the {allowed:g} allowed"
        return [f"The data are {hours:.0f} hours old, {limit} ({since}); see why they age."]


@blueprint.get("/health")
def health() -> Response:
    """Say that the process lives and answers; nothing of the data is looked at."""
    response = jsonify(ok=True, software_version=version("trialkin"))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/ready")
def ready() -> Response:
    """Say whether requests can be answered well, from which generation, and what is wrong.

    :raise 503: if something is wrong.
    """
    readiness: Readiness = current_app.extensions[READINESS]
    manifest, wrong = readiness.check()
    response = jsonify(
        ok=not wrong,
        wrong=wrong,
        generation=None if manifest is None else manifest.generation,
        built_at=None if manifest is None else manifest.built_at,
        watermark=None if manifest is None else manifest.watermark,
        trials=0 if manifest is None else manifest.counts.get("trials", 0),
    )
    if wrong:
        response.status_code = 503
        response.headers.update(error_headers(503))
    response.headers["Cache-Control"] = "no-store"
    return response
