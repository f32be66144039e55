from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.model import CellFacts

Reader = Callable[..., CellFacts]


def routes(read: Reader, text: str, title: str = "MSC in disease") -> list[object]:
    facts = read(title, interventions=(("BIOLOGICAL", "MSC", text),))
    return list(facts.values("routes"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 x 10^6 cells/kg i.v.", ["intravenous"]),
        ("infused via a peripheral vein", ["intravenous"]),
        ("infused by a central venous catheter", ["intravenous"]),
        ("cells injected intrathecally by lumbar puncture", ["intrathecal"]),
        ("cells infused through the proper hepatic artery", ["intra_arterial"]),
        ("cells infused via portal vein or hepatic artery", ["intra_arterial", "intraportal"]),
        ("cells infused into infarct-related vessel", ["intracoronary"]),
        ("cells injected at the edge of the infarct area", ["intramyocardial"]),
        ("cells injected into the anal fistula", ["intralesional"]),
        ("cells seeded on a collagen scaffold are implanted", ["surgical_implantation"]),
        ("MSC gel is painted on the wound", ["topical"]),
        ("hydrogel sheet containing MSC", ["topical"]),
        ("MSC by nasal drip", ["intranasal"]),
        (
            "intravenous or intracavernosal or interstitial delivery of MSC",
            ["intracavernous", "intravenous", "other"],
        ),
        ("infusion of MSC", []),
        ("MSC transplantation", []),
        ("Cells for grade II-IV GVHD", []),
        ("Cells are collected from the knee by arthrotomy", []),
        ("Bone marrow is aspirated from the iliac crest", []),
    ],
)
def test_an_intervention_says_how_it_is_given(read: Reader, text: str, expected: list[str]) -> None:
    assert routes(read, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Hydrocortisone 100 mg IV before the visit.",
        "Daily subcutaneous injections of filgrastim mobilise the cells.",
        "Patients with middle cerebral artery infarct are given cells.",
    ],
)
def test_another_drugs_way_is_not_the_products(read: Reader, text: str) -> None:
    assert routes(read, text) == []


def test_a_way_beside_other_drugs_is_kept(read: Reader) -> None:
    text = "10 mg metoclopramide im; 30 min later MSC 2 x 10^6 cells/kg i.v."
    assert routes(read, text) == ["intravenous"]


def test_a_drug_among_the_interventions_is_passed_over(read: Reader) -> None:
    facts = read(
        "AD-MSC and granule in psoriasis",
        interventions=(
            ("DRUG", "PSORI granule", "once a day orally, never with the cells"),
            ("BIOLOGICAL", "AD-MSC", "infused intravenously"),
        ),
    )
    assert facts.values("routes") == ["intravenous"]


def test_implantation_needs_surgery_or_a_carrier(read: Reader) -> None:
    assert routes(read, "MSC implantation") == []
    assert routes(read, "MSC implanted with ceramic granules") == ["surgical_implantation"]


def test_a_fistula_is_the_place_where_nothing_else_is_said(read: Reader) -> None:
    title = "ASC and fibrin glue for perianal fistula"
    assert routes(read, "closure of the internal opening", title) == ["intralesional"]
    assert routes(read, "given once", "MSC for arteriovenous fistula") == []


def test_the_more_exact_route_wins(read: Reader) -> None:
    assert routes(read, "cells injected intracoronary in the artery") == ["intracoronary"]
    assert routes(read, "cells transfused into the liver through the hepatic artery") == [
        "intra_arterial"
    ]


def test_prose_is_read_where_names_and_arms_are_silent(read: Reader) -> None:
    facts = read(
        "MSC in disease",
        interventions=(("BIOLOGICAL", "MSC", ""),),
        description="Earlier studies gave it intrathecally. Treatment is given intravenously.",
    )
    assert facts.values("routes") == ["intravenous"]
    (fact,) = facts.of("routes")
    assert fact.rule == "route.manner"
    assert fact.evidence[0].path == "detailed_description"
