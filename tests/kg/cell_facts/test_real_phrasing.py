"""Phrases from real records that rules were mended for, each with what a curator reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.dosing import extract_dosing_facts
from kg.cell_facts.model import CellFacts
from tests.kg.cell_facts.conftest import make_study

Reader = Callable[..., CellFacts]
PRODUCT = ("BIOLOGICAL", "MSC", "")


@pytest.mark.parametrize(
    ("title", "donor"),
    [
        ("Autologous Mesenchymal Stem Cell Transplantation in Spinal Cord Injury", ["autologous"]),
        ("Liver function after Autologous Mesenchymal Stem Cell Injection", ["autologous"]),
        ("Donor Mesenchymal Stem Cell Infusion", ["allogeneic"]),
        ("MSC for GVHD after Allogeneic Stem Cell Transplantation", []),
    ],
)
def test_transplantation_of_stromal_cells_has_a_donor(
    read: Reader, title: str, donor: list[str]
) -> None:
    assert read(title, interventions=(PRODUCT,)).values("donor") == donor


@pytest.mark.parametrize(
    "prose",
    [
        "MSC may cross the allogeneic barrier.",
        "MSC can be infused into an allogeneic host.",
        "Several clinical trials have been performed using autologous MSC.",
        "MSC help women of advanced maternal age.",
    ],
)
def test_what_cells_could_do_is_no_donor(read: Reader, prose: str) -> None:
    facts = read("MSC in MS", interventions=(PRODUCT,), description=prose)
    assert facts.values("donor") == []


def test_the_donor_of_convalescent_plasma_is_not_the_cells(read: Reader) -> None:
    plasma = ("BIOLOGICAL", "Convalescent Plasma", "Fulfills healthy donor criteria")
    facts = read("MSC and plasma in COVID-19", interventions=(PRODUCT, plasma))
    assert facts.values("donor") == []


@pytest.mark.parametrize(
    ("title", "description", "sources"),
    [
        ("MSC in MODS", "MSC at a dose of 1000000 cells per kilogram", []),
        ("MSC for GVHD", "donor T cells from the donor bone marrow attack", []),
        ("UC-MSC for children suffering from liver cirrhosis", "", ["umbilical_cord"]),
        ("UC-MSC (19#iSCLife-ACI) in stroke", "", ["umbilical_cord"]),
        (
            "Differentiation of bone marrow mesenchymal stem cells to hepatocytes",
            "hepatocytes are infused",
            ["bone_marrow"],
        ),
    ],
)
def test_words_near_cells_that_are_no_source(
    read: Reader, title: str, description: str, sources: list[str]
) -> None:
    facts = read(title, interventions=(("BIOLOGICAL", "Cells", description),))
    assert facts.values("cell_sources") == sources


def test_a_second_product_is_found_in_the_aims(read: Reader) -> None:
    facts = read(
        "Mesenchymal stromal cells in asthma",
        interventions=(("DRUG", "Primed MSC", "bone marrow MSC at a dose level"),),
        summary="Two strata assess the safety of cord tissue derived MSCs (stratum 1) and bone "
        "marrow MSCs (stratum 2).",
    )
    assert facts.values("cell_sources") == ["bone_marrow", "umbilical_cord"]
    rules = {fact.value: fact.rule for fact in facts.of("cell_sources")}
    assert rules["umbilical_cord"] == "source.second_product"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("blood sample", "Stromal cells after transplantation"),
        ("Liposuction", "Adipose stem cells in liposuction"),
        ("Semaglutide", "Impact of Semaglutide on fat derived MSC"),
    ],
)
def test_samples_and_drugs_give_no_cells(read: Reader, name: str, title: str) -> None:
    facts = read(title, interventions=(("DRUG", name, "20 ml at inclusion"),))
    assert facts.facts == ()


def test_mononuclear_cells_on_the_way_to_stromal_cells_are_not_given(read: Reader) -> None:
    facts = read(
        "Stem cells in incontinence",
        arms=(
            (
                "EXPERIMENTAL",
                "Cells",
                "MSC are isolated by Ficoll isolation of mononucleated cells and adherence",
            ),
        ),
        interventions=(("PROCEDURE", "Injection", "Injection of MSCs"),),
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]


def test_minced_fat_is_given_for_the_cells_named(read: Reader) -> None:
    facts = read(
        "Adipose tissue injection in fistula",
        interventions=(("PROCEDURE", "Adipose tissue injection", "micro-fragmented"),),
        keywords=("Mesenchymal Stem Cells",),
    )
    assert facts.values("cell_types") == ["mesenchymal_stromal_cell"]
    assert facts.of("cell_types")[0].rule == "type.minced_fat"


@pytest.mark.parametrize(
    ("title", "text", "routes"),
    [
        ("MSC in interstitial pulmonary fibrosis", "infused", []),
        ("hAMSC transplantation in woman with diminished ovarian reserve", "infused", []),
        ("MSC in COVID-19", "MSC applied on the 15th day", []),
        ("MSC in xerostomia", "MSC may provide relief in salivary glands", []),
        ("MSC in azoospermia", "MSC injection in the testicular artery", ["intra_arterial"]),
        ("MSC in knee osteoarthritis", "MSC anticular injection", ["intra_articular"]),
        ("MSC in wrinkles", "MSC by transdermal injection", ["intradermal"]),
        ("MSC in tendinopathy", "stem cell injection", ["intralesional"]),
        ("MSC in non-union", "injecting autologous MSC with matrix", ["intraosseous"]),
        ("MSC in colitis", "endoscopic injection of MSC", ["intralesional"]),
        ("MSC in COVID-19", "MSC are seeded at a density of 1000 cells/cm2 in flasks", []),
    ],
)
def test_routes_of_real_phrasing(read: Reader, title: str, text: str, routes: list[str]) -> None:
    facts = read(title, interventions=(("BIOLOGICAL", "MSC", text),))
    assert facts.values("routes") == routes


def doses(field: str, arm: str) -> list[str | int | float]:
    study = make_study("Mesenchymal stem cells", arms=(("EXPERIMENTAL", "A", arm),))
    return CellFacts(study.nct_id, extract_dosing_facts(study)).values(field)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("MSCs given twice per week, for each of 4 consecutive weeks", [8]),
        (
            "MSC IV on days 1, 4, and 10. Treatment repeats every 14 days for up to 3 courses.",
            [9],
        ),
        ("MSC IP. Treatment repeats every 28 days for up to 6 cycles", [6]),
        ("MSCs every 4 weeks from Week 0 to Week 36", [10]),
        ("MSCs/kg administered at Week 0", [1]),
        ("MSC at the first day, followed by subarachnoid administration 3 months later", [2]),
        ("conditioned medium of cells for 3 days in a row", [3]),
        ("MSC gel once a day for continuous six days", [6]),
        ("two infusions, one with the stem cells and one without", [1]),
        ("three doses are given; one of the following three doses of cells", [3]),
        ("after MSC transplantation at months 1,3,6 and 12 we will examine the patients", []),
        ("At +6 post transplant day MSC will be infused", []),
    ],
)
def test_administrations_of_real_phrasing(text: str, counts: list[int]) -> None:
    assert doses("administrations", text) == counts


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("MPCs are prepared after being amplified to P2-P5.", [2, 5]),
        ("MSCs were cryopreserved at P2 in 5% albumin", [2]),
        ("Maximum passage of expanded-UC MSCs was VI", [6]),
        ("aliquots of Passage 3 UC-MSCs will be thawed and cultured to P5", [5]),
        ("MSCs in passage-2 culture will be detached with trypsin", [2]),
    ],
)
def test_passages_of_real_phrasing(text: str, passages: list[int]) -> None:
    assert doses("passage", text) == passages


def test_a_minimum_with_a_maximum_is_a_range() -> None:
    text = "a minimum dose of 0.5 x 10^6 MSC/kg and a maximum of 1.5 x 10^6 MSC/kg"
    assert doses("dose_per_kg", text) == [500_000, 1_500_000]
    assert doses("dose_total", "MSC at the minimum dose of 100x10^6 cells") == [100_000_000]
