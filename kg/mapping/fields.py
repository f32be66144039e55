"""Which field of a record becomes which property: the tables that the mapping runs on.

A field path is the registry's own (OpenAPI 2.0.3); the property is its name, in the singular
where the field is a list. Where the registry uses one name for two things (``type``,
``description``, ``date``) the property says which. `LEFT_OUT` names what is not mapped, and
why; a test walks the registry's OpenAPI description and fails on any field in neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.mapping import terms
from kg.study_modules import ENROLLMENT_SENTINEL

_P = "protocolSection."
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


class Part(NamedTuple):
    """A field whose every item becomes a node of its own.

    Attributes
    ----------
    path : str
        Registry path of the list or object.
    kind : str
        Goes into the node's IRI (`kg.iris.part_iri`).
    link : str
        Property from the trial to the node.
    class_ : str
        Class of the node.
    key : tuple of str
        Fields that name the item; the rest counts only where items share these.
    fields : tuple of Field
        What the node carries.
    """

    path: str
    kind: str
    link: str
    class_: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]


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
    Field(f"{_P}identificationModule.nctId", "nctId"),
    Field(f"{_P}identificationModule.nctIdAliases", "nctIdAlias"),
    Field(f"{_P}identificationModule.briefTitle", "briefTitle"),
    Field(f"{_P}identificationModule.officialTitle", "officialTitle"),
    Field(f"{_P}identificationModule.acronym", "acronym"),
    Field(f"{_P}statusModule.statusVerifiedDate", "statusVerifiedDate", terms.partial_date),
    Field(f"{_P}statusModule.overallStatus", "overallStatus"),
    Field(f"{_P}statusModule.lastKnownStatus", "lastKnownStatus"),
    Field(f"{_P}statusModule.delayedPosting", "delayedPosting", terms.boolean),
    Field(f"{_P}statusModule.whyStopped", "whyStopped"),
    Field(
        f"{_P}statusModule.expandedAccessInfo.hasExpandedAccess",
        "hasExpandedAccess",
        terms.boolean,
    ),
    Field(f"{_P}statusModule.expandedAccessInfo.nctId", "expandedAccessNctId"),
    Field(f"{_P}statusModule.expandedAccessInfo.statusForNctId", "expandedAccessStatus"),
    Field(f"{_P}statusModule.startDateStruct.date", "startDate", terms.partial_date),
    Field(f"{_P}statusModule.startDateStruct.type", "startDateType"),
    Field(
        f"{_P}statusModule.primaryCompletionDateStruct.date",
        "primaryCompletionDate",
        terms.partial_date,
    ),
    Field(f"{_P}statusModule.primaryCompletionDateStruct.type", "primaryCompletionDateType"),
    Field(f"{_P}statusModule.completionDateStruct.date", "completionDate", terms.partial_date),
    Field(f"{_P}statusModule.completionDateStruct.type", "completionDateType"),
    Field(f"{_P}statusModule.studyFirstSubmitDate", "studyFirstSubmitDate", terms.partial_date),
    Field(f"{_P}statusModule.studyFirstSubmitQcDate", "studyFirstSubmitQcDate", terms.partial_date),
    Field(
        f"{_P}statusModule.studyFirstPostDateStruct.date",
        "studyFirstPostDate",
        terms.partial_date,
    ),
    Field(f"{_P}statusModule.studyFirstPostDateStruct.type", "studyFirstPostDateType"),
    Field(f"{_P}statusModule.resultsWaived", "resultsWaived", terms.boolean),
    Field(f"{_P}statusModule.resultsFirstSubmitDate", "resultsFirstSubmitDate", terms.partial_date),
    Field(
        f"{_P}statusModule.resultsFirstSubmitQcDate",
        "resultsFirstSubmitQcDate",
        terms.partial_date,
    ),
    Field(
        f"{_P}statusModule.resultsFirstPostDateStruct.date",
        "resultsFirstPostDate",
        terms.partial_date,
    ),
    Field(f"{_P}statusModule.resultsFirstPostDateStruct.type", "resultsFirstPostDateType"),
    Field(f"{_P}statusModule.dispFirstSubmitDate", "dispFirstSubmitDate", terms.partial_date),
    Field(f"{_P}statusModule.dispFirstSubmitQcDate", "dispFirstSubmitQcDate", terms.partial_date),
    Field(
        f"{_P}statusModule.dispFirstPostDateStruct.date", "dispFirstPostDate", terms.partial_date
    ),
    Field(f"{_P}statusModule.dispFirstPostDateStruct.type", "dispFirstPostDateType"),
    Field(f"{_P}statusModule.lastUpdateSubmitDate", "lastUpdateSubmitDate", terms.partial_date),
    Field(
        f"{_P}statusModule.lastUpdatePostDateStruct.date", "lastUpdatePostDate", terms.partial_date
    ),
    Field(f"{_P}statusModule.lastUpdatePostDateStruct.type", "lastUpdatePostDateType"),
    Field(f"{_P}sponsorCollaboratorsModule.responsibleParty.type", "responsiblePartyType"),
    Field(
        f"{_P}sponsorCollaboratorsModule.responsibleParty.investigatorFullName",
        "investigatorFullName",
    ),
    Field(
        f"{_P}sponsorCollaboratorsModule.responsibleParty.investigatorTitle", "investigatorTitle"
    ),
    Field(
        f"{_P}sponsorCollaboratorsModule.responsibleParty.investigatorAffiliation",
        "investigatorAffiliation",
    ),
    Field(f"{_P}sponsorCollaboratorsModule.responsibleParty.oldNameTitle", "oldNameTitle"),
    Field(f"{_P}sponsorCollaboratorsModule.responsibleParty.oldOrganization", "oldOrganization"),
    Field(f"{_P}oversightModule.oversightHasDmc", "oversightHasDmc", terms.boolean),
    Field(f"{_P}oversightModule.isFdaRegulatedDrug", "isFdaRegulatedDrug", terms.boolean),
    Field(f"{_P}oversightModule.isFdaRegulatedDevice", "isFdaRegulatedDevice", terms.boolean),
    Field(f"{_P}oversightModule.isUnapprovedDevice", "isUnapprovedDevice", terms.boolean),
    Field(f"{_P}oversightModule.isPpsd", "isPpsd", terms.boolean),
    Field(f"{_P}oversightModule.isUsExport", "isUsExport", terms.boolean),
    Field(f"{_P}oversightModule.fdaaa801Violation", "fdaaa801Violation", terms.boolean),
    Field(f"{_P}descriptionModule.briefSummary", "briefSummary"),
    Field(f"{_P}descriptionModule.detailedDescription", "detailedDescription"),
    Field(f"{_P}conditionsModule.conditions", "registeredCondition"),
    Field(f"{_P}conditionsModule.keywords", "keyword"),
    Field(f"{_P}designModule.studyType", "studyType"),
    Field(f"{_P}designModule.nPtrsToThisExpAccNctId", "expandedAccessPointerCount", number),
    Field(
        f"{_P}designModule.expandedAccessTypes.individual",
        "expandedAccessIndividual",
        terms.boolean,
    ),
    Field(
        f"{_P}designModule.expandedAccessTypes.intermediate",
        "expandedAccessIntermediate",
        terms.boolean,
    ),
    Field(
        f"{_P}designModule.expandedAccessTypes.treatment", "expandedAccessTreatment", terms.boolean
    ),
    Field(f"{_P}designModule.patientRegistry", "patientRegistry", terms.boolean),
    Field(f"{_P}designModule.targetDuration", "targetDuration"),
    Field(f"{_P}designModule.phases", "phase", phase),
    Field(f"{_P}designModule.designInfo.allocation", "allocation"),
    Field(f"{_P}designModule.designInfo.interventionModel", "interventionModel"),
    Field(
        f"{_P}designModule.designInfo.interventionModelDescription", "interventionModelDescription"
    ),
    Field(f"{_P}designModule.designInfo.primaryPurpose", "primaryPurpose"),
    Field(f"{_P}designModule.designInfo.observationalModel", "observationalModel"),
    Field(f"{_P}designModule.designInfo.timePerspective", "timePerspective"),
    Field(f"{_P}designModule.designInfo.maskingInfo.masking", "masking"),
    Field(f"{_P}designModule.designInfo.maskingInfo.maskingDescription", "maskingDescription"),
    Field(f"{_P}designModule.designInfo.maskingInfo.whoMasked", "whoMasked"),
    Field(f"{_P}designModule.bioSpec.retention", "bioSpecRetention"),
    Field(f"{_P}designModule.bioSpec.description", "bioSpecDescription"),
    Field(f"{_P}designModule.enrollmentInfo.count", "enrollmentCount", enrollment),
    Field(f"{_P}designModule.enrollmentInfo.type", "enrollmentType"),
    Field(f"{_P}eligibilityModule.eligibilityCriteria", "eligibilityCriteria"),
    Field(f"{_P}eligibilityModule.healthyVolunteers", "healthyVolunteers", terms.boolean),
    Field(f"{_P}eligibilityModule.sex", "sex"),
    Field(f"{_P}eligibilityModule.genderBased", "genderBased", terms.boolean),
    Field(f"{_P}eligibilityModule.genderDescription", "genderDescription"),
    Field(f"{_P}eligibilityModule.minimumAge", "minimumAge"),
    Field(f"{_P}eligibilityModule.maximumAge", "maximumAge"),
    Field(f"{_P}eligibilityModule.stdAges", "stdAge"),
    Field(f"{_P}eligibilityModule.studyPopulation", "studyPopulation"),
    Field(f"{_P}eligibilityModule.samplingMethod", "samplingMethod"),
    Field(f"{_P}ipdSharingStatementModule.ipdSharing", "ipdSharing"),
    Field(f"{_P}ipdSharingStatementModule.description", "ipdSharingDescription"),
    Field(f"{_P}ipdSharingStatementModule.infoTypes", "ipdSharingInfoType"),
    Field(f"{_P}ipdSharingStatementModule.timeFrame", "ipdSharingTimeFrame"),
    Field(f"{_P}ipdSharingStatementModule.accessCriteria", "ipdSharingAccessCriteria"),
    Field(f"{_P}ipdSharingStatementModule.url", "ipdSharingUrl", address),
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

_OUTCOME_FIELDS = (
    Field("measure", "measure"),
    Field("description", "description"),
    Field("timeFrame", "timeFrame"),
)
_EVENT_DATES = ("date", "creationDate", "issuedDate", "releaseDate", "postedDate")

PARTS = (
    Part(
        f"{_P}identificationModule.orgStudyIdInfo",
        "identifier",
        "identifier",
        "Identifier",
        ("id",),
        (
            Field("id", "identifierValue"),
            Field("type", "identifierType"),
            Field("link", "identifierLink", address),
        ),
    ),
    Part(
        f"{_P}identificationModule.secondaryIdInfos",
        "identifier",
        "secondaryIdentifier",
        "Identifier",
        ("id",),
        (
            Field("id", "identifierValue"),
            Field("type", "identifierType"),
            Field("domain", "identifierDomain"),
            Field("link", "identifierLink", address),
        ),
    ),
    Part(
        f"{_P}armsInterventionsModule.armGroups",
        "arm",
        "armGroup",
        "ArmGroup",
        ("label",),
        (
            Field("label", "armGroupLabel"),
            Field("type", "armGroupType"),
            Field("description", "description"),
        ),
    ),
    Part(
        f"{_P}armsInterventionsModule.interventions",
        "intervention",
        "intervention",
        "Intervention",
        ("type", "name"),
        (
            Field("type", "interventionType"),
            Field("name", "interventionName"),
            Field("description", "description"),
            Field("otherNames", "interventionOtherName"),
        ),
    ),
    *(
        Part(
            f"{_P}outcomesModule.{rank}Outcomes",
            f"{rank}-outcome",
            f"{rank}Outcome",
            "Outcome",
            ("measure", "timeFrame"),
            _OUTCOME_FIELDS,
        )
        for rank in ("primary", "secondary", "other")
    ),
    Part(
        f"{_P}contactsLocationsModule.overallOfficials",
        "official",
        "overallOfficial",
        "Official",
        ("name", "role"),
        (
            Field("name", "officialName"),
            Field("affiliation", "officialAffiliation"),
            Field("role", "officialRole"),
        ),
    ),
    Part(
        f"{_P}contactsLocationsModule.locations",
        "location",
        "location",
        "Location",
        ("facility", "city", "country"),
        (
            Field("facility", "facility"),
            Field("status", "recruitmentStatus"),
            Field("city", "city"),
            Field("state", "state"),
            Field("zip", "zip"),
            Field("countryCode", "countryCode"),
        ),
    ),
    Part(
        f"{_P}referencesModule.references",
        "reference",
        "reference",
        "Reference",
        ("pmid", "citation"),
        (
            Field("pmid", "pmid"),
            Field("type", "referenceType"),
            Field("citation", "citation"),
            Field("retractions.pmid", "retractionPmid"),
            Field("retractions.source", "retractionSource"),
        ),
    ),
    Part(
        f"{_P}referencesModule.seeAlsoLinks",
        "link",
        "seeAlsoLink",
        "Link",
        ("url", "label"),
        (Field("label", "linkLabel"), Field("url", "linkUrl", address)),
    ),
    Part(
        f"{_P}referencesModule.availIpds",
        "shared-data",
        "availableIpd",
        "SharedData",
        ("id", "url"),
        (
            Field("id", "identifierValue"),
            Field("type", "sharedDataType"),
            Field("url", "linkUrl", address),
            Field("comment", "comment"),
        ),
    ),
    Part(
        "documentSection.largeDocumentModule.largeDocs",
        "document",
        "largeDocument",
        "LargeDocument",
        ("filename",),
        (
            Field("typeAbbrev", "documentType"),
            Field("hasProtocol", "hasProtocol", terms.boolean),
            Field("hasSap", "hasStatisticalAnalysisPlan", terms.boolean),
            Field("hasIcf", "hasInformedConsentForm", terms.boolean),
            Field("label", "documentLabel"),
            Field("date", "documentDate", terms.partial_date),
            Field("uploadDate", "uploadDate"),
            Field("filename", "filename"),
            Field("size", "fileSize", terms.integer),
        ),
    ),
    Part(
        "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents",
        "unposted-event",
        "unpostedEvent",
        "RegistryEvent",
        ("type", "date"),
        (
            Field("type", "eventType"),
            Field("date", "date", terms.partial_date),
            Field("dateUnknown", "dateUnknown", terms.boolean),
        ),
    ),
    Part(
        "annotationSection.annotationModule.violationAnnotation.violationEvents",
        "violation-event",
        "violationEvent",
        "RegistryEvent",
        ("type", "creationDate"),
        (
            Field("type", "eventType"),
            Field("description", "description"),
            *(Field(name, name, terms.partial_date) for name in _EVENT_DATES[1:]),
        ),
    ),
    Part(
        "derivedSection.miscInfoModule.submissionTracking.submissionInfos",
        "results-submission",
        "resultsSubmission",
        "RegistryEvent",
        ("releaseDate",),
        (
            Field("releaseDate", "releaseDate", terms.partial_date),
            Field("unreleaseDate", "unreleaseDate", terms.partial_date),
            Field("unreleaseDateUnknown", "unreleaseDateUnknown", terms.boolean),
            Field("resetDate", "resetDate", terms.partial_date),
            Field("mcpReleaseN", "qualityReviewNumber", terms.integer),
        ),
    ),
    Part(
        "resultsSection.outcomeMeasuresModule.outcomeMeasures",
        "measured-outcome",
        "measuredOutcome",
        "MeasuredOutcome",
        ("type", "title"),
        (Field("type", "outcomeMeasureType"), Field("title", "measure")),
    ),
)

MAPPED_IN_CODE = {
    f"{_P}identificationModule.organization": "tk:organization, an entity that trials share",
    f"{_P}sponsorCollaboratorsModule.leadSponsor": "tk:sponsor, an entity that trials share",
    f"{_P}sponsorCollaboratorsModule.collaborators": "tk:collaborator, likewise",
    f"{_P}contactsLocationsModule.locations.country": "tk:country of the location and the trial",
    f"{_P}contactsLocationsModule.locations.geoPoint": "geo:lat and geo:long of the location",
    f"{_P}armsInterventionsModule.armGroups.interventionNames": "tk:givenIn, an edge",
    f"{_P}armsInterventionsModule.interventions.armGroupLabels": "tk:givenIn, an edge",
    "derivedSection.conditionBrowseModule.meshes": "tk:conditionMesh, an edge to the MeSH term",
    "derivedSection.conditionBrowseModule.ancestors": "tk:conditionMeshAncestor, likewise",
    "derivedSection.interventionBrowseModule.meshes": "tk:interventionMesh, likewise",
    "derivedSection.interventionBrowseModule.ancestors": "tk:interventionMeshAncestor, likewise",
}
"""Fields that become edges between nodes, in `kg.mapping.study_mapping`."""

LEFT_OUT = {
    f"{_P}contactsLocationsModule.centralContacts": "personal data, short-lived",
    f"{_P}contactsLocationsModule.locations.contacts": "personal data, short-lived",
    "derivedSection.conditionBrowseModule.browseLeaves": "the registry's menu; repeats the terms",
    "derivedSection.conditionBrowseModule.browseBranches": "the registry's menu",
    "derivedSection.interventionBrowseModule.browseLeaves": "the registry's menu; repeats terms",
    "derivedSection.interventionBrowseModule.browseBranches": "the registry's menu",
    "resultsSection.participantFlowModule": "results in numbers are another graph's task",
    "resultsSection.baselineCharacteristicsModule": "results in numbers",
    "resultsSection.adverseEventsModule": "results in numbers",
    "resultsSection.moreInfoModule": "agreements and a personal contact",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures": "results in numbers, but title, type",
}
"""Fields that are not mapped, with the reason; a longer path that is mapped stays mapped."""
