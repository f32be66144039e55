"""The fields of the v1 API and where they stand in API v2.

One tree serves both v1 answers: the nested "full study" has the same groups under its own
names, the flat "study fields" answer has only the leaves, each as a list.

Contacts are left out, as everywhere.
"""

from __future__ import annotations

from kg.sources.display_values import (
    api_age,
    api_bool,
    api_enum,
    api_masking,
    api_minute,
    api_number,
    api_phases,
    enum_of,
)
from kg.sources.v1_parts import (
    Leaf,
    Part,
    Texts,
    browse,
    date_leaf,
    date_struct,
    group,
    outcomes,
    rows,
)

_PROTOCOL = group(
    "protocolSection",
    group(
        "identificationModule",
        Leaf("nctId", "NCTId"),
        Texts("nctIdAliases", "NCTIdAlias"),
        group(
            "orgStudyIdInfo",
            Leaf("id", "OrgStudyId"),
            Leaf("type", "OrgStudyIdType", enum_of("secondary_id_type")),
            Leaf("link", "OrgStudyIdLink"),
        ),
        rows(
            "secondaryIdInfos",
            "SecondaryIdInfo",
            Leaf("id", "SecondaryId"),
            Leaf("type", "SecondaryIdType", enum_of("secondary_id_type")),
            Leaf("domain", "SecondaryIdDomain"),
            Leaf("link", "SecondaryIdLink"),
        ),
        Leaf("briefTitle", "BriefTitle"),
        Leaf("officialTitle", "OfficialTitle"),
        Leaf("acronym", "Acronym"),
        group(
            "organization",
            Leaf("fullName", "OrgFullName"),
            Leaf("class", "OrgClass", enum_of("agency_class")),
        ),
    ),
    group(
        "statusModule",
        date_leaf("statusVerifiedDate", "StatusVerifiedDate"),
        Leaf("overallStatus", "OverallStatus", enum_of("status")),
        Leaf("lastKnownStatus", "LastKnownStatus", enum_of("status")),
        Leaf("delayedPosting", "DelayedPosting", api_bool),
        Leaf("whyStopped", "WhyStopped"),
        group(
            "expandedAccessInfo",
            Leaf("hasExpandedAccess", "HasExpandedAccess", api_bool),
            Leaf("nctId", "ExpandedAccessNCTId"),
            Leaf("statusForNctId", "ExpandedAccessStatusForNCTId", enum_of("status")),
        ),
        date_struct("startDate"),
        date_struct("primaryCompletionDate"),
        date_struct("completionDate"),
        date_leaf("studyFirstSubmitDate", "StudyFirstSubmitDate"),
        date_leaf("studyFirstSubmitQcDate", "StudyFirstSubmitQCDate"),
        date_struct("studyFirstPostDate"),
        Leaf("resultsWaived", "ResultsWaived", api_bool),
        date_leaf("resultsFirstSubmitDate", "ResultsFirstSubmitDate"),
        date_leaf("resultsFirstSubmitQcDate", "ResultsFirstSubmitQCDate"),
        date_struct("resultsFirstPostDate"),
        date_leaf("dispFirstSubmitDate", "DispFirstSubmitDate"),
        date_leaf("dispFirstSubmitQcDate", "DispFirstSubmitQCDate"),
        date_struct("dispFirstPostDate"),
        date_leaf("lastUpdateSubmitDate", "LastUpdateSubmitDate"),
        date_struct("lastUpdatePostDate"),
    ),
    group(
        "sponsorCollaboratorsModule",
        group(
            "responsibleParty",
            Leaf("type", "ResponsiblePartyType", api_enum),
            Leaf("investigatorFullName", "ResponsiblePartyInvestigatorFullName"),
            Leaf("investigatorTitle", "ResponsiblePartyInvestigatorTitle"),
            Leaf("investigatorAffiliation", "ResponsiblePartyInvestigatorAffiliation"),
            Leaf("oldNameTitle", "ResponsiblePartyOldNameTitle"),
            Leaf("oldOrganization", "ResponsiblePartyOldOrganization"),
        ),
        group(
            "leadSponsor",
            Leaf("name", "LeadSponsorName"),
            Leaf("class", "LeadSponsorClass", enum_of("agency_class")),
        ),
        rows(
            "collaborators",
            "Collaborator",
            Leaf("name", "CollaboratorName"),
            Leaf("class", "CollaboratorClass", enum_of("agency_class")),
        ),
    ),
    group(
        "oversightModule",
        Leaf("oversightHasDmc", "OversightHasDMC", api_bool),
        Leaf("isFdaRegulatedDrug", "IsFDARegulatedDrug", api_bool),
        Leaf("isFdaRegulatedDevice", "IsFDARegulatedDevice", api_bool),
        Leaf("isUnapprovedDevice", "IsUnapprovedDevice", api_bool),
        Leaf("isPpsd", "IsPPSD", api_bool),
        Leaf("isUsExport", "IsUSExport", api_bool),
        Leaf("fdaaa801Violation", "FDAAA801Violation", api_bool),
    ),
    group(
        "descriptionModule",
        Leaf("briefSummary", "BriefSummary"),
        Leaf("detailedDescription", "DetailedDescription"),
    ),
    group(
        "conditionsModule",
        Texts("conditions", "Condition"),
        Texts("keywords", "Keyword"),
    ),
    group(
        "designModule",
        Leaf("studyType", "StudyType", enum_of("study_type")),
        Leaf("nPtrsToThisExpAccNctId", "NPtrsToThisExpAccNCTId", api_number),
        group(
            "expandedAccessTypes",
            Leaf("individual", "ExpAccTypeIndividual", api_bool),
            Leaf("intermediate", "ExpAccTypeIntermediate", api_bool),
            Leaf("treatment", "ExpAccTypeTreatment", api_bool),
        ),
        Leaf("patientRegistry", "PatientRegistry", api_bool),
        Leaf("targetDuration", "TargetDuration"),
        Texts("phases", "Phase", api_phases),
        group(
            "designInfo",
            Leaf("allocation", "DesignAllocation", api_enum),
            Leaf("interventionModel", "DesignInterventionModel", enum_of("intervention_model")),
            Leaf("interventionModelDescription", "DesignInterventionModelDescription"),
            Leaf("primaryPurpose", "DesignPrimaryPurpose", enum_of("purpose")),
            Texts("observationalModel", "DesignObservationalModel", api_enum, is_single=True),
            Texts("timePerspective", "DesignTimePerspective", api_enum, is_single=True),
            group(
                "maskingInfo",
                Leaf("masking", "DesignMasking", lambda display: api_masking(display)[0]),
                Leaf("maskingDescription", "DesignMaskingDescription"),
                Texts("whoMasked", "DesignWhoMasked", enum_of("who_masked")),
                v1="DesignMaskingInfo",
            ),
        ),
        group(
            "bioSpec",
            Leaf("retention", "BioSpecRetention", api_enum),
            Leaf("description", "BioSpecDescription"),
        ),
        group(
            "enrollmentInfo",
            Leaf("count", "EnrollmentCount", api_number),
            Leaf("type", "EnrollmentType", enum_of("date_type")),
        ),
    ),
    group(
        "armsInterventionsModule",
        rows(
            "armGroups",
            "ArmGroup",
            Leaf("label", "ArmGroupLabel"),
            Leaf("type", "ArmGroupType", api_enum),
            Leaf("description", "ArmGroupDescription"),
            Texts("interventionNames", "ArmGroupInterventionName"),
        ),
        rows(
            "interventions",
            "Intervention",
            Leaf("type", "InterventionType", api_enum),
            Leaf("name", "InterventionName"),
            Leaf("description", "InterventionDescription"),
            Texts("armGroupLabels", "InterventionArmGroupLabel"),
            Texts("otherNames", "InterventionOtherName"),
        ),
    ),
    group(
        "outcomesModule",
        outcomes("primaryOutcomes", "PrimaryOutcome"),
        outcomes("secondaryOutcomes", "SecondaryOutcome"),
        outcomes("otherOutcomes", "OtherOutcome"),
    ),
    group(
        "eligibilityModule",
        Leaf("eligibilityCriteria", "EligibilityCriteria"),
        Leaf("healthyVolunteers", "HealthyVolunteers", api_bool),
        Leaf("sex", "Gender", enum_of("sex")),
        Leaf("genderBased", "GenderBased", api_bool),
        Leaf("genderDescription", "GenderDescription"),
        Leaf("minimumAge", "MinimumAge", api_age),
        Leaf("maximumAge", "MaximumAge", api_age),
        Texts("stdAges", "StdAge", api_enum),
        Leaf("studyPopulation", "StudyPopulation"),
        Leaf("samplingMethod", "SamplingMethod", api_enum),
    ),
    group(
        "contactsLocationsModule",
        rows(
            "overallOfficials",
            "OverallOfficial",
            Leaf("name", "OverallOfficialName"),
            Leaf("affiliation", "OverallOfficialAffiliation"),
            Leaf("role", "OverallOfficialRole", api_enum),
        ),
        rows(
            "locations",
            "Location",
            Leaf("facility", "LocationFacility"),
            Leaf("status", "LocationStatus", enum_of("status")),
            Leaf("city", "LocationCity"),
            Leaf("state", "LocationState"),
            Leaf("zip", "LocationZip"),
            Leaf("country", "LocationCountry"),
        ),
    ),
    group(
        "referencesModule",
        rows(
            "references",
            "Reference",
            Leaf("pmid", "ReferencePMID"),
            Leaf("type", "ReferenceType", api_enum),
            Leaf("citation", "ReferenceCitation"),
            rows(
                "retractions",
                "Retraction",
                Leaf("pmid", "RetractionPMID"),
                Leaf("source", "RetractionSource"),
            ),
        ),
        rows(
            "seeAlsoLinks",
            "SeeAlsoLink",
            Leaf("label", "SeeAlsoLinkLabel"),
            Leaf("url", "SeeAlsoLinkURL"),
        ),
        rows(
            "availIpds",
            "AvailIPD",
            Leaf("id", "AvailIPDId"),
            Leaf("type", "AvailIPDType"),
            Leaf("url", "AvailIPDURL"),
            Leaf("comment", "AvailIPDComment"),
        ),
    ),
    group(
        "ipdSharingStatementModule",
        Leaf("ipdSharing", "IPDSharing", api_enum),
        Leaf("description", "IPDSharingDescription"),
        Texts("infoTypes", "IPDSharingInfoType", enum_of("ipd_info_type")),
        Leaf("timeFrame", "IPDSharingTimeFrame"),
        Leaf("accessCriteria", "IPDSharingAccessCriteria"),
        Leaf("url", "IPDSharingURL"),
        v1="IPDSharingStatementModule",
    ),
)

