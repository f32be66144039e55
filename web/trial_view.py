"""What of a record a trial page groups or leaves out before it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.study import Study
from kg.study_modules import (
    ENROLLMENT_SENTINEL,
    AvailIpd,
    Location,
    Outcome,
    Reference,
    SeeAlsoLink,
)
from web.presentation import words

_PMID = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: its anchor, and its heading in short."""

    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class OutcomeList:
    """The outcomes of one kind."""

    title: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number of the trial, with whose number it is."""

    value: str
    kind: str
    link: str | None


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record, ready for the page.

    Attributes
    ----------
    parts : tuple of Part
        The parts that the page has, in their order.
    locations : tuple of (str, tuple of Location)
        By country; most places first.
    outcomes : tuple of OutcomeList
    identifiers : tuple of Identifier
        All but the NCT id.
    enrollment : int or None
        None where the registry's number stands for "not known".
    """

    parts: tuple[Part, ...]
    locations: tuple[tuple[str, tuple[Location, ...]], ...]
    outcomes: tuple[OutcomeList, ...]
    identifiers: tuple[Identifier, ...]
    references: tuple[tuple[Reference, str | None], ...]
    links: tuple[SeeAlsoLink, ...]
    shared_data: tuple[AvailIpd, ...]
    enrollment: int | None

    @property
    def anchors(self) -> frozenset[str]:
        """The anchors of all parts."""
        return frozenset(part.anchor for part in self.parts)


def record_view(study: Study) -> RecordView:
    """Prepare a record for its page."""
    outcomes = tuple(
        OutcomeList(title, listed)
        for title, listed in (
            ("Primary outcomes", study.outcomes.primary_outcomes),
            ("Secondary outcomes", study.outcomes.secondary_outcomes),
            ("Other outcomes", study.outcomes.other_outcomes),
        )
        if listed
    )
    references = tuple(
        (reference, reference.pmid if _PMID.fullmatch(reference.pmid or "") else None)
        for reference in study.references.references
        if reference.citation or reference.pmid
    )
    links = tuple(link for link in study.references.see_also_links if link.label or link.url)
    identifiers = _identifiers(study)
    count = study.design.enrollment_info.count
    arms = study.arms_interventions
    parts = [
        ("basic", "Basics", True),
        ("summary", "Summary", True),
        ("read", "Read from text", True),
        ("kin", "Kin", True),
        ("listed", "Listed", bool(study.listed_as_related)),
        ("description", "Description", True),
        ("conditions", "Conditions", True),
        ("design", "Design", True),
        ("arms", "Groups", True),
        ("interventions", "Interventions", bool(arms.interventions) or not arms.arm_groups),
        ("outcomes", "Outcomes", True),
        ("eligibility", "Eligibility", True),
        ("sponsors", "Sponsors", True),
        ("locations", "Locations", True),
        ("references", "References", bool(references)),
        ("links", "Links", bool(links)),
        ("sharing", "Sharing", study.ipd_sharing.ipd_sharing is not None),
        ("identifiers", "Identifiers", bool(identifiers)),
    ]
    return RecordView(
        tuple(Part(anchor, title) for anchor, title, present in parts if present),
        _by_country(study.contacts_locations.locations),
        outcomes,
        identifiers,
        references,
        links,
        study.references.avail_ipds,
        None if count == ENROLLMENT_SENTINEL else count,
    )


def _by_country(
    locations: Sequence[Location],
) -> tuple[tuple[str, tuple[Location, ...]], ...]:
    countries: dict[str, list[Location]] = {}
    for place in locations:
        countries.setdefault(place.country or "Country not stated", []).append(place)
    ordered = sorted(countries.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple((country, tuple(places)) for country, places in ordered)


def _identifiers(study: Study) -> tuple[Identifier, ...]:
    own = study.identification.org_study_id_info
    found = [] if own.id is None else [Identifier(own.id, "Sponsor's own number", own.link)]
    for info in study.identification.secondary_id_infos:
        if info.id is not None:
            kind = words(info.type) if info.type else "Other number"
            said = kind if info.domain is None else f"{kind}, {info.domain}"
            found.append(Identifier(info.id, said, info.link))
    found += [
        Identifier(alias, "Former NCT id", None) for alias in study.identification.nct_id_aliases
    ]
    return tuple(found)
