"""What the API is asked, as structs: the only place that says so.

Requests forbid unknown names: a misspelt filter must not silently find everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from kg.record_search import RANKED_MOST
from kg.relations.model import RELATION_KINDS
from ontology.schemes import SCHEME_NAMES
from similarity.features import FACETS as SIMILARITY_FACETS
from web.config import (
    API_K_MOST,
    API_PAGE_MOST,
    API_PAGE_SIZE,
    API_TEXT_CHARACTERS,
    COMPARED_TRIALS,
)
from web.facets import FACETS, NOT_STATED, RANGES
from web.search_request import SORTS

NctId = Annotated[
    str,
    Meta(
        pattern=r"^[Nn][Cc][Tt](?!0{8})[0-9]{8}$",
        description="NCT id, such as NCT04356287.",
    ),
]
Value = Annotated[str, Meta(min_length=1, max_length=200)]
Cursor = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]+$",
        max_length=400,
        description="`next` of the page before; all else must be asked as it was there.",
    ),
]
Words = Annotated[
    str, Meta(min_length=1, max_length=500, description="Words, an NCT id or an acronym.")
]
PageSize = Annotated[int, Meta(ge=1, le=API_PAGE_MOST, description="Trials on a page.")]
K = Annotated[int, Meta(ge=1, le=API_K_MOST, description="How many kin.")]
Diversity = Annotated[
    float,
    Meta(ge=0, le=1, description="How far to prefer kin that are unlike each other."),
]
Times = Annotated[float, Meta(ge=0, le=100, description="How many times its usual weight.")]
WeightText = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(SIMILARITY_FACETS)})=[0-9]{{1,2}}(\.[0-9]{{1,3}})?$",
        description="Facet and how many times its usual weight it gets, such as `route=2`.",
    ),
]
Form = Annotated[
    Literal["json", "csv"],
    Meta(description="Wins over the Accept header; CSV has the items without the rest."),
]
if TYPE_CHECKING:  # a type checker cannot see what lists of ours hold
    SchemeName = str
    RelationKind = str
    SearchSort = str
    TrialsSort = str
else:
    SchemeName = Annotated[Literal[SCHEME_NAMES], Meta(description="Name of a concept scheme.")]
    RelationKind = Literal[RELATION_KINDS]
    _ORDERS = "The latest, the largest or the lowest NCT id first; what is not stated comes last."
    _BEST = (
        "`best`: trials that have the concepts named, and hold the words; then those that have "
        "them in other words, the last updated first; then those with the words alone. Trials "
        "with the words go by BM25, for which a word of half of all trials, or of more than "
        f"{RANKED_MOST:,}, does not count. Where no word counts, and where more trials than that "
        "hold the words, those with them in the title come first, then those that name them as "
        "condition or intervention, the newest NCT ids first in each. Ties of the other orders "
        "go by `best`."
    )
    _LATEST = "`best` is the last update first; ties go by NCT id, with `best` the newest first."
    SearchSort = Annotated[Literal[tuple(SORTS)], Meta(description=f"{_BEST} {_ORDERS}")]
    TrialsSort = Annotated[Literal[tuple(SORTS)], Meta(description=f"{_ORDERS} {_LATEST}")]


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all requests."""


class AskedForm(Asked, frozen=True, kw_only=True):
    """A request whose answer can be had as CSV too."""

    format: Form | UnsetType = UNSET


FILTERS: tuple[str, ...] = tuple(facet.name for facet in FACETS)


if TYPE_CHECKING:

    class Filtered(AskedForm, frozen=True, kw_only=True):
        """A request that facets and ranges narrow; its fields are those of `web.facets`."""

    class Filters(Asked, frozen=True, kw_only=True):
        """The facets alone, as part of a body."""

    class Weights(Asked, frozen=True, kw_only=True):
        """How many times its usual weight a facet gets."""

