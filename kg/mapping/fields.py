"""Which field of a record becomes which property: the tables that the mapping runs on.

A field path is the registry's own (OpenAPI 2.0.3); the property is its name, in the singular
where the field is a list. Where the registry uses one name for two things (``type``,
``description``, ``date``) the property says which. Here are the fields of the trial itself;
`kg.mapping.parts` holds what becomes nodes of its own, `kg.mapping.coverage` what neither has.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.mapping import terms
from kg.study_modules import ENROLLMENT_SENTINEL

PROTOCOL = "protocolSection."
_WEB_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_PHASE_BASE = "https://w3id.org/trialkin/concept/phases/"


class Field(NamedTuple):
    """One field that becomes literals or edges of the node it belongs to.

    Attributes
    ----------
    path : str
        Registry path from the record (or, in a `Part`, from the part).
    term : str
        Local name of the property in our ontology.
    write : callable
        From a value of the field to a term in N-Quads text, or None for "no value".
    """

    path: str
    term: str
    write: Callable[[Any], str | None] = terms.text


def phase(value: str) -> str:
    """Return the concept of a phase."""
    return terms.iri(_PHASE_BASE + value)


def enrollment(value: int) -> str | None:
    """Return an enrolment count, unless it is the sentinel for "not known"."""
    return None if value == ENROLLMENT_SENTINEL else terms.integer(value)


def number(value: float) -> str:
    """Return a whole number that the registry sends as any number."""
    return terms.integer(int(value))


def address(value: str) -> str | None:
    """Return a web address as an IRI where it is one, else as text."""
    shown = value.strip()
    if not _WEB_ADDRESS.match(shown):
        return terms.text(value)
    written = terms.iri(shown)
    try:
        ox.NamedNode(written[1:-1])
    except ValueError:  # such as a port that is no number
        return terms.text(value)
    return written


STUDY_FIELDS = (
    Field(f"{PROTOCOL}identificationModule.nctId", "nctId"),
    Field(f"{PROTOCOL}identificationModule.nctIdAliases", "nctIdAlias"),
    Field(f"{PROTOCOL}identificationModule.briefTitle", "briefTitle"),
    Field(f"{PROTOCOL}identificationModule.officialTitle", "officialTitle"),
    Field(f"{PROTOCOL}identificationModule.acronym", "acronym"),
    Field(f"{PROTOCOL}statusModule.statusVerifiedDate", "statusVerifiedDate", terms.partial_date),
    Field(f"{PROTOCOL}statusModule.overallStatus", "overallStatus"),
    Field(f"{PROTOCOL}statusModule.lastKnownStatus", "lastKnownStatus"),
    Field(f"{PROTOCOL}statusModule.delayedPosting", "delayedPosting", terms.boolean),
    Field(f"{PROTOCOL}statusModule.whyStopped", "whyStopped"),
    Field(
        f"{PROTOCOL}statusModule.expandedAccessInfo.hasExpandedAccess",
        "hasExpandedAccess",
        terms.boolean,
    ),
    Field(f"{PROTOCOL}statusModule.expandedAccessInfo.nctId", "expandedAccessNctId"),
    Field(f"{PROTOCOL}statusModule.expandedAccessInfo.statusForNctId", "expandedAccessStatus"),
    Field(f"{PROTOCOL}statusModule.startDateStruct.date", "startDate", terms.partial_date),
    Field(f"{PROTOCOL}statusModule.startDateStruct.type", "startDateType"),
    Field(
        f"{PROTOCOL}statusModule.primaryCompletionDateStruct.date",
        "primaryCompletionDate",
        terms.partial_date,
    ),
    Field(f"{PROTOCOL}statusModule.primaryCompletionDateStruct.type", "primaryCompletionDateType"),
    Field(
        f"{PROTOCOL}statusModule.completionDateStruct.date", "completionDate", terms.partial_date
    ),
    Field(f"{PROTOCOL}statusModule.completionDateStruct.type", "completionDateType"),
    Field(
        f"{PROTOCOL}statusModule.studyFirstSubmitDate", "studyFirstSubmitDate", terms.partial_date
    ),
    Field(
        f"{PROTOCOL}statusModule.studyFirstSubmitQcDate",
        "studyFirstSubmitQcDate",
        terms.partial_date,
    ),
    Field(
        f"{PROTOCOL}statusModule.studyFirstPostDateStruct.date",
        "studyFirstPostDate",
        terms.partial_date,
    ),
    Field(f"{PROTOCOL}statusModule.studyFirstPostDateStruct.type", "studyFirstPostDateType"),
    Field(f"{PROTOCOL}statusModule.resultsWaived", "resultsWaived", terms.boolean),
    Field(
        f"{PROTOCOL}statusModule.resultsFirstSubmitDate",
        "resultsFirstSubmitDate",
        terms.partial_date,
    ),
    Field(
        f"{PROTOCOL}statusModule.resultsFirstSubmitQcDate",
        "resultsFirstSubmitQcDate",
        terms.partial_date,
    ),
    Field(
        f"{PROTOCOL}statusModule.resultsFirstPostDateStruct.date",
        "resultsFirstPostDate",
        terms.partial_date,
    ),
    Field(f"{PROTOCOL}statusModule.resultsFirstPostDateStruct.type", "resultsFirstPostDateType"),
    Field(f"{PROTOCOL}statusModule.dispFirstSubmitDate", "dispFirstSubmitDate", terms.partial_date),
    Field(
        f"{PROTOCOL}statusModule.dispFirstSubmitQcDate", "dispFirstSubmitQcDate", terms.partial_date
    ),
    Field(
        f"{PROTOCOL}statusModule.dispFirstPostDateStruct.date",
        "dispFirstPostDate",
        terms.partial_date,
    ),
    Field(f"{PROTOCOL}statusModule.dispFirstPostDateStruct.type", "dispFirstPostDateType"),
    Field(
        f"{PROTOCOL}statusModule.lastUpdateSubmitDate", "lastUpdateSubmitDate", terms.partial_date
    ),
    Field(
        f"{PROTOCOL}statusModule.lastUpdatePostDateStruct.date",
        "lastUpdatePostDate",
        terms.partial_date,
    ),
    Field(f"{PROTOCOL}statusModule.lastUpdatePostDateStruct.type", "lastUpdatePostDateType"),
    Field(f"{PROTOCOL}sponsorCollaboratorsModule.responsibleParty.type", "responsiblePartyType"),
    Field(
        f"{PROTOCOL}sponsorCollaboratorsModule.responsibleParty.investigatorFullName",
        "investigatorFullName",
    ),
    Field(
        f"{PROTOCOL}sponsorCollaboratorsModule.responsibleParty.investigatorTitle",
        "investigatorTitle",
    ),
    Field(
        f"{PROTOCOL}sponsorCollaboratorsModule.responsibleParty.investigatorAffiliation",
        "investigatorAffiliation",
    ),
    Field(f"{PROTOCOL}sponsorCollaboratorsModule.responsibleParty.oldNameTitle", "oldNameTitle"),
    Field(
        f"{PROTOCOL}sponsorCollaboratorsModule.responsibleParty.oldOrganization", "oldOrganization"
    ),
    Field(f"{PROTOCOL}oversightModule.oversightHasDmc", "oversightHasDmc", terms.boolean),
    Field(f"{PROTOCOL}oversightModule.isFdaRegulatedDrug", "isFdaRegulatedDrug", terms.boolean),
    Field(f"{PROTOCOL}oversightModule.isFdaRegulatedDevice", "isFdaRegulatedDevice", terms.boolean),
    Field(f"{PROTOCOL}oversightModule.isUnapprovedDevice", "isUnapprovedDevice", terms.boolean),
    Field(f"{PROTOCOL}oversightModule.isPpsd", "isPpsd", terms.boolean),
    Field(f"{PROTOCOL}oversightModule.isUsExport", "isUsExport", terms.boolean),
    Field(f"{PROTOCOL}oversightModule.fdaaa801Violation", "fdaaa801Violation", terms.boolean),
    Field(f"{PROTOCOL}descriptionModule.briefSummary", "briefSummary"),
    Field(f"{PROTOCOL}descriptionModule.detailedDescription", "detailedDescription"),
    Field(f"{PROTOCOL}conditionsModule.conditions", "registeredCondition"),
    Field(f"{PROTOCOL}conditionsModule.keywords", "keyword"),
    Field(f"{PROTOCOL}designModule.studyType", "studyType"),
    Field(f"{PROTOCOL}designModule.nPtrsToThisExpAccNctId", "expandedAccessPointerCount", number),
    Field(
        f"{PROTOCOL}designModule.expandedAccessTypes.individual",
        "expandedAccessIndividual",
        terms.boolean,
    ),
    Field(
        f"{PROTOCOL}designModule.expandedAccessTypes.intermediate",
        "expandedAccessIntermediate",
        terms.boolean,
    ),
    Field(
        f"{PROTOCOL}designModule.expandedAccessTypes.treatment",
        "expandedAccessTreatment",
        terms.boolean,
    ),
    Field(f"{PROTOCOL}designModule.patientRegistry", "patientRegistry", terms.boolean),
    Field(f"{PROTOCOL}designModule.targetDuration", "targetDuration"),
    Field(f"{PROTOCOL}designModule.phases", "phase", phase),
    Field(f"{PROTOCOL}designModule.designInfo.allocation", "allocation"),
    Field(f"{PROTOCOL}designModule.designInfo.interventionModel", "interventionModel"),
    Field(
        f"{PROTOCOL}designModule.designInfo.interventionModelDescription",
        "interventionModelDescription",
    ),
    Field(f"{PROTOCOL}designModule.designInfo.primaryPurpose", "primaryPurpose"),
    Field(f"{PROTOCOL}designModule.designInfo.observationalModel", "observationalModel"),
    Field(f"{PROTOCOL}designModule.designInfo.timePerspective", "timePerspective"),
    Field(f"{PROTOCOL}designModule.designInfo.maskingInfo.masking", "masking"),
    Field(
        f"{PROTOCOL}designModule.designInfo.maskingInfo.maskingDescription", "maskingDescription"
    ),
    Field(f"{PROTOCOL}designModule.designInfo.maskingInfo.whoMasked", "whoMasked"),
    Field(f"{PROTOCOL}designModule.bioSpec.retention", "bioSpecRetention"),
    Field(f"{PROTOCOL}designModule.bioSpec.description", "bioSpecDescription"),
    Field(f"{PROTOCOL}designModule.enrollmentInfo.count", "enrollmentCount", enrollment),
    Field(f"{PROTOCOL}designModule.enrollmentInfo.type", "enrollmentType"),
    Field(f"{PROTOCOL}eligibilityModule.eligibilityCriteria", "eligibilityCriteria"),
    Field(f"{PROTOCOL}eligibilityModule.healthyVolunteers", "healthyVolunteers", terms.boolean),
    Field(f"{PROTOCOL}eligibilityModule.sex", "sex"),
    Field(f"{PROTOCOL}eligibilityModule.genderBased", "genderBased", terms.boolean),
    Field(f"{PROTOCOL}eligibilityModule.genderDescription", "genderDescription"),
    Field(f"{PROTOCOL}eligibilityModule.minimumAge", "minimumAge"),
    Field(f"{PROTOCOL}eligibilityModule.maximumAge", "maximumAge"),
    Field(f"{PROTOCOL}eligibilityModule.stdAges", "stdAge"),
    Field(f"{PROTOCOL}eligibilityModule.studyPopulation", "studyPopulation"),
    Field(f"{PROTOCOL}eligibilityModule.samplingMethod", "samplingMethod"),
    Field(f"{PROTOCOL}ipdSharingStatementModule.ipdSharing", "ipdSharing"),
    Field(f"{PROTOCOL}ipdSharingStatementModule.description", "ipdSharingDescription"),
    Field(f"{PROTOCOL}ipdSharingStatementModule.infoTypes", "ipdSharingInfoType"),
    Field(f"{PROTOCOL}ipdSharingStatementModule.timeFrame", "ipdSharingTimeFrame"),
    Field(f"{PROTOCOL}ipdSharingStatementModule.accessCriteria", "ipdSharingAccessCriteria"),
    Field(f"{PROTOCOL}ipdSharingStatementModule.url", "ipdSharingUrl", address),
    Field("documentSection.largeDocumentModule.noSap", "noStatisticalAnalysisPlan", terms.boolean),
    Field("derivedSection.miscInfoModule.versionHolder", "versionHolder", terms.partial_date),
    Field("derivedSection.miscInfoModule.removedCountries", "removedCountry"),
    Field(
        "derivedSection.miscInfoModule.submissionTracking.estimatedResultsFirstSubmitDate",
        "estimatedResultsFirstSubmitDate",
        terms.partial_date,
    ),
    Field(
        "derivedSection.miscInfoModule.submissionTracking.firstMcpInfo.postDateStruct.date",
        "firstQualityReviewPostDate",
        terms.partial_date,
    ),
    Field(
        "derivedSection.miscInfoModule.submissionTracking.firstMcpInfo.postDateStruct.type",
        "firstQualityReviewPostDateType",
    ),
    Field(
        "annotationSection.annotationModule.unpostedAnnotation.unpostedResponsibleParty",
        "unpostedResponsibleParty",
    ),
    Field("hasResults", "hasResults", terms.boolean),
)
