"""`Profile`: what likeness is computed from, whoever made it: texts, concepts, design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from ontology.errors import RecordError

TEXT_KEYS = (
    "title",
    "conditions",
    "interventions",
    "summary",
    "description",
    "outcomes",
    "eligibility",
)
"""The texts of a profile, in the order in which they are shown and joined."""

CONCEPT_KEYS = (
    "conditions",
    "mesh",
    "mesh_ancestors",
    "cell_sources",
    "cell_types",
    "donors",
    "routes",
)
"""The concept sets of a profile: names in the scheme of that name, or canonical MeSH ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How a trial is built, in the registry's own values.

    Attributes
    ----------
    study_type, allocation, masking, primary_purpose, sex : str or None
        Enumerated values such as ``INTERVENTIONAL``; None where not stated.
    phases : tuple of str
        Such as ``("PHASE1", "PHASE2")``.
    enrollment_count, minimum_age_days, maximum_age_days : int or None
        None where not stated.
    lead_sponsor : str or None
        The name as registered.
    countries : tuple of str
        Names as registered, sorted.
    """

    study_type: str | None = None
    phases: tuple[str, ...] = ()
    allocation: str | None = None
    masking: str | None = None
    primary_purpose: str | None = None
    enrollment_count: int | None = None
    sex: str | None = None
    minimum_age_days: int | None = None
    maximum_age_days: int | None = None
    lead_sponsor: str | None = None
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """How much is given and how often; several values where arms or steps differ.

    Attributes
    ----------
    dose_per_kg : tuple of float
        Cells per kilogram of body weight.
    dose_total : tuple of float
        Cells in all.
    administrations : tuple of int
        How many times.
    """

    dose_per_kg: tuple[float, ...] = ()
    dose_total: tuple[float, ...] = ()
    administrations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """The numbers and names by which a trial is mentioned elsewhere.

    They carry typed relations, never the likeness score.
    """

    acronym: str | None = None
    org_study_id: str | None = None
    secondary_ids: tuple[str, ...] = ()
    pmids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One trial, or anything that is compared like one (a synopsis, several trials together).

    Attributes
    ----------
    nct_id : str
        The canonical NCT id, or any other non-empty name of what is not a registered trial.
    texts : mapping
        `TEXT_KEYS` to text; absent where the record has none.
    concepts : mapping
        `CONCEPT_KEYS` to concept names, sorted and without repetition.
    design : Design
    doses : Doses
    ids : Identifiers
    """

    nct_id: str
    texts: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    design: Design = Design()
    doses: Doses = Doses()
    ids: Identifiers = Identifiers()

    def __post_init__(self) -> None:
        for kind, mapping, allowed in (
            ("text", self.texts, TEXT_KEYS),
            ("concept set", self.concepts, CONCEPT_KEYS),
        ):
            unknown = sorted(set(mapping) - set(allowed))
            if unknown:
                raise RecordError(
                    f"Unknown {kind} {', '.join(unknown)}; use some of {', '.join(allowed)}.",
                    nct_id=self.nct_id,
                )
        # One order for all: equal profiles must give equal vectors, files and scores.
        texts = {key: self.texts[key] for key in TEXT_KEYS if self.texts.get(key)}
        concepts = {
            key: tuple(sorted(set(self.concepts[key])))
            for key in CONCEPT_KEYS
            if self.concepts.get(key)
        }
        object.__setattr__(self, "texts", texts)
        object.__setattr__(self, "concepts", concepts)

    def text(self, keys: Iterable[str]) -> str:
        """Join the named texts, a line break between them; empty if there are none."""
        return "\n".join(self.texts[key] for key in keys if key in self.texts)

    def concept_names(self, key: str) -> tuple[str, ...]:
        """Return one concept set; empty where the record does not say."""
        return self.concepts.get(key, ())


class StatedConcepts(msgspec.Struct, frozen=True):
    """The concept sets of which reasons are made; see `CONCEPT_KEYS`."""

    conditions: tuple[str, ...] = ()
    cell_sources: tuple[str, ...] = ()
    cell_types: tuple[str, ...] = ()
    donors: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


class StatedDesign(msgspec.Struct, frozen=True):
    """What of a `Design` reasons are made of."""

    study_type: str | None = None
    phases: tuple[str, ...] = ()


class Stated(msgspec.Struct, frozen=True):
    """What of a `Profile` reasons are made of: read in a tenth of the time, and many are equal."""

    concepts: StatedConcepts = StatedConcepts()
    design: StatedDesign = StatedDesign()
    doses: Doses = Doses()

    @classmethod
    def of(cls, profile: Profile) -> Stated:
        """Return what a profile states."""
        return msgspec.convert(profile, cls, from_attributes=True)


_STATED = msgspec.json.Decoder(Stated)


def stated_from_json(data: bytes | memoryview) -> Stated:
    """Read what a profile states from what `profile_to_json` wrote; nothing is checked."""
    return _STATED.decode(data)


def profile_to_json(profile: Profile) -> bytes:
    """Serialise a profile; equal profiles give equal bytes."""
    return msgspec.json.encode(profile)


def profile_from_json(data: bytes | str) -> Profile:
    """Read a profile from JSON.

    Raises
    ------
    RecordError
        If `data` is no JSON or not a profile.
    """
    try:
        return msgspec.json.decode(data, type=Profile)
    except msgspec.ValidationError as error:
        raise RecordError(f"Not a profile: {error}.") from None
    except msgspec.DecodeError as error:
        raise RecordError(f"A profile that is no JSON: {error}.") from None
