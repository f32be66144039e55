"""Legacy XML: what it turns into, and what is refused."""

from __future__ import annotations

import itertools
import time

import pytest

from kg.sources import RejectedRecord, SourceRecord
from kg.sources.legacy_text import unwrap

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

OLD_DESIGN = (
    "<study_design>Allocation: Randomized, Masking: Double Blind (Subject, Investigator), "
    "Primary Purpose: Treatment</study_design>"
)
OLD_PERSPECTIVE = (
    "<study_design_info><time_perspective>Longitudinal, Retrospective</time_perspective>"
    "</study_design_info>"
)
RESULTS = (
    "<clinical_results><outcome_list><outcome><type>Post-Hoc</type><title>Score</title>"
    "</outcome></outcome_list></clinical_results>"
)


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


@pytest.mark.parametrize(
    ("inside", "path", "expected"),
    [
        ("<phase>N/A</phase>", "design.phases", ("NA",)),
        ("<phase>Early Phase 1</phase>", "design.phases", ("EARLY_PHASE1",)),
        ("<phase>Phase 0</phase>", "design.phases", ("EARLY_PHASE1",)),
        ("<phase>Phase IV b</phase>", "design.phases", ("PHASE_IV_B",)),
        (
            "<overall_status>No longer recruiting</overall_status>",
            "status.overall_status",
            "NO_LONGER_RECRUITING",
        ),
        (
            "<overall_status>Unknown status</overall_status>",
            "status.overall_status",
            "UNKNOWN",
        ),
        (
            "<study_type>Observational [Patient Registry]</study_type>",
            "design.patient_registry",
            True,
        ),
        (
            OLD_DESIGN,
            "design.design_info.masking_info.who_masked",
            ("PARTICIPANT", "INVESTIGATOR"),
        ),
        (
            OLD_DESIGN,
            "design.design_info.primary_purpose",
            "TREATMENT",
        ),
        (
            OLD_PERSPECTIVE,
            "design.design_info.time_perspective",
            "RETROSPECTIVE",
        ),
        (
            "<firstreceived_date>July 13, 2007</firstreceived_date>",
            "status.study_first_submit_date",
            "2007-07-13",
        ),
        ("<start_date>sometime</start_date>", "status.start_date_struct.date", "sometime"),
        (
            "<start_date>February 30, 2007</start_date>",
            "status.start_date_struct.date",
            "February 30, 2007",
        ),
        ("<enrollment>99999999</enrollment>", "design.enrollment_info.count", 99_999_999),
        (
            RESULTS,
            "results_section.outcome_measures_module.outcome_measures",
            "POST_HOC",
        ),
    ],
)
def test_single_fields(read, legacy_xml, inside, path, expected):
    (record,) = read(legacy_xml(1, inside).encode())
    value = record.study
    for name in path.split("."):
        value = getattr(value, name)
    if expected == "POST_HOC":
        assert [(m.type, m.title) for m in value] == [("POST_HOC", "Score")]
        assert record.study.has_results
    else:
        assert value == expected


def test_text_around_remarks_and_cdata(read):
    text = (
        "<clinical_study><id_info><nct_id> NCT1 </nct_id></id_info>"
        "<brief_title>a<!-- x -->b<?pi y?>c<![CDATA[<d>]]> <b>e</b> f</brief_title>"
        "</clinical_study>"
    )
    (record,) = read(text.encode())
    assert record.study.nct_id == "NCT00000001"
    assert record.study.identification.brief_title == "abc<d> e f"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("", ""),
        ("one", "one"),
        ("one\r\n\r\n\r\ntwo", "one\n\ntwo"),
        ("  one\n  two", "one two"),
        ("          -  a\n\n          -  b\n\n      c", "* a\n* b\n\nc"),
        ("-  a\n\n     -  b\n\n          -  c\n\n-  d", "* a\n  * b\n    * c\n* d"),
        ("a - b\n- c", "a - b - c"),
    ],
)
def test_unwrap(printed, expected):
    assert unwrap(printed) == expected


