from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from ontology.errors import EncoderError, RecordError, SourceError
from similarity.encoders import load_encoder
from similarity.learning import train_fusion
from similarity.static_encoder import StaticEncoder
from similarity.training import (
    Recipe,
    TrialText,
    clean_text,
    read_trial_texts,
    to_sentence_transformer,
    train_encoder,
)

RECIPE = Recipe(vocabulary_size=120, dimension=16, batch_size=8, epochs=3, threads=1)
SUBJECTS = ("knee pain", "lupus nephritis", "heart failure", "skin ulcer", "lung fibrosis")


def texts() -> list[TrialText]:
    return [
        TrialText(
            f"Cells for {subject} study {n}",
            f"We treat {subject} and look at {subject} after a year",
            f"Patients with {subject} are given cells; scores of {subject} are read",
        )
        for n in range(8)
        for subject in SUBJECTS
    ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    stages = []
    encoder = train_encoder(
        texts(), folder, name="tiny", recipe=RECIPE, progress=lambda *at: stages.append(at)
    )
    return folder, encoder, stages


def test_what_goes_together_is_close(trained):
    _, encoder, stages = trained
    rows = encoder.encode_document(["knee", "pain", "lupus", "nephritis"])
    likeness = rows @ rows.T
    assert likeness[0, 1] > likeness[0, 2]
    assert likeness[2, 3] > likeness[2, 0]
    assert stages[-1][0] == "training"
    assert stages[-1][1] == stages[-1][2]


def test_training_again_gives_the_same_files(trained, tmp_path):
    folder, encoder, _ = trained
    again = train_encoder(texts(), tmp_path, name="tiny", recipe=RECIPE)
    assert again.fingerprint == encoder.fingerprint
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_vectors_are_unit_or_nothing_and_the_same_in_any_batch(trained):
    _, encoder, _ = trained
    many = ["knee pain " * 400, "", "lupus", "   ", "heart failure and lung fibrosis"]
    rows = encoder.encode_document(many)
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1, 0, 1, 0, 1], abs=1e-6)
    for row, text in zip(rows, many, strict=True):
        assert encoder.encode_query([text])[0].tolist() == row.tolist()
    assert encoder.encode_document([]).shape == (0, 16)


@pytest.mark.filterwarnings("ignore")
def test_sentence_transformers_gives_the_same_vectors(trained):
    _, encoder, _ = trained
    many = ["knee pain and lupus", "heart failure scores are read after a year"]
    theirs = to_sentence_transformer(encoder).encode(many, show_progress_bar=False)
    assert np.abs(theirs - encoder.encode_document(many)).max() < 1e-5


def test_a_trained_folder_is_an_encoder_and_damage_is_refused(trained, tmp_path):
    folder, encoder, _ = trained
    assert load_encoder(folder).fingerprint == encoder.fingerprint
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "vectors.npz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(EncoderError, match=r"vectors\.npz has sha256 .* damaged"):
        StaticEncoder.load(tmp_path)
    (tmp_path / "vectors.npz").unlink()
    with pytest.raises(EncoderError, match="is missing"):
        StaticEncoder.load(tmp_path)


def test_too_few_texts_are_refused(tmp_path):
    with pytest.raises(SourceError, match="fewer than one batch"):
        train_encoder(texts()[:3], tmp_path, name="tiny", recipe=RECIPE)


def test_what_would_give_the_pair_away_is_taken_off():
    text = clean_text("(fifthQuint)Bifocals in Children.", "s", "We test. . Bifocals in Children")
    assert text == TrialText("Bifocals in Children", "s", "We test.")
    kept = "A dose of 5 . 2 mg is given to all"
    assert clean_text("T", "s", kept).description == kept


def test_texts_are_read_from_lines_of_json(tmp_path):
    path = tmp_path / "texts.ndjson.gz"
    with gzip.open(path, "wt") as file:
        file.write(json.dumps({"title": "T", "summary": None, "description": "D"}) + "\n")
    assert list(read_trial_texts(path)) == [TrialText("T", "", "D")]
    path.write_bytes(b"no gzip")
    with pytest.raises(SourceError, match="cannot be read"):
        list(read_trial_texts(path))
    (tmp_path / "x.ndjson").write_text("{\n")
    with pytest.raises(SourceError, match="line 1: no JSON"):
        list(read_trial_texts(tmp_path / "x.ndjson"))


def test_a_fusion_is_learned_from_judgements(encoder, profiles, monkeypatch, model, schemes):
    import ontology.schemes

    monkeypatch.setattr(ontology.schemes, "load_scheme", schemes.__getitem__)
    ids = [profile.nct_id for profile in profiles]
    qrels = {
        ids[0]: {ids[1]: 3, ids[5]: 2, ids[2]: 1, ids[3]: 0},
        ids[1]: {ids[0]: 3, ids[5]: 2, ids[2]: 1, ids[3]: 0},
        ids[2]: {ids[0]: 1, ids[3]: 0},
    }
    fusion, index = train_fusion(profiles, qrels, encoder)
    assert [kin.nct_id for kin in index.rank(ids[0], 2)] == [ids[1], ids[5]]
    assert {facet for term in fusion.terms for facet in term.facets} >= {"condition", "text"}
    again, _ = train_fusion(profiles, qrels, encoder)
    assert again == fusion
    against = {ids[0]: {ids[1]: 0, ids[5]: 1, ids[2]: 2, ids[3]: 3}}
    with pytest.raises(RecordError, match="agrees with the judgements"):
        train_fusion(profiles, against, encoder)
    with pytest.raises(SourceError, match="None of the judged queries"):
        train_fusion(profiles, {"NCT09999999": {ids[0]: 1}}, encoder)
