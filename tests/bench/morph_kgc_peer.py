"""Map records with morph-kgc, in an environment of its own; prints JSON: triples and seconds.

Run by `test_mapping_speed.py` as ``PYTHON morph_kgc_peer.py RECORDS.json``: the file is a JSON
list of records in API v2 shape, reduced by `only_mapped` to the fields of the mapping. Of whole
records it was stopped by the system at 300 trials, after minutes.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MAPPING = """
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix tk: <https://w3id.org/trialkin/ontology#> .
"""
TRIAL = "https://clinicaltrials.gov/study/{protocolSection.identificationModule.nctId}"
FIELDS = {
    "nctId": "protocolSection.identificationModule.nctId",
    "briefTitle": "protocolSection.identificationModule.briefTitle",
    "officialTitle": "protocolSection.identificationModule.officialTitle",
    "overallStatus": "protocolSection.statusModule.overallStatus",
    "startDate": "protocolSection.statusModule.startDateStruct.date",
    "completionDate": "protocolSection.statusModule.completionDateStruct.date",
    "lastUpdatePostDate": "protocolSection.statusModule.lastUpdatePostDateStruct.date",
    "studyFirstPostDate": "protocolSection.statusModule.studyFirstPostDateStruct.date",
    "briefSummary": "protocolSection.descriptionModule.briefSummary",
    "studyType": "protocolSection.designModule.studyType",
    "allocation": "protocolSection.designModule.designInfo.allocation",
    "primaryPurpose": "protocolSection.designModule.designInfo.primaryPurpose",
    "masking": "protocolSection.designModule.designInfo.maskingInfo.masking",
    "enrollmentCount": "protocolSection.designModule.enrollmentInfo.count",
    "eligibilityCriteria": "protocolSection.eligibilityModule.eligibilityCriteria",
    "sex": "protocolSection.eligibilityModule.sex",
    "minimumAge": "protocolSection.eligibilityModule.minimumAge",
    "maximumAge": "protocolSection.eligibilityModule.maximumAge",
    "leadSponsor": "protocolSection.sponsorCollaboratorsModule.leadSponsor.name",
}


def only_mapped(record: dict[str, Any]) -> dict[str, Any]:
    """Return of a record the fields of `FIELDS` alone, in their places."""
    reduced: dict[str, Any] = {}
    for path in FIELDS.values():
        *modules, field = path.split(".")
        value: Any = record
        for name in (*modules, field):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            module = reduced
            for name in modules:
                module = module.setdefault(name, {})
            module[field] = value
    return reduced


def main(records: str) -> None:
    """Map the file and print what came of it."""
    import morph_kgc

    logging.disable(logging.CRITICAL)
    pairs = " ;\n".join(
        f"rr:predicateObjectMap [ rr:predicate tk:{term} ; "
        f'rr:objectMap [ rml:reference "{path}" ] ]'
        for term, path in FIELDS.items()
    )
    source = (
        f'rml:logicalSource [ rml:source "{records}" ; '
        'rml:referenceFormulation ql:JSONPath ; rml:iterator "$[*]" ]'
    )
    subject = f'rr:subjectMap [ rr:template "{TRIAL}" ]'
    mapping = f"{MAPPING}<#Trial> {source} ;\n {subject} ;\n{pairs} .\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.ttl"
        path.write_text(mapping, "utf-8")
        config = (
            "[CONFIGURATION]\nlogging_level=CRITICAL\nnumber_of_processes=1\n"
            f"[Records]\nmappings={path}\n"
        )
        started = time.perf_counter()
        triples = morph_kgc.materialize_set(config)
        seconds = time.perf_counter() - started
    print(json.dumps({"triples": len(triples), "seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
