"""`same_programme`: one protocol, grant, network or series that several records belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from kg.relations.identifiers import fold_id, is_infrastructure_grant, is_registry_id
from kg.relations.keys import Citation, Number, Place, RelationKey
from kg.relations.model import RelationEvidence
from kg.relations.product_words import is_generic
from kg.relations.rules import (
    SHARED_ID_LIMIT,
    SHARED_PAPER_LIMIT,
    SHARED_TITLE_LIMIT,
    Found,
    Lookup,
    evidence_of,
    fold_title,
    is_grant,
    share_condition,
    share_party,
    title_evidence,
    words_of,
)

MIN_PLAN_TITLE_WORDS = 7
"""Shorter titles may be those of two plans of one sponsor."""
AcronymGroups = dict[str, dict[str, RelationEvidence]]
"""Acronym, but for what follows it in a series -> NCT id -> where the record bears it."""

_SERIES_END = re.compile(
    r"(?<=[A-Za-z]{3})[\s_-]*(?:\d{1,2}|I{1,3}|IV|[-\s](?:US|EU|EXT|FU|LTE|OLE|[A-Z]{2,4}\d?))$"
)
_MIN_ACRONYM, _MAX_ACRONYM = 4, 40
_MIN_OTHER_NUMBER = 9


def programme_relations(lookup: Lookup, acronyms: AcronymGroups) -> Iterator[Found]:
    """Yield `same_programme`, from shared numbers, publications, acronyms and titles."""
    yield from _by_number(lookup)
    yield from _by_publication(lookup)
    yield from _by_acronym(lookup, acronyms)
    yield from _by_title(lookup)


def _pair(
    one: RelationKey, first: Place, other: RelationKey, second: Place, confidence: float
) -> Found:
    if other.nct_id < one.nct_id:
        one, first, other, second = other, second, one, first
    evidence = (evidence_of(one.nct_id, first), evidence_of(other.nct_id, second))
    return Found("same_programme", one.nct_id, other.nct_id, confidence, evidence)


def _by_number(lookup: Lookup) -> Iterator[Found]:
    """Take a EudraCT number for one protocol, a grant for one plan; others need more in common."""
    for group in lookup.by_number.values():
        if len(group) < 2 or any(is_infrastructure_grant(entry.place.words) for _, entry in group):
            continue
        for (one, first), (other, second) in combinations(group, 2):
            related = share_party(one, other)
            if is_registry_id(first.place.words):
                if related or share_condition(one, other):
                    yield _pair(one, first.place, other, second.place, 0.95)
            elif is_grant(first) and is_grant(second):
                if related:
                    yield _pair(one, first.place, other, second.place, 0.9)
            elif (
                one.sponsor == other.sponsor
                and share_condition(one, other)
                and not (_may_be_an_account(first) and _may_be_an_account(second))
            ):
                yield _pair(one, first.place, other, second.place, 0.9)


def _may_be_an_account(number: Number) -> bool:
    """Return whether a number may be that of an office: short, and of no registry.

    Universities list the account of the department among the numbers of each of its trials.
    """
    other = number.kind in ("", "OTHER", "OTHER_IDENTIFIER", "OTHER IDENTIFIER")
    return other and len(number.folded) < _MIN_OTHER_NUMBER


def _by_publication(lookup: Lookup) -> Iterator[Found]:
    """Look for a paper that the registry linked to all of them and that names the acronym of one.

    Papers of single authors on several trials, and comparisons of trials of different names,
    do not make a programme.
    """
    citing: dict[str, dict[str, tuple[RelationKey, Citation]]] = defaultdict(dict)
    for key in lookup.keys.values():
        for citation in key.citations:
            if citation.derived:
                citing[citation.pmid].setdefault(key.nct_id, (key, citation))
    for pmid, records in citing.items():
        if not 1 < len(records) <= SHARED_PAPER_LIMIT or lookup.is_common("derived", pmid):
            continue
        group = list(records.values())
        text = max((citation.text for _, citation in group), key=len)
        named = {
            _series(key.acronym)
            for key, _ in group
            if _tells(key.acronym, key.conditions)
            and re.search(rf"(?<!\w){re.escape(key.acronym)}(?!\w)", text) is not None
        }
        if len(named) != 1:
            continue
        for (one, first), (other, second) in combinations(group, 2):
            if share_condition(one, other):
                yield _pair(one, first.place, other, second.place, 0.95)


def acronym_groups(lookup: Lookup) -> AcronymGroups:
    """Return which records bear one acronym, but for what follows it in a series.

    One of them at least must have it registered as its acronym.
    """
    groups: dict[str, dict[str, RelationEvidence]] = defaultdict(dict)
    registered = set()
    for key in lookup.keys.values():
        for place in _acronym_places(key):
            series = _series(place.words)
            groups[series].setdefault(key.nct_id, evidence_of(key.nct_id, place))
            if place.path == "acronym":
                registered.add(series)
    return {
        series: records
        for series, records in groups.items()
        if series in registered
        and 1 < len(records) <= SHARED_ID_LIMIT
        and not lookup.is_common("acronym", series)
    }


def acronym_series(key: RelationKey) -> set[str]:
    """Return the acronyms of a record, without what tells it in its series."""
    return {_series(place.words) for place in _acronym_places(key)}


def _by_acronym(lookup: Lookup, acronyms: AcronymGroups) -> Iterator[Found]:
    """One acronym and one condition, and people or the whole title in common.

    One sponsor's trials of two diseases with one acronym have the product in common.
    """
    for records in acronyms.values():
        for first, second in combinations(sorted(records), 2):
            one, other = lookup.keys[first], lookup.keys[second]
            # Two titles with one word in capitals may both name the disease or the method.
            if "acronym" not in (records[first].path, records[second].path):
                continue
            same_title = fold_title(one.brief_title) == fold_title(other.brief_title)
            if share_condition(one, other) and (share_party(one, other) or same_title):
                evidence = (records[first], records[second])
                yield Found("same_programme", first, second, 0.92, evidence)


def _acronym_places(key: RelationKey) -> tuple[Place, ...]:
    return _acronyms_in(key.acronym, key.brief_title, key.official_title, key.conditions)


# A record's are asked for where its tokens are read, and where its relations are found.
@lru_cache(maxsize=16384)
def _acronyms_in(
    acronym: str, brief_title: str, official_title: str, conditions: frozenset[str]
) -> tuple[Place, ...]:
    """Return the acronym as registered, and names in capitals in brackets in a title."""
    seen: set[str] = set()
    places = []
    if _tells(acronym, conditions):
        seen.add(_series(acronym))
        places.append(Place("acronym", acronym, 0, len(acronym)))
    for path, title in (("brief_title", brief_title), ("official_title", official_title)):
        for found in re.finditer(r"\(((?:the )?[A-Z][\w-]{3,20})(?: (?:trial|study))?\)", title):
            words = found[1].removeprefix("the ")
            series = _series(words)
            capitals = sum(letter.isupper() for letter in words)
            if capitals >= _MIN_ACRONYM and series not in seen and _tells(words, conditions):
                seen.add(series)
                places.append(Place(path, words, found.end(1) - len(words), found.end(1)))
    return tuple(places)


def _by_title(lookup: Lookup) -> Iterator[Found]:
    """One sponsor's records of one long title: the parts of a plan by country or by cohort."""
    groups: dict[tuple[str, str], dict[str, RelationKey]] = defaultdict(dict)
    for key in lookup.keys.values():
        for title in (key.brief_title, key.official_title):
            if key.sponsor and len(words_of(title)) >= MIN_PLAN_TITLE_WORDS:
                groups[key.sponsor, fold_title(title)][key.nct_id] = key
    for (sponsor, title), group in groups.items():
        few = 1 < len(group) <= SHARED_TITLE_LIMIT
        if few and not lookup.is_common("title", f"{sponsor}|{title}"):
            for one, other in combinations(group.values(), 2):
                evidence = (title_evidence(one), title_evidence(other))
                yield Found("same_programme", one.nct_id, other.nct_id, 0.9, evidence)


def _series(acronym: str) -> str:
    """Return an acronym without what tells the trial in its series."""
    return fold_id(_SERIES_END.sub("", acronym.strip()))


def _tells(acronym: str, conditions: frozenset[str]) -> bool:
    """Return whether an acronym is a name and not the disease, the cells or a phrase."""
    folded = fold_id(acronym)
    if not _MIN_ACRONYM <= len(folded) <= len(acronym) <= _MAX_ACRONYM:
        return False
    if acronym.islower() or folded in conditions:
        return False
    for name in {acronym.replace(" ", ""), _SERIES_END.sub("", acronym.strip())}:
        bare = fold_id(name)
        if bare.upper() in _CELL_ACRONYMS:
            return False
        # Four letters are enough for an acronym, though not for a product's name.
        if is_generic(name if len(bare) > _MIN_ACRONYM else f"{name}X"):
            return False
    return True


_CELL_ACRONYMS = frozenset(
    {"BMAC", "MSCS", "ADSC", "ASCS", "BMSC", "COVID", "ARDS", "GVHD", "COPD", "HSCT", "UMSC"}
    | {"STEM", "CELL", "TRIAL", "NASH", "NEET", "ALSF"}
)
