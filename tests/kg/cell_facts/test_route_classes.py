"""Classes of phrasing in which records tell a route, each with words from real records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.arms import experimental_arms, link_interventions, product_interventions
from kg.cell_facts.model import CellFacts
from kg.cell_facts.product_words import names_product, product_brands
from tests.kg.cell_facts.conftest import make_study

Reader = Callable[..., CellFacts]
PRODUCT = ("BIOLOGICAL", "MSC", "")


@pytest.mark.parametrize(
    ("title", "text", "routes"),
    [
        ("MSC in fistulizing Crohn's disease", "Implant of ASCs", ["intralesional"]),
        ("Stem cell fistula plug in Crohn's disease", "MSC coated plug", ["surgical_implantation"]),
        ("MSC in osteonecrosis", "hip decompression with cells", ["intraosseous"]),
        ("Cells in femoral necrosis", "cells injected into the hip. Injected into the femoral head",
         ["intraosseous"]),
        ("MSC in rotator cuff tears", "MSC included in a collagen membrane",
         ["surgical_implantation"]),
        ("MSC in cartilage defects of the knee", "product added after arthroscopic curettage",
         ["surgical_implantation"]),
        ("MSC in non-union", "MSC fixed in bone tissue, with open surgery",
         ["surgical_implantation"]),
        ("MSC in chronic periodontitis", "MSC on a biodegradable carrier", ["intraperiodontal"]),
        ("MSC in degenerative disc disease", "implantation of MSC", ["intradiscal"]),
        ("MSC in knee osteoarthritis", "one injection of 50 million MSC", ["intra_articular"]),
        ("Stem cells to treat limbus insufficiency", "stem cells with amniotic membrane",
         ["corneal"]),
        ("MSC in non-healing wounds", "apply stem cell-derived powder", ["topical"]),
        ("UC-MSC gel in skin ulcers", "MSCs gel group", ["topical"]),
        ("MSC in spinal cord injury", "percutaneous injection of MSC", ["intraspinal"]),
        ("MSC in spinal cord injury", "patients receive MSC by a surgeon into the spinal medulla",
         ["intraspinal"]),
        ("MSC in heart failure", "MSC injected at the edge of the myocardial infarction area",
         ["intramyocardial"]),
        ("MSC in intracerebral haematoma", "single intracavitary infusion of MSC",
         ["intracerebral"]),
        ("MSC in stroke", "infusion of MSC", []),
        ("MSC transplantation in osteoarthritis", "MSC group", []),
        ("MSC in burns", "standard dressing beside MSC", []),
    ],
)  # fmt: skip
def test_a_lesion_tells_where_the_product_is_put(
    read: Reader, title: str, text: str, routes: list[str]
) -> None:
    facts = read(title, interventions=(("BIOLOGICAL", "MSC", text),))
    assert facts.values("routes") == routes


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("MSC injected into portal vein under ultrasound guidance", ["intraportal"]),
        ("patients receive 2 million cells per kg via portal vein", ["intraportal"]),
        ("hepatic artery catheterizations and MSC injection through catheter", ["intra_arterial"]),
        ("intra-renal delivery of MSC by intra-arterial infusion", ["intra_arterial"]),
        ("injection of MSC into the kidney parenchyma and intra-arterial infusion",
         ["intra_arterial", "intrarenal"]),
        ("intramuscular and local injection of MSC", ["intralesional", "intramuscular"]),
        ("6 intravenous infusions of HB-adMSCs or placebo", ["intravenous"]),
        ("three i/v infusions of MSC", ["intravenous"]),
        ("MSC injection to IT", ["intrathecal"]),
        ("MSC injected in the intra-articular space", ["intra_articular"]),
        ("PMSC matrix in the course of in utero fetal surgery", []),
        ("MSC matrix applied topically and sutured to the dura", ["surgical_implantation"]),
        ("MSC by intravenous drip. The formula is taken orally except on the day of MSC",
         ["intravenous"]),
        ("MSC for repair of degree IV cartilage", []),
        ("subchondral progenitor cells and MSC", []),
    ],
)  # fmt: skip
def test_a_way_of_delivery_is_read_with_its_neighbours(
    read: Reader, text: str, routes: list[str]
) -> None:
    facts = read("MSC in disease", interventions=(("BIOLOGICAL", "MSC", text),))
    assert facts.values("routes") == routes


@pytest.mark.parametrize(
    "prose",
    [
        "MSC are given to patients. It will be infused into the portal vein.",
        "Patients receive an infusion of MSC. The catheter was inserted into the portal vein.",
    ],
)
def test_a_sentence_goes_on_from_the_one_before(read: Reader, prose: str) -> None:
    facts = read("MSC in cirrhosis", interventions=(PRODUCT,), description=prose)
    assert facts.values("routes") == ["intraportal"]


def test_a_brand_is_the_product(read: Reader) -> None:
    summary = "AstroStem or placebo will be administered via I.V. at Week 0. Visits follow."
    facts = read(
        "AstroStem in Alzheimer's disease",
        interventions=(("DRUG", "AstroStem", "Adipose tissue derived mesenchymal stem cells"),),
        summary=summary,
    )
    assert facts.values("routes") == ["intravenous"]


def test_prose_on_other_work_tells_no_route(read: Reader) -> None:
    prose = "Fraulin et al. developed a method of spreading cells using an aerosol spray."
    facts = read("MSC in burns", interventions=(PRODUCT,), description=prose)
    assert facts.values("routes") == []


def test_brands_are_names_that_are_no_words_for_cells() -> None:
    study = make_study(
        interventions=(
            ("BIOLOGICAL", "XCEL-UMC-BETA", "mesenchymal stromal cells"),
            ("BIOLOGICAL", "Stem cell injection", ""),
            ("DRUG", "Placebo", "saline"),
        )
    )
    linked = link_interventions(study)
    product = product_interventions(study, experimental_arms(study, linked), linked)
    brands = product_brands(study, product)
    assert brands == ("xcel-umc-beta",)
    assert names_product("a dose of xcel-umc-beta", brands)
    assert not names_product("a dose of saline", brands)
