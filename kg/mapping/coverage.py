"""What of a record is mapped by code, not by a table, and what is left out, with the reason.

A test walks the registry's OpenAPI description and fails on any field that is neither here nor
in the tables of `kg.mapping.fields` and `kg.mapping.parts`.
"""

from __future__ import annotations

from kg.mapping.fields import PROTOCOL

MAPPED_IN_CODE = {
    f"{PROTOCOL}identificationModule.organization": "tk:organization, an entity that trials share",
    f"{PROTOCOL}sponsorCollaboratorsModule.leadSponsor": "tk:sponsor, an entity that trials share",
    f"{PROTOCOL}sponsorCollaboratorsModule.collaborators": "tk:collaborator, likewise",
    f"{PROTOCOL}contactsLocationsModule.locations.country": "tk:country, tk:locationCountry",
    f"{PROTOCOL}contactsLocationsModule.locations.geoPoint": "geo:lat and geo:long of the location",
    f"{PROTOCOL}referencesModule.references.retractions": "tk:retractionPmid, tk:retractionSource",
    f"{PROTOCOL}armsInterventionsModule.armGroups.interventionNames": "tk:givenIn, an edge",
    f"{PROTOCOL}armsInterventionsModule.interventions.armGroupLabels": "tk:givenIn, an edge",
    "derivedSection.conditionBrowseModule.meshes": "tk:conditionMesh, an edge to the MeSH term",
    "derivedSection.conditionBrowseModule.ancestors": "tk:conditionMeshAncestor, likewise",
    "derivedSection.interventionBrowseModule.meshes": "tk:interventionMesh, likewise",
    "derivedSection.interventionBrowseModule.ancestors": "tk:interventionMeshAncestor, likewise",
}
"""Fields that become edges between nodes, in `kg.mapping.study_mapping`."""

LEFT_OUT = {
    f"{PROTOCOL}contactsLocationsModule.centralContacts": "personal data, short-lived",
    f"{PROTOCOL}contactsLocationsModule.locations.contacts": "personal data, short-lived",
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
