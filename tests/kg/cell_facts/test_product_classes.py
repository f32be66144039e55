"""Classes of phrasing on sources, types and donors, each with words from real records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.clauses import Sentences
from kg.cell_facts.model import CellFacts

Reader = Callable[..., CellFacts]
PRODUCT = ("BIOLOGICAL", "MSC", "")


@pytest.mark.parametrize(
    ("prose", "sources"),
    [
        ("Patients take a fat biopsy. Autologous cells are given.", ["adipose_tissue"]),
        ("Autologous cells. Patients undergo a bone-marrow aspiration.", ["bone_marrow"]),
        ("Patients undergo a bone-marrow aspiration.", []),
    ],
)
def test_a_harvest_tells_the_tissue_of_a_patients_own_cells(
    read: Reader, prose: str, sources: list[str]
) -> None:
    facts = read("MSC in disease", interventions=(PRODUCT,), description=prose)
    assert facts.values("cell_sources") == sources
    assert {fact.rule for fact in facts.of("cell_sources")} <= {"source.harvest"}


def test_vesicles_have_the_source_of_their_cells(read: Reader) -> None:
    facts = read(
        "MSC extracellular vesicles in wounds",
        interventions=(("BIOLOGICAL", "Vesicles", ""),),
        description="Up to 6 administrations of BM-MSC EVs will occur.",
    )
    assert facts.values("cell_sources") == ["bone_marrow"]


@pytest.mark.parametrize(
    ("title", "text", "types"),
    [
        ("Adipose derived regenerative cells", "ADRC", ["stromal_vascular_fraction"]),
        ("Bone marrow concentrate", "by a platelet rich plasma system, with mesenchymal cells",
         ["mesenchymal_stromal_cell"]),
        ("MSC in ovarian failure", "MSC suspended in platelet rich plasma",
         ["mesenchymal_stromal_cell", "platelet_rich_plasma"]),
        ("Factors in wounds", "pleiotropic factors of mesenchymal cells", ["conditioned_medium"]),
        ("Osteoblastic cells in osteonecrosis", "PREOB implantation", ["osteoblast"]),
    ],
)  # fmt: skip
def test_types_of_real_phrasing(read: Reader, title: str, text: str, types: list[str]) -> None:
    facts = read(title, interventions=(("BIOLOGICAL", title.split(" in ")[0], text),))
    assert facts.values("cell_types") == types


def test_a_description_that_lists_many_cells_tells_the_usual_ones(read: Reader) -> None:
    facts = read(
        "A protocol for osteoarthritis",
        interventions=(("COMBINATION_PRODUCT", "Protocol", "combination"),),
        description="Chondrocytes age. T cells act. Trophic factors help. Keratinocytes too. "
        "Mesenchymal stem cells are injected.",
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]


@pytest.mark.parametrize(
    ("text", "donor"),
    [
        ("cadaveric tracheal scaffold seeded with autologous MSC", ["autologous"]),
        ("concentrated marrow delivered back to the patient", ["autologous"]),
        ("MSC cultured from the bone marrow of the patients", ["autologous"]),
        ("infusion of syngeneic MSC", ["autologous"]),
    ],
)
def test_donors_of_real_phrasing(read: Reader, text: str, donor: list[str]) -> None:
    facts = read("MSC in disease", interventions=(("BIOLOGICAL", "MSC", text),))
    assert facts.values("donor") == donor


@pytest.mark.parametrize(
    "prose",
    [
        "Treatment can use two strategies: autologous cells or none.",
        "MSC in a baboon model came from a third-party donor.",
        "The concept of autologous cells is old.",
    ],
)
def test_other_work_tells_no_donor(read: Reader, prose: str) -> None:
    facts = read("MSC in disease", interventions=(PRODUCT,), description=prose)
    assert facts.values("donor") == []


@pytest.mark.parametrize(
    ("title", "kind", "name", "study_type"),
    [
        ("Progenitor potential of gingival MSC", "DIAGNOSTIC_TEST", "Culture", "INTERVENTIONAL"),
        ("Bone marrow MSC in two aspirations", "PROCEDURE", "Bone marrow procurement",
         "INTERVENTIONAL"),
        ("MSC of patients and donors", "OTHER", "Bone marrow analyses", "OBSERVATIONAL"),
    ],
)  # fmt: skip
def test_laboratory_studies_give_no_cells(
    read: Reader, title: str, kind: str, name: str, study_type: str
) -> None:
    facts = read(title, interventions=((kind, name, "MSC are counted"),), study_type=study_type)
    assert facts.facts == ()


@pytest.mark.parametrize(
    ("title", "interventions", "description"),
    [
        ("Follow-up of autologous bone marrow MSC", (("OTHER", "no intervention", ""),), ""),
        ("Mesenchymal stem cell mediated stabilization", (),
         "Mesenchymal stem cells delivered via intra-discal injections in subjects with pain."),
    ],
)  # fmt: skip
def test_a_study_that_observes_takers_of_cells_names_them(
    read: Reader, title: str, interventions: tuple[tuple[str, str, str], ...], description: str
) -> None:
    facts = read(
        title, interventions=interventions, description=description, study_type="OBSERVATIONAL"
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]


def test_initials_end_no_sentence() -> None:
    text = "Cells are given via I.V. infusion. Visits follow."
    sentences = Sentences(text, text.lower())
    assert sentences.around(0).text == "cells are given via i.v. infusion."
    assert sentences.around(40).text == " visits follow."
