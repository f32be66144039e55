"""Fusion: features into one score that can be taken apart again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from ontology.errors import EncoderError, RecordError
from similarity.features import FACETS
from similarity.measures import FloatColumn

LEAST_FACTOR, MOST_FACTOR = 1e-6, 1e6
"""Bounds of a caller's weight that is not 0: beyond them a sum of products says nothing."""

_ASKED_FOR = {
    "condition": "condition.mean",
    "mesh": "mesh",
    "cell_source": "cell_source.mean",
    "cell_type": "cell_type.mean",
    "donor": "donor.mean",
    "route": "route.mean",
    "words": "words",
    "dose": "dose.amount",
    "phase": "phase",
    "design": "design.kind",
    "population": "population.age",
    "sponsor": "sponsor",
    "place": "place",
}
"""What a facet is measured by where a caller weighs one that the fusion does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """Where a feature begins to count and where it counts in full."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One addend of the score: a weight times a feature, or times a product of features.

    A product says "the same disease and the same source": it adds only where both hold.
    """

    features: tuple[str, ...]
    weight: float

    @property
    def facets(self) -> tuple[str, ...]:
        """The facets that share this addend, in equal parts."""
        return _facets(self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A text that is encoded as one: which of a profile's texts, joined, in this order."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """Weights, learned or chosen once, that turn features into a score from 0 to 1.

    Attributes
    ----------
    views : tuple of View
        The texts that are encoded; view ``v`` gives the feature ``text.v``.
    terms : tuple of Term
        Not negative in weight, so that every contribution is a reason for, none against.
    ramps : mapping
        Feature -> `Ramp`; a feature without one counts as it is.
    calibration : tuple of (float, float)
        Weighted mean of the features -> score, rising, straight between the points.
    """

    views: tuple[View, ...]
    terms: tuple[Term, ...]
    ramps: Mapping[str, Ramp] = field(default_factory=dict)
    calibration: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        points = np.array(self.calibration, dtype=np.float64)
        rising = len(points) > 1 and bool((np.diff(points, axis=0)[:, 0] > 0).all())
        if not rising or bool((np.diff(points[:, 1]) < 0).any()) or points[0, 1] != 0:
            raise EncoderError("A calibration must rise and begin at score 0; train the fusion.")
        if any(term.weight < 0 or not term.features for term in self.terms):
            raise EncoderError("A fusion term needs features and no negative weight; train anew.")

    def score(
        self, features: Mapping[str, FloatColumn], weights: Mapping[str, float] | None = None
    ) -> tuple[FloatColumn, dict[str, FloatColumn]]:
        """Return scores and the contributions by facet, which sum to them.

        Parameters
        ----------
        features : mapping
            Columns of `FeatureTable.compare`.
        weights : mapping, optional
            Facet -> how many times its usual weight it gets: 0 leaves it out, 2 doubles it.
            For facets that have none (sponsor and place never do), 1 means a tenth of all
            other weight.

        Raises
        ------
        RecordError
            If a facet is unknown or a weight is negative or no number.
        """
        checked_weights(weights)
        size = len(next(iter(features.values())))
        parts: dict[str, FloatColumn] = {}
        whole = 0.0
        for term in self.weighted_terms(weights or {}):
            value = self.term_values(term.features, features)
            whole += term.weight
            facets = term.facets
            for facet in facets:
                share = term.weight / len(facets) * value
                parts[facet] = parts[facet] + share if facet in parts else share
        ordered = {facet: parts[facet] for facet in FACETS if facet in parts}
        total: FloatColumn = np.zeros(size)
        for part in ordered.values():
            total = total + part
        mean = total / whole if whole > 0 else total
        places, heights = np.array(self.calibration, dtype=np.float64).T
        scores = np.round(np.interp(mean, places, heights), 6)
        scale = np.divide(scores, total, out=np.zeros(size), where=total > 0)
        return scores, {facet: part * scale for facet, part in ordered.items()}

    def weighted_terms(self, factors: Mapping[str, float]) -> tuple[Term, ...]:
        """Return the terms with their weights changed by the caller's factors."""
        if not factors:
            return tuple(term for term in self.terms if term.weight > 0)
        terms = []
        for term in self.terms:
            weight = term.weight
            for facet in term.facets:
                weight *= factors.get(facet, 1.0)
            if weight > 0:
                terms.append(Term(features=term.features, weight=weight))
        whole = sum(term.weight for term in self.terms)
        known = {facet for term in self.terms for facet in term.facets}
        for facet, feature in _ASKED_FOR.items():
            if facet not in known and factors.get(facet, 0.0) > 0:
                terms.append(Term(features=(feature,), weight=whole / 10 * factors[facet]))
        return tuple(terms)

    def term_values(
        self, names: tuple[str, ...], features: Mapping[str, FloatColumn]
    ) -> FloatColumn:
        """Return the product of the named features, each on its ramp."""
        value = self._ramped(names[0], features[names[0]])
        for name in names[1:]:
            value = value * self._ramped(name, features[name])
        return value

    def _ramped(self, name: str, values: FloatColumn) -> FloatColumn:
        ramp = self.ramps.get(name)
        if ramp is None:
            return values
        return np.clip((values - ramp.low) / (ramp.high - ramp.low), 0.0, 1.0)


@cache
def _facets(features: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.split(".")[0] for name in features))


def checked_weights(weights: Mapping[str, float] | None) -> None:
    """Check a caller's weights by facet.

    Raises
    ------
    RecordError
        If a facet is unknown or a weight is out of bounds.
    """
    for facet, weight in (weights or {}).items():
        if facet not in FACETS:
            raise RecordError(f"Unknown facet {facet!r}; use some of {', '.join(FACETS)}.")
        if not (weight == 0 or LEAST_FACTOR <= weight <= MOST_FACTOR):
            raise RecordError(
                f"The weight of {facet} is {weight}; give 0, or a number from {LEAST_FACTOR:g} "
                f"to {MOST_FACTOR:g}."
            )


def load_fusion(path: Path) -> Fusion:
    """Read a fusion from JSON.

    Raises
    ------
    EncoderError
        If the file is missing or not a fusion.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Fusion)
    except (OSError, msgspec.MsgspecError) as error:
        raise EncoderError(f"{path} holds no fusion ({error}); install or train anew.") from None


def save_fusion(fusion: Fusion, path: Path) -> None:
    """Write a fusion as JSON that people can read."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(fusion), indent=2) + b"\n")
