"""The text of a public trial page."""

from __future__ import annotations

import pytest

from kg.sources import RejectedRecord

PAGE = """Cells for a Disease
NCT ID: NCT00000042
Last Updated: 2024-04-16
Study Results
The study team has not published anything yet.
Basic Information
Get a quick view.
ENROLLING_BY_INVITATION
EARLY_PHASE1
1,200 participants
INTERVENTIONAL
2023-01
2025-12-31
Official Title
Review the title.
A Trial of Cells for a Disease
Brief Summary
Review the summary.
First line.
Second line.
Related Clinical Trials
Explore similar trials.
Another Trial
NCT00000043
NCT00000044
Conditions
See the conditions.
A Disease
Another Disease
Study Design
Understand how it works.
NA
SINGLE_GROUP
TREATMENT
DOUBLE
Participants, Outcome Assessors
Study Groups
Review each arm.
Cells
EXPERIMENTAL
Gets cells once.
Stromal cells
Intervention Type: BIOLOGICAL
Cells from a donor, given once into a vein.
Control
Stromal cells
Interventions
Learn about them.
Stromal cells
Cells from a donor, given once into a vein.
Saline
Primary Outcomes
Find out what is measured.
Score
The score of something.
Time Frame: 1 year
Survival
Timeframe: 2 years
Eligibility Criteria
Check the criteria.
Inclusion Criteria
* Adults
Conditions
18 Years
65 Years
FEMALE
Yes
Sponsors
Meet the sponsors.
A University
OTHER
A Company
INDUSTRY
Responsible Party
Identify the party.
A Person
Professor
Principal Investigators
Learn about them.
A Person
Role: PRINCIPAL_INVESTIGATOR
A Hospital
Another Person
Role: STUDY_CHAIR
Locations
Explore where it is.
A Hospital
Lyon, France
RECRUITING
A Clinic
San Jose, Downtown, California, United States
Countries
Review the countries.
France
Spain
References
Explore related papers.
A paper. 2020.
PMID: 1234567
Another paper. PMID: 7654321
Related Links
Access external pages.
Home
https://example.org/
Only a label
Other Identifiers
Review additional numbers.
EU-1
Identifier Type: EUDRACT_NUMBER
Identifier Source: secondary_ids
ORG-1
Identifier Type: -
Identifier Source: org_study_id
More Related Trials
Additional clinical trials.
Another Trial
NCT00000043
"""


