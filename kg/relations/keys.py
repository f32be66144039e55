"""`RelationKey`: the little of a record that typed relations are found from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kg.conditions import StudyConditions
from kg.iris import canonical_nct_ids
from kg.relations.identifiers import fold_id, is_citable_id, without_extension_suffix
from kg.relations.products import NO_PRODUCTS, ProductNames, product_names
from kg.relations.wording import (
    in_exclusion_criteria,
    is_follow_up_title,
    says_earlier,
    says_extension,
    says_follow_up,
    sentence_around,
)
from kg.sections import study_sections
from kg.study import Study
from ontology.hierarchy import load_hierarchy

_NCT_ID = re.compile(r"(?<![A-Za-z])NCT[\s:#-]{0,2}0*(\d{8})(?!\d)", re.IGNORECASE | re.ASCII)
_ID_LIKE = re.compile(
    r"(?<![A-Za-z0-9/_.-])(?=[A-Za-z/_.-]*\d)[A-Za-z0-9][A-Za-z0-9/_.-]{4,38}[A-Za-z0-9]", re.ASCII
)
_PHASE_IN_TITLE = re.compile(
    r"phase[\s-]*(I{1,3}|IV|[1-4]|[ⅠⅡⅢ])[ab]?(?:\s*[/-]\s*(I{1,3}|[1-4]|[ⅠⅡⅢ])[ab]?)?\b",
    re.IGNORECASE,
)
_LONG_TERM = re.compile(r"\blong[\s-]?term\b", re.IGNORECASE)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3}
_PHASES = {"EARLY_PHASE1": 1, "PHASE1": 1, "PHASE2": 2, "PHASE3": 3, "PHASE4": 4}
_OWN_CITATIONS = frozenset({"RESULT", "DERIVED"})
_CITATION_LENGTH = 600


class Place(NamedTuple):
    """Words of a record and where they stand."""

    path: str
    words: str
    start: int
    end: int


class Mention(NamedTuple):
    """That a record names another by a number, and what the sentence says of it.

    `target` is an NCT id or a folded study number.
    """

    target: str
    place: Place
    follow_up: bool
    extension: bool
    earlier: bool


class Number(NamedTuple):
    """A study number of a record: folded, as registered, of which kind, and where."""

    folded: str
    kind: str
    place: Place


class Citation(NamedTuple):
    """A publication of a record; `own` if the record or the registry calls it its result."""

    pmid: str
    own: bool
    derived: bool
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationKey:
    """What of a record relations are found from; some kilobytes, no whole text.

    Attributes
    ----------
    nct_id : str
    aliases : tuple of str
        NCT ids under which the record stood before.
    sponsor : str
        The lead sponsor, folded.
    parties : frozenset of str
        Sponsors, collaborators and officials, folded.
    conditions, wider_conditions : frozenset of str
        Names and IRIs of the conditions, and names of the specific concepts right above them.
    countries : frozenset of str
    study_type : str
    phases : frozenset of int
    start : str
        The date as registered, empty if there is none.
    status : str
    enrollment : int or None
    brief_title, official_title, acronym : str
    follow_up : bool
        Whether a title says that the trial follows another's people.
    long_term : bool
        Whether a title speaks of the long term.
    title_phases : frozenset of int
        Phases that the titles name.
    numbers : tuple of Number
        Org study id and secondary ids.
    parent_number : str
        Folded; what is left of the org study id without a mark such as ``-FU``.
    nct_mentions, number_mentions : tuple of Mention
    citations : tuple of Citation
    products : ProductNames
    """

    nct_id: str
    aliases: tuple[str, ...] = ()
    sponsor: str = ""
    parties: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    wider_conditions: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    study_type: str = ""
    phases: frozenset[int] = frozenset()
    start: str = ""
    status: str = ""
    enrollment: int | None = None
    brief_title: str = ""
    official_title: str = ""
    acronym: str = ""
    follow_up: bool = False
    long_term: bool = False
    title_phases: frozenset[int] = frozenset()
    numbers: tuple[Number, ...] = ()
    parent_number: str = ""
    nct_mentions: tuple[Mention, ...] = ()
    number_mentions: tuple[Mention, ...] = ()
    citations: tuple[Citation, ...] = ()
    products: ProductNames = NO_PRODUCTS


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
    nct_mentions, number_mentions = _mentions(study, follow_up)
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
        brief_title=titles[0],
        official_title=titles[1],
        acronym=(identification.acronym or "").strip(),
        follow_up=follow_up,
        long_term=any(_LONG_TERM.search(title) is not None for title in titles),
        title_phases=frozenset(phase for title in titles for phase in _phases_in(title)),
        numbers=tuple(_numbers(study)),
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
        if item.pmid:
            kind = (item.type or "").upper()
            yield Citation(
                item.pmid,
                kind in _OWN_CITATIONS,
                kind == "DERIVED",
                (item.citation or "")[:_CITATION_LENGTH] if kind in _OWN_CITATIONS else "",
                Place(f"references[{place}].pmid", item.pmid, 0, len(item.pmid)),
            )


def _mentions(study: Study, follow_up: bool) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """Find numbers of other trials in all texts, eligibility too: there follow-ups name theirs."""
    own = {number.folded for number in _numbers(study)}
    by_nct: list[Mention] = []
    by_number: list[Mention] = []
    for path, text in _texts(study):
        for found in _NCT_ID.finditer(text):
            target = f"NCT{found[1]}"
            if target != study.nct_id:
                by_nct.append(_mention(target, path, text, found.span(), follow_up))
        for found in _ID_LIKE.finditer(text):
            folded = fold_id(found[0])
            if folded not in own and is_citable_id(found[0]) and not folded.startswith("nct"):
                by_number.append(_mention(folded, path, text, found.span(), follow_up))
    return tuple(by_nct), tuple(by_number)


def _texts(study: Study) -> Iterator[tuple[str, str]]:
    for section in study_sections(study):
        yield section.path, section.text
    for place, link in enumerate(study.references.see_also_links):
        for field, text in (("label", link.label), ("url", link.url)):
            if text:
                yield f"see_also_links[{place}].{field}", text
    for place, info in enumerate(study.identification.secondary_id_infos):
        if info.id:
            yield f"secondary_id_infos[{place}].id", info.id


def _mention(target: str, path: str, text: str, span: tuple[int, int], follow_up: bool) -> Mention:
    start, end = span
    if path.startswith(("see_also_links", "secondary_id_infos")):
        return Mention(target, Place(path, text[start:end], start, end), False, False, False)
    first, last = sentence_around(text, start, end)
    sentence = text[first:last]
    excluded = in_exclusion_criteria(path, text, start)
    return Mention(
        target,
        Place(path, text[start:end], start, end),
        not excluded and says_follow_up(sentence, follow_up_title=follow_up),
        not excluded and says_extension(sentence),
        not excluded and says_earlier(sentence),
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
