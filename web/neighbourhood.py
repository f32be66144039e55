"""A trial among its nearest kin, as a picture: the closer, the more alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kg.cards import StudyCard
from web.labels import concept_label
from web.presentation import shortened
from web.served import Served

KIN_DRAWN = 7
_NEAREST, _FARTHEST = 84.0, 150.0
_WIDER_THAN_HIGH = 1.22
_LABEL_CHARACTERS = 26


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One kin trial in the picture.

    `x` and `y` are its place, the trial itself being at (0, 0); `anchor` says on which side of
    the place the label stands, as SVG's ``text-anchor``.
    """

    card: StudyCard
    score: float
    label: str
    note: str
    x: float
    y: float
    label_x: float
    label_y: float
    size: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A trial and the kin around it."""

    card: StudyCard
    label: str
    neighbours: tuple[Neighbour, ...]


def neighbourhood(served: Served, nct_id: str) -> Neighbourhood:
    """Place the nearest kin of a trial around it.

    Raises
    ------
    UnknownTrialError
        If there is no such trial.
    """
    kin = served.generation.rank_kin(nct_id, KIN_DRAWN)
    cards = served.generation.records.cards([nct_id, *(link.nct_id for link in kin)])
    best, worst = (kin[0].score, kin[-1].score) if kin else (1.0, 0.0)
    neighbours = []
    for place, link in enumerate(kin):
        # Beginning at the upper left, so that no label stands right above or below the middle.
        angle = 2 * math.pi * (place + 0.5) / len(kin) - math.pi / 2
        away = (best - link.score) / (best - worst) if best > worst else 0.0
        radius = _NEAREST + away * (_FARTHEST - _NEAREST)
        x, y = radius * math.cos(angle) * _WIDER_THAN_HIGH, radius * math.sin(angle)
        size = 5 + 7 * link.score
        side = "start" if math.cos(angle) > 0.2 else "end" if math.cos(angle) < -0.2 else "middle"
        gap = {"start": size + 6, "end": -size - 6, "middle": 0.0}[side]
        lift = 0.0 if side != "middle" else (size + 14 if y > 0 else -size - 22)
        card = cards[link.nct_id]
        neighbours.append(
            Neighbour(
                card,
                link.score,
                _condition(card),
                _source(card),
                round(x, 1),
                round(y, 1),
                round(x + gap, 1),
                round(y + lift, 1),
                round(size, 1),
                side,
            )
        )
    card = cards[nct_id]
    return Neighbourhood(card, _condition(card), tuple(neighbours))


def _condition(card: StudyCard) -> str:
    said = (card.condition_labels or card.conditions or (card.title,))[0]
    return shortened(said, _LABEL_CHARACTERS)


def _source(card: StudyCard) -> str:
    sources = [
        concept_label("cell_sources", str(one)) for one in card.facts.get("cell_sources", [])
    ]
    return shortened(sources[0] if sources else "source not stated", _LABEL_CHARACTERS)