def test_whole_page(read):
    (record,) = read(PAGE.encode())
    assert (record.locator, record.format) == ("", "trial-page")
    assert record.payload == {
        "protocolSection": {
            "identificationModule": {
                "nctId": "NCT00000042",
                "briefTitle": "Cells for a Disease",
                "officialTitle": "A Trial of Cells for a Disease",
                "orgStudyIdInfo": {"id": "ORG-1"},
                "secondaryIdInfos": [{"id": "EU-1", "type": "EUDRACT_NUMBER"}],
            },
            "statusModule": {
                "overallStatus": "ENROLLING_BY_INVITATION",
                "startDateStruct": {"date": "2023-01"},
                "completionDateStruct": {"date": "2025-12-31"},
                "lastUpdatePostDateStruct": {"date": "2024-04-16"},
            },
            "sponsorCollaboratorsModule": {
                "leadSponsor": {"name": "A Company", "class": "INDUSTRY"},
                "collaborators": [{"name": "A University", "class": "OTHER"}],
                "responsibleParty": {
                    "investigatorFullName": "A Person",
                    "investigatorTitle": "Professor",
                },
            },
            "descriptionModule": {"briefSummary": "First line.\n\nSecond line."},
            "conditionsModule": {"conditions": ["A Disease", "Another Disease"]},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["EARLY_PHASE1"],
                "enrollmentInfo": {"count": 1200},
                "designInfo": {
                    "allocation": "NA",
                    "interventionModel": "SINGLE_GROUP",
                    "primaryPurpose": "TREATMENT",
                    "maskingInfo": {
                        "masking": "DOUBLE",
                        "whoMasked": ["PARTICIPANT", "OUTCOMES_ASSESSOR"],
                    },
                },
            },
            "armsInterventionsModule": {
                "armGroups": [
                    {"label": "Cells", "type": "EXPERIMENTAL", "description": "Gets cells once."},
                    {"label": "Control"},
                ],
                "interventions": [
                    {
                        "name": "Stromal cells",
                        "type": "BIOLOGICAL",
                        "description": "Cells from a donor, given once into a vein.",
                        "armGroupLabels": ["Cells", "Control"],
                    },
                    {"name": "Saline"},
                ],
            },
            "outcomesModule": {
                "primaryOutcomes": [
                    {
                        "measure": "Score",
                        "description": "The score of something.",
                        "timeFrame": "1 year",
                    },
                    {"measure": "Survival", "timeFrame": "2 years"},
                ]
            },
            "eligibilityModule": {
                "eligibilityCriteria": "Inclusion Criteria\n* Adults\nConditions",
                "minimumAge": "18 Years",
                "maximumAge": "65 Years",
                "sex": "FEMALE",
                "healthyVolunteers": True,
            },
            "contactsLocationsModule": {
                "overallOfficials": [
                    {
                        "name": "A Person",
                        "role": "PRINCIPAL_INVESTIGATOR",
                        "affiliation": "A Hospital",
                    },
                    {"name": "Another Person", "role": "STUDY_CHAIR"},
                ],
                "locations": [
                    {
                        "facility": "A Hospital",
                        "city": "Lyon",
                        "country": "France",
                        "status": "RECRUITING",
                    },
                    {
                        "facility": "A Clinic",
                        "city": "San Jose, Downtown",
                        "state": "California",
                        "country": "United States",
                    },
                    {"country": "Spain"},
                ],
            },
            "referencesModule": {
                "references": [
                    {"citation": "A paper. 2020.", "pmid": "1234567"},
                    {"citation": "Another paper. PMID: 7654321", "pmid": "7654321"},
                ],
                "seeAlsoLinks": [
                    {"label": "Home", "url": "https://example.org/"},
                    {"label": "Only a label"},
                ],
            },
        },
        "listedAsRelated": [
            {"nctId": "NCT00000043", "briefTitle": "Another Trial"},
            {"nctId": "NCT00000044"},
        ],
    }


def test_listed_trials_are_in_the_study(read):
    (record,) = read(PAGE.encode())
    assert [trial.nct_id for trial in record.study.listed_as_related] == [
        "NCT00000043",
        "NCT00000044",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_and_line_ends(read, encoding):
    (plain,) = read(PAGE.encode())
    (other,) = read(PAGE.replace("\n", "\r\n\r\n").encode(encoding), name="other")
    assert other.payload == plain.payload


def test_page_without_the_lines_of_explanation(read):
    text = "Cells\nNCT ID: NCT00000042\nConditions\nA Disease\nSponsors\nA University\nOTHER\n"
    (record,) = read(text.encode())
    assert record.study.conditions.conditions == ("A Disease",)
    assert record.study.sponsor_collaborators.lead_sponsor.name == "A University"


def test_latin_1_is_refused(read):
    (rejected,) = read(PAGE.replace("Cells for", "Zellen für").encode("latin-1"))
    assert isinstance(rejected, RejectedRecord)
    assert "UTF-8" in rejected.message


def test_too_large(read):
    (rejected,) = read(PAGE.encode(), max_record_bytes=1000)
    assert "larger than" in rejected.message


@pytest.mark.parametrize("cut", range(40, 2000, 97))
def test_any_part_of_a_page_is_read(read, cut):
    (record,) = read(PAGE[:cut].encode())
    assert record.study.nct_id == "NCT00000042"


def test_other_text_is_refused(read):
    (rejected,) = read(b"Some notes about trials.\nSee NCT00000042.\n")
    assert "is in no form" in rejected.message
