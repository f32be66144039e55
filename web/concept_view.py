"""A concept with the trials that have it: what pages, the API and linked data show of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from werkzeug.exceptions import NotFound

from ontology.schemes import SCHEME_NAMES, Concept, ConceptScheme, load_scheme
from web.served import Served


class ConceptView(NamedTuple):
    """A concept in its scheme.

    Attributes
    ----------
    concept : Concept
    scheme : ConceptScheme
    broader, narrower, ancestors : tuple of Concept
        Right above, right below, and all above from the nearest on.
    nct_ids : tuple of str
        Trials that have the concept or a narrower one, sorted.
    """

    concept: Concept
    scheme: ConceptScheme
    broader: tuple[Concept, ...]
    narrower: tuple[Concept, ...]
    ancestors: tuple[Concept, ...]
    nct_ids: tuple[str, ...]


def concept_view(now: Served, scheme_name: str, name: str) -> ConceptView:
    """Return a concept with the trials that have it.

    Raises
    ------
    NotFound
        If there is no such scheme or concept.
    """
    if scheme_name not in SCHEME_NAMES:
        raise NotFound(f"There is no scheme {scheme_name!r}; there are {', '.join(SCHEME_NAMES)}.")
    scheme = load_scheme(scheme_name)
    if name not in scheme:
        raise NotFound(f"{scheme_name} has no concept {name[:80]!r}.")
    concept = scheme[name]
    return ConceptView(
        concept,
        scheme,
        tuple(scheme[one] for one in concept.broader),
        tuple(scheme[one] for one in scheme.narrower(name)),
        tuple(scheme[one] for one in scheme.ancestors(name)),
        tuple(sorted(concept_trials(now, scheme_name).get(name, ()))),
    )


def concept_trials(now: Served, scheme_name: str) -> Mapping[str, frozenset[str]]:
    """Return by concept the trials that have it or a narrower one; concepts without are absent.

    Read from the kin index's profiles, once a generation.
    """
    return now.once(("concept trials", scheme_name), lambda: _count_trials(now, scheme_name))


def _count_trials(now: Served, scheme_name: str) -> Mapping[str, frozenset[str]]:
    index, scheme = now.generation.kin_index, load_scheme(scheme_name)
    found: dict[str, set[str]] = {}
    for nct_id in index.nct_ids:
        names = index.profile(nct_id).concept_names(scheme_name)
        known = {name for name in names if name in scheme}
        for name in known.union(*(scheme.ancestors(one) for one in known)):
            found.setdefault(name, set()).add(nct_id)
    return {name: frozenset(nct_ids) for name, nct_ids in found.items()}
