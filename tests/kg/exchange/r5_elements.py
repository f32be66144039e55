"""What FHIR R5 says of the elements that a ResearchStudy is made of.

Each type lists its elements: name -> (type, least, most), `most` None for any number; taken from
the structure definitions of FHIR 5.0.0.
"""

from __future__ import annotations

Element = tuple[str, int, int | None]

CODE_VALUES = {
    "ResearchStudy.status": {"draft", "active", "retired", "unknown"},
    "Group.membership": {"definitional", "enumerated"},
    "Group.type": {
        "person", "animal", "practitioner", "device", "careteam", "healthcareservice", "location",
        "organization", "relatedperson", "specimen",
    },
    "Identifier.use": {"usual", "official", "temp", "secondary", "old"},
    "RelatedArtifact.type": {
        "documentation", "justification", "citation", "predecessor", "successor", "derived-from",
        "depends-on", "composed-of", "part-of", "amends", "amended-with", "appends",
        "appended-with", "cites", "cited-by", "comments-on", "comment-in", "contains",
        "contained-in", "corrects", "correction-in", "replaces", "replaced-with", "retracts",
        "retracted-by", "signs", "similar-to", "supports", "supported-with", "transforms",
        "transformed-into", "transformed-with", "documents", "specification-of", "created-with",
        "cite-as",
    },
}  # fmt: skip

TYPES: dict[str, dict[str, Element]] = {
    "ResearchStudy": {
        "resourceType": ("code", 1, 1),
        "id": ("id", 0, 1),
        "meta": ("Meta", 0, 1),
        "contained": ("Group", 0, None),
        "url": ("uri", 0, 1),
        "identifier": ("Identifier", 0, None),
        "version": ("string", 0, 1),
        "name": ("string", 0, 1),
        "title": ("string", 0, 1),
        "label": ("ResearchStudy.label", 0, None),
        "protocol": ("Reference", 0, None),
        "partOf": ("Reference", 0, None),
        "relatedArtifact": ("RelatedArtifact", 0, None),
        "date": ("dateTime", 0, 1),
        "status": ("code", 1, 1),
        "primaryPurposeType": ("CodeableConcept", 0, 1),
        "phase": ("CodeableConcept", 0, 1),
        "studyDesign": ("CodeableConcept", 0, None),
        "focus": ("CodeableReference", 0, None),
        "condition": ("CodeableConcept", 0, None),
        "keyword": ("CodeableConcept", 0, None),
        "region": ("CodeableConcept", 0, None),
        "descriptionSummary": ("markdown", 0, 1),
        "description": ("markdown", 0, 1),
        "period": ("Period", 0, 1),
        "site": ("Reference", 0, None),
        "note": ("Annotation", 0, None),
        "classifier": ("CodeableConcept", 0, None),
        "associatedParty": ("ResearchStudy.associatedParty", 0, None),
        "progressStatus": ("ResearchStudy.progressStatus", 0, None),
        "whyStopped": ("CodeableConcept", 0, 1),
        "recruitment": ("ResearchStudy.recruitment", 0, 1),
        "comparisonGroup": ("ResearchStudy.comparisonGroup", 0, None),
        "objective": ("ResearchStudy.objective", 0, None),
        "outcomeMeasure": ("ResearchStudy.outcomeMeasure", 0, None),
        "result": ("Reference", 0, None),
    },
    "ResearchStudy.label": {"type": ("CodeableConcept", 0, 1), "value": ("string", 0, 1)},
    "ResearchStudy.associatedParty": {
        "name": ("string", 0, 1),
        "role": ("CodeableConcept", 1, 1),
        "period": ("Period", 0, None),
        "classifier": ("CodeableConcept", 0, None),
        "party": ("Reference", 0, 1),
    },
    "ResearchStudy.progressStatus": {
        "state": ("CodeableConcept", 1, 1),
        "actual": ("boolean", 0, 1),
        "period": ("Period", 0, 1),
    },
    "ResearchStudy.recruitment": {
        "targetNumber": ("unsignedInt", 0, 1),
        "actualNumber": ("unsignedInt", 0, 1),
        "eligibility": ("Reference", 0, 1),
        "actualGroup": ("Reference", 0, 1),
    },
    "ResearchStudy.comparisonGroup": {
        "linkId": ("id", 0, 1),
        "name": ("string", 1, 1),
        "type": ("CodeableConcept", 0, 1),
        "description": ("markdown", 0, 1),
        "intendedExposure": ("Reference", 0, None),
        "observedGroup": ("Reference", 0, 1),
    },
    "ResearchStudy.outcomeMeasure": {
        "name": ("string", 0, 1),
        "type": ("CodeableConcept", 0, None),
        "description": ("markdown", 0, 1),
        "reference": ("Reference", 0, 1),
    },
    "Group": {
        "resourceType": ("code", 1, 1),
        "id": ("id", 0, 1),
        "identifier": ("Identifier", 0, None),
        "active": ("boolean", 0, 1),
        "type": ("code", 0, 1),
        "membership": ("code", 1, 1),
        "code": ("CodeableConcept", 0, 1),
        "name": ("string", 0, 1),
        "description": ("markdown", 0, 1),
        "quantity": ("unsignedInt", 0, 1),
    },
    "Identifier": {
        "use": ("code", 0, 1),
        "type": ("CodeableConcept", 0, 1),
        "system": ("uri", 0, 1),
        "value": ("string", 0, 1),
        "period": ("Period", 0, 1),
        "assigner": ("Reference", 0, 1),
    },
    "CodeableConcept": {"coding": ("Coding", 0, None), "text": ("string", 0, 1)},
    "Coding": {
        "system": ("uri", 0, 1),
        "version": ("string", 0, 1),
        "code": ("code", 0, 1),
        "display": ("string", 0, 1),
        "userSelected": ("boolean", 0, 1),
    },
    "CodeableReference": {"concept": ("CodeableConcept", 0, 1), "reference": ("Reference", 0, 1)},
    "Reference": {
        "reference": ("string", 0, 1),
        "type": ("uri", 0, 1),
        "identifier": ("Identifier", 0, 1),
        "display": ("string", 0, 1),
    },
    "RelatedArtifact": {
        "type": ("code", 1, 1),
        "classifier": ("CodeableConcept", 0, None),
        "label": ("string", 0, 1),
        "display": ("string", 0, 1),
        "citation": ("markdown", 0, 1),
        "document": ("Attachment", 0, 1),
        "resource": ("canonical", 0, 1),
        "resourceReference": ("Reference", 0, 1),
        "publicationStatus": ("code", 0, 1),
        "publicationDate": ("date", 0, 1),
    },
    "Period": {"start": ("dateTime", 0, 1), "end": ("dateTime", 0, 1)},
    "Meta": {"source": ("uri", 0, 1)},
}

PRIMITIVES = {
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "code": r"\S+(\s\S+)*",
    "string": r"[\s\S]*\S[\s\S]*",
    "markdown": r"[\s\S]*\S[\s\S]*",
    "uri": r"\S+",
    "canonical": r"\S+",
    "dateTime": r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
}
"""Type -> what its text must be like (FHIR 5.0.0, data types)."""
