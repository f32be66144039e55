"""Hand-written records for the tests of the pages; the trials do not exist."""

from __future__ import annotations

from typing import Any

FULL = "NCT90000001"
FORMER = "NCT90000901"
ADIPOSE = "NCT90000002"
SCLEROSIS = "NCT90000003"
BARE = "NCT90000004"
HOSTILE = "NCT90000005"
ACCESS = "NCT90000006"
ABSENT = "NCT91234567"

LONG_WORD = "x" * 100_000
SCRIPT = "<script>alert(1)</script>"
RIGHT_TO_LEFT = "\u202egnihtyna\u202e"


def study_json(nct_id: str, title: str | None = None, **modules: Any) -> dict[str, Any]:
    """Return a record; modules by the registry's names, without ``Module``."""
    identification: dict[str, Any] = {"nctId": nct_id, **modules.pop("identification", {})}
    if title is not None:
        identification["briefTitle"] = title
    top = {name: modules.pop(name) for name in ("composedSummary", "listedAsRelated", "hasResults")
           if name in modules}  # fmt: skip
    protocol = {"identificationModule": identification}
    protocol |= {f"{name}Module": module for name, module in modules.items()}
    return {"protocolSection": protocol, **top}


def records() -> list[dict[str, Any]]:
    """Return all records."""
    return [_full(), _adipose(), _sclerosis(), study_json(BARE), _hostile(), _access(), *_many()]


def _full() -> dict[str, Any]:
    return study_json(
        FULL,
        "Cord Cells for Systemic Sclerosis",
        identification={
            "nctIdAliases": [FORMER],
            "officialTitle": "A Trial of Cord Mesenchymal Stromal Cells in Systemic Sclerosis",
            "acronym": "CORD-SSc",
            "orgStudyIdInfo": {"id": "ORG-1"},
            "secondaryIdInfos": [
                {"id": "2020-001", "type": "EUDRACT_NUMBER"},
                {"id": "X-9", "type": "OTHER", "domain": "A Fund", "link": "javascript:alert(1)"},
            ],
        },
        status={
            "overallStatus": "RECRUITING",
            "statusVerifiedDate": "2022-09",
            "startDateStruct": {"date": "2022-11", "type": "ESTIMATED"},
            "completionDateStruct": {"date": "2025"},
            "lastUpdatePostDateStruct": {"date": "2022-09-22", "type": "ACTUAL"},
        },
        description={
            "briefSummary": "Umbilical cord mesenchymal stromal cells are given intravenously.",
            "detailedDescription": "First part.\n\nDoses:\n\n* 1 million cells/kg\n* none",
        },
        conditions={"conditions": ["Systemic Sclerosis"], "keywords": ["scleroderma"]},
        design={
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "primaryPurpose": "TREATMENT",
                "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "INVESTIGATOR"]},
            },
            "enrollmentInfo": {"count": 18, "type": "ESTIMATED"},
        },
        armsInterventions={
            "armGroups": [
                {
                    "label": "Cells",
                    "type": "EXPERIMENTAL",
                    "description": "One intravenous infusion of allogeneic umbilical cord MSC.",
                    "interventionNames": ["Biological: UC-MSC"],
                },
                {"label": "Placebo", "type": "PLACEBO_COMPARATOR"},
            ],
            "interventions": [
                {"type": "BIOLOGICAL", "name": "UC-MSC", "otherNames": ["cord MSC"]},
            ],
        },
        outcomes={
            "primaryOutcomes": [{"measure": "Skin score", "timeFrame": "12 months"}],
            "secondaryOutcomes": [{"measure": f"Measure {n}"} for n in range(9)],
        },
        eligibility={
            "eligibilityCriteria": "Inclusion Criteria:\n\n1. mRss \\> 20\n2. disease:\n"
            "   * of skin\n\nExclusion Criteria:\n\n* pregnancy",
            "minimumAge": "18 Years",
            "sex": "ALL",
            "healthyVolunteers": False,
        },
        sponsorCollaborators={
            "leadSponsor": {"name": "A Hospital", "class": "OTHER"},
            "collaborators": [{"name": "A Company", "class": "INDUSTRY"}],
            "responsibleParty": {
                "type": "PRINCIPAL_INVESTIGATOR",
                "investigatorFullName": "A. Person",
                "investigatorTitle": "Physician",
            },
        },
        contactsLocations={
            "overallOfficials": [
                {"name": "A. Person", "role": "PRINCIPAL_INVESTIGATOR", "affiliation": "A Hospital"}
            ],
            "locations": [
                {
                    "facility": "Ward 1",
                    "city": "Montreal",
                    "country": "Canada",
                    "status": "RECRUITING",
                },
                *(
                    {"facility": f"Centre {n}", "city": "Lyon", "country": "France"}
                    for n in range(9)
                ),
            ],
        },
        references={
            "references": [
                {"pmid": "12345678", "type": "RESULT", "citation": "Person A. A paper. 2020."},
                {
                    "pmid": "1/../evil",
                    "citation": "Person B. Withdrawn. 2021.",
                    "retractions": [{"pmid": "2", "source": "J Notices"}],
                },
            ],
            "seeAlsoLinks": [
                {"label": "Scale", "url": "https://example.org/scale"},
                {"label": "Trap", "url": "javascript:alert(1)"},
            ],
        },
        ipdSharingStatement={"ipdSharing": "YES", "infoTypes": ["STUDY_PROTOCOL"]},
        listedAsRelated=[
            {"nctId": SCLEROSIS, "briefTitle": "Cells in Multiple Sclerosis"},
            {"nctId": ABSENT, "briefTitle": "Elsewhere"},
        ],
    )