else:

    def _struct(name, base, fields):
        """Return a struct whose fields come from a list of ours, so that there is one such list."""
        return msgspec.defstruct(
            name,
            fields,
            bases=(base,),
            frozen=True,
            kw_only=True,
            forbid_unknown_fields=True,
            module=__name__,
        )

    _FACETS = [
        (
            facet.name,
            Annotated[
                tuple[Value, ...],
                Meta(
                    max_length=20,
                    description=f"{facet.label}: one of these values; `{NOT_STATED}` for none.",
                ),
            ],
            (),
        )
        for facet in FACETS
    ]
    _RANGES = [
        (
            f"{name}_{end}",
            Annotated[int, Meta(ge=0, le=99_999_999, description=f"{label}, {words}.")] | UnsetType,
            UNSET,
        )
        for name, label in RANGES.items()
        for end, words in (("from", "at least"), ("to", "at most"))
    ]
    Filtered = _struct("Filtered", AskedForm, _FACETS + _RANGES)
    Filters = _struct("Filters", Asked, _FACETS)
    Weights = _struct(
        "Weights", Asked, [(facet, Times | UnsetType, UNSET) for facet in SIMILARITY_FACETS]
    )


class TrialsRequest(Filtered, frozen=True, kw_only=True):
    """Trials that have one of the values of every filter given."""

    sort: TrialsSort = "id"
    page_size: PageSize = API_PAGE_SIZE
    cursor: Cursor | UnsetType = UNSET
    facets: bool = False


class SearchRequest(Filtered, frozen=True, kw_only=True):
    """Trials that hold all the words or have the concepts that these name."""

    q: Words
    literal: Annotated[
        bool, Meta(description="Let words stand for themselves only, not for concepts.")
    ] = False
    sort: SearchSort = "best"
    page_size: PageSize = API_PAGE_SIZE
    cursor: Cursor | UnsetType = UNSET
    facets: bool = True


class FactsRequest(Filtered, frozen=True, kw_only=True):
    """What was read from the texts of the trials that pass the filters."""

    page_size: PageSize = API_PAGE_SIZE
    cursor: Cursor | UnsetType = UNSET


class TrialRequest(Asked, frozen=True, kw_only=True):
    """One trial, with or without the record as it was registered."""

    nct_id: NctId
    record: bool = True


class OneTrialRequest(AskedForm, frozen=True, kw_only=True):
    """Something of one trial."""

    nct_id: NctId


class RelationsRequest(AskedForm, frozen=True, kw_only=True):
    """The typed relations of a trial."""

    nct_id: NctId
    kind: Annotated[
        tuple[RelationKind, ...], Meta(max_length=20, description="Only these kinds.")
    ] = ()


class KinRequest(Filtered, frozen=True, kw_only=True):
    """The kin of a trial among the trials that pass the filters."""

    nct_id: NctId
    k: K = 10
    weight: Annotated[tuple[WeightText, ...], Meta(max_length=20)] = ()
    diversity: Diversity = 0.0


class KinTogetherRequest(Filtered, frozen=True, kw_only=True):
    """The kin of several trials together."""

    nct_id: Annotated[tuple[NctId, ...], Meta(min_length=1, max_length=10)]
    k: K = 10
    weight: Annotated[tuple[WeightText, ...], Meta(max_length=20)] = ()
    diversity: Diversity = 0.0


class KinOfTextRequest(Asked, frozen=True, kw_only=True):
    """The kin of a free text in English, such as a synopsis; its first line is the title."""

    text: Annotated[str, Meta(min_length=1, max_length=API_TEXT_CHARACTERS)]
    k: K = 10
    weights: Weights = Weights()
    filters: Filters = Filters()
    diversity: Diversity = 0.0


class CompareRequest(AskedForm, frozen=True, kw_only=True):
    """Trials side by side."""

    nct_id: Annotated[tuple[NctId, ...], Meta(min_length=2, max_length=COMPARED_TRIALS)]


class SchemeRequest(AskedForm, frozen=True, kw_only=True):
    """The concepts of a scheme."""

    scheme: SchemeName
    used: Annotated[bool, Meta(description="Only concepts that a trial here has.")] = False


class ConceptRequest(Asked, frozen=True, kw_only=True):
    """One concept."""

    scheme: SchemeName
    name: Annotated[str, Meta(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=200)]


class NothingAsked(Asked, frozen=True, kw_only=True):
    """Nothing to be said."""
