from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.cell_facts.model import CellFacts

Reader = Callable[..., CellFacts]
PRODUCT = ("BIOLOGICAL", "MSC", "")


@pytest.mark.parametrize(
    ("title", "donor"),
    [
        ("Autologous MSC in MS", ["autologous"]),
        ("Allogenic mesenchymal cells in MS", ["allogeneic"]),
        ("Patient's own mesenchymal stem cells", ["autologous"]),
        ("Third-party MSC in kidney rejection", ["allogeneic"]),
        ("Haploidentical mesenchymal stromal cells", ["allogeneic"]),
        ("Autologous versus allogeneic MSC in heart failure", ["allogeneic", "autologous"]),
        ("UC-MSC in MS", []),
        ("MSC for GVHD after allogeneic HSCT", []),
        ("MSC in allogeneic bone marrow transplantation", []),
        ("MSC with autologous skin grafts", []),
        ("MSC on allogeneic bone matrix", []),
    ],
)
def test_titles_say_whose_cells(read: Reader, title: str, donor: list[str]) -> None:
    assert read(title, interventions=(PRODUCT,)).values("donor") == donor


@pytest.mark.parametrize(
    ("prose", "donor"),
    [
        ("The MSC come from healthy, unrelated donors.", ["allogeneic"]),
        ("Autologous and allogeneic MSC were safe.", []),
        ("Allogeneic HSCT cures; MSC may help.", []),
        ("Animals received allogeneic MSC.", []),
    ],
)
def test_prose_must_speak_of_the_product(read: Reader, prose: str, donor: list[str]) -> None:
    assert read("MSC in MS", interventions=(PRODUCT,), description=prose).values("donor") == donor
