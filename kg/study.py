"""`Study`: one registry record, read and checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from kg.iris import canonical_nct_id
from kg.study_modules import (
    ArmsInterventionsModule,
    ConditionsModule,
    ContactsLocationsModule,
    DescriptionModule,
    DesignModule,
    EligibilityModule,
    IdentificationModule,
    IpdSharingStatementModule,
    Module,
    OutcomesModule,
    OversightModule,
    ProtocolSection,
    ReferencesModule,
    SponsorCollaboratorsModule,
    StatusModule,
)
from kg.study_other_sections import (
    AnnotationSection,
    BrowseModule,
    DerivedSection,
    DocumentSection,
    MiscInfoModule,
    ResultsSection,
)
from ontology.errors import InvalidIdentifierError, RecordError


class ListedTrial(Module, frozen=True):
    """A trial that a public page lists as related to the one it shows."""

    nct_id: str | None = None
    brief_title: str | None = None


class Study(Module, frozen=True):
    """One registry record (API v2 shape), immutable.

    `composed_summary`, `listed_as_related` and `removed_from_registry` are ours, not the
    registry's: the first marks a summary that was composed from facts, the second holds what a
    public page of the trial lists as related, the third is the day on which a refresh found
    that the registry no longer lists the record. The short properties reach the modules:
    ``study.design.phases`` is the registry's ``protocolSection.designModule.phases``. Out of
    scope: anything that is extracted or computed from the record.
    """

    protocol_section: ProtocolSection = ProtocolSection()
    results_section: ResultsSection = ResultsSection()
    annotation_section: AnnotationSection = AnnotationSection()
    document_section: DocumentSection = DocumentSection()
    derived_section: DerivedSection = DerivedSection()
    has_results: bool | None = None
    composed_summary: bool = False
    listed_as_related: tuple[ListedTrial, ...] = ()
    removed_from_registry: str | None = None

    @property
    def nct_id(self) -> str:
        """The canonical NCT id, such as ``NCT04356287``."""
        return str(self.protocol_section.identification_module.nct_id)

    @property
    def identification(self) -> IdentificationModule:
        """Numbers and titles."""
        return self.protocol_section.identification_module

    @property
    def status(self) -> StatusModule:
        """Status and dates."""
        return self.protocol_section.status_module

    @property
    def sponsor_collaborators(self) -> SponsorCollaboratorsModule:
        """Sponsor, collaborators, responsible party."""
        return self.protocol_section.sponsor_collaborators_module

    @property
    def oversight(self) -> OversightModule:
        """Regulation."""
        return self.protocol_section.oversight_module

    @property
    def description(self) -> DescriptionModule:
        """Summary and description."""
        return self.protocol_section.description_module

    @property
    def conditions(self) -> ConditionsModule:
        """Conditions and keywords as registered."""
        return self.protocol_section.conditions_module

    @property
    def design(self) -> DesignModule:
        """Kind, phases, design and size."""
        return self.protocol_section.design_module

    @property
    def arms_interventions(self) -> ArmsInterventionsModule:
        """Arms and interventions."""
        return self.protocol_section.arms_interventions_module

    @property
    def outcomes(self) -> OutcomesModule:
        """Planned outcomes."""
        return self.protocol_section.outcomes_module

    @property
    def eligibility(self) -> EligibilityModule:
        """Who may take part."""
        return self.protocol_section.eligibility_module

    @property
    def contacts_locations(self) -> ContactsLocationsModule:
        """Officials and locations."""
        return self.protocol_section.contacts_locations_module

    @property
    def references(self) -> ReferencesModule:
        """Publications and links."""
        return self.protocol_section.references_module

    @property
    def ipd_sharing(self) -> IpdSharingStatementModule:
        """Sharing of participant data."""
        return self.protocol_section.ipd_sharing_statement_module

    @property
    def misc_info(self) -> MiscInfoModule:
        """Record version and removed countries."""
        return self.derived_section.misc_info_module

    @property
    def condition_browse(self) -> BrowseModule:
        """MeSH terms of the conditions."""
        return self.derived_section.condition_browse_module

    @property
    def intervention_browse(self) -> BrowseModule:
        """MeSH terms of the interventions."""
        return self.derived_section.intervention_browse_module


_MARKUP_ESCAPE = re.compile(r"\\([<>\[\]^&*~_.()#+-])")
_VALIDATION_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


def parse_study(payload: Mapping[str, Any]) -> Study:
    """Read one API v2 record into a `Study`.

    Parameters
    ----------
    payload : mapping
        The record as JSON objects; keys whose value is ``None`` count as absent.

    Returns
    -------
    Study
        With its NCT id in canonical form.

    Raises
    ------
    RecordError
        If the NCT id is missing or malformed, or a field has a value of the wrong kind; the
        error names the record and the field.
    """
    identification = _identification(payload)
    raw_id = identification.get("nctId")
    if raw_id is None:
        raise RecordError(
            "The record has no NCT id; add it, or leave the record out.",
            field="protocolSection.identificationModule.nctId",
        )
    try:
        nct_id = canonical_nct_id(raw_id)
    except InvalidIdentifierError as error:
        raise RecordError(str(error), field="protocolSection.identificationModule.nctId") from None
    try:
        study = msgspec.convert(_cleaned(payload), Study)
    except msgspec.ValidationError as error:
        message = str(error)
        found = _VALIDATION_PATH.search(message)
        field = found["path"] if found else None
        reason = message[: found.start()] if found else message
        raise RecordError(
            f"{reason}; correct the value or leave the field out.", nct_id=nct_id, field=field
        ) from None
    except RecursionError:
        raise RecordError("The record is nested too deeply.", nct_id=nct_id) from None
    if study.nct_id == nct_id:
        return study
    module = msgspec.structs.replace(study.identification, nct_id=nct_id)
    protocol = msgspec.structs.replace(study.protocol_section, identification_module=module)
    return msgspec.structs.replace(study, protocol_section=protocol)


def canonical_json(payload: Mapping[str, Any]) -> bytes:
    """Serialise a record so that equal records give equal bytes (sorted keys, no nulls)."""
    return msgspec.json.encode(_without_nulls(payload), order="deterministic")


def record_fingerprint(payload: Mapping[str, Any]) -> str:
    """Return the sha256 (hex) of the canonical JSON of a record."""
    return json_fingerprint(canonical_json(payload))


def json_fingerprint(canonical: bytes) -> str:
    """Return the sha256 (hex) of a record that is canonical JSON already."""
    return hashlib.sha256(canonical).hexdigest()


def _identification(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    protocol = payload.get("protocolSection") if isinstance(payload, Mapping) else None
    module = protocol.get("identificationModule") if isinstance(protocol, Mapping) else None
    return module if isinstance(module, Mapping) else {}


def _cleaned(value: Any) -> Any:
    r"""Leave nulls out and undo the escapes of the registry's markdown (``\>`` for ``>``).

    API v2 sends these. Older forms of the same record carry the text without them, and the
    graph of a trial must not depend on the form in which it came.
    """
    if isinstance(value, str):
        return _MARKUP_ESCAPE.sub(r"\1", value) if "\\" in value else value
    if isinstance(value, dict):
        # Most of a record is plain text: a call for each piece would cost as much as all else.
        return {
            key: item if type(item) is str and "\\" not in item else _cleaned(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value if item is not None]
    return _cleaned(dict(value)) if isinstance(value, Mapping) else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value if item is not None]
    return value
