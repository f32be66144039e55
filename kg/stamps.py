"""Version stamps: what each stage of a build depends on, so that a change redoes just that.

A stamp is a digest of the files that a stage is made of, not a number that someone must remember
to raise: what is stale shows by itself, at the price of redoing a stage for a changed comment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from similarity.encoders import Encoder
from similarity.model import model_for

_SCHEMES = "ontology/schemes/*.ttl"
STAGE_FILES: Mapping[str, tuple[str, ...]] = {
    "ontology": (
        "ontology/trialkin.ttl",
        _SCHEMES,
        "kg/mapping/ontology_graph.py",
        "kg/mapping/void_mapping.py",
        "kg/queries/*.rq",
    ),
    "records": (
        _SCHEMES,
        "ontology/**/*.py",
        "kg/cell_facts/**/*.py",
        "kg/mapping/*.py",
        "kg/relations/*.py",
        "kg/study*.py",
        "kg/iris.py",
        "kg/cards.py",
        "kg/conditions.py",
        "kg/derivation.py",
        "kg/profiles.py",
        "kg/record_s*.py",
        "kg/sections.py",
        "similarity/profile.py",
    ),
    "kin": (_SCHEMES, "similarity/*.py", "kg/mapping/kin_mapping.py"),
}
"""Stage to the files whose change makes its work stale; paths below the installed packages."""
# These stand in a stage's folder and are no part of it.
_LEFT_OUT = {
    "ontology/check_external_ids.py",
    "ontology/external_terms.py",
    "kg/cell_facts/review.py",
    "kg/mapping/kin_mapping.py",
    "kg/mapping/ontology_graph.py",
    "kg/mapping/run_mapping.py",
    "kg/mapping/void_mapping.py",
    "similarity/evaluation.py",
    "similarity/learning.py",
    "similarity/methods.py",
    "similarity/training.py",
    "similarity/trec.py",
}


def stage_stamps(encoder: Encoder) -> dict[str, str]:
    """Return the stamp of every stage: ``ontology``, ``records``, ``encoder``, ``kin``.

    Parameters
    ----------
    encoder : Encoder
        What makes the vectors; its model makes the scores.
    """
    model = model_for(encoder).fingerprint
    return {
        "ontology": _digest("ontology"),
        "records": _digest("records"),
        "encoder": encoder.fingerprint,
        "kin": hashlib.sha256(f"{_digest('kin')} {model}".encode()).hexdigest(),
    }


def stale_stages(known: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the stages whose work must be redone, in the order of a build."""
    return [stage for stage in now if known.get(stage) != now[stage]]


@cache
def _digest(stage: str) -> str:
    root = Path(str(files("kg"))).parent
    own = set() if stage != "kin" else {"kg/mapping/kin_mapping.py"}
    if stage == "ontology":
        own |= {"kg/mapping/ontology_graph.py", "kg/mapping/void_mapping.py"}
    digest = hashlib.sha256()
    paths = {path for pattern in STAGE_FILES[stage] for path in root.glob(pattern)}
    for path in sorted(paths):
        name = path.relative_to(root).as_posix()
        if name in _LEFT_OUT - own:
            continue
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
