"""What the API answers, as structs: the only place that says so."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from kg.cards import StudyCard
from similarity.kin import Fact
from web.api.requests import RelationKind


class FacetCount(Struct, frozen=True):
    """A value of a facet, and how many of the trials found have it."""

    value: str
    label: str
    count: int


class TrialPage(Struct, frozen=True, kw_only=True):
    """A page of trials; `next` leads to the one after it, and is null on the last.

    `cut` counts trials that are found too and on no page: very common words show the best alone,
    unless a filter or another order is asked for. `facets` count them all.
    """

    generation: int
    total: int
    cut: int = 0
    items: list[StudyCard]
    facets: dict[str, list[FacetCount]] | None = None
    next: str | None = None


class Trial(StudyCard, frozen=True, kw_only=True):
    """A trial, and the record as it was registered, in the registry's API v2 shape."""

    generation: int
    iri: str
    official_title: str | None = None
    brief_summary: str | None = None
    record: dict[str, Any] | None = None


class KinItem(Struct, frozen=True, kw_only=True):
    """A related trial; `contributions` of the facets sum to the score, from 0 to 1."""

    query_nct_id: str
    rank: int
    nct_id: str
    score: float
    title: str
    reason: str
    contributions: dict[str, float]
    shared: list[Fact]
    differing: list[Fact]


class KinList(Struct, frozen=True, kw_only=True):
    """Related trials, best first; `close` is false where even the best are hardly alike."""

    generation: int
    query: str
    method: str
    close: bool
    items: list[KinItem]


class RelationWords(Struct, frozen=True, kw_only=True):
    """The words of a record that a relation leans on."""

    nct_id: str
    path: str
    start: int
    end: int
    words: str


class RelationItem(Struct, frozen=True, kw_only=True):
    """A typed relation to another trial; `words` say it, to be read before the other's title.

    `direction` is ``out`` if the trial asked for is `kind` the other, ``in`` if the other is
    `kind` it, and ``both`` where the kind holds both ways.
    """

    nct_id: str
    title: str
    kind: RelationKind
    direction: Literal["out", "in", "both"]
    words: str
    confidence: float
    evidence: list[RelationWords]


class RelationList(Struct, frozen=True, kw_only=True):
    """The typed relations of a trial, in either direction."""

    generation: int
    nct_id: str
    items: list[RelationItem]


class FactWords(Struct, frozen=True):
    """The words of the record that a fact leans on, and their characters in the section."""

    path: str
    start: int
    end: int
    words: str


class FactItem(Struct, frozen=True, kw_only=True):
    """One value read from a record's text; `arms` are the arm groups that it was said of."""

    nct_id: str
    field: str
    value: str | int | float
    rule: str
    confidence: float
    arms: list[int]
    evidence: list[FactWords]


class FactList(Struct, frozen=True, kw_only=True):
    """Facts of one trial or of a page of trials; a field without one is "not stated"."""

    generation: int
    total: int
    items: list[FactItem]
    next: str | None = None


class ComparedQuestion(Struct, frozen=True, kw_only=True):
    """One question and each trial's answers; an empty list is "not stated"."""

    name: str
    label: str
    extracted: bool
    differs: bool
    cells: list[list[str]]


class ComparisonTable(Struct, frozen=True, kw_only=True):
    """Trials side by side: the cells of a row stand in the order of `nct_ids`."""

    generation: int
    nct_ids: list[str]
    rows: list[ComparedQuestion]


class SchemeItem(Struct, frozen=True, kw_only=True):
    """A concept scheme."""

    name: str
    title: str
    iri: str
    concepts: int


class SchemeList(Struct, frozen=True, kw_only=True):
    """All concept schemes."""

    generation: int
    items: list[SchemeItem]


class ConceptItem(Struct, frozen=True, kw_only=True):
    """A concept in short; `trials` counts those that have it or a narrower one."""

    name: str
    iri: str
    pref_label: str
    broader: list[str]
    notation: list[str]
    trials: int


class ConceptList(Struct, frozen=True, kw_only=True):
    """The concepts of a scheme, by name."""

    generation: int
    scheme: str
    items: list[ConceptItem]


class ConceptDetail(ConceptItem, frozen=True, kw_only=True):
    """A concept; `broader` and `narrower` are names in its scheme, matches are IRIs elsewhere."""

    generation: int
    scheme: str
    alt_labels: list[str]
    hidden_labels: list[str]
    definition: str | None
    narrower: list[str]
    ancestors: list[str]
    exact_match: list[str]
    close_match: list[str]
    broad_match: list[str]
    narrow_match: list[str]
    nct_ids: list[str]


class Status(Struct, frozen=True, kw_only=True):
    """What is published, and by what software."""

    generation: int
    built_at: str
    watermark: str | None
    software_version: str
    encoder: dict[str, str]
    counts: dict[str, int]
    not_stated: dict[str, int]


class InvalidPart(Struct, frozen=True):
    """What part of a request is not valid: its name, and why."""

    name: str
    message: str


class Problem(Struct, frozen=True, kw_only=True):
    """What went wrong (RFC 9457); some problems have further members."""

    type: str
    title: str
    status: int
    detail: str
    nct_id: str | None = None
    nearest: list[str] | None = None
    errors: list[InvalidPart] | None = None
