"""Models: frozen statistics that turn profiles into scores, in a folder each, with a hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import msgspec

from ontology.errors import EncoderError
from similarity.encoders import Encoder, file_sha256
from similarity.fusion import Fusion, load_fusion
from similarity.lexical import TermWeights

DEFAULT_MODEL = "trialkin"
"""The model of our own, and what stands in where an encoder has no fusion of its own."""
FALLBACK_MODEL = "minilm"
"""Fusion for any other sentence-transformers encoder: general weights on a title view."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
FUSION_FILE = "fusion.json"
_WORDS_FILE = "words.npz"
_MESH_FILE = "mesh.npz"
_AKIN_FILE = "akin.json"
_SHARED_FOLDER = "statistics"


@dataclass(frozen=True, slots=True)
class KinModel:
    """All that a score needs besides the two profiles and the encoder.

    Attributes
    ----------
    name : str
    fingerprint : str
        sha256 (hex) over the files behind it.
    fusion : Fusion
    words, mesh : TermWeights
        Rarity of words, and of MeSH terms.
    akin : mapping
        Scheme name -> pairs of concepts that are closer than the hierarchy says.
    """

    name: str
    fingerprint: str
    fusion: Fusion
    words: TermWeights
    mesh: TermWeights
    akin: Mapping[str, tuple[tuple[str, str, float], ...]] = field(default_factory=dict)


def models_folder() -> Path:
    """Return the folder of the models that come with the package."""
    return Path(str(files("similarity"))) / "models"


def model_names() -> tuple[str, ...]:
    """Return the names of the models that come with the package."""
    return tuple(sorted(path.parent.name for path in models_folder().glob(f"*/{FUSION_FILE}")))


def model_folder(name: str) -> Path | None:
    """Return the folder of a model that comes with the package; None if there is none."""
    if _NAME.fullmatch(name) is None:
        return None
    folder = models_folder() / name
    return folder if (folder / FUSION_FILE).is_file() else None


def load_model(name_or_folder: str | Path) -> KinModel:
    """Load the fusion and the statistics of a model.

    Parameters
    ----------
    name_or_folder : str or Path
        One of `model_names`, or a folder that training wrote.

    Raises
    ------
    EncoderError
        If there is no such model, or a file of it is damaged.
    """
    folder = model_folder(str(name_or_folder))
    if folder is None:
        folder = Path(name_or_folder)
        if not (folder / FUSION_FILE).is_file():
            raise EncoderError(
                f"There is no model {str(name_or_folder)!r}; give the folder of one, or one of "
                f"{', '.join(model_names())}."
            )
    path = folder / FUSION_FILE
    return model_with(load_fusion(path), name=folder.name, also=file_sha256(path))


def model_with(fusion: Fusion, *, name: str, also: str = "") -> KinModel:
    """Put a fusion together with the statistics that come with the package.

    Parameters
    ----------
    fusion : Fusion
    name : str
    also : str, optional
        What else the model's fingerprint is made of.

    Raises
    ------
    EncoderError
        If a file of the statistics is missing or damaged.
    """
    shared = models_folder() / _SHARED_FOLDER
    paths = [shared / file for file in (_WORDS_FILE, _MESH_FILE, _AKIN_FILE)]
    for path in paths:
        if not path.is_file():
            raise EncoderError(f"{path} is missing; install the package anew, or train it.")
    digest = hashlib.sha256("".join([also, *(file_sha256(path) for path in paths)]).encode())
    return KinModel(
        name=name,
        fingerprint=digest.hexdigest(),
        fusion=fusion,
        words=TermWeights.load(paths[0]),
        mesh=TermWeights.load(paths[1]),
        akin=_load_akin(paths[2]),
    )


def _load_akin(path: Path) -> dict[str, tuple[tuple[str, str, float], ...]]:
    kind = dict[str, tuple[tuple[str, str, float], ...]]
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.MsgspecError as error:
        raise EncoderError(f"{path} is damaged ({error}); install the package anew.") from None


def model_for(encoder: Encoder) -> KinModel:
    """Load the model made for an encoder: beside its weights, of its name, or the general one."""
    folder = getattr(encoder, "folder", None)
    if isinstance(folder, Path) and (folder / FUSION_FILE).is_file():
        return load_model(folder)
    known = model_folder(encoder.name) is not None
    return load_model(encoder.name if known else FALLBACK_MODEL)
