"""Legacy XML: what it turns into, and what is refused."""

from __future__ import annotations

import pytest

from kg.sources import SourceRecord

FULL = """<?xml version="1.0" encoding="UTF-8"?>
<clinical_study>
  <!-- a remark -->
  <required_header>
    <download_date>ClinicalTrials.gov processed this data on February 03, 2023</download_date>
  </required_header>
  <id_info>
    <org_study_id>ORG-1</org_study_id>
    <secondary_id>SEC-1</secondary_id>
    <secondary_id>SEC-2</secondary_id>
    <nct_id>NCT00000123</nct_id>
    <nct_alias>NCT00000124</nct_alias>
  </id_info>
  <brief_title>Cells &amp; more</brief_title>
  <acronym>CELLS</acronym>
  <sponsors>
    <lead_sponsor><agency>An Institute</agency><agency_class>U.S. Fed</agency_class></lead_sponsor>
    <collaborator><agency>A Company</agency><agency_class>Industry</agency_class></collaborator>
  </sponsors>
  <source>A Hospital</source>
  <oversight_info><has_dmc>Yes</has_dmc></oversight_info>
  <brief_summary>
    <textblock>
      A wrapped line that goes on
      here.

      Second paragraph.
    </textblock>
  </brief_summary>
  <overall_status>Active, not recruiting</overall_status>
  <why_stopped>No   reason</why_stopped>
  <start_date>March 2005</start_date>
  <completion_date type="Actual">March 3, 2006</completion_date>
  <primary_completion_date type="Anticipated">2006</primary_completion_date>
  <phase>Phase 1/Phase 2</phase>
  <study_type>Interventional</study_type>
  <has_expanded_access>No</has_expanded_access>
  <study_design_info>
    <allocation>Non-Randomized</allocation>
    <intervention_model>Parallel Assignment</intervention_model>
    <primary_purpose>Educational/Counseling/Training</primary_purpose>
    <masking>Double (Participant, Outcomes Assessor)</masking>
  </study_design_info>
  <primary_outcome>
    <measure>Score</measure><time_frame>1 year</time_frame><safety_issue>No</safety_issue>
    <description>How it is measured.</description>
  </primary_outcome>
  <number_of_arms>2</number_of_arms>
  <enrollment type="Anticipated">20</enrollment>
  <condition>Systemic Sclerosis</condition>
  <arm_group>
    <arm_group_label>Cells</arm_group_label><arm_group_type>Experimental</arm_group_type>
    <description>Gets cells.</description>
  </arm_group>
  <arm_group><arm_group_label>None</arm_group_label></arm_group>
  <intervention>
    <intervention_type>Dietary Supplement</intervention_type>
    <intervention_name>Cells</intervention_name>
    <arm_group_label>Cells</arm_group_label>
    <other_name>MSC</other_name>
  </intervention>
  <eligibility>
    <criteria><textblock>
        Inclusion:

          -  First item that is
             wrapped

          -  Second

               -  Deeper
    </textblock></criteria>
    <gender>Both</gender>
    <minimum_age>18 Years</minimum_age>
    <maximum_age>N/A</maximum_age>
    <healthy_volunteers>Accepts Healthy Volunteers</healthy_volunteers>
  </eligibility>
  <overall_official>
    <last_name>A Person, MD</last_name><role>Sub-Investigator</role>
    <affiliation>A Hospital</affiliation>
  </overall_official>
  <overall_contact><last_name>Not Kept</last_name><phone>123</phone></overall_contact>
  <location>
    <facility>
      <name>A Hospital</name>
      <address><city>Montreal</city><state>Quebec</state><zip>H1</zip><country>Canada</country></address>
    </facility>
    <status>Recruiting</status>
    <contact><last_name>Not Kept</last_name></contact>
  </location>
  <location_countries><country>Canada</country><country>France</country></location_countries>
  <removed_countries><country>Italy</country></removed_countries>
  <link><url>https://example.org/</url><description>Home</description></link>
  <reference><citation>A paper.</citation><PMID>1234567</PMID></reference>
  <results_reference><citation>A result.</citation></results_reference>
  <verification_date>May 2005</verification_date>
  <study_first_submitted>September 1, 2005</study_first_submitted>
  <study_first_posted type="Estimate">September 2, 2005</study_first_posted>
  <last_update_posted type="Actual">June 9, 2010</last_update_posted>
  <responsible_party><name_title>Head</name_title><organization>Unit</organization></responsible_party>
  <keyword>cells</keyword>
  <condition_browse><mesh_term>Scleroderma, Systemic</mesh_term></condition_browse>
  <patient_data>
    <sharing_ipd>Yes</sharing_ipd>
    <ipd_info_type>Statistical Analysis Plan (SAP)</ipd_info_type>
  </patient_data>
  <study_docs><study_doc><doc_id>D1</doc_id><doc_type>Forms</doc_type></study_doc></study_docs>
  <provided_document_section>
    <provided_document>
      <document_type>Study Protocol</document_type>
      <document_has_protocol>Yes</document_has_protocol>
      <document_has_icf>No</document_has_icf>
      <document_date>August 9, 2009</document_date>
      <document_url>https://example.org/docs/Prot_000.pdf</document_url>
    </provided_document>
  </provided_document_section>
  <pending_results>
    <submitted>March 16, 2018</submitted>
    <returned>April 11, 2018</returned>
  </pending_results>
</clinical_study>
"""


@pytest.fixture
def full(read) -> SourceRecord:
    (record,) = read(FULL.encode())
    assert isinstance(record, SourceRecord)
    return record


