"""Values, registered text and evidence in the form in which pages show them."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from kg.cell_facts.model import FIELDS, Evidence
from similarity.features import FACETS
from web import evidence, presentation, prose, sparql
from web.evidence import quote, section_name
from web.labels import FACET_GROUPS, FACET_LABELS, FIELD_LABELS
from web.presentation import web_address
from web.prose import Item, blocks
from web.search_request import SearchRequest


@pytest.mark.parametrize("module", [evidence, presentation, prose, sparql])
def test_examples_of_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_every_field_and_facet_has_a_name() -> None:
    assert set(FIELD_LABELS) >= set(FIELDS)
    assert set(FACET_LABELS) == set(FACETS)
    grouped = [facet for _, facets in FACET_GROUPS.values() for facet in facets]
    assert sorted(grouped) == sorted(FACETS)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x", "//example.org", "ftp://a/b",
     "http:", "http://[::1", "", None, "mailto:a@b.c", "java\nscript:x"],
)  # fmt: skip
def test_only_web_addresses_become_links(address: str | None) -> None:
    assert web_address(address) is None


def test_web_addresses_are_kept() -> None:
    assert web_address(" https://example.org/a?b=c ") == "https://example.org/a?b=c"


def test_lists_paragraphs_and_headings_are_told_apart() -> None:
    found = blocks(
        "Inclusion Criteria:\n\n1. one\n   goes on\n2. two\n   * deep\n\nA paragraph\nof two lines."
    )
    assert [block.kind for block in found] == ["heading", "list", "paragraph"]
    assert found[1].items == (
        Item(0, "1.", "one goes on"),
        Item(0, "2.", "two"),
        Item(1, "", "deep"),
    )
    assert found[2].text == "A paragraph\nof two lines."


def test_lines_that_a_machine_wrapped_are_joined() -> None:
    line = "twelve words that fill a line of a record up to its right margin"
    assert [block.text for block in blocks(f"{line}\n{line}\nend")] == [f"{line} {line} end"]


def test_lines_without_bullets_stay_lines() -> None:
    found = blocks("Exclusion Criteria:\nAge < 18 years\nPregnancy")
    assert [(block.kind, block.text) for block in found] == [
        ("heading", "Exclusion Criteria:"), ("paragraph", "Age < 18 years\nPregnancy"),
    ]  # fmt: skip


@given(st.text(alphabet=st.sampled_from("ab1.*-) \n\t\\>:"), max_size=200))
def test_no_word_of_a_text_is_lost(text: str) -> None:
    shown = " ".join(
        part
        for block in blocks(text)
        for part in (block.text, *(f"{item.marker} {item.text}" for item in block.items))
    )
    for letter in "ab1":
        assert shown.count(letter) == text.count(letter)


def test_evidence_stands_in_its_sentence() -> None:
    text = "Before. They get one intravenous infusion of cells. After."
    start = text.index("intravenous")
    said = quote(text, Evidence("brief_summary", start, start + 11, "intravenous"))
    assert (said.before, said.words, said.after) == (
        "They get one ", "intravenous", " infusion of cells.",
    )  # fmt: skip
    assert said.anchor == "summary"


def test_evidence_of_another_text_shows_its_words_alone() -> None:
    said = quote("short", Evidence("brief_title", 90, 95, "words"))
    assert (said.before, said.words, said.after) == ("", "words", "")


def test_evidence_in_an_endless_sentence_is_cut() -> None:
    text = "x" * 5000 + "here" + "y" * 5000
    said = quote(text, Evidence("brief_title", 5000, 5004, "here"))
    assert said.before.startswith("…")
    assert said.after.endswith("…")
    assert len(said.before) + len(said.after) < 600


@given(st.text(max_size=60))
def test_section_names_never_fail(path: str) -> None:
    assert section_name(path)[1]


_PARAMETERS = ["q", "page", "sort", "route", "n_from", "n_to", "year_from", "words", "x"]


@given(st.dictionaries(st.sampled_from(_PARAMETERS), st.text(max_size=30)))
def test_search_parameters_never_fail(parameters: dict[str, str]) -> None:
    asked = SearchRequest.of(MultiDict(parameters))
    assert asked.page >= 1
    again = SearchRequest.of(MultiDict(asked.parameters(page=str(asked.page))))
    assert again == asked


def test_choosing_a_value_twice_lets_it_go() -> None:
    asked = SearchRequest.of(MultiDict([("q", "x"), ("route", "a"), ("page", "3")]))
    assert asked.toggled("route", "b") == {"q": "x", "route": ["a", "b"]}
    assert asked.toggled("route", "a") == {"q": "x"}
