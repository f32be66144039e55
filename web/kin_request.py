"""What an address asks of a trial's kin, the answer, and why an expected trial is not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flask import url_for
from werkzeug.datastructures import MultiDict

from kg.cards import StudyCard
from ontology.errors import InvalidIdentifierError, UnknownTrialError
from similarity.features import FACETS
from similarity.kin import Kin, has_close
from web.config import KIN_MOST, KIN_PAGE_SHOWN, KIN_SHOWN
from web.facet_tree import FacetList, facet_list
from web.facets import FACETS as SEARCH_FACETS
from web.kin_view import (
    WEIGHT_PREFIX,
    KinCard,
    chosen_weights,
    kin_cards,
    weight_parameters,
)
from web.labels import FACET_LABELS
from web.relations_view import ShownRelation, shown_relations
from web.search_request import chosen_values
from web.served import Served

KIN_NAMES = frozenset(
    (
        *("k", "expected"),
        *(facet.name for facet in SEARCH_FACETS),
        *(f"{WEIGHT_PREFIX}{facet}" for facet in FACETS),
    )
)
"""The parameters of a page of kin."""
_PULLS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class KinRequest:
    """What an address asks for: how many kin, weighed how, among which trials.

    Attributes
    ----------
    k : int
    weights : mapping
        Facet -> times its usual weight; only what differs from usual.
    chosen : mapping
        Search facet -> values, to which the kin are narrowed.
    expected : str
        A trial that the reader looked for, as typed.
    """

    k: int = KIN_PAGE_SHOWN
    weights: Mapping[str, float] = field(default_factory=dict)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expected: str = ""

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> KinRequest:
        """Read the parameters of an address; what makes no sense there is left out."""
        return cls(
            min(max(args.get("k", KIN_PAGE_SHOWN, int), 1), KIN_MOST),
            chosen_weights(args),
            chosen_values(args),
            args.get("expected", "").strip()[:40],
        )

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """Return the parameters of the same request, or of a changed one."""
        said: dict[str, Any] = {
            "k": None if self.k == KIN_PAGE_SHOWN else str(self.k),
            **weight_parameters(self.weights),
            **self.chosen,
            "expected": self.expected or None,
        }
        said.update(changed)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if value not in (None, (), [])
        }

    def allowed(self, served: Served) -> AbstractSet[str] | None:
        """Return the trials that pass the filters, None where there is no filter."""
        facets = served.facets
        return facets.narrowed(facets.all_ids, self.chosen) if self.chosen else None

    def toggled(self, facet: str, value: str) -> dict[str, Any]:
        """Return the parameters with a value chosen, or chosen no longer."""
        held = self.chosen.get(facet, ())
        now = tuple(one for one in held if one != value) if value in held else (*held, value)
        changed: dict[str, Any] = {facet: now}
        return self.parameters(**changed)


@dataclass(frozen=True, slots=True)
class Pull:
    """What a facet adds to an expected trial's score, beside the last trial of the list."""

    label: str
    expected: float
    listed: float


@dataclass(frozen=True, slots=True)
class Expected:
    """Where a trial stands that the reader expected among the kin.

    Attributes
    ----------
    nct_id : str
        As typed, if it is none of the store.
    problem : str
        Why nothing can be said; empty if all is well.
    card : KinCard or None
        Its rank counts all trials, whatever the filters.
    excluded : tuple of str
        Labels of the filters that leave it out.
    pulls : tuple of Pull
        Facets in which the list's last trial has more, the largest gap first.
    listed : bool
        Whether it is among the kin shown.
    """

    nct_id: str
    problem: str = ""
    card: KinCard | None = None
    excluded: tuple[str, ...] = ()
    pulls: tuple[Pull, ...] = ()
    listed: bool = False


@dataclass(frozen=True, slots=True)
class KinAnswer:
    """A trial's kin with what surrounds them.

    Attributes
    ----------
    request : KinRequest
    cards : tuple of KinCard
    relations : tuple of (ShownRelation, StudyCard)
        Typed relations, which stand before mere likeness.
    facets : tuple of FacetList
        What the kin can be narrowed by: counts are of all trials.
    none_close : bool
        Whether even the best score says next to nothing.
    expected : Expected or None
    allowed : int
        Trials that pass the filters, the trial itself left out.
    everyone : int
        All trials but itself.
    """

    request: KinRequest
    cards: tuple[KinCard, ...]
    relations: tuple[tuple[ShownRelation, StudyCard], ...]
    facets: tuple[FacetList, ...]
    none_close: bool
    expected: Expected | None
    allowed: int
    everyone: int


