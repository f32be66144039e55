"""Relations of records that share a product's name or a publication."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations

from kg.relations.keys import Citation, RelationKey
from kg.relations.model import RelationEvidence
from kg.relations.products import ProductName
from kg.relations.rules import (
    SHARED_NAME_LIMIT,
    SHARED_PAPER_LIMIT,
    Found,
    Lookup,
    evidence_of,
)

ProductGroups = dict[str, dict[str, RelationEvidence]]
"""Product -> NCT id -> where the record names it."""

_BACKGROUND_PAPERS = 2
_MANY_SPONSORS = 6
_SHOWS_NAME = 2
_COMMON_SHARE, _COMMON_SHARE_CAPITALS, _COMMON_SHARE_MARKED = 0.1, 0.2, 0.5


def product_groups(lookup: Lookup) -> ProductGroups:
    """Return which records name which product.

    A name counts if one record names an intervention so in a form that shows a name, and, unless
    it is marked or coded, few records use it as a common word. Names that are given to one
    intervention are one product.
    """
    places: dict[str, dict[str, ProductName]] = defaultdict(dict)
    common: Counter[str] = Counter()
    joined: dict[str, str] = {}
    for key in lookup.keys.values():
        common.update(key.products.common)
        for found in key.products.names:
            places[found.name][key.nct_id] = found
    names = {
        name
        for name, records in places.items()
        if len(records) <= SHARED_NAME_LIMIT
        and not lookup.is_common("name", name)
        and _is_name(
            records.values(), common[name], {lookup.keys[nct_id].sponsor for nct_id in records}
        )
    }
    for key in lookup.keys.values():
        for synonyms in key.products.synonyms:
            known = [name for name in synonyms if name in names]
            for name in known[1:]:
                _join(joined, known[0], name)
    groups: ProductGroups = defaultdict(dict)
    for name in sorted(names):
        for nct_id, found in places[name].items():
            evidence = RelationEvidence(nct_id, found.path, found.words, found.start, found.end)
            groups[_root(joined, name)].setdefault(nct_id, evidence)
    return {
        name: records for name, records in groups.items() if 1 < len(records) <= SHARED_NAME_LIMIT
    }


def _is_name(places: Collection[ProductName], common: int, sponsors: set[str]) -> bool:
    if not any(found.own and found.form >= _SHOWS_NAME for found in places):
        return False
    if max(found.form for found in places) > _SHOWS_NAME:
        return common <= _COMMON_SHARE_MARKED * len(places)
    capitals = max(sum(letter.isupper() for letter in found.words) for found in places)
    if capitals > 1:
        return common <= _COMMON_SHARE_CAPITALS * len(places)
    # A plain word with a capital, such as "Titanium", may be anybody's.
    return common <= _COMMON_SHARE * len(places) and len(sponsors) == 1


def product_relations(lookup: Lookup, products: ProductGroups) -> Iterator[Found]:
    """Yield `same_product`."""
    for records in products.values():
        sponsors = {lookup.keys[nct_id].sponsor for nct_id in records}
        for one, other in combinations(sorted(records), 2):
            related = bool(lookup.keys[one].parties & lookup.keys[other].parties)
            # A name that sponsors with nothing in common use may be two things of one name.
            confidence = 0.97 if related else 0.9 if len(sponsors) <= _MANY_SPONSORS else 0.8
            yield Found("same_product", one, other, confidence, (records[one], records[other]))


def publication_relations(lookup: Lookup) -> Iterator[Found]:
    """Yield `shares_publication`.

    At least one record must call the paper its own result, or both must share two papers of
    the background: one paper on the background is what any two trials of a disease share.
    """
    citing: dict[str, dict[str, tuple[RelationKey, Citation]]] = defaultdict(dict)
    for key in lookup.keys.values():
        for citation in key.citations:
            known = citing[citation.pmid].get(key.nct_id)
            if known is None or citation.own > known[1].own:
                citing[citation.pmid][key.nct_id] = (key, citation)
    background: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for pmid in sorted(citing):
        records = citing[pmid]
        if not 1 < len(records) <= SHARED_PAPER_LIMIT or lookup.is_common("paper", pmid):
            continue
        for one, other in combinations(sorted(records), 2):
            first, second = records[one][1], records[other][1]
            evidence = (evidence_of(one, first.place), evidence_of(other, second.place))
            own = first.own + second.own
            found = Found("shares_publication", one, other, (0.7, 0.9, 1.0)[own], evidence)
            if own:
                yield found
            else:
                background[one, other].append(found)
    for shared in background.values():
        if len(shared) >= _BACKGROUND_PAPERS:
            yield from shared


def _root(joined: dict[str, str], name: str) -> str:
    while name in joined:
        name = joined[name]
    return name


def _join(joined: dict[str, str], one: str, other: str) -> None:
    first, second = _root(joined, one), _root(joined, other)
    if first != second:
        joined[max(first, second)] = min(first, second)
