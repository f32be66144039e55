"""Concepts and the schemes that hold them: plain records, checked, with the ways among them.

References
----------
.. [1] SKOS Simple Knowledge Organization System Reference, W3C Recommendation, 2009;
   sections 5 (labels: S13, S14), 8 (relations: S23, S27) and 10 (mapping).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from ontology.errors import SchemeError

CONCEPT_BASE = "https://w3id.org/trialkin/concept/"
"""What the IRI of every scheme and concept begins with."""
LANGUAGE = "en"
"""The language of a concept's labels; labels in others are kept in `Concept.other_labels`."""

_Step = Callable[[str], Iterable[str]]


class Label(NamedTuple):
    """A label in another language than `LANGUAGE`.

    Attributes
    ----------
    kind : {'prefLabel', 'altLabel', 'hiddenLabel', 'definition'}
    language : str
        BCP 47 tag, lower case.
    text : str
    """

    kind: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a scheme; lists are sorted.

    Attributes
    ----------
    iri, name, scheme : str
        The IRI is `CONCEPT_BASE`, the scheme and the name.
    pref_label : str
        English, unique in the scheme.
    alt_labels, hidden_labels : tuple of str
        English. Hidden labels are found in texts but not shown.
    definition : str or None
    notation : tuple of str
        Codes of the concept elsewhere, such as ``NCIT:C38276``.
    broader : tuple of str
        Names of the concepts right above, in the same scheme.
    related : tuple of str
        Names of concepts that are close without being wider or narrower, as stated here; see
        `ConceptScheme.related`.
    exact_match, close_match, broad_match, narrow_match : tuple of str
        IRIs of other vocabularies' terms. A broad match is wider than this concept.
    other_labels : tuple of Label
        What is said in other languages.
    """

    iri: str
    name: str
    scheme: str
    pref_label: str
    alt_labels: tuple[str, ...] = ()
    hidden_labels: tuple[str, ...] = ()
    definition: str | None = None
    notation: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    exact_match: tuple[str, ...] = ()
    close_match: tuple[str, ...] = ()
    broad_match: tuple[str, ...] = ()
    narrow_match: tuple[str, ...] = ()
    other_labels: tuple[Label, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All English labels, the preferred one first."""
        return (self.pref_label, *self.alt_labels, *self.hidden_labels)


