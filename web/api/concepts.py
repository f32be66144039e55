"""Operations on concept schemes and concepts."""

from __future__ import annotations

from typing import Any

import msgspec

from ontology.schemes import SCHEME_NAMES, Concept, load_scheme
from web.api.answers import (
    ConceptDetail,
    ConceptItem,
    ConceptList,
    SchemeItem,
    SchemeList,
)
from web.api.requests import ConceptRequest, NothingAsked, SchemeRequest
from web.concept_view import concept_trials, concept_view
from web.served import Served

CONCEPT_COLUMNS = ("name", "iri", "pref_label", "broader", "notation", "trials")


def schemes(now: Served, asked: NothingAsked) -> SchemeList:
    """Return all schemes."""
    loaded = [load_scheme(name) for name in SCHEME_NAMES]
    items = [SchemeItem(name=s.name, title=s.title, iri=s.iri, concepts=len(s)) for s in loaded]
    return SchemeList(generation=now.number, items=items)


def concepts(now: Served, asked: SchemeRequest) -> ConceptList:
    """Return the concepts of a scheme, with how many trials have each."""
    held = concept_trials(now, asked.scheme)
    items = [
        ConceptItem(**_common(concept, len(held.get(name, ()))))
        for name, concept in load_scheme(asked.scheme).concepts.items()
        if name in held or not asked.used
    ]
    return ConceptList(generation=now.number, scheme=asked.scheme, items=items)


def concept_rows(answer: ConceptList) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return concepts as a table."""
    return [msgspec.structs.asdict(item) for item in answer.items], CONCEPT_COLUMNS


def concept(now: Served, asked: ConceptRequest) -> ConceptDetail:
    """Return a concept and the trials that have it or a narrower one."""
    view = concept_view(now, asked.scheme, asked.name)
    found = view.concept
    return ConceptDetail(
        **_common(found, len(view.nct_ids)),
        generation=now.number,
        scheme=asked.scheme,
        alt_labels=list(found.alt_labels),
        hidden_labels=list(found.hidden_labels),
        definition=found.definition,
        narrower=[one.name for one in view.narrower],
        ancestors=[one.name for one in view.ancestors],
        exact_match=list(found.exact_match),
        close_match=list(found.close_match),
        broad_match=list(found.broad_match),
        narrow_match=list(found.narrow_match),
        nct_ids=list(view.nct_ids),
    )


def _common(found: Concept, trials: int) -> dict[str, Any]:
    return {
        "name": found.name,
        "iri": found.iri,
        "pref_label": found.pref_label,
        "broader": list(found.broader),
        "notation": list(found.notation),
        "trials": trials,
    }
