"""Grafts of blood stem cells, feeder cells, and cells beside what is made of them."""

from __future__ import annotations

import pytest

from kg.cell_facts.extraction import extract_concept_facts
from kg.cell_facts.model import CellFacts
from kg.study import parse_study
from tests.kg.cell_facts.conftest import Reader

STROMAL, BLOOD = "mesenchymal_stromal_cell", "hematopoietic_stem_cell"
CONDITIONING = ("DRUG", "Fludarabine", "40 mg/m2 on days -6 to -2")


@pytest.mark.parametrize(
    "graft",
    [
        "Bone marrow or umbilical cord blood (UCB) stem cell transplantation",
        "Haploidentical stem cell transplantation",
        "Bone marrow infusion",
        "Cord Blood Infusion",
    ],
)
def test_a_listed_graft_is_given_where_patients_are_conditioned(read: Reader, graft: str) -> None:
    facts = read(
        "Correction of a skin disease by transplantation",
        interventions=(
            ("PROCEDURE", graft, ""),
            ("BIOLOGICAL", "Mesenchymal stem cells", ""),
            CONDITIONING,
        ),
    )
    assert facts.values("cell_types") == [BLOOD, STROMAL]
    (fact,) = (fact for fact in facts.of("cell_types") if fact.value == BLOOD)
    assert fact.rule == "type.graft"
    assert fact.evidence[0].path == "interventions[0].name"


def test_a_graft_of_all_arms_is_background(read: Reader) -> None:
    facts = read(
        "Stromal cells in patients with leukemia",
        arms=(
            ("EXPERIMENTAL", "Cells", "mesenchymal stem cells and the graft"),
            ("PLACEBO_COMPARATOR", "Placebo", "placebo and the graft"),
        ),
        interventions=(
            ("PROCEDURE", "Peripheral stem transplantation from a donor", ""),
            ("BIOLOGICAL", "Mesenchymal stem cells", ""),
            CONDITIONING,
        ),
    )
    assert facts.values("cell_types") == [STROMAL]


def test_marrow_for_an_organ_is_no_graft_of_blood(read: Reader) -> None:
    facts = read(
        "Bone marrow stem cells for osteonecrosis in sickle cell disease",
        official="Mononuclear cells for osteonecrosis in sickle cell disease",
        interventions=(("PROCEDURE", "Autologous bone marrow stem cell graft", ""),),
    )
    assert facts.values("cell_types") == ["mononuclear_cell"]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Expansion of cord blood stem and progenitor cells with stromal cell co-culture", [BLOOD]),
        ("Dendritic cells co-cultivated with mesenchymal stem cells", ["dendritic_cell"]),
        ("Islets incubated with mesenchymal stem cells in diabetes", ["islet_cell"]),
        ("Transplantation of CD34+ cells expanded on mesenchymal stem cells", [BLOOD]),
        ("Stem cell secretome and mesenchymal stem cells for arthrosis",
         ["conditioned_medium", STROMAL]),
        ("Mesenchymal stem cell therapy and conditioned medium for arthrosis",
         ["conditioned_medium", STROMAL]),
        ("Topical mesenchymal stromal cell secretome for the eye", ["conditioned_medium"]),
        ("Paracrine factors from mesenchymal stem cells in newborns", ["conditioned_medium"]),
    ],
)  # fmt: skip
def test_cells_that_only_serve_the_product_are_not_given(
    read: Reader, title: str, wanted: list[str]
) -> None:
    facts = read(title, interventions=(("BIOLOGICAL", "The product", ""),))
    assert facts.values("cell_types") == wanted


def test_other_names_of_a_product_are_no_second_product() -> None:
    study = parse_study(
        {
            "protocolSection": {
                "identificationModule": {"nctId": "NCT00000001", "briefTitle": "Cells in migraine"},
                "armsInterventionsModule": {
                    "interventions": [
                        {"name": "AD-SVF", "otherNames": ["Mesenchymal stem cells"]},
                    ]
                },
            }
        }
    )
    facts = CellFacts(study.nct_id, extract_concept_facts(study))
    assert facts.values("cell_types") == ["stromal_vascular_fraction"]


def test_a_title_on_safety_names_the_product_of_a_brand(read: Reader) -> None:
    facts = read(
        "Safety and efficacy of placental exosomes and mesenchymal stem cells in lung injury",
        interventions=(("DRUG", "AB-Pure", "AB-Pure plus standard care"),),
    )
    assert facts.values("cell_types") == ["extracellular_vesicle", STROMAL]


def test_a_drug_that_acts_on_cells_gives_none(read: Reader) -> None:
    facts = read(
        "Efficacy of a drug on mesenchymal stem cell counts in blood",
        interventions=(("DRUG", "A drug", "tablets"),),
    )
    assert facts.values("cell_types") == []


def test_a_marker_that_cells_lack_is_no_kind_of_cells(read: Reader) -> None:
    arm = "A patch with circulating CD45-CD34-CD73+CD105+ progenitor cells"
    facts = read(
        "A patch for the artery",
        arms=(("EXPERIMENTAL", "Patch", arm),),
        description="The transplanted mesenchymal stem cells are seeded on the patch.",
    )
    assert facts.values("cell_types") == [STROMAL]


def test_marrow_taken_for_a_bank_is_given_to_nobody(read: Reader) -> None:
    facts = read(
        "Stromal cell bank: bone marrow donor protocol",
        interventions=(("PROCEDURE", "Bone marrow aspirate", "A single aspirate"),),
        summary="Mesenchymal stromal cells are used in future research.",
    )
    assert facts.facts == ()
