"""Rarer classes of phrasing, each with words from real records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.model import CellFacts

Reader = Callable[..., CellFacts]
MSC = ("BIOLOGICAL", "Mesenchymal stem cells", "")
BM_MSC = ("BIOLOGICAL", "Bone marrow mesenchymal stem cells", "")


@pytest.mark.parametrize(
    "prose",
    [
        "All subjects will undergo bone marrow aspiration.",
        "The patients who are eligible underwent bone marrow aspiration.",
        "Cells will be harvested from fat pad tissue of patients with a defect.",
        "Collection of stem cells by bone marrow biopsy, then transfusion to the same patient.",
    ],
)
def test_patients_whose_marrow_is_taken_are_the_donors(read: Reader, prose: str) -> None:
    facts = read("MSC in ALS", interventions=(BM_MSC,), description=prose)
    assert [(fact.value, fact.rule) for fact in facts.of("donor")] == [
        ("autologous", "donor.harvest")
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "Donors will undergo bone marrow aspiration.",
        "The control group will undergo a sham bone marrow aspiration.",
        "Healthy subjects will undergo bone marrow aspiration.",
    ],
)
def test_marrow_of_others_does_not_make_patients_donors(read: Reader, prose: str) -> None:
    facts = read("MSC in ALS", interventions=(BM_MSC,), description=prose)
    assert facts.values("donor") == []


@pytest.mark.parametrize(
    ("name", "prose", "donor"),
    [
        ("UC-MSC", "Autologous bone marrow-derived MSC decreased the score.", []),
        ("UC-MSC", "Outcome was observed by the transfer of allogenic MSCs.", []),
        ("UC-MSC", "In clinic, autologous MSC have significantly improved liver function.", []),
        ("UC-MSC", "hCT-MSCs are made from tissue donated by healthy mothers.", ["allogeneic"]),
        (
            "BM-MNC and UC-MSC",
            "We give autologous bone marrow mononuclear cells and allogeneic umbilical cord MSC.",
            ["allogeneic", "autologous"],
        ),
        ("MSC", "MSC were grown as the product does not use allogenic tissues.", []),
        ("Adipose MSC", "Grown from a person's own fat and given into the kidney.", ["autologous"]),
        ("MSC", "G-CSF mobilized hematopoietic cells with MSCs from third-party donors.",
         ["allogeneic"]),
        ("MSC", "Study of HLA-identical MSC in children.", ["allogeneic"]),
    ],
)  # fmt: skip
def test_whose_cells(read: Reader, name: str, prose: str, donor: list[str]) -> None:
    facts = read("Cells in a disease", interventions=(("BIOLOGICAL", name, ""),), description=prose)
    assert facts.values("donor") == donor


def test_bone_matrix_of_others_is_no_donor(read: Reader) -> None:
    text = "Allogeneic or xenogeneic partially demineralized bone matrix with autologous MSC"
    facts = read("Bone defects", interventions=(("BIOLOGICAL", "Construct with MSC", text),))
    assert facts.values("donor") == ["autologous"]


@pytest.mark.parametrize(
    ("title", "types"),
    [
        ("Autologous MSC Secreting Neurotrophic Factors in ALS", ["mesenchymal_stromal_cell"]),
        ("Effect of MSC on the T Cell Repertoire", ["mesenchymal_stromal_cell"]),
        ("MSC in Promoting T-regulatory Cells", ["mesenchymal_stromal_cell"]),
        ("MSC (19#iSCLife\u00ae-ACI) in Cerebral Infarction", ["mesenchymal_stromal_cell"]),
        ("Induction With SVF Derived MSC", ["mesenchymal_stromal_cell"]),
    ],
)  # fmt: skip
def test_what_the_product_acts_on_or_secretes_is_not_given(
    read: Reader, title: str, types: list[str]
) -> None:
    assert read(title, interventions=(("BIOLOGICAL", "Cells", ""),)).values("cell_types") == types


@pytest.mark.parametrize(
    ("title", "name", "types"),
    [
        ("Cells in Spinal Cord Injury", "Autologous bone marrow transplant", ["other"]),
        ("Cells in Leukemia", "Autologous bone marrow transplant", ["hematopoietic_stem_cell"]),
        ("Peripheral Blood Stem Cell Combined With MSC for Poor Graft", "MSC",
         ["hematopoietic_stem_cell", "mesenchymal_stromal_cell"]),
    ],
)  # fmt: skip
def test_marrow_for_an_ill_organ(read: Reader, title: str, name: str, types: list[str]) -> None:
    assert read(title, interventions=(("PROCEDURE", name, ""),)).values("cell_types") == types


def test_cord_blood_stem_cells_for_a_knee_are_what_is_told_of_them(read: Reader) -> None:
    name, text = "umbilical cord blood stem cell implantation", "by injecting hUCB-MSCs"
    facts = read("Osteoarthritic Knee", interventions=(("PROCEDURE", name, text),))
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]


def test_compared_product_of_a_title_is_not_given(read: Reader) -> None:
    facts = read(
        "Tendinopathy With Mesenchymal Cells. Comparative Study With PRP",
        arms=(("EXPERIMENTAL", "MSC", ""), ("ACTIVE_COMPARATOR", "Platelet-rich plasma", "")),
        interventions=(MSC, ("PROCEDURE", "Platelet-rich plasma", "")),
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("MSC in a canal from patients with immature apexes and pulpal necroses", []),
        ("This study uses UC-MSC. Marrow-derived MSC already have clinical implications.",
         ["umbilical_cord"]),
        ("There are three types of stem cells: embryonic stem cells, and others.", []),
        ("Cells from the umbilical cord were chosen: other sources (marrow cells) are worse.",
         ["umbilical_cord"]),
        ("MSC, which were previously harvested from bone marrow, are grown.", ["bone_marrow"]),
    ],
)  # fmt: skip
def test_tissues_in_prose(read: Reader, text: str, sources: list[str]) -> None:
    facts = read("MSC in a disease", interventions=(MSC,), summary=text)
    assert facts.values("cell_sources") == sources


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("Subcutaneous abdominal adipose tissue is collected for MSC given intravenously",
         ["intravenous"]),
        ("MSC with prednisone 2.5 mg/kg orally", []),
        ("MSC beside an Endobronchial Valve", []),
        ("MSC injected (volume depending on the wound size)", []),
        ("MSC by intramuscular injections above the knee", ["intramuscular"]),
        ("MSC infusion at releasing renal artery clamp", []),
        ("Participants receive 3 x 10^6 cells/kg by vein", ["intravenous"]),
        ("MSC, I/V infusions", ["intravenous"]),
        ("MSC 1.0E+6 MSC/kg, IV drop and cyclosporin A 5mg/kg for 12 months", ["intravenous"]),
        ("3 million cells per brain", ["intracerebral"]),
        ("MSC given within colonic submucosa with the colonoscope", ["intralesional"]),
        ("MSC by endolumbal injection", ["intrathecal"]),
        ("MSC administered to 15-20 parts of the muscle", ["intramuscular"]),
        ("UMSC01 cells will be one single IC infusion", ["intracoronary"]),
        ("MSC injected to the callus center", ["intraosseous"]),
        ("Participants receive i. m. MSCs in both legs", ["intramuscular"]),
        ("Hair serum that contains MSC conditioned medium", ["topical"]),
    ],
)  # fmt: skip
def test_routes_of_an_arm(read: Reader, text: str, routes: list[str]) -> None:
    facts = read("MSC in a disease", arms=(("EXPERIMENTAL", "MSC", text),), interventions=(MSC,))
    assert facts.values("routes") == routes


def test_route_line_of_a_protocol(read: Reader) -> None:
    text = "Drug Name: HB-adMSCs Route: Intravenous Dose: 200 million"
    facts = read("MSC in pain", interventions=(MSC,), description=text)
    assert facts.values("routes") == ["intravenous"]


def test_it_is_into_the_tumour_where_that_is_told(read: Reader) -> None:
    facts = read(
        "IT Injection of MSC in Cancer", interventions=((*MSC[:2], "intratumoral injection"),)
    )
    assert facts.values("routes") == ["intralesional"]


@pytest.mark.parametrize(
    ("title", "kind", "name", "description"),
    [
        ("Linagliptin and Mesenchymal Stem Cells", "DRUG", "Linagliptin", "5 mg by mouth"),
        ("Exercise After Mesenchymal Stem Cell Transplantation", "OTHER", "Exercise", "10 minutes"),
        ("Stem Cells of the Nose", "PROCEDURE", "sampling mesenchymal stem cells", ""),
    ],
)
def test_studies_that_give_no_cells(
    read: Reader, title: str, kind: str, name: str, description: str
) -> None:
    assert read(title, interventions=((kind, name, description),)).facts == ()


def test_models_in_the_laboratory_give_no_cells(read: Reader) -> None:
    title = "Pre-clinical Models for Mesenchymal Stem Cell Therapy in Arthropathy"
    assert read(title, study_type="OBSERVATIONAL").facts == ()


def test_follow_up_of_a_trial_is_about_its_product(read: Reader) -> None:
    facts = read(
        "Long-term Follow-up of Phase 1 Clinical Trial of CS10",
        summary="Subjects participated in phase 1 trial of autologous bone marrow-derived "
        "mesenchymal stem cells (CS10).",
        study_type="OBSERVATIONAL",
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]
    assert facts.values("donor") == ["autologous"]


def test_plasma_that_cells_are_diluted_on_is_given(read: Reader) -> None:
    facts = read(
        "UC-MSC for knee osteoarthritis",
        interventions=(
            (
                "BIOLOGICAL",
                "UC-MSC",
                "Allogeneic UC-MSCs 1 x 10~7 diluted on 5 mL of Platelet Rich Plasma",
            ),
        ),
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell", "platelet_rich_plasma"]


def test_pseudo_arthrosis_is_no_joint(read: Reader) -> None:
    facts = read(
        "Co-implantation of Osseous Matrix and Mesenchymal Stem Cells",
        interventions=(
            (
                "PROCEDURE",
                "Graft",
                "Procedure to treat pseudo-arthrosis, with autologous bone marrow injection.",
            ),
        ),
    )
    assert "intra_articular" not in facts.values("routes")


def test_facet_injection_at_a_lumbar_level_is_into_a_joint(read: Reader) -> None:
    facts = read(
        "Mesenchymal Stem Cells for Facetogenic Back Pain",
        arms=(
            ("EXPERIMENTAL", "A", "20 million MSC delivered via lumbar level injection"),
            ("EXPERIMENTAL", "B", "MSC delivered intra-facet"),
        ),
        interventions=(MSC,),
    )
    assert facts.values("routes") == ["intra_articular"]
