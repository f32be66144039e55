"""Operations on kin: of a trial, of several together, of a free text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from werkzeug.exceptions import ServiceUnavailable

from kg import views
from ontology.errors import EncoderError
from similarity.asking import diversify, rank_together
from similarity.kin import Kin, has_close
from web.api.answers import KinItem, KinList
from web.api.listing import chosen_filters, filtered
from web.api.requests import KinOfTextRequest, KinRequest, KinTogetherRequest
from web.config import API_VARIED_FROM, API_VARIED_LEAST
from web.served import Served

KIN_COLUMNS = (*views.KIN_COLUMNS, "shared", "differing")
_TEXT = "text"


def kin(now: Served, asked: KinRequest) -> KinList:
    """Return the kin of a trial."""
    nct_id = now.generation.records.resolve(asked.nct_id)
    found = now.generation.rank_kin(
        nct_id,
        _wanted(asked.k, asked.diversity),
        weights=_weights(asked.weight),
        allowed=filtered(now, asked),
    )
    return _answer(now, nct_id, found, asked.k, asked.diversity)


def kin_together(now: Served, asked: KinTogetherRequest) -> KinList:
    """Return the trials that are closest to several trials at once."""
    nct_ids = [now.generation.records.resolve(one) for one in asked.nct_id]
    found = rank_together(
        now.generation.kin_index,
        nct_ids,
        _wanted(asked.k, asked.diversity),
        weights=_weights(asked.weight),
        allowed=filtered(now, asked),
    )
    return _answer(now, "+".join(dict.fromkeys(nct_ids)), found, asked.k, asked.diversity)


def kin_of_text(now: Served, asked: KinOfTextRequest) -> KinList:
    """Return the kin of a free text."""
    from kg.asking import profile_of_text

    chosen = chosen_filters(asked.filters)
    weights = {
        facet: times
        for facet, times in msgspec.structs.asdict(asked.weights).items()
        if times is not msgspec.UNSET
    }
    try:
        encoder = now.encoder
        profile, _ = profile_of_text(asked.text, encoder)
        found = now.generation.kin_index.rank_profile(
            profile,
            _wanted(asked.k, asked.diversity),
            encoder=encoder,
            weights=weights or None,
            allowed=now.facets.narrowed(now.facets.all_ids, chosen) if chosen else None,
        )
    except EncoderError as error:  # nothing that the asker could mend
        raise ServiceUnavailable(f"Texts cannot be compared here: {error}") from error
    return _answer(now, _TEXT, found, asked.k, asked.diversity)


def kin_rows(answer: KinList) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return kin as a table, facts in words."""
    rows = [
        msgspec.structs.asdict(item)
        | {
            "shared": [views.fact_text(fact) for fact in item.shared],
            "differing": [views.fact_text(fact) for fact in item.differing],
        }
        for item in answer.items
    ]
    return rows, KIN_COLUMNS


def _wanted(k: int, diversity: float) -> int:
    return k if diversity == 0 else max(API_VARIED_FROM * k, API_VARIED_LEAST)


def _weights(said: Sequence[str]) -> Mapping[str, float] | None:
    """Return the weights that parameters such as ``route=2`` say; of one facet the last counts."""
    weights = {}
    for one in said:
        facet, _, times = one.partition("=")
        weights[facet] = float(times)
    return weights or None


def _answer(now: Served, query: str, found: Sequence[Kin], k: int, diversity: float) -> KinList:
    index = now.generation.kin_index
    kept = diversify(index, found, k, diversity=diversity) if diversity else found
    cards = now.generation.records.cards(link.nct_id for link in kept)
    items = [
        KinItem(
            query_nct_id=query,
            rank=link.rank,
            nct_id=link.nct_id,
            score=round(link.score, 6),
            title=cards[link.nct_id].title,
            reason=link.reason,
            contributions={facet: round(share, 6) for facet, share in link.contributions},
            shared=list(link.shared),
            differing=list(link.differing),
        )
        for link in kept
    ]
    method = f"{index.encoder_name}/{index.model_name}"
    return KinList(
        generation=now.number, query=query, method=method, close=has_close(found), items=items
    )
