"""Relations of order: mentions, extensions, predecessors and trials registered anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from kg.relations.identifiers import fold_id
from kg.relations.keys import Mention, RelationKey
from kg.relations.rules import (
    SHARED_ID_LIMIT,
    SHARED_TITLE_LIMIT,
    Found,
    Lookup,
    evidence_of,
    fold_title,
    share_ages,
    share_condition,
    share_party,
    started_before,
    title_evidence,
    words_of,
)
from kg.relations.rules_programme import AcronymGroups
from kg.relations.rules_shared import ProductGroups

MIN_TITLE_WORDS = 5
"""Shorter titles may be those of two trials."""
_MAX_PARENTS = 3
_TRYING = ("INTERVENTIONAL", "")
"""Kinds of study that try a product; old records do not always say the kind."""


def mention_relations(lookup: Lookup) -> Iterator[Found]:
    """Yield `mentions`."""
    for key, mention, other in _resolved(lookup):
        by_nct_id = mention.target.startswith("NCT")
        confidence = 1.0 if by_nct_id else 0.9
        evidence = (evidence_of(key.nct_id, mention.place),)
        yield Found("mentions", key.nct_id, other.nct_id, confidence, evidence)


def extension_relations(
    lookup: Lookup, products: ProductGroups, acronyms: AcronymGroups
) -> Iterator[Found]:
    """Yield `extension_of`, from what records say of each other, numbers and titles."""
    for key, mention, other in _resolved(lookup):
        later = bool(key.phases) and min(key.phases) > max(other.phases, default=9)
        follows = mention.follow_up and (key.follow_up or not later)
        # A later trial of new people is often called an "extension" of the pilot, too.
        extends = mention.extension and (key.follow_up or key.long_term)
        if (follows or extends) and share_condition(key, other):
            evidence = (evidence_of(key.nct_id, mention.place),)
            yield Found("extension_of", key.nct_id, other.nct_id, 0.95, evidence)
    by_org: dict[str, list[RelationKey]] = defaultdict(list)
    for key in lookup.keys.values():
        for number in key.numbers:
            if number.kind == "ORG":
                by_org[number.folded].append(key)
    for key in lookup.keys.values():
        parents = by_org.get(key.parent_number, []) if key.parent_number else []
        if lookup.is_common("org", key.parent_number):
            continue
        for parent in parents if len(parents) <= SHARED_ID_LIMIT else ():
            if parent.nct_id != key.nct_id and share_party(key, parent):
                numbers = tuple(
                    evidence_of(one.nct_id, number.place)
                    for one in (key, parent)
                    for number in one.numbers
                    if number.kind == "ORG"
                )
                yield Found("extension_of", key.nct_id, parent.nct_id, 0.95, numbers)
    yield from _extensions_by_title(lookup, products, acronyms)


def _extensions_by_title(
    lookup: Lookup, products: ProductGroups, acronyms: AcronymGroups
) -> Iterator[Found]:
    """Take a follow-up by its title, where one earlier trial alone has that name and condition."""
    for records in (*products.values(), *acronyms.values()):
        keys = [lookup.keys[nct_id] for nct_id in records]
        for key in keys:
            if not key.follow_up:
                continue
            parents = [
                other
                for other in keys
                if other.nct_id != key.nct_id
                and not other.follow_up
                and started_before(other, key)
                and share_condition(key, other)
                and share_party(key, other)
                and other.study_type in _TRYING
                and (not key.title_phases or bool(key.title_phases & other.phases))
            ]
            if len(parents) == 1:
                parent = parents[0]
                evidence = (title_evidence(key), records[parent.nct_id])
                yield Found("extension_of", key.nct_id, parent.nct_id, 0.85, evidence)


def predecessor_relations(lookup: Lookup, products: ProductGroups) -> Iterator[Found]:
    """Yield `predecessor_of`, from what records say, and from phases of one development."""
    for key, mention, other in _resolved(lookup):
        if not (mention.earlier or mention.extension) or key.follow_up or other.follow_up:
            continue
        # Other people's work is cited as earlier, too.
        related = share_condition(key, other) and share_party(key, other)
        if related and not started_before(key, other):
            evidence = (evidence_of(key.nct_id, mention.place),)
            yield Found("predecessor_of", other.nct_id, key.nct_id, 0.9, evidence)
    for records in products.values():
        keys = [
            key
            for key in (lookup.keys[nct_id] for nct_id in records)
            if key.phases and not key.follow_up and key.study_type in _TRYING
        ]
        for key in keys:
            for other in _last_phase_before(key, keys):
                names = (records[other.nct_id], records[key.nct_id])
                yield Found("predecessor_of", other.nct_id, key.nct_id, 0.85, names)


def _last_phase_before(key: RelationKey, keys: Iterable[RelationKey]) -> list[RelationKey]:
    """Return the trials of the phase next below, begun earlier, that prepared a trial.

    Sponsor, condition and age must be shared: a product's trials in the knee do not prepare one
    in the ankle, nor those in adults one in children. The condition must be the very same here,
    since no sentence says that one builds on the other.
    """
    earlier = [
        other
        for other in keys
        if max(other.phases) < max(key.phases)
        and min(other.phases) < min(key.phases)
        and started_before(other, key)
        and other.status != "WITHDRAWN"
        and key.conditions & other.conditions
        and share_party(key, other)
        and share_ages(key, other)
    ]
    if not earlier:
        return []
    highest = max(max(other.phases) for other in earlier)
    nearest = [other for other in earlier if max(other.phases) == highest]
    # A product is often developed in two countries side by side; each follows its own line.
    at_home = [other for other in nearest if key.countries & other.countries]
    nearest = at_home or nearest
    return nearest if len(nearest) <= _MAX_PARENTS else []


def re_registration_relations(lookup: Lookup) -> Iterator[Found]:
    """Yield `re_registration_of`: one trial that stands in the registry twice.

    The later record is said to register the earlier anew where title, kind and place agree,
    and either one of them was withdrawn before anybody was enrolled, or start and size agree.
    """
    blocks: dict[str, dict[str, RelationKey]] = defaultdict(dict)
    for key in lookup.keys.values():
        for title in (key.brief_title, key.official_title):
            if len(words_of(title)) >= MIN_TITLE_WORDS:
                blocks[fold_title(title)][key.nct_id] = key
    groups = [
        list(group.values())
        for title, group in blocks.items()
        if 1 < len(group) <= SHARED_TITLE_LIMIT and not lookup.is_common("title", title)
    ]
    groups += [
        [key for key, _ in group]
        for group in lookup.by_number.values()
        if 1 < len(group) <= SHARED_ID_LIMIT
    ]
    for group in groups:
        for one, other in combinations(group, 2):
            first, second = sorted((one, other), key=lambda key: key.nct_id)
            if _registered_anew(first, second):
                evidence = (title_evidence(second), title_evidence(first))
                confidence = 0.9
                yield Found("re_registration_of", second.nct_id, first.nct_id, confidence, evidence)


def _registered_anew(first: RelationKey, second: RelationKey) -> bool:
    if (
        first.study_type != second.study_type
        or first.phases != second.phases
        or first.follow_up != second.follow_up
        or not _titles_agree(first, second)
        or (first.countries and second.countries and not first.countries & second.countries)
    ):
        return False
    same_start = bool(first.start) and first.start[:7] == second.start[:7]
    same_size = first.enrollment == second.enrollment and bool(first.enrollment)
    if same_start and same_size:
        return share_condition(first, second)
    withdrawn = first.status == "WITHDRAWN" and second.status != "WITHDRAWN"
    return withdrawn and share_party(first, second)


def _titles_agree(first: RelationKey, second: RelationKey) -> bool:
    one = set(words_of(f"{first.brief_title} {first.official_title}"))
    other = set(words_of(f"{second.brief_title} {second.official_title}"))
    return len(one & other) >= 0.8 * len(one | other)


def _resolved(lookup: Lookup) -> Iterator[tuple[RelationKey, Mention, RelationKey]]:
    """Yield the mentions of trials that are here; numbers need a sponsor or person in common."""
    for key in lookup.keys.values():
        for mention in key.nct_mentions:
            other = lookup.resolve(mention.target)
            if other is not None and other.nct_id != key.nct_id:
                yield key, mention, other
        for mention in key.number_mentions:
            group = lookup.by_number.get(mention.target, [])
            if len(group) != 1 or fold_id(mention.place.words) != mention.target:
                continue  # a number of several trials does not say which
            other = group[0][0]
            if other.nct_id != key.nct_id and share_party(key, other):
                yield key, mention, other