def test_whole_record(full):
    assert (full.locator, full.format) == ("", "legacy-xml")
    assert full.payload == {
        "protocolSection": {
            "identificationModule": {
                "nctId": "NCT00000123",
                "nctIdAliases": ["NCT00000124"],
                "orgStudyIdInfo": {"id": "ORG-1"},
                "secondaryIdInfos": [{"id": "SEC-1"}, {"id": "SEC-2"}],
                "organization": {"fullName": "A Hospital"},
                "briefTitle": "Cells & more",
                "acronym": "CELLS",
            },
            "statusModule": {
                "statusVerifiedDate": "2005-05",
                "overallStatus": "ACTIVE_NOT_RECRUITING",
                "whyStopped": "No reason",
                "expandedAccessInfo": {"hasExpandedAccess": False},
                "startDateStruct": {"date": "2005-03"},
                "primaryCompletionDateStruct": {"date": "2006", "type": "ESTIMATED"},
                "completionDateStruct": {"date": "2006-03-03", "type": "ACTUAL"},
                "studyFirstSubmitDate": "2005-09-01",
                "studyFirstPostDateStruct": {"date": "2005-09-02", "type": "ESTIMATED"},
                "lastUpdatePostDateStruct": {"date": "2010-06-09", "type": "ACTUAL"},
            },
            "sponsorCollaboratorsModule": {
                "responsibleParty": {"oldNameTitle": "Head", "oldOrganization": "Unit"},
                "leadSponsor": {"name": "An Institute", "class": "FED"},
                "collaborators": [{"name": "A Company", "class": "INDUSTRY"}],
            },
            "oversightModule": {"oversightHasDmc": True},
            "descriptionModule": {
                "briefSummary": "A wrapped line that goes on here.\n\nSecond paragraph."
            },
            "conditionsModule": {"conditions": ["Systemic Sclerosis"], "keywords": ["cells"]},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["PHASE1", "PHASE2"],
                "designInfo": {
                    "allocation": "NON_RANDOMIZED",
                    "interventionModel": "PARALLEL",
                    "primaryPurpose": "ECT",
                    "maskingInfo": {
                        "masking": "DOUBLE",
                        "whoMasked": ["PARTICIPANT", "OUTCOMES_ASSESSOR"],
                    },
                },
                "enrollmentInfo": {"count": 20, "type": "ESTIMATED"},
            },
            "armsInterventionsModule": {
                "armGroups": [
                    {
                        "label": "Cells",
                        "type": "EXPERIMENTAL",
                        "description": "Gets cells.",
                        "interventionNames": ["Dietary Supplement: Cells"],
                    },
                    {"label": "None"},
                ],
                "interventions": [
                    {
                        "type": "DIETARY_SUPPLEMENT",
                        "name": "Cells",
                        "armGroupLabels": ["Cells"],
                        "otherNames": ["MSC"],
                    }
                ],
            },
            "outcomesModule": {
                "primaryOutcomes": [
                    {
                        "measure": "Score",
                        "description": "How it is measured.",
                        "timeFrame": "1 year",
                    }
                ]
            },
            "eligibilityModule": {
                "eligibilityCriteria": (
                    "Inclusion:\n\n* First item that is wrapped\n* Second\n  * Deeper"
                ),
                "healthyVolunteers": True,
                "sex": "ALL",
                "minimumAge": "18 Years",
            },
            "contactsLocationsModule": {
                "overallOfficials": [
                    {
                        "name": "A Person, MD",
                        "affiliation": "A Hospital",
                        "role": "SUB_INVESTIGATOR",
                    }
                ],
                "locations": [
                    {
                        "facility": "A Hospital",
                        "status": "RECRUITING",
                        "city": "Montreal",
                        "state": "Quebec",
                        "zip": "H1",
                        "country": "Canada",
                    },
                    {"country": "France"},
                ],
            },
            "referencesModule": {
                "references": [
                    {"pmid": "1234567", "citation": "A paper."},
                    {"type": "RESULT", "citation": "A result."},
                ],
                "seeAlsoLinks": [{"label": "Home", "url": "https://example.org/"}],
                "availIpds": [{"id": "D1", "type": "Forms"}],
            },
            "ipdSharingStatementModule": {"ipdSharing": "YES", "infoTypes": ["SAP"]},
        },
        "annotationSection": {
            "annotationModule": {
                "unpostedAnnotation": {
                    "unpostedEvents": [
                        {"type": "RELEASE", "date": "2018-03-16"},
                        {"type": "RESET", "date": "2018-04-11"},
                    ]
                }
            }
        },
        "documentSection": {
            "largeDocumentModule": {
                "largeDocs": [
                    {
                        "hasProtocol": True,
                        "hasIcf": False,
                        "label": "Study Protocol",
                        "date": "2009-08-09",
                        "filename": "Prot_000.pdf",
                    }
                ]
            }
        },
        "derivedSection": {
            "miscInfoModule": {"versionHolder": "2023-02-03", "removedCountries": ["Italy"]},
            "conditionBrowseModule": {"meshes": [{"term": "Scleroderma, Systemic"}]},
        },
        "hasResults": False,
    }


def test_nothing_of_it_is_unknown_to_study(full):
    """Every field that the reader makes is one that `Study` reads."""
    import msgspec

    from kg.study import canonical_json

    read_back = msgspec.json.decode(msgspec.json.encode(full.study))
    payload = dict(full.payload)
    read_back.setdefault("hasResults", False)
    assert canonical_json(read_back) == canonical_json(payload)
