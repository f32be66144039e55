"""Single fields of legacy XML, and the unwrapping of its printed texts."""

from __future__ import annotations

import pytest

from kg.sources.legacy_text import unwrap

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
