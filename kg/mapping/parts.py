"""Which list or object of a record becomes nodes of its own, and what each node carries.

The order of the table is the order of the quads. What only one kind of node carries and no
table can say (coordinates, PubMed addresses) is in `kg.mapping.study_mapping`.
"""

from __future__ import annotations

from typing import NamedTuple

from kg.mapping import terms
from kg.mapping.fields import PROTOCOL, Field, address


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
    otherwise : str
        Field that names an item without any of `key`. Not every form of a record has PubMed
        ids, addresses or the kind of an intervention; the node's IRI must not depend on it.
    newer : tuple of str
        Attributes that only API v2 has; they do not tell items of the same key apart.
    """

    path: str
    kind: str
    link: str
    class_: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    otherwise: str = ""
    newer: tuple[str, ...] = ()


_OUTCOME_FIELDS = (
    Field("measure", "measure"),
    Field("description", "description"),
    Field("timeFrame", "timeFrame"),
)
_EVENT_DATES = ("date", "creationDate", "issuedDate", "releaseDate", "postedDate")

PARTS = (
    Part(
        f"{PROTOCOL}identificationModule.orgStudyIdInfo",
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
        f"{PROTOCOL}identificationModule.secondaryIdInfos",
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
        f"{PROTOCOL}armsInterventionsModule.armGroups",
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
        f"{PROTOCOL}armsInterventionsModule.interventions",
        "intervention",
        "intervention",
        "Intervention",
        ("name",),
        (
            Field("type", "interventionType"),
            Field("name", "interventionName"),
            Field("description", "description"),
            Field("otherNames", "interventionOtherName"),
        ),
    ),
    *(
        Part(
            f"{PROTOCOL}outcomesModule.{rank}Outcomes",
            f"{rank}-outcome",
            f"{rank}Outcome",
            "Outcome",
            ("measure", "timeFrame"),
            _OUTCOME_FIELDS,
        )
        for rank in ("primary", "secondary", "other")
    ),
    Part(
        f"{PROTOCOL}contactsLocationsModule.overallOfficials",
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
        f"{PROTOCOL}contactsLocationsModule.locations",
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
        newer=("country_code", "geo_point"),
    ),
    Part(
        f"{PROTOCOL}referencesModule.references",
        "reference",
        "reference",
        "Reference",
        ("citation",),
        (
            Field("pmid", "pmid"),
            Field("type", "referenceType"),
            Field("citation", "citation"),
        ),
        otherwise="pmid",
    ),
    Part(
        f"{PROTOCOL}referencesModule.seeAlsoLinks",
        "link",
        "seeAlsoLink",
        "Link",
        ("label",),
        (Field("label", "linkLabel"), Field("url", "linkUrl", address)),
        otherwise="url",
    ),
    Part(
        f"{PROTOCOL}referencesModule.availIpds",
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
