"""The measured figures of a model's card: what its scores mean, and what they are worth.

`trialkin` and the web pages read them from ``figures.json`` in the model's folder; people read
the same in its ``README.md``, between two marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from ontology.errors import EncoderError
from similarity.fitting import held_out_points, judged_queries
from similarity.index import KinIndex
from similarity.learning import fusion_terms
from similarity.methods import HELD_OUT, MethodResult
from similarity.model import FIGURES_FILE, ScoreBand
from similarity.trec import Qrels

_EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0)
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_CARD = "README.md"
_USEFUL, _BEST = 2, 3
_SCORES = (
    "{queries} development queries, means with 95 % intervals; held out: each query by weights "
    "fitted to the others. p: paired randomisation test of the held-out fusion against the "
    "method, on condensed nDCG@10."
)
_TOLD = 0.005
"""Facets whose loss costs less than this are not named one by one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a model."""

    bands: tuple[ScoreBand, ...]
    methods: tuple[MethodResult, ...]
    ablations: tuple[MethodResult, ...]


def score_bands(index: KinIndex, qrels: Qrels, *, seed: int = 0) -> tuple[ScoreBand, ...]:
    """Return what judges said of trials by score, on queries that the fit did not see."""
    queries = judged_queries(index, qrels, fusion_terms(index.fusion.views), seed=seed)
    means, grades, weights = held_out_points(queries)
    judged = weights == 1
    places, heights = np.array(index.fusion.calibration, dtype=np.float64).T
    scores, grades = np.interp(means, places, heights)[judged], grades[judged]
    bands = []
    for low, high in pairwise(_EDGES):
        of_band = grades[(scores >= low) & ((scores < high) | (high == _EDGES[-1]))]
        number = len(of_band)
        bands.append(
            ScoreBand(
                low=low,
                high=high,
                judged=number,
                mean_grade=round(float(of_band.mean()) / _BEST, 3) if number else 0.0,
                useful=round(float((of_band >= _USEFUL).mean()), 3) if number else 0.0,
                must_read=round(float((of_band == _BEST).mean()), 3) if number else 0.0,
            )
        )
    return tuple(bands)


def write_figures(figures: Figures, folder: Path) -> None:
    """Write the figures of a model into its folder: as data, and into its card.

    Raises
    ------
    EncoderError
        If the card has no place for them.
    """
    data = msgspec.json.format(msgspec.json.encode({"bands": figures.bands}), indent=2)
    (folder / FIGURES_FILE).write_bytes(data + b"\n")
    card = folder / _CARD
    if not card.is_file():
        return
    text = card.read_text(encoding="utf-8")
    if text.count(_BEGIN) != 1 or text.count(_END) != 1 or text.index(_BEGIN) > text.index(_END):
        raise EncoderError(f"{card} has no place for figures; write {_BEGIN} and {_END} into it.")
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    card.write_text(f"{before}{_BEGIN}\n{_markdown(figures)}\n{_END}{after}", encoding="utf-8")


def _markdown(figures: Figures) -> str:
    queries = figures.methods[0].means["nDCG@10 condensed"].queries
    lines = [
        "Judged trials by score, on queries that the fit did not see:",
        "",
        "| score | judged trials | mean grade / 3 | share of grade 2 or 3 | share of grade 3 |",
        "|---|---|---|---|---|",
        *(
            f"| {band.label} | {band.judged} | {band.mean_grade:.2f} | {band.useful:.0%} "
            f"| {band.must_read:.0%} |"
            for band in figures.bands
        ),
        "",
        _SCORES.format(queries=queries),
        "",
        "| method | nDCG@10 | nDCG@10 condensed | P@5 | R@20 | judged@10 | p |",
        "|---|---|---|---|---|---|---|",
        *(_row(result) for result in figures.methods),
    ]
    reference = next(one for one in figures.ablations if one.name == HELD_OUT)
    whole = reference.means["nDCG@10 condensed"].mean
    lost = sorted(
        (result.means["nDCG@10 condensed"].mean, result.name)
        for result in figures.ablations
        if result is not reference
    )
    told = [f"{name} {mean:.3f}" for mean, name in lost if abs(whole - mean) >= _TOLD]
    lines += [
        "",
        f"Left out one at a time, held out, condensed nDCG@10 (all: {whole:.3f}): "
        + "; ".join([*told, f"no other facet moves it by {_TOLD} or more."]),
    ]
    return "\n".join(lines)


def _row(result: MethodResult) -> str:
    plain, condensed, precision, recall, judged = result.means.values()
    p_value = "" if result.against is None else f"{result.against.p_value:.4f}"
    cells: Sequence[str] = (
        result.name,
        f"{plain.mean:.3f} ({plain.low:.3f} to {plain.high:.3f})",
        f"{condensed.mean:.3f} ({condensed.low:.3f} to {condensed.high:.3f})",
        f"{precision.mean:.3f}",
        f"{recall.mean:.3f}",
        f"{judged.mean:.2f}",
        p_value,
    )
    return f"| {' | '.join(cells)} |"