_RESULTS = group(
    "resultsSection",
    group(
        "outcomeMeasuresModule",
        rows(
            "outcomeMeasures",
            "OutcomeMeasure",
            Leaf("type", "OutcomeMeasureType", api_enum),
            Leaf("title", "OutcomeMeasureTitle"),
        ),
    ),
)

_ANNOTATION = group(
    "annotationSection",
    group(
        "annotationModule",
        group(
            "unpostedAnnotation",
            Leaf("unpostedResponsibleParty", "UnpostedResponsibleParty"),
            rows(
                "unpostedEvents",
                "UnpostedEvent",
                Leaf("type", "UnpostedEventType", api_enum),
                date_leaf("date", "UnpostedEventDate"),
            ),
        ),
        group(
            "violationAnnotation",
            rows(
                "violationEvents",
                "ViolationEvent",
                Leaf("type", "ViolationEventType", api_enum),
                Leaf("description", "ViolationEventDescription"),
                date_leaf("creationDate", "ViolationEventCreationDate"),
                date_leaf("issuedDate", "ViolationEventIssuedDate"),
                date_leaf("releaseDate", "ViolationEventReleaseDate"),
                date_leaf("postedDate", "ViolationEventPostedDate"),
            ),
        ),
    ),
)

_DOCUMENT = group(
    "documentSection",
    group(
        "largeDocumentModule",
        Leaf("noSap", "LargeDocNoSAP", api_bool),
        rows(
            "largeDocs",
            "LargeDoc",
            Leaf("typeAbbrev", "LargeDocTypeAbbrev"),
            Leaf("hasProtocol", "LargeDocHasProtocol", api_bool),
            Leaf("hasSap", "LargeDocHasSAP", api_bool),
            Leaf("hasIcf", "LargeDocHasICF", api_bool),
            Leaf("label", "LargeDocLabel"),
            date_leaf("date", "LargeDocDate"),
            Leaf("uploadDate", "LargeDocUploadDate", api_minute),
            Leaf("filename", "LargeDocFilename"),
        ),
    ),
)

_DERIVED = group(
    "derivedSection",
    group(
        "miscInfoModule",
        date_leaf("versionHolder", "VersionHolder"),
        Texts("removedCountries", "RemovedCountry"),
    ),
    browse("Condition"),
    browse("Intervention"),
)

STUDY_PARTS: tuple[Part, ...] = (_PROTOCOL, _RESULTS, _ANNOTATION, _DOCUMENT, _DERIVED)
"""The sections of a record."""