class TestDocuments:
    def test_several_records(self, read, legacy_xml, summarise):
        text = f"<all>{legacy_xml(1)}<x/>{legacy_xml(2)}</all>"
        assert summarise(read(text.encode())) == [
            ("NCT00000001", "clinical_study[0]"),
            ("NCT00000002", "clinical_study[1]"),
        ]

    def test_damage_after_good_records(self, read, legacy_xml, summarise):
        text = f"<all>{legacy_xml(1)}{legacy_xml(2)}{legacy_xml(3)[:-20]}"
        *kept, rejected = read(text.encode())
        assert summarise(kept) == [
            ("NCT00000001", "clinical_study[0]"),
            ("NCT00000002", "clinical_study[1]"),
        ]
        assert rejected.locator == "clinical_study[2]"
        assert "well-formed" in rejected.message

    def test_record_without_id(self, read, legacy_xml):
        text = f"<all><clinical_study/>{legacy_xml(2)}</all>"
        rejected, record = read(text.encode())
        assert rejected.field == "protocolSection.identificationModule.nctId"
        assert record.study.nct_id == "NCT00000002"

    @pytest.mark.parametrize(
        ("encoding", "declared"),
        [("latin-1", "ISO-8859-1"), ("cp1252", "windows-1252"), ("utf-16", "UTF-16")],
    )
    def test_declared_encodings(self, read, legacy_xml, encoding, declared):
        text = f'<?xml version="1.0" encoding="{declared}"?>' + legacy_xml(1).replace("Cells", "é")
        (record,) = read(text.encode(encoding))
        assert record.study.identification.brief_title == "é, part 1"

    def test_byte_order_mark_and_leading_space(self, read, legacy_xml):
        for start in ("\ufeff", "\n  ", "\ufeff<?xml version='1.0'?>\n", "\r\n"):
            (record,) = read((start + legacy_xml(1)).encode())
            assert record.study.nct_id == "NCT00000001"

    def test_undeclared_latin_1_is_refused(self, read, legacy_xml):
        (rejected,) = read(legacy_xml(1).replace("Cells", "é").encode("latin-1"))
        assert "well-formed" in rejected.message

    @pytest.mark.parametrize("text", ["<a/>", "<a>", "<", "<?xml version='1.0'?>", "<a b=c>"])
    def test_other_xml(self, read, text):
        (rejected,) = read(text.encode())
        assert isinstance(rejected, RejectedRecord)

    def test_wrong_number_names_the_field(self, read, legacy_xml):
        (rejected,) = read(legacy_xml(5, "<enrollment>many</enrollment>").encode())
        assert rejected.nct_id == "NCT00000005"
        assert rejected.field == "protocolSection.designModule.enrollmentInfo.count"


class TestHostile:
    LEVELS = 12

    def bomb(self) -> str:
        names = "abcdefghijklmnop"
        entities = '<!ENTITY a "xxxxxxxxxx">' + "".join(
            f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
            for before, name in itertools.pairwise(names[: self.LEVELS])
        )
        return f"<!DOCTYPE clinical_study [{entities}]>"

    @pytest.mark.parametrize("where", ["text", "attribute", "default attribute", "parameter"])
    def test_entity_bombs_are_inert(self, read, legacy_xml, where):
        last = "abcdefghijklmnop"[self.LEVELS - 1]
        bomb, study = self.bomb(), legacy_xml(1)
        if where == "text":
            study = study.replace("Cells", f"&{last};")
        elif where == "attribute":
            study = study.replace("<brief_title>", f'<brief_title a="&{last};">')
        elif where == "default attribute":
            bomb = bomb.replace("]>", f'<!ATTLIST clinical_study a CDATA "&{last};">]>')
        else:
            bomb = bomb.replace("<!ENTITY ", "<!ENTITY % ").replace("&", "%")
        start = time.monotonic()
        (rejected,) = read((bomb + study).encode())
        assert isinstance(rejected, RejectedRecord)
        assert time.monotonic() - start < 2

    def test_external_entity_is_not_read(self, read, legacy_xml, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("the secret")
        text = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        (rejected,) = read((text + legacy_xml(1).replace("Cells", "&x;")).encode())
        assert "declares entities" in rejected.message

    def test_external_dtd_is_not_fetched(self, read, legacy_xml, tmp_path):
        dtd = tmp_path / "x.dtd"
        dtd.write_text('<!ENTITY x "the secret">')
        text = f'<!DOCTYPE clinical_study SYSTEM "{dtd.as_uri()}">'
        (record,) = read((text + legacy_xml(1).replace("Cells", "&x;")).encode())
        assert record.study.identification.brief_title == "&x;, part 1"

    @pytest.mark.parametrize("character", ["\0", "\x01", "&#0;", "&#xD800;", "&#xFFFE;"])
    def test_characters_that_no_xml_has(self, read, legacy_xml, character):
        (rejected,) = read(legacy_xml(1).replace("Cells", character).encode())
        assert "well-formed" in rejected.message

    def test_deep_nesting(self, read):
        (rejected,) = read(("<clinical_study>" + "<a>" * 100_000).encode())
        assert "limit of the XML parser" in rejected.message

    def test_endless_text(self, read):
        (rejected,) = read(b"<clinical_study><brief_title>" + b"a" * 11_000_000)
        assert "limit of the XML parser" in rejected.message

    def test_limits(self, read, legacy_xml):
        large = legacy_xml(1, "<x>" + "y" * 3_000_000 + "</x>")
        (rejected,) = read(large.encode(), max_record_bytes=1_000_000)
        assert "max_record_bytes" in rejected.message
        many = legacy_xml(1, "<x/>" * 200_000)
        (rejected,) = read(many.encode(), max_record_parts=100_000)
        assert "max_record_parts" in rejected.message

    def test_limits_are_for_one_record(self, read, legacy_xml):
        text = "<all>" + "".join(legacy_xml(n) for n in range(1, 3000)) + "</all>"
        records = read(text.encode(), max_record_bytes=1000, max_record_parts=100)
        assert len(records) == 2999
