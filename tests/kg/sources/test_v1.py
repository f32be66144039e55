"""Both v1 answers, flat and nested."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.sources import RejectedRecord
from kg.sources.v1_fields import STUDY_PARTS
from kg.sources.v1_parts import Group, Leaf, Part, Rows

NESTED = {
    "ProtocolSection": {
        "IdentificationModule": {
            "NCTId": "NCT00000001",
            "OrgStudyIdInfo": {"OrgStudyId": "ORG-1"},
            "SecondaryIdInfoList": {
                "SecondaryIdInfo": [
                    {"SecondaryId": "S1", "SecondaryIdType": "Other Grant/Funding Number"},
                    {"SecondaryId": "S2", "SecondaryIdType": "EudraCT Number"},
                ]
            },
            "BriefTitle": "Cells",
        },
        "StatusModule": {
            "StatusVerifiedDate": "June 2020",
            "OverallStatus": "Not yet recruiting",
            "ExpandedAccessInfo": {"HasExpandedAccess": "No"},
            "StartDateStruct": {"StartDate": "March 3, 2005", "StartDateType": "Anticipated"},
        },
        "ConditionsModule": {"ConditionList": {"Condition": ["Sclerosis", "Cells"]}},
        "DesignModule": {
            "StudyType": "Interventional",
            "PhaseList": {"Phase": ["Phase 1/Phase 2"]},
            "DesignInfo": {
                "DesignPrimaryPurpose": "Treatment",
                "DesignObservationalModelList": {"DesignObservationalModel": ["Case-Control"]},
                "DesignMaskingInfo": {
                    "DesignMasking": "Double",
                    "DesignWhoMaskedList": {"DesignWhoMasked": ["Participant", "Care Provider"]},
                },
            },
            "EnrollmentInfo": {"EnrollmentCount": "18", "EnrollmentType": "Actual"},
        },
        "ArmsInterventionsModule": {
            "ArmGroupList": {
                "ArmGroup": [
                    {
                        "ArmGroupLabel": "One",
                        "ArmGroupType": "Placebo Comparator",
                        "ArmGroupInterventionList": {"ArmGroupInterventionName": ["Drug: P"]},
                    }
                ]
            },
            "InterventionList": {
                "Intervention": [
                    {
                        "InterventionType": "Drug",
                        "InterventionName": "P",
                        "InterventionOtherNameList": {"InterventionOtherName": ["Q", "R"]},
                    }
                ]
            },
        },
        "EligibilityModule": {
            "HealthyVolunteers": "Accepts Healthy Volunteers",
            "Gender": "All",
            "MinimumAge": "18 Years",
            "MaximumAge": "N/A",
            "StdAgeList": {"StdAge": ["Adult", "Older Adult"]},
        },
        "ContactsLocationsModule": {
            "CentralContactList": {"CentralContact": [{"CentralContactName": "Not Kept"}]},
            "LocationList": {
                "Location": [
                    {
                        "LocationCountry": "Canada",
                        "LocationContactList": {"LocationContact": [{"x": "y"}]},
                    }
                ]
            },
        },
        "ReferencesModule": {
            "ReferenceList": {"Reference": [{"ReferencePMID": "1", "ReferenceType": "background"}]}
        },
        "IPDSharingStatementModule": {
            "IPDSharing": "Yes",
            "IPDSharingInfoTypeList": {"IPDSharingInfoType": ["Clinical Study Report (CSR)"]},
        },
    },
    "DocumentSection": {
        "LargeDocumentModule": {
            "LargeDocList": {
                "LargeDoc": [
                    {
                        "LargeDocHasProtocol": "Yes",
                        "LargeDocDate": "April 6, 2020",
                        "LargeDocUploadDate": "04/06/2020 16:11",
                    }
                ]
            }
        }
    },
    "DerivedSection": {
        "MiscInfoModule": {"VersionHolder": "April 26, 2020"},
        "ConditionBrowseModule": {
            "ConditionMeshList": {
                "ConditionMesh": [
                    {"ConditionMeshId": "D000012595", "ConditionMeshTerm": "Scleroderma"}
                ]
            },
            "ConditionBrowseLeafList": {
                "ConditionBrowseLeaf": [
                    {"ConditionBrowseLeafId": "M1", "ConditionBrowseLeafRelevance": "high"}
                ]
            },
        },
    },
}

AS_V2 = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT00000001",
            "orgStudyIdInfo": {"id": "ORG-1"},
            "secondaryIdInfos": [
                {"id": "S1", "type": "OTHER_GRANT"},
                {"id": "S2", "type": "EUDRACT_NUMBER"},
            ],
            "briefTitle": "Cells",
        },
        "statusModule": {
            "statusVerifiedDate": "2020-06",
            "overallStatus": "NOT_YET_RECRUITING",
            "expandedAccessInfo": {"hasExpandedAccess": False},
            "startDateStruct": {"date": "2005-03-03", "type": "ESTIMATED"},
        },
        "conditionsModule": {"conditions": ["Sclerosis", "Cells"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {
                "primaryPurpose": "TREATMENT",
                "observationalModel": "CASE_CONTROL",
                "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "CARE_PROVIDER"]},
            },
            "enrollmentInfo": {"count": 18, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "One", "type": "PLACEBO_COMPARATOR", "interventionNames": ["Drug: P"]}
            ],
            "interventions": [{"type": "DRUG", "name": "P", "otherNames": ["Q", "R"]}],
        },
        "eligibilityModule": {
            "healthyVolunteers": True,
            "sex": "ALL",
            "minimumAge": "18 Years",
            "stdAges": ["ADULT", "OLDER_ADULT"],
        },
        "contactsLocationsModule": {"locations": [{"country": "Canada"}]},
        "referencesModule": {"references": [{"pmid": "1", "type": "BACKGROUND"}]},
        "ipdSharingStatementModule": {"ipdSharing": "YES", "infoTypes": ["CSR"]},
    },
    "documentSection": {
        "largeDocumentModule": {
            "largeDocs": [
                {"hasProtocol": True, "date": "2020-04-06", "uploadDate": "2020-04-06T16:11"}
            ]
        }
    },
    "derivedSection": {
        "miscInfoModule": {"versionHolder": "2020-04-26"},
        "conditionBrowseModule": {
            "meshes": [{"id": "D000012595", "term": "Scleroderma"}],
            "browseLeaves": [{"id": "M1", "relevance": "HIGH"}],
        },
    },
    "hasResults": False,
}


def nested(number: int = 1) -> dict[str, Any]:
    study = json.loads(json.dumps(NESTED))
    study["ProtocolSection"]["IdentificationModule"]["NCTId"] = f"NCT{number:08d}"
    return study


class TestNested:
    def test_answer(self, read, summarise):
        answer = {
            "FullStudiesResponse": {
                "APIVrs": "1.01.05",
                "NStudiesReturned": 2,
                "FullStudies": [{"Rank": n, "Study": nested(n)} for n in (1, 2)],
            }
        }
        records = read(json.dumps(answer, indent=2).encode())
        assert summarise(records) == [
            ("NCT00000001", "FullStudiesResponse.FullStudies[0]"),
            ("NCT00000002", "FullStudiesResponse.FullStudies[1]"),
        ]
        assert records[0].payload == AS_V2
        assert records[0].format == "v1-full-study"

    @pytest.mark.parametrize(
        "wrap",
        [lambda s: s, lambda s: {"Study": s}, lambda s: {"FullStudy": {"Rank": 1, "Study": s}}],
    )
    def test_single_record(self, read, wrap):
        (record,) = read(json.dumps(wrap(nested())).encode())
        assert record.payload == AS_V2

    def test_lists_that_are_not_wrapped(self, read):
        study = nested()
        study["ProtocolSection"]["ConditionsModule"] = {"ConditionList": ["A", "B"]}
        (record,) = read(json.dumps(study).encode())
        assert record.study.conditions.conditions == ("A", "B")

    def test_wrong_kind_names_the_field(self, read):
        study = nested(9)
        study["ProtocolSection"]["StatusModule"] = "Completed"
        (rejected,) = read(json.dumps(study).encode())
        assert rejected.field == "protocolSection.statusModule"
        study = nested(9)
        study["ProtocolSection"]["ConditionsModule"]["ConditionList"]["Condition"] = [{"a": 1}]
        (rejected,) = read(json.dumps(study).encode())
        assert rejected.field == "protocolSection.conditionsModule.conditions"

    def test_results(self, read):
        study = nested()
        study["ResultsSection"] = {
            "OutcomeMeasuresModule": {
                "OutcomeMeasureList": {
                    "OutcomeMeasure": [
                        {"OutcomeMeasureType": "Primary", "OutcomeMeasureTitle": "Score"}
                    ]
                }
            }
        }
        (record,) = read(json.dumps(study).encode())
        assert record.study.has_results
        (measure,) = record.study.results_section.outcome_measures_module.outcome_measures
        assert (measure.type, measure.title) == ("PRIMARY", "Score")

    def test_printed_masking_says_who(self, read):
        study = nested()
        info = study["ProtocolSection"]["DesignModule"]["DesignInfo"]
        info["DesignMaskingInfo"] = {"DesignMasking": "Single Blind (Outcomes Assessor)"}
        (record,) = read(json.dumps(study).encode())
        masking = record.study.design.design_info.masking_info
        assert (masking.masking, masking.who_masked) == ("SINGLE", ("OUTCOMES_ASSESSOR",))


class TestFlat:
    def fields(self, **more: Any) -> dict[str, Any]:
        return {"Rank": 1, "NCTId": ["NCT00000001"], "BriefTitle": ["Cells"], **more}

    def payload(self, read, **more: Any) -> dict[str, Any]:
        (record,) = read(json.dumps(self.fields(**more)).encode())
        assert record.format == "v1-study-fields"
        return record.payload

    def test_answer(self, read, summarise):
        answer = {
            "StudyFieldsResponse": {
                "FieldList": ["NCTId"],
                "StudyFields": [{"Rank": n, "NCTId": [f"NCT0000000{n}"]} for n in (1, 2)],
            }
        }
        assert summarise(read(json.dumps(answer).encode())) == [
            ("NCT00000001", "StudyFieldsResponse.StudyFields[0]"),
            ("NCT00000002", "StudyFieldsResponse.StudyFields[1]"),
        ]

    def test_single_values_and_lists(self, read):
        payload = self.payload(
            read,
            Phase=["Phase 2", "Phase 3"],
            Condition=["A", "B"],
            OverallStatus=["Recruiting"],
            StartDate=["November 2022"],
            StartDateType=["Anticipated"],
            EnrollmentCount=["18"],
            Keyword=[],
            HealthyVolunteers=["No"],
            DesignObservationalModel=["Cohort"],
            Acronym="C",
        )
        protocol = payload["protocolSection"]
        assert protocol["identificationModule"]["acronym"] == "C"
        assert protocol["conditionsModule"] == {"conditions": ["A", "B"]}
        assert protocol["designModule"] == {
            "phases": ["PHASE2", "PHASE3"],
            "designInfo": {"observationalModel": "COHORT"},
            "enrollmentInfo": {"count": 18},
        }
        assert protocol["statusModule"] == {
            "overallStatus": "RECRUITING",
            "startDateStruct": {"date": "2022-11", "type": "ESTIMATED"},
        }
        assert protocol["eligibilityModule"] == {"healthyVolunteers": False}
        assert payload["hasResults"] is False

    def test_columns_of_equal_length_are_put_together(self, read):
        payload = self.payload(
            read,
            ArmGroupLabel=["A", "B"],
            ArmGroupType=["Experimental", "Other"],
            ArmGroupDescription=["a", "b"],
        )
        assert payload["protocolSection"]["armsInterventionsModule"]["armGroups"] == [
            {"label": "A", "type": "EXPERIMENTAL", "description": "a"},
            {"label": "B", "type": "OTHER", "description": "b"},
        ]
        assert "unplacedFields" not in payload

    def test_columns_of_unequal_length_are_not_guessed(self, read):
        payload = self.payload(
            read,
            InterventionName=["X", "Y", "Z"],
            InterventionType=["Drug", "Drug"],
            InterventionDescription=["x", "z"],
            InterventionOtherName=["X1"],
        )
        assert payload["protocolSection"]["armsInterventionsModule"]["interventions"] == [
            {"name": "X", "description": "x\n\nz"},
            {"name": "Y"},
            {"name": "Z"},
        ]
        assert payload["unplacedFields"] == {
            "InterventionType": ["Drug", "Drug"],
            "InterventionOtherName": ["X1"],
        }

    def test_lists_belong_to_the_only_row(self, read):
        payload = self.payload(read, InterventionName=["X"], InterventionOtherName=["X1", "X2"])
        (intervention,) = payload["protocolSection"]["armsInterventionsModule"]["interventions"]
        assert intervention["otherNames"] == ["X1", "X2"]

    def test_results_show_by_their_date(self, read):
        payload = self.payload(read, ResultsFirstPostDate=["May 1, 2020"])
        assert payload["hasResults"] is True

    @pytest.mark.parametrize("value", [[["x"]], [{"a": 1}], {"a": 1}])
    def test_wrong_kind_names_the_field(self, read, value):
        (rejected,) = read(json.dumps(self.fields(Condition=value)).encode())
        assert isinstance(rejected, RejectedRecord)
        assert rejected.field == "Condition"


def leaf_paths(parts: tuple[Part, ...], path: str = "") -> list[tuple[str, str]]:
    found = []
    for part in parts:
        place = f"{path}.{part.name}" if path else part.name
        if isinstance(part, Group | Rows):
            found += leaf_paths(part.parts, place)
        else:
            found.append((place, part.v1))
    return found


def test_no_v1_name_is_used_twice():
    names = [name for _, name in leaf_paths(STUDY_PARTS)]
    assert len(names) == len(set(names))


@pytest.mark.shared
def test_table_covers_every_field_that_study_reads_and_the_registry_had_in_v1(shared_dir):
    """Each path of the table exists in the registry's description of API v2, and most of its
    protocol fields are in the table.
    """
    import yaml

    schemas = yaml.load(
        (shared_dir / "data/ctgov_api/openapi-2.0.3.yaml").read_text(), Loader=yaml.CSafeLoader
    )["components"]["schemas"]

    def properties(schema: dict[str, Any]) -> dict[str, Any]:
        while True:
            if "$ref" in schema:
                schema = schemas[schema["$ref"].rpartition("/")[2]]
            elif "allOf" in schema:
                schema = schema["allOf"][0]
            elif schema.get("type") == "array":
                schema = schema["items"]
            else:
                return schema.get("properties", {})

    for path, _ in leaf_paths(STUDY_PARTS):
        schema = {"$ref": "Study"}
        for name in path.split("."):
            known = properties(schema)
            assert name in known, path
            schema = known[name]


def test_leaf_is_the_only_kind_with_one_value():
    assert {type(part) for part in STUDY_PARTS} == {Group}
    assert Leaf("a", "A").convert("x") == "x"
