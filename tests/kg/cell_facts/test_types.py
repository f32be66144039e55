from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.model import CellFacts

Reader = Callable[..., CellFacts]
MSC = "mesenchymal_stromal_cell"


@pytest.mark.parametrize(
    ("title", "types"),
    [
        ("UCMSC in systemic sclerosis", [MSC]),
        ("Mesenchymal stem cell-derived exosomes for burns", ["extracellular_vesicle"]),
        ("Secretome of ADMSCs in skin ageing", ["conditioned_medium"]),
        ("Stromal vascular fraction for vocal cords", ["stromal_vascular_fraction"]),
        ("Bone marrow mononuclear cells in ischemia", ["mononuclear_cell"]),
        ("MSC for GVHD after hematopoietic stem cell transplantation", [MSC]),
        ("MSC enriched with extracellular vesicles", ["extracellular_vesicle", MSC]),
        ("Fibroblast growth factor and MSC for wounds", [MSC]),
    ],
)
def test_titles_name_the_cells(read: Reader, title: str, types: list[str]) -> None:
    intervention = ("BIOLOGICAL", "cell product", "")
    assert read(title, interventions=(intervention,)).values("cell_types") == types


def test_fraction_and_cells_with_arms_of_their_own_are_two_products(read: Reader) -> None:
    facts = read(
        "Cells for limb ischemia",
        arms=(
            ("EXPERIMENTAL", "Autologous SVF", ""),
            ("EXPERIMENTAL", "Autologous adipose MSC", ""),
        ),
    )
    assert facts.values("cell_types") == [MSC, "stromal_vascular_fraction"]


def test_a_transplant_given_together_counts(read: Reader) -> None:
    transplant = ("PROCEDURE", "Bone marrow transplantation", "with MSC co-transplantation")
    facts = read("Unrelated transplant and MSC", interventions=(transplant,))
    assert facts.values("cell_types") == ["hematopoietic_stem_cell", MSC]


def test_plasma_does_not_hide_the_cells_it_carries(read: Reader) -> None:
    facts = read(
        "PRP in hip osteoarthritis",
        arms=(("EXPERIMENTAL", "Group 1", "PRP with bone marrow mesenchymal stem cells"),),
    )
    assert facts.values("cell_types") == [MSC, "platelet_rich_plasma"]


def test_a_brand_is_read_from_the_prose(read: Reader) -> None:
    facts = read(
        "EN001 in Charcot-Marie-Tooth disease",
        interventions=(("BIOLOGICAL", "EN001", "EN001 intravenously"),),
        description="EN001 holds allogeneic umbilical cord-derived mesenchymal stem cells.",
    )
    assert facts.values("cell_types") == [MSC]
    assert facts.of("cell_types")[0].rule == "type.description"


@pytest.mark.parametrize(
    ("study_type", "intervention"),
    [
        ("OBSERVATIONAL", ("OTHER", "blood samples", "MSC are counted in blood samples")),
        ("INTERVENTIONAL", ("DIETARY_SUPPLEMENT", "Quercetin", "capsules")),
    ],
)
def test_a_study_that_gives_no_cells_has_no_facts(
    read: Reader, study_type: str, intervention: tuple[str, str, str]
) -> None:
    facts = read(
        "Joint pain",
        summary="Mesenchymal stem cells from bone marrow attract others.",
        interventions=(intervention,),
        study_type=study_type,
    )
    assert facts.facts == ()


def test_an_observational_study_of_treated_patients_has_facts(read: Reader) -> None:
    facts = read(
        "Outcome after autologous MSC transplantation",
        study_type="OBSERVATIONAL",
    )
    assert facts.values("cell_types") == [MSC]