@dataclass(frozen=True, slots=True)
class NearestKin:
    """What a trial's own page shows of its kin; members as in `KinAnswer`."""

    cards: tuple[KinCard, ...]
    relations: tuple[tuple[ShownRelation, StudyCard], ...]
    none_close: bool


def nearest_kin(served: Served, nct_id: str) -> NearestKin:
    """Return the few nearest kin of a trial, weighed as usual, and its relations.

    Raises
    ------
    UnknownTrialError
        If the trial is not in the index.
    """
    kin = served.generation.rank_kin(nct_id, KIN_SHOWN)
    return NearestKin(*_with_relations(served, nct_id, kin), not has_close(kin))


def answer_kin(served: Served, nct_id: str, request: KinRequest) -> KinAnswer:
    """Rank a trial's kin as asked.

    Raises
    ------
    UnknownTrialError
        If the trial is not in the index.
    """
    allowed = request.allowed(served)
    kin = served.generation.rank_kin(
        nct_id, request.k, weights=request.weights or None, allowed=allowed
    )
    return KinAnswer(
        request,
        *_with_relations(served, nct_id, kin),
        _kin_facets(served, nct_id, request),
        not has_close(kin),
        _expected(served, nct_id, request, kin) if request.expected else None,
        len((served.facets.all_ids if allowed is None else allowed) - {nct_id}),
        len(served.facets.all_ids - {nct_id}),
    )


def _with_relations(
    served: Served, nct_id: str, kin: Sequence[Kin]
) -> tuple[tuple[KinCard, ...], tuple[tuple[ShownRelation, StudyCard], ...]]:
    relations = shown_relations(served, nct_id)
    wanted = {link.nct_id for link in kin} | {one.nct_id for one in relations}
    cards = served.generation.records.cards(sorted(wanted))
    related = tuple((one, cards[one.nct_id]) for one in relations if one.nct_id in cards)
    return tuple(kin_cards(kin, cards)), related


def _kin_facets(served: Served, nct_id: str, request: KinRequest) -> tuple[FacetList, ...]:
    index, path = served.facets, url_for("pages.kin", nct_id=nct_id)
    lists = []
    for facet in SEARCH_FACETS:
        if facet.name in ("started", "kind"):
            continue
        among = index.narrowed(index.all_ids, request.chosen, without=facet.name)
        counts = index.counts(facet.name, among)
        chosen = request.chosen.get(facet.name, ())
        lists.append(facet_list(facet, counts, chosen, path, request.toggled))
    return tuple(lists)


def _expected(served: Served, nct_id: str, request: KinRequest, kin: Sequence[Kin]) -> Expected:
    index = served.generation.kin_index
    try:
        found = served.generation.records.resolve(request.expected)
    except InvalidIdentifierError as error:
        return Expected(request.expected, str(error))
    except UnknownTrialError as error:
        return Expected(request.expected, f"{error.nct_id} is not in this graph.")
    if found == nct_id:
        return Expected(found, "That is the trial itself.")
    link = index.explain(nct_id, found, weights=request.weights or None)
    scores = index.scores(nct_id, weights=request.weights or None)
    ids = np.array(index.nct_ids)
    score = scores[np.searchsorted(ids, found)]
    before = (scores > score) | ((scores == score) & (ids < found))
    rank = 1 + int(before.sum()) - int(before[np.searchsorted(ids, nct_id)])
    cards = served.generation.records.cards([found])
    ranked = Kin(
        found, link.score, rank, link.contributions, link.shared, link.differing, link.reason
    )
    excluded = tuple(
        facet.label
        for facet in SEARCH_FACETS
        if facet.name in request.chosen
        and not served.facets.narrowed({found}, {facet.name: request.chosen[facet.name]})
    )
    mine = dict(link.contributions)
    theirs = dict(kin[-1].contributions) if kin else {}
    pulls = sorted(
        (
            Pull(FACET_LABELS[facet], mine.get(facet, 0.0), theirs.get(facet, 0.0))
            for facet in FACETS
            if theirs.get(facet, 0.0) - mine.get(facet, 0.0) >= 0.005
        ),
        key=lambda pull: pull.expected - pull.listed,
    )
    return Expected(
        found,
        "",
        kin_cards([ranked], cards)[0],
        excluded,
        tuple(pulls[:_PULLS_SHOWN]),
        any(one.nct_id == found for one in kin),
    )
