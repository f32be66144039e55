"""Asking with what is in no store: free texts of every kind, and records."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import cast

import pytest

from kg.asking import allowed_trials, profile_of_text, read_text, recognised
from kg.generation import Generation
from ontology.errors import RecordError, SourceError
from similarity.encoders import load_encoder
from similarity.profile import Profile

SYNOPSIS = """Umbilical cord mesenchymal stromal cells in systemic sclerosis
Patients receive two intravenous infusions of 2 million cells per kg of allogeneic umbilical cord
mesenchymal stromal cells.
"""


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("trialkin")


def test_a_synopsis_says_its_condition_cells_route_and_dose(encoder):
    profile, facts = profile_of_text(SYNOPSIS, encoder)
    assert profile.concept_names("conditions") == ("systemic_sclerosis",)
    assert profile.concept_names("cell_sources") == ("umbilical_cord",)
    assert profile.concept_names("routes") == ("intravenous",)
    assert profile.doses.dose_per_kg == (2e6,)
    found = recognised(profile, facts)
    assert found["conditions"] == ["systemic sclerosis"]
    assert found["administrations"] == [2]


def test_a_text_in_which_nothing_is_recognised_says_so(encoder):
    profile, facts = profile_of_text("A study of what the patients say about their care", encoder)
    assert not any(recognised(profile, facts).values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("系统性硬化症的间充质干细胞治疗", "in English"),
        ("Étude des cellules stromales chez les patients atteints d'une maladie", "in English"),
        ("x" * 1_000_001, "1,000,001 characters, more than 1,000,000"),
    ],
)
def test_what_cannot_be_answered_is_refused(text, message, encoder):
    with pytest.raises(RecordError, match=message):
        profile_of_text(text, encoder)


def test_a_text_of_a_megabyte_is_answered(encoder):
    long = (SYNOPSIS + "\n" + "The patients are seen every month for a year. " * 20_000)[:999_000]
    profile, _ = profile_of_text(long, encoder)
    short, _ = profile_of_text(SYNOPSIS, encoder)
    assert profile.concepts == short.concepts
    assert profile.doses == short.doses
    assert len(profile.texts["description"]) > 900_000  # encoded whole


def test_texts_come_from_files_and_standard_input(tmp_path, monkeypatch):
    path = tmp_path / "synopsis.txt"
    path.write_text(SYNOPSIS)
    assert read_text(path) == SYNOPSIS
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SYNOPSIS.encode())))
    assert read_text(type(path)("-")) == SYNOPSIS
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="no UTF-8 text"):
        read_text(path)
    with pytest.raises(SourceError, match="cannot be read"):
        read_text(tmp_path / "none")


def test_a_filter_takes_names_and_labels_and_what_is_narrower(tiny_store):
    generation = tiny_store.published()

    def passing(**concepts):
        return allowed_trials(generation, concepts=concepts)

    cord = passing(cell_sources=["umbilical_cord"])
    assert cord
    assert passing(cell_sources=["Umbilical Cord"]) == cord
    assert passing(routes=["i.v."]) == passing(routes=["intravenous"])
    with pytest.raises(RecordError, match=r"routes has no 'moonlight'; it has .*intravenous"):
        passing(routes=["moonlight"])
    with pytest.raises(RecordError, match=r"'intrvenous' \(did you mean intravenous\?\); it"):
        passing(routes=["intrvenous"])
    countries = {name for one in generation.kin_index.nct_ids
                 for name in generation.kin_index.profile(one).design.countries}  # fmt: skip
    slip = min(countries)[:-1]
    with pytest.raises(RecordError, match=rf"in {slip} \(did you mean {min(countries)}\b"):
        allowed_trials(generation, countries=[slip])
    index = SimpleNamespace(
        nct_ids=("a", "b"),
        profile=lambda nct_id: Profile(
            nct_id=nct_id,
            concepts={"cell_sources": ("whartons_jelly",) if nct_id == "a" else ("placenta",)},
        ),
    )
    made = cast(Generation, SimpleNamespace(kin_index=index))
    assert allowed_trials(made, concepts={"cell_sources": ["umbilical_cord"]}) == {"a"}
    assert allowed_trials(made, concepts={"cell_sources": ["Wharton's jelly"]}) == {"a"}
