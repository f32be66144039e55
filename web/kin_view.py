"""Kin as cards: score, reason, what each facet adds, what is shared and what differs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from kg.cards import StudyCard
from similarity.features import FACETS
from similarity.kin import Fact, Kin
from web.labels import FACET_GROUPS, FACET_LABELS, RELATION_LABELS
from web.presentation import shortened

WEIGHT_PREFIX = "w_"
WEIGHT_MOST, WEIGHT_STEP = 4.0, 0.5
"""A reader's weights run from 0, which leaves a facet out, to this many times the usual."""
USUAL = {facet: 0.0 if facet in ("sponsor", "place") else 1.0 for facet in FACETS}
"""The weight that a facet has unless the reader says otherwise, see `similarity.fusion`."""
_SAID_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Share:
    """What a facet, or a group of facets, adds to a score.

    `start` and `width` are in percent of a bar that stands for a score of 1.
    """

    name: str
    label: str
    value: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two trials stand to each other in one facet, as a page shows it."""

    label: str
    relation: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The relation as a name of a style."""
        return self.relation.replace(" ", "-")

    @property
    def relation_said(self) -> str:
        """The relation as people say it."""
        return RELATION_LABELS.get(self.relation, self.relation)

    @property
    def mine_said(self) -> str:
        """The values of the one trial in a few words; empty if it states none."""
        return shortened(", ".join(self.mine), _SAID_CHARACTERS)

    @property
    def theirs_said(self) -> str:
        """The values of the other trial in a few words; empty if it states none."""
        return shortened(", ".join(self.theirs), _SAID_CHARACTERS)


@dataclass(frozen=True, slots=True)
class KinCard:
    """One related trial as a page shows it."""

    rank: int
    score: float
    card: StudyCard
    reason: str
    groups: tuple[Share, ...]
    facets: tuple[Share, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def bar_text(self) -> str:
        """The bar in words."""
        parts = ", ".join(f"{share.label.lower()} {share.value:.2f}" for share in self.groups)
        return f"Score {self.score:.2f}: {parts}." if parts else f"Score {self.score:.2f}."


def kin_cards(kin: Sequence[Kin], cards: Mapping[str, StudyCard]) -> list[KinCard]:
    """Return kin as cards, best first; one without a card is left out."""
    return [
        KinCard(
            link.rank,
            link.score,
            cards[link.nct_id],
            link.reason,
            _groups(link),
            _facets(link),
            tuple(_comparison(fact) for fact in (*link.shared, *link.differing)),
        )
        for link in kin
        if link.nct_id in cards
    ]


def chosen_weights(args: MultiDict[str, str]) -> dict[str, float]:
    """Return the weights that an address carries; unknown facets and values are left out.

    A weight is cut to what a slider can show.
    """
    found = {}
    for facet in FACETS:
        said = args.get(WEIGHT_PREFIX + facet)
        try:
            value = float(said) if said is not None and len(said) < 9 else math.nan
        except ValueError:
            continue
        if math.isfinite(value):
            weight = round(min(max(value, 0.0), WEIGHT_MOST) / WEIGHT_STEP) * WEIGHT_STEP
            if weight != USUAL[facet]:
                found[facet] = weight
    return found


def weight_parameters(weights: Mapping[str, float]) -> dict[str, str]:
    """Return the parameters of an address that carry weights."""
    return {f"{WEIGHT_PREFIX}{facet}": f"{weight:g}" for facet, weight in weights.items()}


def _groups(link: Kin) -> tuple[Share, ...]:
    parts = dict(link.contributions)
    shares: list[Share] = []
    start = 0.0
    for name, (label, facets) in FACET_GROUPS.items():
        value = sum(parts.get(facet, 0.0) for facet in facets)
        if value > 0:
            shares.append(Share(name, label, value, round(start * 100, 2), round(value * 100, 2)))
            start += value
    return tuple(shares)


def _facets(link: Kin) -> tuple[Share, ...]:
    group_of = {facet: name for name, (_, facets) in FACET_GROUPS.items() for facet in facets}
    return tuple(
        Share(
            group_of.get(facet, "design"),
            FACET_LABELS.get(facet, facet.replace("_", " ")),
            value,
            0.0,
            round(value / link.score * 100, 2) if link.score > 0 else 0.0,
        )
        for facet, value in link.contributions
    )


def _comparison(fact: Fact) -> Comparison:
    label = FACET_LABELS.get(fact.facet, fact.facet.replace("_", " "))
    mine, theirs = fact.query, fact.document
    if fact.facet == "phase":  # one phase, which the registry writes as two
        mine, theirs = (("/".join(said),) if said else () for said in (mine, theirs))
    return Comparison(label, fact.relation, mine, theirs)
