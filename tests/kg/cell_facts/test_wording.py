from __future__ import annotations

import pytest

from kg.cell_facts.model import FIELDS, CellFacts
from kg.cell_facts.wording import FIELD_LABELS, fact_value, words_row


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("dose_per_kg", 1_000_000, "1 × 10⁶ cells"),
        ("dose_per_kg", 2_500_000, "2.5 × 10⁶ cells"),
        ("dose_total", 400_000_000, "4 × 10⁸ cells"),
        ("dose_total", 5_000, "5,000 cells"),
        ("dose_other", "5e6 cells per cm2", "5e6 cells per cm2"),
        ("administrations", 3, "3"),
        ("passage", 4, "P4"),
        ("routes", "intra_articular", "intra-articular"),
    ],
)
def test_values_are_told_with_their_units(field: str, value: str | float, words: str) -> None:
    assert fact_value(field, value) == words


def test_a_row_names_every_field_in_order() -> None:
    row = words_row(CellFacts("NCT00000001").row() | {"dose_per_kg": [1e6, 2e6]})
    assert list(row) == [FIELD_LABELS[field] for field in FIELDS]
    assert row["Dose per kg"] == ["1 × 10⁶ cells", "2 × 10⁶ cells"]
    assert row["Doses given"] == []
    assert "_" not in "".join(row)
