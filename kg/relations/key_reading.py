"""`relation_key`: read from a record what relations are found from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from kg.conditions import StudyConditions
from kg.iris import canonical_nct_ids
from kg.mapping.study_mapping import age_days
from kg.relations.identifiers import fold_id, without_extension_suffix
from kg.relations.keys import Citation, Number, Place, RelationKey
from kg.relations.mentions import find_mentions
from kg.relations.products import product_names
from kg.relations.wording import is_follow_up_title
from kg.study import Study
from ontology.hierarchy import load_hierarchy

_PHASE_IN_TITLE = re.compile(
    r"phase[\s-]*(I{1,3}|IV|[1-4]|[ⅠⅡⅢ])[ab]?(?:\s*[/-]\s*(I{1,3}|[1-4]|[ⅠⅡⅢ])[ab]?)?\b",
    re.IGNORECASE,
)
_LONG_TERM = re.compile(r"\blong[\s-]?term\b", re.IGNORECASE)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3}
_PHASES = {"EARLY_PHASE1": 1, "PHASE1": 1, "PHASE2": 2, "PHASE3": 3, "PHASE4": 4}
_PMID = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_OWN_CITATIONS = frozenset({"RESULT", "DERIVED"})
_CITATION_LENGTH = 600


def relation_key(study: Study, conditions: StudyConditions) -> RelationKey:
    """Return what relations are found from.

    Parameters
    ----------
    study : Study
    conditions : StudyConditions
        What `kg.conditions.find_conditions` found in it.
    """
    identification, status = study.identification, study.status
    module, design = study.sponsor_collaborators, study.design
    titles = (identification.brief_title or "", identification.official_title or "")
    follow_up = any(is_follow_up_title(title) for title in titles)
    org_id = identification.org_study_id_info.id or ""
    parent = without_extension_suffix(org_id)
    parties = [module.lead_sponsor.name, *(party.name for party in module.collaborators)]
    parties += [
        official.name for official in study.contacts_locations.overall_officials if official.name
    ]
    numbers = tuple(_numbers(study))
    own = {number.folded for number in numbers} | {fold_id(study.nct_id)}
    nct_mentions, number_mentions = find_mentions(study, own, follow_up=follow_up)
    return RelationKey(
        nct_id=study.nct_id,
        aliases=tuple(canonical_nct_ids(identification.nct_id_aliases)),
        sponsor=fold_party(module.lead_sponsor.name or ""),
        parties=frozenset(fold_party(name) for name in parties if name),
        conditions=frozenset((*conditions.names, *conditions.iris)),
        wider_conditions=_wider(conditions.names),
        countries=frozenset(
            place.country for place in study.contacts_locations.locations if place.country
        ),
        study_type=design.study_type or "",
        phases=frozenset(_PHASES[phase] for phase in design.phases if phase in _PHASES),
        start=status.start_date_struct.date or "",
        status=status.overall_status or "",
        enrollment=design.enrollment_info.count,
        minimum_age_days=age_days(study.eligibility.minimum_age),
        maximum_age_days=age_days(study.eligibility.maximum_age),
        brief_title=titles[0],
        official_title=titles[1],
        acronym=(identification.acronym or "").strip(),
        follow_up=follow_up,
        long_term=any(_LONG_TERM.search(title) is not None for title in titles),
        title_phases=frozenset(phase for title in titles for phase in _phases_in(title)),
        numbers=numbers,
        parent_number=fold_id(parent) if parent is not None else "",
        nct_mentions=nct_mentions,
        number_mentions=number_mentions,
        citations=tuple(_citations(study)),
        products=product_names(study),
    )


@lru_cache(maxsize=65536)
def fold_party(name: str) -> str:
    """Return the name of a sponsor or person without titles, legal form and punctuation.

    Examples
    --------
    >>> fold_party("Medipost Co., Ltd.") == fold_party("Medipost Co Ltd.")
    True
    """
    plain = re.sub(
        r"\b(?:co|ltd|inc|llc|gmbh|corp|corporation|s\.?a\.?u?|pvt|limited|kg|m\.?d|ph\.?d|dr|"
        r"prof(?:essor)?)\b\.?",
        " ",
        name.casefold(),
    )
    return fold_id(plain) or fold_id(name)


def _numbers(study: Study) -> Iterator[Number]:
    identification = study.identification
    own = identification.org_study_id_info.id
    if own:
        yield Number(fold_id(own), "ORG", Place("org_study_id_info.id", own, 0, len(own)))
    for place, info in enumerate(identification.secondary_id_infos):
        if info.id:
            path = f"secondary_id_infos[{place}].id"
            # Older records spell the type out ("EudraCT Number").
            kind = (info.type or "").upper()
            yield Number(fold_id(info.id), kind, Place(path, info.id, 0, len(info.id)))


def _citations(study: Study) -> Iterator[Citation]:
    for place, item in enumerate(study.references.references):
        if item.pmid and _PMID.fullmatch(item.pmid) is not None:
            kind = (item.type or "").upper()
            yield Citation(
                item.pmid,
                kind in _OWN_CITATIONS,
                kind == "DERIVED",
                (item.citation or "")[:_CITATION_LENGTH] if kind in _OWN_CITATIONS else "",
                Place(f"references[{place}].pmid", item.pmid, 0, len(item.pmid)),
            )


def _wider(names: tuple[str, ...]) -> frozenset[str]:
    hierarchy = load_hierarchy("conditions")
    return frozenset(
        above
        for name in names
        for above in hierarchy.scheme[name].broader
        if hierarchy.is_specific(above)
    )


def _phases_in(title: str) -> Iterator[int]:
    for found in _PHASE_IN_TITLE.finditer(title):
        for part in found.groups():
            if part is not None:
                yield _ROMAN.get(part.upper()) or int(part)
