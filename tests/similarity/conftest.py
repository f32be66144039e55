"""A tiny world: an encoder of one-hot words, two small schemes, six trials."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from ontology.concepts import Concept, ConceptScheme
from similarity.encoders import FloatArray, unit_rows
from similarity.features import CONCEPT_FACETS
from similarity.fusion import Fusion, Term, View
from similarity.index import KinIndex
from similarity.lexical import TermWeights, words
from similarity.model import KinModel
from similarity.profile import Design, Profile

DIMENSION = 64


class WordEncoder:
    """Each word is a direction of its own (by hash): texts are alike if they share words."""

    name = "words-one-hot"
    dimension = DIMENSION

    def __init__(self, fingerprint: str = "f" * 64) -> None:
        self.fingerprint = fingerprint
        self.encoded: list[str] = []

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        self.encoded += texts
        rows = np.zeros((len(texts), DIMENSION))
        for row, text in enumerate(texts):
            for word in words(text):
                digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
                rows[row, int.from_bytes(digest, "big") % DIMENSION] += 1
        return unit_rows(rows)


def concept(scheme: str, name: str, *broader: str) -> Concept:
    return Concept(
        iri=f"https://w3id.org/trialkin/concept/{scheme}/{name}",
        name=name,
        scheme=scheme,
        pref_label=name.replace("_", " "),
        broader=broader,
    )


TREES = {
    "conditions": {
        "autoimmune_disease": (),
        "systemic_sclerosis": ("autoimmune_disease",),
        "lupus": ("autoimmune_disease",),
        "joint_disease": (),
        "knee_osteoarthritis": ("joint_disease",),
        "multiple_sclerosis": ("autoimmune_disease",),
    },
    "cell_sources": {"umbilical_cord": (), "bone_marrow": (), "adipose_tissue": ()},
    "cell_types": {"mesenchymal_stromal_cell": (), "mononuclear_cell": ()},
    "donors": {"autologous": (), "allogeneic": ()},
    "routes": {"intravenous": (), "intra_articular": (), "intrathecal": ()},
}


def scheme(name: str) -> ConceptScheme:
    return ConceptScheme(name, [concept(name, key, *up) for key, up in TREES[name].items()])


def trial(number: int, title: str, condition: str, source: str, route: str, **design) -> Profile:
    concepts = {
        "conditions": (condition,),
        "cell_sources": (source,) if source else (),
        "cell_types": ("mesenchymal_stromal_cell",),
        "donors": ("allogeneic",),
        "routes": (route,),
        "mesh": (f"D{len(condition):06d}",),
    }
    return Profile(
        nct_id=f"NCT{number:08d}",
        texts={"title": title, "conditions": condition.replace("_", " "), "summary": title},
        concepts=concepts,
        design=Design(study_type="INTERVENTIONAL", **design),
    )


PROFILES = (
    trial(
        1,
        "Cord cells in systemic sclerosis",
        "systemic_sclerosis",
        "umbilical_cord",
        "intravenous",
        phases=("PHASE1", "PHASE2"),
        lead_sponsor="Paris Hospital",
        countries=("France",),
    ),
    trial(
        2,
        "Cord stromal cells for scleroderma",
        "systemic_sclerosis",
        "umbilical_cord",
        "intravenous",
        phases=("PHASE1",),
        lead_sponsor="Nanjing University",
        countries=("China",),
    ),
    trial(3, "Marrow cells in lupus", "lupus", "bone_marrow", "intravenous", phases=("PHASE2",)),
    trial(
        4,
        "Fat cells in knee osteoarthritis",
        "knee_osteoarthritis",
        "adipose_tissue",
        "intra_articular",
        lead_sponsor="Paris Hospital",
        countries=("France",),
    ),
    trial(
        5, "Cord cells in multiple sclerosis", "multiple_sclerosis", "umbilical_cord", "intrathecal"
    ),
    trial(6, "Stromal cells in systemic sclerosis", "systemic_sclerosis", "", "intravenous"),
)

VIEWS = (View(name="title", texts=("title",)), View(name="summary", texts=("summary",)))
TERMS = (
    Term(features=("text.title",), weight=1.0),
    Term(features=("words",), weight=0.5),
    Term(features=("condition.best",), weight=2.0),
    Term(features=("condition.best", "cell_source.mean"), weight=1.0),
    Term(features=("route.mean",), weight=0.5),
    Term(features=("phase",), weight=0.25),
)


@pytest.fixture(scope="session")
def schemes() -> dict[str, ConceptScheme]:
    return {name: scheme(name) for name in CONCEPT_FACETS.values()}


@pytest.fixture(scope="session")
def model() -> KinModel:
    texts = [profile.text(("title", "conditions")) for profile in PROFILES]
    return KinModel(
        name="tiny",
        fingerprint="0" * 64,
        fusion=Fusion(views=VIEWS, terms=TERMS),
        words=TermWeights.learn([words(text) for text in texts], least_documents=1),
        mesh=TermWeights.learn([["D000001"], ["D000002"]], least_documents=1),
    )


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def profiles() -> tuple[Profile, ...]:
    return PROFILES


@pytest.fixture
def index(encoder, model, schemes) -> KinIndex:
    return KinIndex.build(PROFILES, encoder, model=model, schemes=schemes)
