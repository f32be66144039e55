"""The lexicon: what counts as one label, and where in the original text it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import SchemeError
from ontology.matching import Lexicon
from ontology.spelling import spelling_variants

TISSUES = {
    "Wharton's jelly": "jelly",
    "umbilical cord": "cord",
    "umbilical cord blood": "blood",
    "intra-articular": "joint",
    "intravenous": "vein",
    "UC-MSC": "cord",
    "BM": "marrow",
    "i.v.": "vein",
    "biopsy": "biopsy",
    "haematopoietic stem cell": "hsc",
}


def found(text: str, **options: int) -> list[tuple[str, str]]:
    return [(match.words, match.payload) for match in Lexicon(TISSUES, **options).find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "intra-articular",
        "Intra articular",
        "intraarticular",
        "intra\u2013articular",
        "INTRA-\nARTICULAR",
        "intra  articular",
    ],
)
def test_hyphens_dashes_spaces_and_case_make_no_difference(text: str) -> None:
    assert found(text) == [(text, "joint")]


@pytest.mark.parametrize(
    "text",
    ["Wharton's jelly", "Wharton\u2019s jelly", "Wharton\u00b4s Jelly", "Wharton \u0301s jelly"],
)
def test_any_apostrophe_is_an_apostrophe(text: str) -> None:
    assert found(text) == [(text, "jelly")]


def test_plurals_are_found_with_their_ending() -> None:
    assert found("UC-MSCs and biopsies") == [("UC-MSCs", "cord"), ("biopsies", "biopsy")]


def test_british_and_american_spelling_are_one() -> None:
    assert found("hematopoietic stem cells") == [("hematopoietic stem cells", "hsc")]
    assert spelling_variants("Foetal tissue") == ["foetal tissue", "fetal tissue"]
    assert spelling_variants("ischaemia") == ["ischaemia", "ischemia"]


def test_a_label_is_a_whole_word() -> None:
    assert found("biopsychosocial, subintravenousy") == []


def test_the_longest_label_wins() -> None:
    assert found("umbilical cord blood") == [("umbilical cord blood", "blood")]


def test_a_sentence_end_parts_words() -> None:
    assert found("the umbilical. Cord") == []


def test_short_abbreviations_keep_their_case() -> None:
    assert found("BM, bm, BMs") == [("BM", "marrow"), ("BMs", "marrow")]


def test_a_label_that_ends_in_a_full_stop_needs_no_word_end() -> None:
    assert found("given i.v.twice") == [("i.v.", "vein")]


def test_a_lost_space_is_found_only_where_asked_and_not_in_an_ending() -> None:
    text = "Wharton \u0301s jellyintravenous"
    assert found(text) == []
    assert found(text, glued_length=11) == [
        ("Wharton \u0301s jelly", "jelly"),
        ("intravenous", "vein"),
    ]
    lexicon = Lexicon({"conjunctiva": 1}, glued_length=11)
    assert lexicon.find("conjunctivitis, conjunctival") == []


def test_groups_overlap_and_one_label_may_stand_for_two() -> None:
    lexicon = Lexicon(
        [("UC-MSC", "tissue:cord"), ("MSC", "cell:msc"), ("UC-MSC", "cell:msc")],
        group=lambda payload: payload.split(":")[0],
    )
    assert [match.payload for match in lexicon.find("UC-MSCs")] == ["tissue:cord", "cell:msc"]


def test_spans_are_those_of_the_original_text() -> None:
    text = "\u0130n \u00a0\u00a0 an   umbilical \n cord (BM)"
    for match in Lexicon(TISSUES).find(text):
        assert text[match.start : match.end] == match.words
    assert [match.words for match in Lexicon(TISSUES).find(text)] == ["umbilical \n cord", "BM"]


def test_a_label_without_letters_is_refused() -> None:
    with pytest.raises(SchemeError, match="holds no letter"):
        Lexicon({"--": 1})


@given(
    st.lists(
        st.sampled_from(
            [*TISSUES, "\u0130", "  ", "\n", ".", "\u2013", "x", "\u00df", "\U0001f600"]
        )
    )
)
def test_every_span_holds_its_words(pieces: list[str]) -> None:
    text = "".join(pieces)
    last = 0
    for match in Lexicon(TISSUES, glued_length=11).find(text):
        assert text[match.start : match.end] == match.words
        assert match.start >= last
        last = match.end


def test_schemes_give_their_concepts() -> None:
    lexicon = Lexicon.from_schemes("cell_sources", "cell_types")
    names = [(match.payload.scheme, match.payload.name) for match in lexicon.find("hUC-MSCs")]
    assert names == [
        ("cell_sources", "umbilical_cord"),
        ("cell_types", "mesenchymal_stromal_cell"),
    ]
