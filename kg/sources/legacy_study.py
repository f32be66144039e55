"""One legacy ``<clinical_study>`` element, turned into API v2 shape.

Left out, since API v2 has no place for it: the number of arms and groups (they are listed), the
``safety_issue`` of outcomes, the regulatory ``authority``, the ``is_section_801`` and
``is_fda_regulated`` of before 2017, the numbers of results (only titles of outcomes are read),
and contacts. ``<reference>`` has no type there: the registry printed cited and automatically
linked publications alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from kg.sources.display_values import (
    api_age,
    api_enum,
)
from kg.sources.json_values import kept
from kg.sources.legacy_design import design_module
from kg.sources.legacy_elements import (
    block_at,
    bool_at,
    date_at,
    date_struct_at,
    enum_at,
    text_at,
    texts_at,
)
from kg.sources.legacy_other_sections import documents, meshes, pending, results, version_holder


def legacy_study_to_api_v2(study: etree._Element) -> dict[str, Any]:
    """Return a legacy record in API v2 shape.

    Parameters
    ----------
    study : lxml element
        A ``<clinical_study>``.

    Returns
    -------
    dict
        Printed values in v2 form, texts unwrapped; what the record does not have is absent.
    """
    protocol = {
        "identificationModule": _identification(study),
        "statusModule": _status(study),
        "sponsorCollaboratorsModule": _sponsors(study),
        "oversightModule": _oversight(study),
        "descriptionModule": {
            "briefSummary": block_at(study, "brief_summary"),
            "detailedDescription": block_at(study, "detailed_description"),
        },
        "conditionsModule": {
            "conditions": texts_at(study, "condition"),
            "keywords": texts_at(study, "keyword"),
        },
        "designModule": design_module(study),
        "armsInterventionsModule": _arms_interventions(study),
        "outcomesModule": {
            "primaryOutcomes": _outcomes(study, "primary_outcome"),
            "secondaryOutcomes": _outcomes(study, "secondary_outcome"),
            "otherOutcomes": _outcomes(study, "other_outcome"),
        },
        "eligibilityModule": _eligibility(study),
        "contactsLocationsModule": _contacts_locations(study),
        "referencesModule": _references(study),
        "ipdSharingStatementModule": _ipd_sharing(study),
    }
    posted = study.find("clinical_results")
    payload = {
        "protocolSection": protocol,
        "resultsSection": {} if posted is None else results(posted),
        "annotationSection": {"annotationModule": {"unpostedAnnotation": pending(study)}},
        "documentSection": {"largeDocumentModule": {"largeDocs": documents(study)}},
        "derivedSection": {
            "miscInfoModule": {
                "versionHolder": version_holder(study),
                "removedCountries": texts_at(study, "removed_countries/country"),
            },
            "conditionBrowseModule": {"meshes": meshes(study, "condition_browse")},
            "interventionBrowseModule": {"meshes": meshes(study, "intervention_browse")},
        },
        "hasResults": posted is not None or study.find("results_first_posted") is not None,
    }
    result: dict[str, Any] = kept(payload)
    return result


def stated_nct_id(study: etree._Element) -> str | None:
    """Return the NCT id as the record states it."""
    return text_at(study, "id_info/nct_id")


def _identification(study: etree._Element) -> dict[str, Any]:
    return {
        "nctId": text_at(study, "id_info/nct_id"),
        "nctIdAliases": texts_at(study, "id_info/nct_alias"),
        "orgStudyIdInfo": {"id": text_at(study, "id_info/org_study_id")},
        "secondaryIdInfos": [{"id": text} for text in texts_at(study, "id_info/secondary_id")],
        "organization": {"fullName": text_at(study, "source")},
        "briefTitle": text_at(study, "brief_title"),
        "officialTitle": text_at(study, "official_title"),
        "acronym": text_at(study, "acronym"),
    }


def _status(study: etree._Element) -> dict[str, Any]:
    return {
        "statusVerifiedDate": date_at(study, "verification_date"),
        "overallStatus": enum_at(study, "overall_status", "status"),
        "lastKnownStatus": enum_at(study, "last_known_status", "status"),
        "whyStopped": text_at(study, "why_stopped"),
        "expandedAccessInfo": {"hasExpandedAccess": bool_at(study, "has_expanded_access")},
        "startDateStruct": date_struct_at(study, "start_date"),
        "primaryCompletionDateStruct": date_struct_at(study, "primary_completion_date"),
        "completionDateStruct": date_struct_at(study, "completion_date"),
        "studyFirstSubmitDate": date_at(study, "study_first_submitted", "firstreceived_date"),
        "studyFirstSubmitQcDate": date_at(study, "study_first_submitted_qc"),
        "studyFirstPostDateStruct": date_struct_at(study, "study_first_posted"),
        "resultsFirstSubmitDate": date_at(
            study, "results_first_submitted", "firstreceived_results_date"
        ),
        "resultsFirstSubmitQcDate": date_at(study, "results_first_submitted_qc"),
        "resultsFirstPostDateStruct": date_struct_at(study, "results_first_posted"),
        "dispFirstSubmitDate": date_at(
            study, "disposition_first_submitted", "firstreceived_results_disposition_date"
        ),
        "dispFirstSubmitQcDate": date_at(study, "disposition_first_submitted_qc"),
        "dispFirstPostDateStruct": date_struct_at(study, "disposition_first_posted"),
        "lastUpdateSubmitDate": date_at(study, "last_update_submitted", "lastchanged_date"),
        "lastUpdatePostDateStruct": date_struct_at(study, "last_update_posted"),
    }


def _sponsors(study: etree._Element) -> dict[str, Any]:
    def sponsor(element: etree._Element) -> dict[str, Any]:
        return {
            "name": text_at(element, "agency"),
            "class": enum_at(element, "agency_class", "agency_class"),
        }

    lead = study.find("sponsors/lead_sponsor")
    return {
        "responsibleParty": {
            "type": enum_at(study, "responsible_party/responsible_party_type"),
            "investigatorFullName": text_at(study, "responsible_party/investigator_full_name"),
            "investigatorTitle": text_at(study, "responsible_party/investigator_title"),
            "investigatorAffiliation": text_at(study, "responsible_party/investigator_affiliation"),
            "oldNameTitle": text_at(study, "responsible_party/name_title"),
            "oldOrganization": text_at(study, "responsible_party/organization"),
        },
        "leadSponsor": None if lead is None else sponsor(lead),
        "collaborators": [sponsor(element) for element in study.iterfind("sponsors/collaborator")],
    }


def _oversight(study: etree._Element) -> dict[str, Any]:
    return {
        "oversightHasDmc": bool_at(study, "oversight_info/has_dmc"),
        "isFdaRegulatedDrug": bool_at(study, "oversight_info/is_fda_regulated_drug"),
        "isFdaRegulatedDevice": bool_at(study, "oversight_info/is_fda_regulated_device"),
        "isUnapprovedDevice": bool_at(study, "oversight_info/is_unapproved_device"),
        "isPpsd": bool_at(study, "oversight_info/is_ppsd"),
        "isUsExport": bool_at(study, "oversight_info/is_us_export"),
    }


def _arms_interventions(study: etree._Element) -> dict[str, Any]:
    interventions = [
        {
            "type": enum_at(element, "intervention_type"),
            "name": text_at(element, "intervention_name"),
            "description": block_at(element, "description"),
            "armGroupLabels": texts_at(element, "arm_group_label"),
            "otherNames": texts_at(element, "other_name"),
        }
        for element in study.iterfind("intervention")
    ]
    names_of: dict[str, list[str]] = {}
    for element in study.iterfind("intervention"):
        name = f"{text_at(element, 'intervention_type')}: {text_at(element, 'intervention_name')}"
        for label in texts_at(element, "arm_group_label"):
            names_of.setdefault(label, []).append(name)
    arms: list[dict[str, Any]] = []
    for element in study.iterfind("arm_group"):
        arm_label = text_at(element, "arm_group_label")
        arms.append(
            {
                "label": arm_label,
                "type": enum_at(element, "arm_group_type"),
                "description": block_at(element, "description"),
                "interventionNames": names_of.get(arm_label or "", []),
            }
        )
    return {"armGroups": arms, "interventions": interventions}


def _outcomes(study: etree._Element, path: str) -> list[dict[str, Any]]:
    return [
        {
            "measure": text_at(element, "measure"),
            "description": block_at(element, "description"),
            "timeFrame": text_at(element, "time_frame"),
        }
        for element in study.iterfind(path)
    ]


def _eligibility(study: etree._Element) -> dict[str, Any]:
    ages = {name: text_at(study, f"eligibility/{name}_age") for name in ("minimum", "maximum")}
    return {
        "eligibilityCriteria": block_at(study, "eligibility/criteria"),
        "healthyVolunteers": bool_at(study, "eligibility/healthy_volunteers"),
        "sex": enum_at(study, "eligibility/gender", "sex"),
        "genderBased": bool_at(study, "eligibility/gender_based"),
        "genderDescription": text_at(study, "eligibility/gender_description"),
        "minimumAge": ages["minimum"] and api_age(ages["minimum"]),
        "maximumAge": ages["maximum"] and api_age(ages["maximum"]),
        "studyPopulation": block_at(study, "eligibility/study_pop"),
        "samplingMethod": enum_at(study, "eligibility/sampling_method"),
    }


def _contacts_locations(study: etree._Element) -> dict[str, Any]:
    locations = [
        {
            "facility": text_at(element, "facility/name"),
            "status": enum_at(element, "status", "status"),
            "city": text_at(element, "facility/address/city"),
            "state": text_at(element, "facility/address/state"),
            "zip": text_at(element, "facility/address/zip"),
            "country": text_at(element, "facility/address/country"),
        }
        for element in study.iterfind("location")
    ]
    placed = {location["country"] for location in locations}
    locations += [
        {"country": country}
        for country in texts_at(study, "location_countries/country")
        if country not in placed
    ]
    return {
        "overallOfficials": [
            {
                "name": text_at(element, "last_name"),
                "affiliation": text_at(element, "affiliation"),
                "role": enum_at(element, "role"),
            }
            for element in study.iterfind("overall_official")
        ],
        "locations": locations,
    }


def _references(study: etree._Element) -> dict[str, Any]:
    def references(path: str, kind: str | None) -> Iterator[dict[str, Any]]:
        for element in study.iterfind(path):
            yield {
                "pmid": text_at(element, "PMID"),
                "type": kind,
                "citation": text_at(element, "citation"),
            }

    return {
        "references": [*references("reference", None), *references("results_reference", "RESULT")],
        "seeAlsoLinks": [
            {"label": text_at(element, "description"), "url": text_at(element, "url")}
            for element in study.iterfind("link")
        ],
        "availIpds": [
            {
                "id": text_at(element, "doc_id"),
                "type": text_at(element, "doc_type"),
                "url": text_at(element, "doc_url"),
                "comment": text_at(element, "doc_comment"),
            }
            for element in study.iterfind("study_docs/study_doc")
        ],
    }


def _ipd_sharing(study: etree._Element) -> dict[str, Any]:
    return {
        "ipdSharing": enum_at(study, "patient_data/sharing_ipd"),
        "description": block_at(study, "patient_data/ipd_description"),
        "infoTypes": [
            api_enum(text, "ipd_info_type")
            for text in texts_at(study, "patient_data/ipd_info_type")
        ],
        "timeFrame": block_at(study, "patient_data/ipd_time_frame"),
        "accessCriteria": block_at(study, "patient_data/ipd_access_criteria"),
        "url": text_at(study, "patient_data/ipd_url"),
    }
