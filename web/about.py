"""What the about page says of data, method, versions, scores and limits."""

from __future__ import annotations

from dataclasses import dataclass

from kg.manifest import Manifest
from kg.sparql.examples import QueryExample, query_example
from kg.sparql.pool import QueryLimits
from ontology.schemes import SCHEME_NAMES, load_scheme
from ontology.vocabulary import TK
from similarity.kin import CLOSE_SCORE
from similarity.model import ScoreBand, load_bands
from web.concept_pages import SCHEME_LABELS
from web.labels import FIELD_LABELS
from web.served import Served

SOURCE_NAMES = {
    "api-v2": "from the registry’s present interface (API v2, JSON)",
    "legacy-xml": "from the registry’s older XML",
    "trial-page": "from public trial pages",
    "v1-full-study": "from the registry’s former interface (full studies)",
    "v1-study-fields": "from the registry’s former interface (study fields)",
}
"""What people call the forms that records come in."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How many trials do not state a field; `share` in percent of all."""

    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class AboutView:
    """The figures of the about page; `kin_in_graph` is None where it is not known."""

    manifest: Manifest
    trials: int
    limits: QueryLimits
    model_name: str
    concepts: tuple[tuple[str, str, int], ...]
    silences: tuple[Silence, ...]
    score_bands: tuple[ScoreBand, ...]
    close_score: float
    kin_in_graph: int | None
    source_query: QueryExample | None


def about_view(now: Served) -> AboutView:
    """Collect the figures."""
    manifest = now.generation.manifest
    trials = manifest.counts.get("trials", 0)
    model = now.generation.kin_index.model_name
    silences = tuple(
        Silence(label, count, round(100 * count / trials, 1) if trials else 0.0)
        for field, label in FIELD_LABELS.items()
        if (count := manifest.not_stated.get(field)) is not None
    )
    return AboutView(
        manifest,
        trials,
        now.queries.limits,
        model,
        tuple((name, SCHEME_LABELS[name], len(load_scheme(name))) for name in SCHEME_NAMES),
        silences,
        load_bands(model),
        CLOSE_SCORE,
        # A build may leave the farther ones out; old manifests count nothing by class.
        manifest.partitions["classes"].get(TK.Kin, 0) if manifest.partitions else None,
        query_example("source_not_stated"),
    )
