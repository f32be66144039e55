"""Which diseases a trial is about, from what its record registers.

Sponsors write conditions as they please: diseases, but also cells ("Mesenchymal Stem Cells"),
people ("ADULT") or procedures. What is found here is kept beside the registered text, never
put in its place; what names no disease gives nothing.

The registry's MeSH terms are matches of words too, made by a machine; those that say nothing
of a disease are left out (`ontology.vacuous_mesh`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from ontology.hierarchy import load_hierarchy
from ontology.matching import ABBREVIATION_LENGTH, Lexicon
from ontology.mesh import MESH_BASE, canonical_mesh_id
from ontology.schemes import load_scheme
from ontology.vacuous_mesh import COMPANION_MESH, VACUOUS_MESH

How = Literal["condition", "mesh", "keyword", "title"]


@dataclass(frozen=True, slots=True)
class ConditionMatch:
    """One disease that a record is about, and what in the record says so.

    Attributes
    ----------
    concept : str or None
        Name in the scheme ``conditions``; None for a MeSH term that has no concept there.
    how : {'condition', 'mesh', 'keyword', 'title'}
        The field that it was found in.
    text : str
        What stands there: the registered condition, keyword or MeSH term, the title's words.
    mesh_id : str or None
        Canonical MeSH id, where `how` is ``mesh``.
    """

    concept: str | None
    how: How
    text: str
    mesh_id: str | None = None


# "non-ischemic", "without diabetes", "no severe IVH": what follows is not what the trial is about.
_NEGATED = re.compile(
    r"(?:\bnon[\s-]*|\b(?:no|not|without|excluding)\s+(?:\w+\s+)?)$", re.IGNORECASE
)
_NEGATION_REACH = 30
# Words that a label begins or ends, where together they mean something else.
_DECOYS = (
    "diabetes insipidus",
    "heat stroke",
    "intracranial hypertension",
    "ocular hypertension",
    "portal hypertension",
    "respiratory depression",
    "shock wave",
    "ST depression",
    "stroke volume",
    "wounds and injuries",
)
# Short labels that mean something else inside a text: "UC" is umbilical cord too, "AS" and "ALL"
# are words of titles in capitals. They count where nothing but commas stands beside them.
_ONLY_WHOLE = frozenset({"ALL", "AS", "UC"})


def match_conditions(
    conditions: Sequence[str],
    keywords: Sequence[str] = (),
    mesh_terms: Sequence[tuple[str, str]] = (),
    titles: Sequence[str] = (),
) -> tuple[ConditionMatch, ...]:
    """Return the diseases that a trial is about.

    The registered conditions come first, then the registry's MeSH terms. Titles and keywords
    may make a disease found there more precise ("multiple sclerosis" that is relapsing); they
    name diseases of their own only where conditions and MeSH terms name none that is specific
    (`ontology.hierarchy.Hierarchy.is_specific`), titles before keywords. Of a disease and a
    wider one, only the narrower is kept.

    Parameters
    ----------
    conditions, keywords : sequence of str
        As registered.
    mesh_terms : sequence of (str, str)
        Ids, in any form, and terms of the record's condition browse module, without ancestors.
    titles : sequence of str
        Brief and official title.

    Returns
    -------
    tuple of ConditionMatch
        In the order of finding; a concept at most once. MeSH terms that no concept stands for
        follow at the end with `concept` None, unless they are in `VACUOUS_MESH`.

    Raises
    ------
    InvalidIdentifierError
        If a MeSH id is malformed.

    Examples
    --------
    >>> match_conditions(["Sclerosis, Systemic"], mesh_terms=[("D000012598", "Sclerosis")])
    (ConditionMatch(concept='systemic_sclerosis', how='condition', text='Sclerosis, Systemic', \
mesh_id=None),)
    """
    scheme = load_scheme("conditions")
    found: dict[str, ConditionMatch] = {}
    for text in conditions:
        for name, _ in _diseases(text):
            found.setdefault(name, ConditionMatch(name, "condition", text))

    uncurated: dict[str, ConditionMatch] = {}
    for raw_id, term in mesh_terms:
        mesh_id = canonical_mesh_id(raw_id)
        if mesh_id in VACUOUS_MESH or _is_companion(mesh_id, found):
            continue
        concept = scheme.by_match(MESH_BASE + mesh_id)
        if concept is None:
            uncurated.setdefault(mesh_id, ConditionMatch(None, "mesh", term, mesh_id))
        else:
            match = ConditionMatch(concept.name, "mesh", term, mesh_id)
            found.setdefault(concept.name, match)

    known = found.keys() - _wider(found)
    others: tuple[tuple[How, Sequence[str]], ...] = (("title", titles), ("keyword", keywords))
    for how, texts in others:
        enough = any(_is_specific(name) for name in found)
        for text in texts:
            for name, words in _diseases(text):
                if not enough or not known.isdisjoint(scheme.ancestors(name)):
                    said = words if how == "title" else text
                    found.setdefault(name, ConditionMatch(name, how, said))

    wider = _wider(found)
    kept = tuple(match for name, match in found.items() if name not in wider)
    return kept + tuple(uncurated.values())


def _wider(names: Iterable[str]) -> set[str]:
    """Return all that is wider than one of the concepts."""
    scheme = load_scheme("conditions")
    return {above for name in names for above in scheme.ancestors(name)}


def _is_companion(mesh_id: str, found: Collection[str]) -> bool:
    """Tell whether a term only comes along with what was found."""
    hosts = COMPANION_MESH.get(mesh_id)
    return hosts is not None and any(
        host in found or host in _wider(found) for host in hosts.split()
    )


@cache
def _lexicon() -> Lexicon[str]:
    """Return the labels of all conditions, and the decoys with an empty name."""
    labels = [(decoy, "") for decoy in _DECOYS]
    labels += [
        (label, concept.name)
        for concept in load_scheme("conditions").concepts.values()
        for label in concept.labels
        if label not in _ONLY_WHOLE
    ]
    return Lexicon(labels)


@cache
def _abbreviations() -> Mapping[str, str]:
    """Return short labels of capitals; a field that holds nothing else may write them small."""
    return {
        label: concept.name
        for concept in load_scheme("conditions").concepts.values()
        for label in concept.labels
        if len(label) <= ABBREVIATION_LENGTH and label.isupper()
    }


@cache
def _is_specific(name: str) -> bool:
    """Tell whether a concept alone says what a trial is about; the top of a branch does not."""
    scheme = load_scheme("conditions")
    at_top = not scheme[name].broader and bool(scheme.narrower(name))
    return not at_top and load_hierarchy("conditions").is_specific(name)


@lru_cache(maxsize=4096)
def _diseases(text: str) -> tuple[tuple[str, str], ...]:
    """Return (concept, words) for what a text names, in its order."""
    lexicon = _lexicon()
    found: dict[str, str] = {}
    for part in text.split(","):
        abbreviated = _abbreviations().get(part.strip().upper())
        if abbreviated is not None:
            found.setdefault(abbreviated, part.strip())
    for form in _readings(text):
        for match in lexicon.find(form):
            before = form[max(0, match.start - _NEGATION_REACH) : match.start]
            if match.payload and _NEGATED.search(before) is None:
                found.setdefault(match.payload, match.words)
    return tuple(found.items())


def _readings(text: str) -> Iterable[str]:
    """Yield the text, and its words put right where it is a catalogue entry ("Failure, Liver")."""
    yield text
    parts = [part.strip() for part in text.split(",")]
    if 2 <= len(parts) <= 3 and all(parts):
        yield " ".join(reversed(parts))
