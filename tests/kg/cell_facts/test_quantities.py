from __future__ import annotations

import pytest

from kg.cell_facts.quantities import find_counts, fold, short_number, tidy

M = 10**6


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 million UCMSC/kg", [M]),
        ("1-2 x 10^6/kg", [M, 2 * M]),
        ("1x10e6", [M]),
        ("2×10⁷ cells", [20 * M]),
        ("1 x 106 cells/kg", [M]),
        ("10^6 cells", [M]),
        ("10E6 cells/kg", [M]),
        ("20x106 cells", [20 * M]),
        ("1.0-2.0 x 10(6)/kg", [M, 2 * M]),
        ("1*10^6/kg", [M]),
        ("5×10*7", [50 * M]),
        ("5 x 10~7", [50 * M]),
        ("1×10'7 cells", [10 * M]),
        ("1 x 10 6 MSC/kg", [M]),
        ("2 times 10(6) BMSC/kg", [2 * M]),
        ("2 × 10 ^ 6 / kg", [2 * M]),
        ("1-2 x 1000000 MSC", [M, 2 * M]),
        ("1.0E+6 MSC/kg", [M]),
        ("1E6cells/Kg", [M]),
        ("1.10^6 CSM / kg", [M]),
        ("(1～5)×10^6", [M, 5 * M]),
        ("2·0×106 cells/kg", [2 * M]),
        ("1,5-2,0 mln of cells/kg", [1.5 * M, 2 * M]),
        ("1, 5x106 CSM / kg", [1.5 * M]),
        ("1, 5 and 10 million", [M, 5 * M, 10 * M]),
        ("80, 160, or 240 x 10^6", [80 * M, 160 * M, 240 * M]),
        ("6.29 × 107,9.43 × 107 cells", [62.9 * M, 94.3 * M]),
        ("100 mln", [100 * M]),
        ("100M and 300M", [100 * M, 300 * M]),
        ("one hundred million", [100 * M]),
        ("40,000,000", [40 * M]),
        ("200 000 000 MSCs", [200 * M]),
        ("500.000 cells/kg", [500000]),
        ("106 / Kg body weight", [M]),
        ("107 WJ-MSCs", [10 * M]),
        ("group 2 and 5x10^6", [5 * M]),
    ],
)
def test_reads_the_ways_in_which_counts_are_written(text: str, values: list[float]) -> None:
    found = [value for count in find_counts(fold(text)) for value in count.values]
    assert found == pytest.approx(values)


@pytest.mark.parametrize(
    "text", ["106 patients", "10 patients", "100%", "on day 7", "3 x 100 mL", ""]
)
def test_small_or_ordinary_numbers_are_no_counts(text: str) -> None:
    assert find_counts(fold(text)) == []


def test_folding_keeps_every_character_in_its_place() -> None:
    text = "İ 5×10⁷ – Straße ‘x’"
    assert len(fold(text)) == len(text)


def test_spans_point_at_the_number() -> None:
    text = "Dose: 2×10⁷ cells"
    (count,) = find_counts(fold(text))
    assert text[count.start : count.end] == "2×10⁷"


def test_numbers_are_shown_as_a_curator_writes_them() -> None:
    assert [short_number(v) for v in (5e6, 1.5e6, 40.0, 10**8)] == ["5e6", "1.5e6", "40", "1e8"]
    assert isinstance(tidy(2e6), int)
    assert tidy(0.5) == 0.5