def _adipose() -> dict[str, Any]:
    return study_json(
        ADIPOSE,
        "Adipose Stromal Cells for Systemic Sclerosis of the Hand",
        status={
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2015"},
            "lastUpdatePostDateStruct": {"date": "2019-01-02"},
        },
        description={"briefSummary": "A phase 2 trial of adipose cells."},
        conditions={"conditions": ["Scleroderma, Systemic"]},
        design={
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE2"],
            "enrollmentInfo": {"count": 40},
        },
        armsInterventions={
            "interventions": [
                {
                    "type": "BIOLOGICAL",
                    "name": "Autologous adipose-derived stromal cells, subcutaneous",
                }
            ]
        },
        contactsLocations={"locations": [{"city": "Lyon", "country": "France"}]},
        composedSummary=True,
        hasResults=True,
    )


def _sclerosis() -> dict[str, Any]:
    return study_json(
        SCLEROSIS,
        "Bone Marrow Mesenchymal Stem Cells in Multiple Sclerosis",
        status={"overallStatus": "WITHDRAWN", "whyStopped": "No funds"},
        conditions={"conditions": ["Multiple Sclerosis"]},
        design={
            "studyType": "OBSERVATIONAL",
            "designInfo": {"observationalModel": "COHORT", "timePerspective": "PROSPECTIVE"},
        },
        armsInterventions={
            "armGroups": [{"label": "Patients", "description": "Intrathecal bone marrow MSC."}]
        },
    )


def _hostile() -> dict[str, Any]:
    text = f'{SCRIPT} "><img src=x onerror=alert(1)> {{{{ 7*7 }}}} </textarea> {RIGHT_TO_LEFT}'
    return study_json(
        HOSTILE,
        f"Hostile {text}",
        identification={
            "acronym": SCRIPT,
            "orgStudyIdInfo": {"id": text, "link": "data:text/html,x"},
        },
        status={
            "overallStatus": SCRIPT,
            "whyStopped": text,
            "startDateStruct": {"date": '2020"><script>'},
            "lastUpdatePostDateStruct": {"date": "2021-01-01"},
        },
        description={"briefSummary": text, "detailedDescription": LONG_WORD},
        conditions={"conditions": [text, "Systemic Sclerosis"], "keywords": [text]},
        design={"studyType": "INTERVENTIONAL", "phases": [SCRIPT]},
        armsInterventions={
            "armGroups": [{"label": text, "type": SCRIPT, "description": text}],
            "interventions": [{"type": SCRIPT, "name": text, "otherNames": [text]}],
        },
        outcomes={"primaryOutcomes": [{"measure": text, "description": text, "timeFrame": text}]},
        eligibility={"eligibilityCriteria": f"* {text}\n1. {LONG_WORD}", "minimumAge": text},
        sponsorCollaborators={"leadSponsor": {"name": "=SUM(A1)", "class": SCRIPT}},
        contactsLocations={"locations": [{"facility": text, "city": text, "country": text}]},
        references={
            "references": [{"pmid": '1"><script>', "citation": text}],
            "seeAlsoLinks": [
                {"label": text, "url": " JaVaScRiPt:alert(1)"},
                {"label": text, "url": 'https://example.org/"onmouseover="alert(1)'},
                {"label": "bad", "url": "http://[::1"},
            ],
        },
        listedAsRelated=[{"nctId": ABSENT, "briefTitle": text}],
    )


def _access() -> dict[str, Any]:
    return study_json(
        ACCESS,
        "Expanded Access to Placental Cells",
        status={"overallStatus": "AVAILABLE"},
        conditions={"conditions": ["Graft Versus Host Disease"]},
        design={"studyType": "EXPANDED_ACCESS", "enrollmentInfo": {"count": 99_999_999}},
    )


def _many() -> list[dict[str, Any]]:
    return [
        study_json(
            f"NCT9000{number:04d}",
            f"Knee Osteoarthritis Study {number}",
            status={"overallStatus": "UNKNOWN"},
            conditions={"conditions": ["Knee Osteoarthritis"]},
            design={"studyType": "INTERVENTIONAL", "phases": ["NA"]},
        )
        for number in range(100, 145)
    ]
