"""Reasons: what two trials share and where they differ, as facts and as one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import NamedTuple

from similarity.concepts import ConceptTable
from similarity.dose_facts import compare_doses, dose_sentence, is_amount
from similarity.features import CONCEPT_FACETS
from similarity.kin import Fact
from similarity.profile import Doses, Stated, StatedConcepts

AKIN_LIKENESS = 0.6
"""From this likeness on, two different concepts count as akin: they share a near parent, or the
scheme calls them related."""
NOT_STATED = "not stated"

_NAMES = {
    "condition": "disease",
    "cell_source": "source",
    "cell_type": "cell type",
    "donor": "donor",
    "route": "route",
}
_PHASES = {
    "NA": "no phase",
    "EARLY_PHASE1": "early 1",
    "PHASE1": "1",
    "PHASE2": "2",
    "PHASE3": "3",
    "PHASE4": "4",
}
_LONGEST_LIST = 3
_KEPT = 4096
"""Explanations that are kept, and facts of each facet: some ten megabytes."""

_Values = tuple[str, ...]
_Compare = Callable[[_Values, _Values], Fact | None]


class Explanation(NamedTuple):
    """Why two trials are related.

    Attributes
    ----------
    shared, differing : tuple of Fact
        Together what `Reasons.facts` gives.
    reason : str
        Their `reason_sentence`.
    """

    shared: tuple[Fact, ...]
    differing: tuple[Fact, ...]
    reason: str


UNEXPLAINED = Explanation((), (), "")


class Reasons:
    """Explains pairs of trials; safe to share between threads.

    Many pairs of a large corpus state what an earlier one did, and most facts are those of
    earlier pairs: both are kept.

    Parameters
    ----------
    tables : mapping
        Scheme name -> its concepts.
    """

    def __init__(self, tables: Mapping[str, ConceptTable]) -> None:
        # Each knows the others only, so that no circle keeps mapped files open.
        of_concepts = [
            (
                attrgetter(scheme),
                lru_cache(_KEPT)(partial(_compare_concepts, facet, tables[scheme])),
            )
            for facet, scheme in CONCEPT_FACETS.items()
        ]
        self._facts = partial(_compare_facts, of_concepts, lru_cache(_KEPT)(compare_doses))
        self._explain = lru_cache(_KEPT)(partial(_explain, self._facts))

    def facts(self, query: Stated, document: Stated) -> tuple[Fact, ...]:
        """Compare two trials by what a reader asks first.

        Returns
        -------
        tuple of Fact
            Facets in the order of the sentence; one that neither record states is left out.
        """
        return self._facts(query, document)

    def explain(self, query: Stated, document: Stated) -> Explanation:
        """Say what two trials share and where they differ, and that in one sentence."""
        return self._explain(query, document)


def _explain(
    compare: Callable[[Stated, Stated], tuple[Fact, ...]], query: Stated, document: Stated
) -> Explanation:
    facts = compare(query, document)
    shared = tuple([fact for fact in facts if fact.relation in ("same", "akin")])
    differing = tuple([fact for fact in facts if fact.relation not in ("same", "akin")])
    return Explanation(shared, differing, reason_sentence(facts))


def _compare_facts(
    of_concepts: Sequence[tuple[Callable[[StatedConcepts], _Values], _Compare]],
    of_doses: Callable[[Doses, Doses], tuple[Fact, ...]],
    query: Stated,
    document: Stated,
) -> tuple[Fact, ...]:
    ours, theirs = query.concepts, document.concepts
    facts = [compare(names(ours), names(theirs)) for names, compare in of_concepts]
    facts += of_doses(query.doses, document.doses)
    facts.append(_compare_phases(query.design.phases, document.design.phases))
    facts.append(_compare_types(query.design.study_type, document.design.study_type))
    return tuple([fact for fact in facts if fact is not None])


def reason_sentence(facts: Sequence[Fact]) -> str:
    """Say in one sentence why two trials are related and in what they differ.

    Of two values the kin's stands first, as in "phase 2 vs phase 1".
    """
    same = [
        fact
        for fact in facts
        if fact.relation == "same" and (fact.facet in _NAMES or is_amount(fact))
    ]
    akin = [
        f"similar {_NAMES[fact.facet]} ({_listed(fact.document)} vs {_listed(fact.query)})"
        for fact in facts
        if fact.relation == "akin" and fact.facet in _NAMES
    ]
    parts = []
    dose = next((fact for fact in facts if is_amount(fact)), None)
    if same:
        named = [f"{_NAMES.get(fact.facet, fact.facet)} ({_listed(fact.query)})" for fact in same]
        parts.append(f"same {_joined(named)}")
    # The disease comes first: it is what a reader looks for.
    first = bool(facts) and facts[0].facet == "condition" and facts[0].relation == "akin"
    parts = [*akin[:1], *parts, *akin[1:]] if first else parts + akin
    if dose is not None and dose.relation == "akin":
        parts.append(dose_sentence(dose))
    if not parts:
        parts.append("alike in their texts only")
    told = [fact for fact in facts if fact.facet in (*_NAMES, "phase")]
    parts += [_difference(fact) for fact in told if fact.relation == "different"]
    parts += _silences([fact for fact in told if fact.relation == NOT_STATED and _tells(fact)])
    if dose is not None and dose.relation == "different":
        parts.append(dose_sentence(dose))
    phase = next((fact for fact in facts if fact.facet == "phase"), None)
    if phase is not None and phase.relation == "same":
        parts.append(f"both {_phase_words(phase.query)}")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _compare_concepts(
    facet: str, table: ConceptTable, ours: _Values, theirs: _Values
) -> Fact | None:
    def label(names: Sequence[str]) -> _Values:
        return tuple(
            table.labels[table.codes[name]] if name in table.codes else name.replace("_", " ")
            for name in names
        )

    if not ours and not theirs:
        return None
    shared = [name for name in ours if name in theirs]
    if shared:
        # The narrowest only: "systemic sclerosis", not also "autoimmune disease".
        both = label(shared)
        return Fact(facet, "same", both, both)
    pairs = [
        (float(table.likeness[table.codes[a], table.codes[b]]), a, b)
        for a in ours
        for b in theirs
        if a in table.codes and b in table.codes
    ]
    likeness, a, b = max(pairs, default=(0.0, "", ""))
    if likeness >= AKIN_LIKENESS:
        return Fact(facet, "akin", label([a]), label([b]))
    return _compare_values(facet, label(ours), label(theirs))


@lru_cache(_KEPT)
def _compare_phases(ours: _Values, theirs: _Values) -> Fact | None:
    names = [tuple([_PHASES.get(phase, phase) for phase in phases]) for phases in (ours, theirs)]
    return _compare_values("phase", *names)


@lru_cache(_KEPT)
def _compare_types(ours: str | None, theirs: str | None) -> Fact | None:
    names = [() if name is None else (name.replace("_", " ").lower(),) for name in (ours, theirs)]
    return _compare_values("design", *names)


def _compare_values(facet: str, ours: _Values, theirs: _Values) -> Fact | None:
    if not ours and not theirs:
        return None
    if not ours or not theirs:
        return Fact(facet, NOT_STATED, ours, theirs)
    return Fact(facet, "same" if ours == theirs else "different", ours, theirs)


def _difference(fact: Fact) -> str:
    """Say how the kin differs; its own value stands before that of the trial it is kin to."""
    say: Callable[[tuple[str, ...]], str] = _phase_words if fact.facet == "phase" else _listed
    both = f"{say(fact.document)} vs {say(fact.query)}"
    # A phase and "allogeneic" say of themselves what they are.
    return both if fact.facet in ("phase", "donor") else f"{_NAMES[fact.facet]} {both}"


def _tells(fact: Fact) -> bool:
    """Tell whether there is something to say: no phase and none stated are nearly the same."""
    return fact.facet != "phase" or _PHASES["NA"] not in (*fact.query, *fact.document)


def _silences(facts: Sequence[Fact]) -> list[str]:
    """Say what only one of the trials states, and which of them."""
    groups = (
        ("stated by the kin only", [(fact, fact.document) for fact in facts if fact.document]),
        ("not stated by the kin", [(fact, fact.query) for fact in facts if not fact.document]),
    )
    return [
        f"{_joined([_named(fact, values) for fact, values in group])} {said}"
        for said, group in groups
        if group
    ]


def _named(fact: Fact, values: tuple[str, ...]) -> str:
    if fact.facet == "phase":
        return _phase_words(values)
    return f"{_NAMES[fact.facet]} ({_listed(values)})"


def _phase_words(phases: tuple[str, ...]) -> str:
    return phases[0] if phases == ("no phase",) else f"phase {'/'.join(phases)}"


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(values[:_LONGEST_LIST])
    more = len(values) - _LONGEST_LIST
    return f"{shown} and {more} more" if more > 0 else shown


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
