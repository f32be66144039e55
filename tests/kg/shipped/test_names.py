"""Names stay whole, sentences do not pass for names."""

from __future__ import annotations

import pytest

from kg.shipped.names import NAME_LIMIT, FreeText, shorten_name


@pytest.mark.parametrize(
    "name",
    [
        "UCMSC",
        "ADSTEM Inj. (Adult human mesenchymal stem cells)",
        "Double Arthrodesis (i.e. Calcaneocuboid and Talonavicular)",
        "Arm who will undergo puncture",
        "Wharton's jelly derived Mesenchymal stem cells.",
        "x" * NAME_LIMIT,
    ],
)
def test_a_name_stays(name: str) -> None:
    assert shorten_name(name) == name


@pytest.mark.parametrize(
    ("name", "leading_part"),
    [
        ("Cultured  cells\nfrom the donor", "Cultured cells"),
        ("Cells from the cord. They come from donors", "Cells from the cord"),
        ("Bone marrow will be taken and concentrated by the clinic", "Bone marrow"),
        (
            f"{'cells ' * 15}in the knee joint, {'and so on ' * 9}",
            f"{'cells ' * 15}in the knee joint",
        ),
        (f": {'a cell ' * 15}(cultured in a very large bottle)", ("a cell " * 15).strip()),
        ("y" * 200, "y" * NAME_LIMIT),
    ],
)
def test_a_sentence_or_paragraph_is_cut_to_its_leading_part(name: str, leading_part: str) -> None:
    assert shorten_name(name) == leading_part
    assert shorten_name(leading_part) == leading_part


def test_a_copied_sentence_is_cut_unless_it_is_a_name() -> None:
    free_text = FreeText()
    free_text.add("First line.\nOne two three four five six seven eight nine; short one.")
    name = "Zero One Two Three-Four, five six seven eight nine ten"
    assert free_text.copied_at(name) == 1
    assert shorten_name(name, free_text) == "Zero One Two Three-Four, five six seven"
    free_text.discard("one two three four five six seven eight nine")
    assert free_text.copied_at(name) is None
    assert shorten_name(name, free_text) == name


def test_short_sentences_are_nobodys() -> None:
    free_text = FreeText()
    free_text.add("Stem cells are given once a day.")
    assert free_text.copied_at("Stem cells are given once a day") is None
