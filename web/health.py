"""Whether the server lives (``/health``), and whether it can answer (``/ready``)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib.metadata import version

from flask import Blueprint, Response, current_app, jsonify

from kg.manifest import Manifest
from ontology.errors import QueryBusyError, QueryError, StoreError
from web.config import READY_CHECK_SECONDS
from web.errors import error_headers
from web.metrics import age_seconds
from web.served import ServedStore

blueprint = Blueprint("health", __name__)

READINESS = "trialkin-readiness"


class Readiness:
    """Whether requests can be answered well, looked at not too often.

    Parameters
    ----------
    store : ServedStore
    max_age : float, optional
        Seconds after which a generation is too old to be served without a warning light: the
        job that refreshes it has failed.
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
            served.queries.run("ASK {}", client="(readiness)")
        except QueryBusyError:
            pass  # they are at work, and killed when they work too long
        except (QueryError, StoreError) as error:
            wrong.append(f"The query workers do not answer: {error}")
        age = age_seconds(manifest.built_at)
        if self.max_age is not None and age > self.max_age:
            wrong.append(
                f"The data are {age / 3600:.0f} hours old, more than the {self.max_age / 3600:g} "
                "allowed; see why they are not refreshed."
            )
        return manifest, tuple(wrong)


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