class ConceptScheme:
    """A checked scheme: its concepts and the ways up and down among them.

    Parameters
    ----------
    name : str
    concepts : iterable of Concept
    title : str, optional
        Name of the scheme for people; its `name` by default.
    file : str, optional
        What error messages call the source.

    Raises
    ------
    SchemeError
        If two concepts share a name, a preferred label or an exact match, a broader or related
        concept is unknown, the hierarchy runs in a circle, or what is wider is related too.
    """

    def __init__(
        self, name: str, concepts: Iterable[Concept], *, title: str = "", file: str = ""
    ) -> None:
        self.name = name
        self.iri = CONCEPT_BASE + name
        self.title = title or name
        self._file = file or name
        ordered = sorted(concepts, key=lambda concept: concept.name)
        self.concepts: Mapping[str, Concept] = MappingProxyType(
            {concept.name: concept for concept in ordered}
        )
        """Name -> concept, by name."""
        if len(self.concepts) != len(ordered):
            raise SchemeError(f"{self._file}: two concepts share a name; rename one.")
        self._narrower: dict[str, list[str]] = {concept: [] for concept in self.concepts}
        for concept in ordered:
            for wider in concept.broader:
                if wider not in self._narrower:
                    raise SchemeError(
                        f"{self._file}: {concept.name}: skos:broader names {wider}, which is "
                        "not in the scheme; correct the name or add the concept."
                    )
                self._narrower[wider].append(concept.name)
        self._ancestors: dict[str, tuple[str, ...]] = {}
        self._refuse_circles()
        self._refuse_shared_labels()
        self._related = self._index_related()
        self._matches = self._index_matches()

    def __getitem__(self, name: str) -> Concept:
        return self.concepts[name]

    def __contains__(self, name: object) -> bool:
        return name in self.concepts

    def __iter__(self) -> Iterator[str]:
        return iter(self.concepts)

    def __len__(self) -> int:
        return len(self.concepts)

    def __repr__(self) -> str:
        return f"<ConceptScheme {self.name}: {len(self)} concepts>"

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Return the names of all wider concepts, nearest first, then by name."""
        found = self._ancestors.get(name)
        if found is None:
            found = self._reached(name, lambda at: self.concepts[at].broader)
            self._ancestors[name] = found
        return found

    def descendants(self, name: str) -> tuple[str, ...]:
        """Return the names of all narrower concepts, nearest first, then by name."""
        return self._reached(name, lambda at: self._narrower[at])

    def narrower(self, name: str) -> tuple[str, ...]:
        """Return the names of the concepts right below."""
        return tuple(self._narrower[name])

    def related(self, name: str) -> tuple[str, ...]:
        """Return the names of related concepts, whichever of the two states it."""
        return self._related[name]

    def top_concepts(self) -> tuple[str, ...]:
        """Return the names of the concepts that have nothing wider."""
        return tuple(name for name, concept in self.concepts.items() if not concept.broader)

    def by_match(self, iri: str) -> Concept | None:
        """Return the concept that another vocabulary's term stands for, if one does.

        An exact match comes first; then a close one, where one concept alone claims it;
        then the concept that states the term as narrower than itself. Broad matches never
        count: the term would say less than the concept.
        """
        return self._matches.get(iri)

    def _reached(self, name: str, step: _Step) -> tuple[str, ...]:
        """Return what can be reached by steps, level by level, without the start."""
        seen = {name}
        found: list[str] = []
        level = [name]
        while level:
            level = sorted({after for at in level for after in step(at)} - seen)
            seen.update(level)
            found += level
        return tuple(found)

    def _refuse_circles(self) -> None:
        """Raise unless the concepts can be put in an order, wider before narrower."""
        waiting = {name: len(set(concept.broader)) for name, concept in self.concepts.items()}
        ready = [name for name, count in waiting.items() if count == 0]
        while ready:
            for name in set(self._narrower[done := ready.pop()]):
                waiting[name] -= 1
                if waiting[name] == 0:
                    ready.append(name)
            del waiting[done]
        if waiting:
            raise SchemeError(
                f"{self._file}: {min(waiting)}: skos:broader runs in a circle "
                f"(among {', '.join(sorted(waiting)[:6])}); take one link out."
            )

    def _refuse_shared_labels(self) -> None:
        """Raise if two concepts have one preferred label: a reader could not tell them apart."""
        owners: dict[str, str] = {}
        for name, concept in self.concepts.items():
            other = owners.setdefault(concept.pref_label.casefold(), name)
            if other != name:
                raise SchemeError(
                    f"{self._file}: {name}: skos:prefLabel {concept.pref_label!r} is that of "
                    f"{other} too; give each its own, or make them one concept."
                )

    def _index_related(self) -> dict[str, tuple[str, ...]]:
        """Return concept -> those related to it: the relation holds both ways (S23)."""
        found: dict[str, set[str]] = {name: set() for name in self.concepts}
        for name, concept in self.concepts.items():
            for other in concept.related:
                if other not in found or other == name:
                    raise SchemeError(
                        f"{self._file}: {name}: skos:related names {other}, which is not another "
                        "concept of the scheme; correct the name or add the concept."
                    )
                if other in self.ancestors(name) or name in self.ancestors(other):
                    raise SchemeError(
                        f"{self._file}: {name}: skos:related names {other}, which is wider or "
                        "narrower; keep one of the two links (S27)."
                    )
                found[name].add(other)
                found[other].add(name)
        return {name: tuple(sorted(others)) for name, others in found.items()}

    def _index_matches(self) -> dict[str, Concept]:
        """Return external IRI -> concept, exact before close before narrower."""
        exact: dict[str, Concept] = {}
        for concept in self.concepts.values():
            for iri in concept.exact_match:
                other = exact.setdefault(iri, concept)
                if other is not concept:
                    raise SchemeError(
                        f"{self._file}: {concept.name}: skos:exactMatch <{iri}> is that of "
                        f"{other.name} too; make one of them a close or broad match."
                    )
        found = dict(exact)
        for kind in ("close_match", "narrow_match"):
            claims: dict[str, list[Concept]] = {}
            for concept in self.concepts.values():
                for iri in getattr(concept, kind):
                    claims.setdefault(iri, []).append(concept)
            for iri, claimants in claims.items():
                if len(claimants) == 1:
                    found.setdefault(iri, claimants[0])
        return found
