"""Version stamps: what each stage of a build depends on, so that a change redoes just that.

A stamp is a digest of the files that a stage is made of, not a number that someone must remember
to raise: what is stale shows by itself. Of Python files it is the syntax tree without docstrings
that counts, so comments, docstrings and layout may change and nothing is redone; data files count
as they are.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from similarity.encoders import Encoder
from similarity.model import model_for

_SCHEMES = "ontology/schemes/*.ttl"
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
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
        "kg/short_texts.py",
        "similarity/profile.py",
    ),
    "kin": (_SCHEMES, "similarity/*.py", "kg/mapping/kin_mapping.py", "kg/shards/links.py"),
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


def stage_stamps(encoder: Encoder, digests: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the stamp of every stage: ``ontology``, ``records``, ``encoder``, ``kin``.

    Parameters
    ----------
    encoder : Encoder
        What makes the vectors; its model makes the scores.
    digests : mapping, optional
        Of the stages' files, if `stage_digests` has given them already.
    """
    if digests is None:
        digests = stage_digests()
    model = model_for(encoder).fingerprint
    of = {stage: digests[_raw_digest(stage)] for stage in STAGE_FILES}
    return {
        "ontology": of["ontology"],
        "records": of["records"],
        "encoder": encoder.fingerprint,
        "kin": hashlib.sha256(f"{of['kin']} {model}".encode()).hexdigest(),
    }


def stage_digests(known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the digest of what the files of each stage do, by the digest of these files.

    Parameters
    ----------
    known : mapping, optional
        What this gave earlier. Files that are the same to the last byte are not parsed again:
        reading takes a twentieth of the time that parsing takes.
    """
    raw = {stage: _raw_digest(stage) for stage in STAGE_FILES}
    return {raw[stage]: (known or {}).get(raw[stage]) or _digest(stage) for stage in STAGE_FILES}


def stale_stages(known: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the stages whose work must be redone, in the order of a build."""
    return [stage for stage in now if known.get(stage) != now[stage]]


def code_digest(source: bytes) -> str:
    """Return the sha256 (hex) of what a Python file does: its syntax tree without docstrings.

    Examples
    --------
    >>> code_digest(b"x = 1  # one") == code_digest(b"x = (1)")
    True
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.Pass()
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def _digest(stage: str) -> str:
    digest = hashlib.sha256()
    for name, path in _files(stage):
        raw = path.read_bytes()
        content = code_digest(raw) if path.suffix == ".py" else hashlib.sha256(raw).hexdigest()
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()


@cache
def _raw_digest(stage: str) -> str:
    digest = hashlib.sha256()
    for name, path in _files(stage):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _files(stage: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a stage by their names below the installed packages, sorted."""
    root = Path(str(files("kg"))).parent
    own = set() if stage != "kin" else {"kg/mapping/kin_mapping.py"}
    if stage == "ontology":
        own |= {"kg/mapping/ontology_graph.py", "kg/mapping/void_mapping.py"}
    for path in sorted({path for pattern in STAGE_FILES[stage] for path in root.glob(pattern)}):
        name = path.relative_to(root).as_posix()
        if name not in _LEFT_OUT - own:
            yield name, path
