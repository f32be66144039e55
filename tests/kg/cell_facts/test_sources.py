from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.model import CellFacts

Reader = Callable[..., CellFacts]
MSC = ("BIOLOGICAL", "MSC", "")


@pytest.mark.parametrize(
    ("title", "sources"),
    [
        ("Umbilical cord-derived mesenchymal stromal cells in lupus", ["umbilical_cord"]),
        ("Wharton \u0301s jelly MSC for ALS", ["umbilical_cord"]),
        ("hUC-MSCs in cirrhosis", ["umbilical_cord"]),
        ("Cord blood-derived MSC in ARDS", ["umbilical_cord_blood"]),
        ("BM-MSC versus AT-MSC in spinal cord injury", ["adipose_tissue", "bone_marrow"]),
        ("Autologous stromal vascular fraction for knees", ["adipose_tissue"]),
        ("Stem cells from human exfoliated teeth in diabetes", ["dental_pulp"]),
        ("MenSCs in type 1 diabetes", ["menstrual_blood"]),
        ("Mesenchymal stem cells for liver cirrhosis", []),
        ("Lung injury treated with mesenchymal stem cells", []),
        ("MSC for GVHD following allogeneic bone marrow transplantation", []),
        ("Mesenchymal stem cells for cicatricial conjunctivitis", []),
        ("Stem cell product (not bone marrow MSC)", []),
    ],
)
def test_titles_name_the_tissue_of_the_cells(read: Reader, title: str, sources: list[str]) -> None:
    assert read(title, interventions=(MSC,)).values("cell_sources") == sources


def test_a_harvest_names_the_tissue_where_no_name_does(read: Reader) -> None:
    facts = read(
        "Autologous MSC for cartilage",
        interventions=(("BIOLOGICAL", "MSC", "Bone marrow is aspirated from the iliac crest."),),
    )
    assert facts.values("cell_sources") == ["bone_marrow"]
    assert facts.of("cell_sources")[0].evidence[0].words == "Bone marrow"


def test_a_blood_sample_is_no_source(read: Reader) -> None:
    facts = read(
        "MSC for asthma",
        interventions=(("BIOLOGICAL", "MSC", "Venous blood is drawn for liver tests."),),
    )
    assert facts.values("cell_sources") == []


def test_prose_counts_only_where_names_say_nothing(read: Reader) -> None:
    prose = "Patients receive MSC from adipose tissue."
    assert read("MSC in MS", interventions=(MSC,), summary=prose).values("cell_sources") == [
        "adipose_tissue"
    ]
    named = read("BM-MSC in MS", interventions=(MSC,), summary=prose)
    assert named.values("cell_sources") == ["bone_marrow"]


@pytest.mark.parametrize(
    "prose",
    [
        "MSC can be isolated from bone marrow, fat and cord blood.",
        "Previous studies gave bone marrow MSC to mice.",
        "MSC may be obtained from bone marrow or fat.",
    ],
)
def test_background_is_not_the_product(read: Reader, prose: str) -> None:
    assert read("MSC in MS", interventions=(MSC,), description=prose).values("cell_sources") == []


def test_cord_and_cord_blood_of_one_product_follow_the_title(read: Reader) -> None:
    facts = read(
        "Umbilical cord-derived MSC for GVHD",
        arms=(("EXPERIMENTAL", "MSC", "cord blood derived mesenchymal stem cells"),),
    )
    assert facts.values("cell_sources") == ["umbilical_cord"]


def test_the_blood_of_platelet_rich_plasma_is_named(read: Reader) -> None:
    facts = read(
        "PRP for knees",
        interventions=(("BIOLOGICAL", "PRP", "30 mL of blood is collected and centrifuged."),),
    )
    assert facts.values("cell_sources") == ["peripheral_blood"]
    assert facts.of("cell_sources")[0].rule == "source.plasma_blood"
    assert read("PRP for knees", interventions=(("DRUG", "PRP", ""),)).values("cell_sources") == []


def test_eligibility_criteria_are_never_read(read: Reader) -> None:
    facts = read("MSC in MS", interventions=(MSC,), criteria="No autologous bone marrow transplant")
    assert facts.values("cell_sources") == []
    assert facts.values("donor") == []


def test_a_comparator_arm_is_never_read(read: Reader) -> None:
    facts = read(
        "Stem cells in heart failure",
        arms=(
            ("EXPERIMENTAL", "UC-MSC", "allogeneic UC-MSC"),
            ("ACTIVE_COMPARATOR", "BM-MNC", "autologous bone marrow MNC"),
        ),
        interventions=(("BIOLOGICAL", "cells", "allogeneic UC-MSC or autologous BM-MNC"),),
    )
    assert facts.values("cell_sources") == ["umbilical_cord"]
    assert facts.values("donor") == ["allogeneic"]
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]


def test_active_comparators_count_where_no_arm_is_experimental(read: Reader) -> None:
    facts = read(
        "Stem cells in psoriasis",
        arms=(("ACTIVE_COMPARATOR", "Low dose", "AD-MSC, 1 million/kg, intravenously"),),
    )
    assert facts.values("cell_sources") == ["adipose_tissue"]
    assert facts.of("cell_sources")[0].arms == (0,)
